import type { State } from '../../../components/state-mark.tsx'
import { formatBytes, formatMs, formatNumber, formatPercent } from '../../../components/format.ts'
import { judgedMetrics, type JudgedMetric, type Verdict } from '../../../../shared/domain/rollout/judge.ts'
import type { RolloutDeviceState, RolloutState, WaveState } from '../../../../shared/domain/rollout/life.ts'
import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'

/** How the state of a rollout is drawn, and its word. */
export const rolloutMarks: Record<RolloutState, { state: State; word: string }> = {
  draft: { state: 'offline', word: 'Draft' },
  'awaiting-approval': { state: 'attention', word: 'Waits for approval' },
  scheduled: { state: 'working', word: 'Scheduled' },
  running: { state: 'working', word: 'Running' },
  paused: { state: 'attention', word: 'Paused' },
  completed: { state: 'ok', word: 'Completed' },
  stopped: { state: 'offline', word: 'Stopped' },
  reverting: { state: 'attention', word: 'Reverting' },
  reverted: { state: 'offline', word: 'Reverted' },
}

/** How a device is drawn as a cell: disc, pie, square, triangle, ring, dot, dash, ring with a dot. */
export const cellKinds = ['ok', 'working', 'failed', 'attention', 'offline', 'waiting', 'left', 'returned'] as const
export type CellKind = (typeof cellKinds)[number]

/** How the state of a device is drawn, and its word beside a number, in the order of bars and legends. */
export const deviceMarks: Record<RolloutDeviceState, { kind: CellKind; word: string }> = {
  committed: { kind: 'ok', word: 'committed' },
  probing: { kind: 'working', word: 'on probation' },
  activating: { kind: 'working', word: 'activating' },
  splitting: { kind: 'working', word: 'answering a share' },
  shadowing: { kind: 'working', word: 'shadowing' },
  staged: { kind: 'working', word: 'staged' },
  fetching: { kind: 'working', word: 'fetching' },
  offered: { kind: 'working', word: 'offered' },
  failed: { kind: 'failed', word: 'failed' },
  rejected: { kind: 'failed', word: 'rejected' },
  'timed-out': { kind: 'failed', word: 'timed out' },
  'fell-back': { kind: 'failed', word: 'fell back' },
  reverting: { kind: 'attention', word: 'reverting' },
  unreachable: { kind: 'offline', word: 'unreachable' },
  pending: { kind: 'waiting', word: 'waiting' },
  reverted: { kind: 'returned', word: 'reverted' },
  superseded: { kind: 'left', word: 'taken by a newer order' },
  skipped: { kind: 'left', word: 'skipped' },
}

/** States of devices in the order of bars and legends. */
export const deviceStatesInOrder = Object.keys(deviceMarks) as RolloutDeviceState[]

/** What is there, in that order. */
export function partsOf(counts: Partial<Record<RolloutDeviceState, number>>): { state: RolloutDeviceState; count: number }[] {
  return deviceStatesInOrder.map((state) => ({ state, count: counts[state] ?? 0 })).filter(({ count }) => count > 0)
}

/** How the state of a wave is drawn, and its word. */
const waveMarks: Record<WaveState, { state: State; word: string }> = {
  waiting: { state: 'offline', word: 'not begun' },
  open: { state: 'working', word: 'open' },
  'at-gate': { state: 'unsure', word: 'at its gate' },
  passed: { state: 'ok', word: 'passed' },
}

/** The mark of a wave; one that a rollout ended in is not at work any more. */
export function waveMarkOf({ state }: { state: WaveState }, of: Pick<RolloutDetail, 'state'>): { state: State; word: string } {
  const isAtWork = state === 'open' || state === 'at-gate'
  return isAtWork && isGivenUp(of) ? { state: 'offline', word: 'ended here' } : waveMarks[state]
}

/** Nothing more is offered, and no gate is decided any more. */
export function isGivenUp({ state }: Pick<RolloutDetail, 'state'>): boolean {
  return state === 'stopped' || state === 'reverting' || state === 'reverted'
}

/** How a verdict is drawn: disc, square, diamond. */
export const verdictMarks: Record<Verdict, State> = { pass: 'ok', fail: 'failed', 'not enough evidence': 'unsure' }

/** What a wave is called: its number, and the name that it was given. */
export function waveTitle({ wave, name }: { wave: number; name: string }): string {
  return name === '' ? `Wave ${wave + 1}` : `Wave ${wave + 1}: ${name}`
}

/** Names of the metrics that a version is judged by, and what their numbers count. */
export const metricWords: Record<JudgedMetric, { title: string; things: string }> = {
  errors: { title: 'Failed requests', things: 'requests' },
  latency: { title: 'Slow answers', things: 'answers' },
  agreement: { title: 'Agreement', things: 'rows' },
  accuracy: { title: 'Accuracy', things: 'labels' },
  inputs: { title: 'Bad inputs', things: 'values' },
  outcomes: { title: 'Outcomes, PSI', things: 'rows' },
  memory: { title: 'Memory', things: 'devices' },
}

/** What a metric counts, as many as there are: 1 device, 2 devices. */
export function thingsText(metric: JudgedMetric, count: number): string {
  const { things } = metricWords[metric]
  return count === 1 ? things.slice(0, -1) : things
}

/** What the numbers of a metric are. `error`: of regressions, what is called accuracy is a mean absolute error, in the unit of what is predicted. */
export type MetricUnit = 'share' | 'error' | 'PSI' | 'bytes' | 'ms'

/** The unit of the evidence of a metric: labelled rows that are right are counted, errors of a regression are not. */
export function unitOf({ metric, candidate, incumbent }: Pick<MetricEvidence, 'metric' | 'candidate' | 'incumbent'>): MetricUnit {
  if (metric === 'memory') return 'bytes'
  if (metric === 'outcomes') return 'PSI'
  const isCounted = candidate.events !== null || incumbent.events !== null
  const isThere = candidate.value !== null || incumbent.value !== null
  return metric === 'accuracy' && isThere && !isCounted ? 'error' : 'share'
}

/** True if more of it is better. */
export function isHigherBetter(metric: JudgedMetric, unit: MetricUnit): boolean {
  return unit !== 'error' && judgedMetrics[metric].better === 'higher'
}

/** What a metric is called with its unit. */
export function metricTitle(metric: JudgedMetric, unit: MetricUnit): string {
  if (unit === 'error') return 'Mean absolute error'
  return unit === 'ms' ? 'Latency, 95th percentile' : metricWords[metric].title
}

/** The value of a metric as people read it; no value is a dash, never zero. */
export function metricText(unit: MetricUnit, value: number | null): string {
  if (value === null) return '–'
  if (unit === 'share') return formatPercent(value, 2)
  if (unit === 'ms') return formatMs(value)
  return unit === 'bytes' ? formatBytes(value) : formatNumber(value)
}

/** A difference of two values with its sign; of shares in percentage points, of memory as growth. */
export function differenceText(unit: MetricUnit, value: number | null): string {
  if (value === null) return '–'
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±'
  return `${sign}${sizeText(unit, value)}`
}

/** The size of a difference without its sign. */
export function sizeText(unit: MetricUnit, value: number): string {
  const size = Math.abs(value)
  if (unit === 'bytes') return formatPercent(size, 0)
  return unit === 'share' ? `${formatNumber(size * 100)} pp` : formatNumber(size)
}
