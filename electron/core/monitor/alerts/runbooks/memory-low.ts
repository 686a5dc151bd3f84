import type { Runbook } from './runbook.ts'

/** What to do when it is said: memory nearly full. */
export const memoryLow: Runbook = {
  title: 'Memory nearly full',
  markdown: `## What it means
The memory of the device is nearly used up. The system may end a process; the agent starts its runtime again, and the last good model returns after
three crashes.

## What to look at
- Memory of the agent beside the memory of the machine: which of them grew?
- What else runs on the device.

## What to do
1. End what need not run there.
2. Order a smaller version, for example one with 8-bit weights.
`,
}
