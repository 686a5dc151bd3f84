import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RateCell } from '../../../../shared/stats/canary/design-effect.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { asWindow, ownPast } from './own-past.ts'
import { rateEvidence } from './rate-evidence.ts'
import { noteOf } from './note.ts'
import { comparedWindows } from './compared-windows.ts'
import type { TrafficCell } from './traffic.ts'

/** A quarter of the rate of the incumbent is accepted, if that is more than the margin. */
const RELATIVE_MARGIN = 0.25

/** Failed requests of all requests; of a shadow, failed ones of those that it tried. */
export function errorEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const windows = comparedWindows(look)
  const cell = ({ device, requests, errors }: TrafficCell): RateCell => ({ device, trials: requests, events: errors })
  return rateEvidence({
    ...{ rule, relativeMargin: RELATIVE_MARGIN, areTotals: look.shadows.length > 0 },
    windows: windows.map(({ candidate, incumbent }) => ({ canary: candidate.map(cell), baseline: incumbent.map(cell) })),
    past: () => asWindow(ownPast(look), cell),
    words: {
      ...{ title: 'Errors', events: 'of the requests failed', trials: 'requests', note: noteOf(look) },
      noCandidate: 'the version has had no request',
      noIncumbent: 'no device ran the incumbent at the same time',
    },
  })
}
