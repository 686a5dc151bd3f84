import type { Runbook } from './runbook.ts'

/** What to do when it is said: no telemetry. */
export const noTelemetry: Runbook = {
  title: 'No telemetry',
  markdown: `## What it means
The device is connected and runs a model, but no record of it has arrived for longer than the rule allows. What it counts waits in its spool:
nothing is lost until the spool is full.

## What to look at
- The page of the device: records that wait, records given up, free disk.
- The status bar of the console: whether records of other devices are stored. If none are, it is the console's disk.
- The log of the agent: problems with the spool are named there.

## What to do
1. If no device gets through, free disk space on the console.
2. If it is this device alone, look at its log and its disk, then start the agent again.
3. Check the clock of the device if records come with times far in the past or future.
`,
}
