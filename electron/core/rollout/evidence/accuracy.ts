import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RateCell } from '../../../../shared/stats/canary/design-effect.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { readLabels, type LabelCell } from './labels.ts'
import { noteOf } from './note.ts'
import { rateEvidence } from './rate-evidence.ts'
import { regressionEvidenceOf } from './regression-error.ts'

/** Labelled rows that are right; of a regression the mean absolute error. */
export function accuracyEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const { source, windows } = readLabels(look)
  const isRegression = windows.some(({ candidate }) => candidate.some(({ state }) => state.regression.rows > 0))
  if (isRegression) return regressionEvidenceOf(look, rule, windows)
  const cell = ({ device, state }: LabelCell): RateCell => ({ device, trials: state.classified, events: state.classified - state.right })
  const note = [source === 'desk' ? 'labels of the desk' : '', noteOf(look)].filter((part) => part !== '').join(', ')
  return rateEvidence({
    ...{ rule, relativeMargin: 0, isInverted: true },
    windows: windows.map(({ candidate, incumbent }) => ({ canary: candidate.map(cell), baseline: incumbent.map(cell) })),
    words: {
      ...{ title: 'Accuracy', events: 'of the labelled rows are right', trials: 'labels', note },
      noCandidate: 'no row of the version has a label yet',
      noIncumbent: 'no row of the incumbent from the same time has a label',
    },
  })
}
