import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { interpolatedQuantile } from '../../../shared/stats/drift/sorted.ts'
import { newcombeInterval } from '../../../shared/stats/proportion-interval.ts'
import { mergeQuality, emptyQuality, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import { compareProportions } from '../../../shared/stats/quality/two-proportions.ts'
import { spreadOf } from '../../../shared/stats/reference/feature-window.ts'
import { LatencySketch } from '../../../shared/stats/latency-sketch.ts'
import type { CountedSubject, Slice, TrafficState } from '../store/telemetry/slice.ts'
import { driftState } from './health.ts'
import type { MonitorParts } from './monitor-parts.ts'
import { HOUR_MS, type Monitor } from './monitor.ts'
import { labelsOf } from './quality-of.ts'
import { LEAST_PEERS } from './references.ts'
import { pText } from './sentences.ts'
import { countsOf } from './watched-bundle.ts'

type Peers = ResultOf<'monitoring.peers'>['deployments'][number]
type PeerFigure = Peers['figures'][number]

/** Fewer requests, or labels, of a device say nothing about it. */
const LEAST_REQUESTS = 100
const LEAST_LABELS = 30
/** A device differs if it is so many robust deviations from the median of its peers, and by so large a share of it. */
const FAR = 3.5
const LEAST_SHARE = 0.2
/** A median absolute deviation in standard deviations of a normal distribution. */
const PER_MAD = 1.4826
/** Level at which a share of requests or labels differs. */
const ALPHA = 0.01

/** What is known of one device. */
interface Member {
  traffic: TrafficState | null
  quality: QualityState | null
  confidence: { mean: number; values: number } | null
}

/** A device against its peers in one deployment. */
export function peersOf(
  parts: MonitorParts,
  monitor: Monitor,
  subject: CountedSubject,
  of: { device: string; from: number; through: number },
): Peers {
  const { device, from, through } = of
  const { deployment, digest, model, version } = subject
  const members = membersOf(parts, { devices: null, deployment, digests: [digest], from, through })
  const own = members.get(device) ?? { traffic: null, quality: null, confidence: null }
  members.delete(device)
  const others = [...members.values()]
  const drift = monitor.verdicts({ devices: [device], deployment, digest, through }, { reference: 'peers', windowMs: HOUR_MS, from })
  return {
    ...{ deployment, digest, model, version, peers: others.length },
    figures: [...trafficFigures(own, others), accuracyFigure(own, others), confidenceFigure(own, others)],
    drift: { state: driftState(drift.features).state, features: drift.features },
  }
}

function membersOf(parts: MonitorParts, slice: Slice): Map<string, Member> {
  const cut = { bucketMs: null, by: 'device' } as const
  const members = new Map<string, Member>()
  const of = (device: string): Member => {
    const known = members.get(device) ?? { traffic: null, quality: null, confidence: null }
    members.set(device, known)
    return known
  }
  for (const { key, state } of parts.slices.traffic(slice, cut)) if (key.device !== null) of(key.device).traffic = state
  const { feedback, desk } = labelsOf(parts, slice, cut)
  for (const { key, state } of [...feedback, ...desk]) {
    if (key.device === null) continue
    const member = of(key.device)
    member.quality = member.quality === null ? state : mergeQuality(member.quality, state)
  }
  const thing = parts.bundle(slice.digests![0]!)?.things.find(({ role }) => role === 'confidence')
  if (thing === undefined || thing.reference.kind !== 'numeric') return members
  const { reference } = thing
  const only = { features: [], outcome: null, confidence: reference }
  for (const { key, state } of parts.slices.distributions(slice, cut, only)) {
    const counts = countsOf(thing, state)
    if (key.device === null || counts === null || counts.kind !== 'numeric') continue
    const spread = spreadOf(reference, counts)
    if (spread !== null) of(key.device).confidence = { mean: spread.mean, values: counts.lag.count }
  }
  return members
}

function trafficFigures(own: Member, others: readonly Member[]): PeerFigure[] {
  const enough = (own.traffic?.requests ?? 0) >= LEAST_REQUESTS
  const quantile = (share: number) => (member: Member) => member.traffic?.latency.quantile(share) ?? null
  const fleet = LatencySketch.empty()
  for (const { traffic } of others) if (traffic !== null) fleet.merge(traffic.latency)
  const latency = (measure: 'latency-p50' | 'latency-p95', share: number): PeerFigure =>
    figureOf({ measure, unit: 'ms', own, others, read: quantile(share), merged: fleet.quantile(share), isEnough: enough })
  const rate = (member: Member): number | null =>
    member.traffic === null || member.traffic.coveredMs === 0 ? null : (member.traffic.requests * 1000) / member.traffic.coveredMs
  return [
    latency('latency-p50', 0.5),
    latency('latency-p95', 0.95),
    errorFigure(own, others, enough),
    // Of peers together it would be the throughput of a fleet: that of a peer in the middle is what compares.
    figureOf({ measure: 'throughput', unit: '/s', own, others, read: rate, merged: middleOf(others.map(rate)), isEnough: enough }),
  ]
}

function errorFigure(own: Member, others: readonly Member[], isEnough: boolean): PeerFigure {
  const share = ({ traffic }: Member): number | null =>
    traffic === null || traffic.requests === 0 ? null : Math.min(1, traffic.errors / traffic.requests)
  const sum = (read: (state: TrafficState) => number): number =>
    others.reduce((total, { traffic }) => total + (traffic === null ? 0 : read(traffic)), 0)
  const peers = { successes: sum(({ errors }) => errors), trials: sum(({ requests }) => requests) }
  const mine = { successes: own.traffic?.errors ?? 0, trials: own.traffic?.requests ?? 0 }
  return shareFigure({ measure: 'error-rate', own, others, read: share, peers, mine, isEnough })
}

function accuracyFigure(own: Member, others: readonly Member[]): PeerFigure {
  const share = ({ quality }: Member): number | null =>
    quality === null || quality.classified === 0 ? null : quality.right / quality.classified
  const all = others.reduce((sum, { quality }) => (quality === null ? sum : mergeQuality(sum, quality)), emptyQuality())
  const peers = { successes: all.right, trials: all.classified }
  const mine = { successes: own.quality?.right ?? 0, trials: own.quality?.classified ?? 0 }
  return shareFigure({ measure: 'accuracy', own, others, read: share, peers, mine, isEnough: mine.trials >= LEAST_LABELS })
}

function confidenceFigure(own: Member, others: readonly Member[]): PeerFigure {
  const read = ({ confidence }: Member): number | null => confidence?.mean ?? null
  const counted = others.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]))
  const values = counted.reduce((sum, one) => sum + one.values, 0)
  const merged = values === 0 ? null : counted.reduce((sum, one) => sum + one.mean * one.values, 0) / values
  return figureOf({
    measure: 'confidence',
    unit: 'share',
    own,
    others,
    read,
    merged,
    isEnough: (own.confidence?.values ?? 0) >= LEAST_REQUESTS,
  })
}

