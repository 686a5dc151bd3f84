import type { Runbook } from './runbook.ts'

/** What to do when it is said: deployment silent. */
export const deploymentSilent: Runbook = {
  title: 'Deployment silent',
  markdown: `## What it means
Devices that run this version are connected, and they answered requests before. Since then no request has come. The model is there; nobody asks.

## What to look at
- Throughput of the version over the last days: did it end at once, or fade?
- The application that sends the requests: its log, its address of the agent, its last release.
- Whether the plant stands still: then the silence is right.

## What to do
1. Ask the device for a prediction from its page. If it answers, the application is the place to look.
2. If the pause is planned, silence the rule for the deployment, or lengthen its time.
`,
}
