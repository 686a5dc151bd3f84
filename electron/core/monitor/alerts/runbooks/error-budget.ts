import type { Runbook } from './runbook.ts'

/** What to do when it is said: error budget burns. */
export const errorBudget: Runbook = {
  title: 'Error budget burns',
  markdown: `## What it means
So many requests fail that the errors which are accepted for the whole period (0.1 % of the requests of 30 days, as delivered) would be used up
long before its end. The rule looks at a long time and at a twelfth of it: it fires while errors go on, and is over soon after they end. While the
fast rule fires, new releases to the deployment are held.

## What to look at
- Errors by cause of the version: a refused input, a deadline, a crashed runtime are different stories.
- Since when: compare with the orders of the deployment and with the events of its devices.
- Whether it is one device: the page of each device shows its own errors.

## What to do
1. If it began with a release, take the version back: the last good one is on the devices and is switched to without a download.
2. If inputs are refused, correct the application that sends them; the message says what was wrong.
3. If requests come too late or too many, relax the deadline or send fewer at once.
`,
}