interface FigureQuestion {
  measure: PeerFigure['measure']
  unit: string
  own: Member
  others: readonly Member[]
  read: (member: Member) => number | null
  merged: number | null
  isEnough: boolean
}

type Common = Omit<PeerFigure, 'state' | 'sentence'>

function commonOf({ measure, unit, own, others, read, merged }: FigureQuestion): Common & { values: number[] } {
  const device = read(own)
  const values = others
    .map(read)
    .filter((value) => value !== null)
    .sort((a, b) => a - b)
  return {
    ...{ measure, unit, device, peers: values.length === 0 ? null : merged, values },
    ...{ low: interpolatedQuantile(Float64Array.from(values), 0.1), high: interpolatedQuantile(Float64Array.from(values), 0.9) },
    rank: device === null ? null : 1 + values.filter((value) => value > device).length,
  }
}

/** A figure without a test of its own: robust distance from the middle of the peers. */
function figureOf(of: FigureQuestion): PeerFigure {
  const { values, ...common } = commonOf(of)
  const missing = lacking(common, values, of.isEnough)
  if (missing !== null) return { ...common, ...missing }
  const median = middleOf(values)!
  const spread = PER_MAD * middleOf(values.map((value) => Math.abs(value - median)))!
  const distance = Math.abs(common.device! - median)
  const differs = distance > FAR * spread && distance > LEAST_SHARE * Math.abs(median)
  const words = `${valueText(common.device!, of.unit)} against ${valueText(median, of.unit)} in the middle of ${values.length} peers`
  return stated(common, differs, words)
}

/** A share of requests or labels: a test of two proportions, and outside of what most peers have. */
function shareFigure(
  of: Omit<FigureQuestion, 'unit' | 'merged'> & {
    peers: { successes: number; trials: number }
    mine: { successes: number; trials: number }
  },
): PeerFigure {
  const { peers, mine } = of
  const merged = peers.trials === 0 ? null : Math.min(1, peers.successes / peers.trials)
  const { values, ...common } = commonOf({ ...of, unit: 'share', merged })
  const missing = lacking(common, values, of.isEnough)
  if (missing !== null) return { ...common, ...missing }
  const [first, second] = [bounded(peers), bounded(mine)]
  const { twoSided: p } = compareProportions(first, second)
  const isOutside = common.device! < common.low! || common.device! > common.high!
  const interval = newcombeInterval(first, second)
  const between = interval === null ? '' : `, difference ${signed(interval.low)} to ${signed(interval.high)} points`
  const words = `${valueText(common.device!, 'share')} of ${mine.trials} against ${valueText(merged!, 'share')} of ${peers.trials} of ${values.length} peers, ${pText(p)}${between}`
  return stated(common, p < ALPHA && isOutside, words)
}

function lacking(common: Common, values: readonly number[], isEnough: boolean): Pick<PeerFigure, 'state' | 'sentence'> | null {
  const why =
    values.length < LEAST_PEERS
      ? `${values.length} of at least ${LEAST_PEERS} peers have this figure`
      : common.device === null || !isEnough
        ? 'the device has too few of its own'
        : null
  return why === null ? null : { state: 'insufficient data', sentence: `${nameOf(common)}: insufficient data: ${why}.` }
}

function stated(common: Common, differs: boolean, words: string): PeerFigure {
  const state = differs ? ('differs' as const) : ('as its peers' as const)
  return { ...common, state, sentence: `${nameOf(common)} ${differs ? 'differs from its peers' : 'is as that of its peers'}: ${words}.` }
}

const names: Record<PeerFigure['measure'], string> = {
  'latency-p50': 'Median latency',
  'latency-p95': '95th percentile of latency',
  'error-rate': 'Error rate',
  throughput: 'Throughput',
  accuracy: 'Accuracy',
  confidence: 'Mean confidence',
}

function nameOf({ measure }: Pick<PeerFigure, 'measure'>): string {
  return names[measure]
}

function bounded({ successes, trials }: { successes: number; trials: number }): { successes: number; trials: number } {
  return { successes: Math.min(successes, trials), trials }
}

function middleOf(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
  return interpolatedQuantile(Float64Array.from(sorted), 0.5)
}

function valueText(value: number, unit: string): string {
  return unit === 'share' ? `${(100 * value).toFixed(2)} %` : `${Number(value.toPrecision(4))} ${unit}`
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(2)}`
}
