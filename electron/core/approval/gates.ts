import type { ApprovalPolicy, OfflineGate, OutputGate } from '../../../shared/rpc/contract/approvals.ts'
import type { EvaluationRecord } from '../../../shared/rpc/contract/models.ts'
import { compareMetrics, pairOf } from '../registry/compare/metrics.ts'

/** What the gates look at. */
export interface GateEvidence {
  /** Evaluations of the version, the newest first. */
  evaluations: readonly EvaluationRecord[]
  /** The version that it is compared with; null: none is in service. */
  incumbent: { version: string; evaluations: readonly EvaluationRecord[] } | null
  /** The version itself is the one in service, and was released. */
  isIncumbent: boolean
}

/** A bound is held against no fewer hold-out rows: one row that is right is an accuracy of 1. */
const LEAST_ROWS = 30

type State = OutputGate['state']
type Judged = Omit<OutputGate, 'gate'>

/** How a version meets each gate, on hold-out rows. What was not measured neither passes nor fails. */
export function judgeGates({ gates }: Pick<ApprovalPolicy, 'gates'>, evidence: GateEvidence): OutputGate[] {
  return gates.map((gate) => ({ gate, ...(gate.kind === 'not-worse' ? notWorse(gate, evidence) : bounded(gate, evidence)) }))
}

function bounded({ metric, kind, value: bound }: OfflineGate, { evaluations, incumbent }: GateEvidence): Judged {
  const newest = evaluations[0]
  const value = metricOf(newest, metric)
  const sides = { value, incumbent: metricOf(incumbent?.evaluations[0], metric) }
  if (newest === undefined) return { state: 'not enough evidence', ...sides, sentence: 'It was not evaluated on hold-out rows.' }
  if (value === null)
    return {
      state: 'not enough evidence',
      ...sides,
      sentence: `The evaluation on ${newest.dataset.slice(0, 100)} says nothing of ${metric}.`,
    }
  if (newest.rows < LEAST_ROWS)
    return {
      state: 'not enough evidence',
      ...sides,
      sentence: `${metric} is ${shown(value)} on ${newest.rows} rows: fewer than ${LEAST_ROWS} say too little.`,
    }
  const passes = kind === 'at-least' ? value >= bound : value <= bound
  const wanted = kind === 'at-least' ? 'at least' : 'at most'
  const sentence = `${metric} is ${shown(value)} on ${newest.rows} rows; ${wanted} ${shown(bound)} is needed.`
  return { state: passes ? 'pass' : 'fail', ...sides, sentence }
}

function notWorse({ metric, value: margin }: OfflineGate, { evaluations, incumbent, isIncumbent }: GateEvidence): Judged {
  const own = metricOf(evaluations[0], metric)
  const unknown = (sentence: string, before: number | null = null): Judged => ({
    ...{ state: 'not enough evidence', value: own, incumbent: before, sentence },
  })
  if (isIncumbent) return { state: 'pass', value: own, incumbent: own, sentence: 'It is the version in service itself.' }
  if (incumbent === null) return unknown('No version is in service that it could be compared with.')
  const pair = pairOf(incumbent.evaluations, evaluations)
  if (!pair.sameRows)
    return unknown(
      `${incumbent.version} and this version were not evaluated on the same hold-out rows.`,
      metricOf(incumbent.evaluations[0], metric),
    )
  const found = compareMetrics(pair).find((one) => one.metric === metric)
  if (found === undefined || found.left === null || found.right === null)
    return unknown(`The evaluations on ${pair.right!.dataset.slice(0, 100)} say nothing of ${metric}.`)
  const { interval, left, right, difference, better } = found
  if (interval === null || better === null)
    return unknown(`The difference in ${metric} has no interval: results of single rows are not kept.`, left)
  // How much worse it may be, at best and at worst, whichever way the metric is better.
  const worst = better === 'higher' ? -interval.low : interval.high
  const best = better === 'higher' ? -interval.high : interval.low
  const state: State = worst <= margin ? 'pass' : best > margin ? 'fail' : 'not enough evidence'
  const between = `${shown(interval.low)} to ${shown(interval.high)}`
  const tail = {
    pass: `that is not worse by more than ${shown(margin)}.`,
    fail: `that is worse by more than ${shown(margin)}.`,
    'not enough evidence': `${pair.right!.rows} rows are too few to say that it is not worse by more than ${shown(margin)}.`,
  }[state]
  const sentence = `${metric} is ${shown(right)}, of ${incumbent.version} ${shown(left)}: a difference of ${shown(difference!)} (95 %: ${between}); ${tail}`
  return { state, value: right, incumbent: left, sentence }
}

function metricOf(record: EvaluationRecord | undefined, metric: string): number | null {
  return record !== undefined && Object.hasOwn(record.metrics, metric) ? (record.metrics[metric] ?? null) : null
}

/** Four digits behind the point are as fine as hold-out rows say. */
function shown(value: number): string {
  return String(Number(value.toFixed(4)))
}
