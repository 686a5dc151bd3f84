import type { Runbook } from './runbook.ts'

/** What to do when it is said: device offline. */
export const deviceOffline: Runbook = {
  title: 'Device offline',
  markdown: `## What it means
The broker has had no connection with the device for longer than the rule allows. Time in which the console slept, or the broker was away, does
not count. The device itself may be well: it goes on answering with its model and keeps its records until it is back.

## What to look at
- The page of the device: when it was last seen, what it reported last, its disk and temperature before.
- Other devices of the same site: if they are away too, it is the network or the power of the site.
- On the device, if you can reach it: \`muster-agent status\`, and the log of the agent.

## What to do
1. Check power and network of the device.
2. Start the agent if it does not run. Nothing has to be sent again: orders and records wait.
3. If the device is out of service for good, remove it from the fleet. If only for a while, silence the rule for it.
`,
}
