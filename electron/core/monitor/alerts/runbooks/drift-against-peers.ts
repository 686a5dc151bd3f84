import type { Runbook } from './runbook.ts'

/** What to do when it is said: device differs from its peers. */
export const driftAgainstPeers: Runbook = {
  title: 'Device differs from its peers',
  markdown: `## What it means
One device sees other inputs than all other devices that run the same version in the same hours. Season, shift and model are the same for all of
them, so the cause is at this device: its sensor, its camera, its place.

## What to look at
- The device against its peers, on its page: which features, and how far.
- Pictures or samples of the device beside those of another.
- What was done at the device lately: cleaning, repair, a moved camera.

## What to do
1. Check and calibrate the sensor, or clean the camera.
2. If the device is meant to be different, give it a deployment of its own, or narrow the query of the rule.
`,
}
