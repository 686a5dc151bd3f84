import type { Runbook } from './runbook.ts'

/** What to do when it is said: accuracy has fallen. */
export const accuracyDrop: Runbook = {
  title: 'Accuracy has fallen',
  markdown: `## What it means
Labels of predictions say that the version is right less often than on its reference rows, by at least the drop of the rule, and the interval excludes
a smaller one. It is measured, not estimated. While the rule fires, new releases to the deployment are held.

## What to look at
- The confusion matrix: which classes are mistaken for which.
- Drift and data quality of its features in the same time.
- Where the labels come from: if only doubtful predictions were labelled, the weighted figure is the one that counts.

## What to do
1. If it began with a release, take the version back.
2. If inputs drifted, follow the runbook of drift.
3. Collect the wrong predictions with their labels and train again.
`,
}
