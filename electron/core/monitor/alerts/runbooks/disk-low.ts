import type { Runbook } from './runbook.ts'

/** What to do when it is said: disk nearly full. */
export const diskLow: Runbook = {
  title: 'Disk nearly full',
  markdown: `## What it means
The disk of the device is nearly full. It goes on answering; a new version may find no place, and records are given up when the spool cannot grow.

## What to look at
- Free disk over time on the page of the device: slow growth or a jump?
- Records that wait: a device that was long offline keeps many.

## What to do
1. Free disk on the device: logs and files of other programs first.
2. Connect it, so that its records can leave.
`,
}
