import type { Runbook } from './runbook.ts'

/** What to do when it is said: latency above its limit. */
export const latencyP95: Runbook = {
  title: 'Latency above its limit',
  markdown: `## What it means
One request in twenty takes longer than the limit that was set. The figure is merged from the sketches of all devices and is right to 1 %.

## What to look at
- Latency bands of the version: did the median move as well, or the tail alone?
- CPU, temperature and memory of the slow devices. Hot boards slow down.
- Throughput: more requests than before wait for each other.

## What to do
1. If one device is slow, look at what else runs on it.
2. If all are slow since a release, compare both versions on the test bench and take the slower one back.
3. If the limit was too strict for this hardware, change it in the rule.
`,
}
