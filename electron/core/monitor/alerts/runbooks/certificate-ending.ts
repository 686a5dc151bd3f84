import type { Runbook } from './runbook.ts'

/** What to do when it is said: the certificate of a device ends. */
export const certificateEnding: Runbook = {
  title: 'Certificate of a device ends',
  markdown: `## What it means
Certificates of devices last 90 days, and a device fetches the next one after 60, over its own connection. This one is connected and has not. When
the certificate ends, the device is shut out; it goes on answering with its model.

## What to look at
- \`muster devices trust DEVICE\`: which certificate counts, and since when the next one was due.
- The log of the agent: whether it asked, and what the console answered. A clock that stands in the past asks too late.

## What to do
1. Ask it now: \`muster devices certificate DEVICE\`.
2. If it cannot answer, update its agent.
3. If the certificate has ended, enrol the device again with a code for its id: \`muster devices enroll --id DEVICE\`.
`,
}
