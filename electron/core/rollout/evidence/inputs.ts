import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RateCell } from '../../../../shared/stats/canary/design-effect.ts'
import { offeredTo } from '../../../../shared/stats/reference/feature-counts.ts'
import { countsOf } from '../../monitor/watched-bundle.ts'
import { countsAt, type CountCell } from './counts.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { noteOf } from './note.ts'
import { rateEvidence } from './rate-evidence.ts'

/** Values of inputs that are missing, wrong, infinite or out of range, over the features that both sides have. */
export function inputEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const windows = countsAt(look)
  const shared = sharedFeatures(windows.flatMap(({ candidate, incumbent }) => [...candidate, ...incumbent]))
  const cell = ({ device, bundle, counts }: CountCell): RateCell => {
    let [trials, events] = [0, 0]
    for (const thing of bundle.things) {
      const hasRange = thing.role === 'feature' ? shared.get(thing.name) : undefined
      const feature = hasRange === undefined ? null : countsOf(thing, counts)
      if (feature === null) continue
      trials += offeredTo(feature)
      events += feature.missing + feature.infinite + feature.wrongType
      if (hasRange === true && feature.kind === 'numeric') events += feature.below + feature.above
    }
    return { device, trials, events }
  }
  return rateEvidence({
    ...{ rule, relativeMargin: 0 },
    windows: windows.map(({ candidate, incumbent }) => ({ canary: candidate.map(cell), baseline: incumbent.map(cell) })),
    words: {
      ...{ title: 'Inputs', events: 'of the values are bad', trials: 'values', note: noteOf(look) },
      noCandidate: 'no input of the version was counted',
      noIncumbent: 'no input of the incumbent was counted at the same time',
    },
  })
}

/**
 * Features that all bundles have; true where their references are the same one, range included: another range would make the same values good on one
 * side and bad on the other.
 */
function sharedFeatures(cells: readonly CountCell[]): ReadonlyMap<string, boolean> {
  const bundles = [...new Map(cells.map(({ bundle }) => [bundle.digest, bundle])).values()]
  const shared = new Map<string, boolean>()
  for (const { role, name, key } of bundles[0]?.things ?? []) {
    if (role !== 'feature') continue
    const twins = bundles.map(({ things }) => things.find((other) => other.role === 'feature' && other.name === name))
    if (twins.every((twin) => twin !== undefined))
      shared.set(
        name,
        twins.every((twin) => twin.key === key),
      )
  }
  return shared
}
