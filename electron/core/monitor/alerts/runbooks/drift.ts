import type { Runbook } from './runbook.ts'

/** What to do when it is said: drift. */
export const drift: Runbook = {
  title: 'Drift',
  markdown: `## What it means
The values of a feature, the answers of the model, or its confidence are distributed in another way than in the training rows. Three things hold
together: the change is large (adjusted PSI of at least 0.2, or Jensen-Shannon distance of categories), it is no chance, and it stood in 2 of the last 3
windows. Whether the model answers worse is not said by this: only labels tell.

## What to look at
- The feature on the monitoring page: reference and now laid over each other, and which devices pull it.
- Values missing or out of range of the same feature: a broken sensor looks like drift.
- Orders of the season, supplier, recipe, camera position: what changed in the world at that time?
- Accuracy with labels. Label some of the new samples on the labelling desk.

## What to do
1. If a device is the cause, repair or calibrate it.
2. If the unit or the coding of a feature changed, correct the application that sends it.
3. If the world changed, measure accuracy; where it fell, train with new rows and release a new version.
4. If it is the new normal and accuracy stands, make it the baseline of the devices, or import the version with newer reference rows.
`,
}
