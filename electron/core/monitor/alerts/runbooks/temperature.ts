import type { Runbook } from './runbook.ts'

/** What to do when it is said: device too hot. */
export const temperature: Runbook = {
  title: 'Device too hot',
  markdown: `## What it means
The processor is hotter than it should be for long. It slows itself down, answers become slower, and its life becomes shorter.

## What to look at
- Temperature, CPU and latency over the same hours on the page of the device.
- Fan, housing and place of the device.

## What to do
1. Cool it: fan, housing, shade.
2. Lower its load, or order a smaller model.
`,
}
