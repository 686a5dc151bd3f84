import type { HeatMapRow } from '../../components/charts/heat-map.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { VersionView } from './monitoring-view.ts'
import { countedName, driftMarks, effectNumber, momentText, scoreText, type Verdict } from './monitoring-words.ts'

type Drift = OutputOf<'monitoring.drift'>

/** Verdicts as rows of the heat map, in the order of the core: the worst first. */
export function heatRows({ features, rule }: Pick<Drift, 'features' | 'rule'>): HeatMapRow[] {
  return features.map((verdict) => ({
    id: `${verdict.role} ${verdict.name}`,
    name: countedName(verdict),
    mark: <StateMark {...driftMarks[verdict.state]} isBare />,
    figure: verdict.last?.effect == null ? '–' : effectNumber(verdict.last.effect),
    course: thinned(verdict.windows.map(({ effect, level }) => (level === 'insufficient data' ? null : effect))),
    courseHigh: rule.alarm,
    cells: verdict.windows.map(({ from, through, level, effect }) => ({
      ...{ from, through, level },
      share: effect === null ? null : effect / rule.warn,
    })),
  }))
}

/** A cell as a sentence; without one the verdict of its row. */
export function describeCell({ features, through }: Pick<Drift, 'features' | 'through'>, row: number, cell: number): string {
  const verdict = features[row]
  if (verdict === undefined) return ''
  const score = verdict.windows[cell]
  if (score === undefined) return verdict.sentence
  return `${countedName(verdict)}, ${momentText(score.from, through)} to ${momentText(score.through, through)}: ${scoreText(score, verdict.kind)}`
}

/** The verdict that is shown beside the map. */
export function verdictOf(features: readonly Verdict[], { feature, role }: Pick<VersionView, 'feature' | 'role'>): Verdict | undefined {
  return feature === '' ? undefined : features.find((one) => one.name === feature && one.role === role)
}

/** Points that a sparkline of this size can show. */
const MOST_POINTS = 48

/** A course with as many points as can be seen: of several windows the highest, so that no peak is lost. */
export function thinned(values: readonly (number | null)[]): (number | null)[] {
  const per = Math.ceil(values.length / MOST_POINTS)
  if (per <= 1) return [...values]
  return Array.from({ length: Math.ceil(values.length / per) }, (_, i) => {
    const there = values.slice(i * per, (i + 1) * per).filter((value) => value !== null)
    return there.length === 0 ? null : Math.max(...there)
  })
}
