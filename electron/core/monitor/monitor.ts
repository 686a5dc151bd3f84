import type { ReferenceKind } from '../../../shared/domain/alert.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { ReferenceFacts } from '../../../shared/rpc/contract/monitoring.ts'
import { defaultDriftRule, type DriftRule } from '../../../shared/stats/drift/score-window.ts'
import { countsOf } from './watched-bundle.ts'
import type { CountedSubject, Cut, PartKey, Slice, TrafficState } from '../store/telemetry/slice.ts'
import { boundedFrom, readWhole, readWindows, type Counted } from './counted-windows.ts'
import { periodRates, windowRates } from './data-quality.ts'
import { comparable, driftVerdicts } from './drift.ts'
import type { MonitorParts } from './monitor-parts.ts'
import { qualityOf } from './quality-of.ts'
import { referenceOf } from './reference-of.ts'
import { unknownBundle } from './references.ts'
import type { VerdictWindow, Windows } from './verdict-windows.ts'
import { withinRange } from './within-range.ts'

export type DriftAnswer = ResultOf<'monitoring.drift'>
export type Verdict = DriftAnswer['features'][number]
export type RatesAnswer = ResultOf<'monitoring.dataQuality'>
export type Rate = RatesAnswer['rates'][number]
/** Quality of a period: what `monitoring.quality` says, without its series. */
export type QualityAnswer = Omit<ResultOf<'monitoring.quality'>, 'series'>

/** Which counts a question of monitoring is about: one bundle in one deployment, on all or some devices. */
export interface Subject {
  /** null: the whole fleet. */
  devices: readonly string[] | null
  deployment: string
  digest: string
  /** Exclusive end, usually now; a verdict is as of this time. */
  through: number
}

/** How a verdict on drift is made. */
export interface DriftOptions {
  reference: ReferenceKind
  /** Shortest verdict window, ms. */
  windowMs: number
  /** Verdict windows that end after this time are listed; left out: those that the verdict rests on. */
  from?: number
  /** Share of false findings among the features of a window; left out: what follows from the budget of false alarms. */
  q?: number
  /** Only of values within the range of the reference and in its categories: what drifts besides values that are out of place. */
  isWithin?: boolean
}

/** How a verdict on rates of bad values is made. */
export interface RateOptions {
  reference: 'training' | 'device-baseline'
  /** Over a period up to `through`, or over the last closed verdict windows of this shortest length: then 2 of 3 must say so. */
  over: { from: number } | { windowMs: number }
  /** Left out: what follows from the budget of false alarms. */
  alpha?: number
}

/** What the screens, the command line and the rules of alerts know of models in service: all of them ask here, so there is one truth. */
export interface Monitor {
  /** Deployments and bundles that counted something in the period, the one with the most requests first, under the names of this registry. */
  subjects(slice: Slice): CountedSubject[]
  /** Devices that counted something of the bundle in the period. */
  devicesOf(slice: Slice): string[]
  /** Verdicts on drift by the three-part rule. A bundle that the registry does not know has no reference and no verdicts. */
  verdicts(of: Subject, options: DriftOptions): DriftAnswer
  /** Verdicts on missing, wrong, infinite, out-of-range, outlying and unseen values of features. */
  rates(of: Subject, options: RateOptions): RatesAnswer
  /** Quality by labels of devices and of the desk together, and its estimate without labels. */
  quality(of: Subject & { from: number }): QualityAnswer
  /** Traffic, merged. */
  traffic(slice: Slice, cut: Cut): { key: PartKey; state: TrafficState }[]
  /** Facts of a reference of a slice, with why there is none. */
  reference(of: Subject & { from: number }, kind: ReferenceKind, windowMs: number): ReferenceFacts
}

/** Shortest verdict window where nobody says another. */
export const HOUR_MS = 3_600_000

/** The one place that judges models in service. */
export function openMonitor(parts: MonitorParts): Monitor {
  const { slices } = parts
  return {
    subjects: (slice) => slices.subjects(slice).map((one) => ({ ...one, ...parts.nameOf(one.digest) })),
    devicesOf: (slice) => slices.devicesOf(slice),
    verdicts: (of, options) => verdictsOf(parts, of, options),
    rates: (of, options) => ratesOf(parts, of, options),
    quality: (of) => qualityOf(parts, of),
    traffic: (slice, cut) => slices.traffic(slice, cut),
    reference(of, kind, windowMs) {
      const counted = countedOf(parts, of)
      if (counted === null) return unknownBundle(kind).facts
      return referenceOf(parts, counted, { kind, from: of.from, through: of.through, windowMs }).facts
    },
  }
}

/** null: the registry does not know the bundle. */
export function countedOf(parts: MonitorParts, { devices, deployment, digest }: Subject): Counted | null {
  const bundle = parts.bundle(digest)
  return bundle === null ? null : { devices, deployment, bundle }
}

/** The three-part rule at the level that the budget of false alarms allows. */
export function driftRuleOf(parts: MonitorParts, q: number | undefined): DriftRule {
  return { ...defaultDriftRule, q: q ?? parts.levels().q }
}

/** A rule as it is shown. */
export function ruleFacts({ warn, alarm, q, leastValues, warnFrom, windows, of }: DriftRule, windowMs: number): DriftAnswer['rule'] {
  return { warn, alarm, q, leastValues, warnFrom, windows, of, windowMs }
}

/** @param read the windows as of `through`, where they are at hand */
export function verdictsOf(parts: MonitorParts, of: Subject, options: DriftOptions, read?: Windows): DriftAnswer {
  const { windowMs, reference: kind } = options
  const rule = driftRuleOf(parts, options.q)
  const from = options.from === undefined ? of.through : boundedFrom(options.from, of.through, windowMs)
  const answer = { from, through: of.through, rule: ruleFacts(rule, windowMs) }
  const counted = countedOf(parts, of)
  if (counted === null) return { ...answer, reference: unknownBundle(kind).facts, features: [], omitted: 0, openWindow: null }
  const { closed, open } = read ?? readWindows(parts.slices, counted, { from, through: of.through, windowMs, now: parts.now() })
  const span = { from: Math.min(from, closed.at(-rule.of)?.from ?? from, closed[0]?.from ?? from), through: of.through }
  const reference = referenceOf(parts, counted, { kind, ...span, windowMs })
  const things = comparable(counted.bundle.things, closed, reference)
  const last = closed.at(-1)
  const omitted = last === undefined ? 0 : counted.bundle.things.filter((thing) => countsOf(thing, last.counts) === null).length
  return {
    ...answer,
    reference: reference.facts,
    features: driftVerdicts({ things, windows: options.isWithin === true ? closed.map(within) : closed, reference, rule, from }),
    omitted,
    openWindow: open === null ? null : { ...open, needs: rule.warnFrom },
  }
}

/** @param read the windows as of `through`, where they are at hand */
export function ratesOf(parts: MonitorParts, of: Subject, { reference: kind, over, alpha }: RateOptions, read?: Windows): RatesAnswer {
  const windowMs = 'windowMs' in over ? over.windowMs : HOUR_MS
  const counted = countedOf(parts, of)
  const { through } = of
  if (counted === null) return { from: 'from' in over ? over.from : through, through, reference: unknownBundle(kind).facts, rates: [] }
  const reference = referenceOf(parts, counted, { kind, from: through, through, windowMs })
  const { facts } = reference
  const level = { alpha: alpha ?? parts.levels().rateAlpha }
  const question = {
    ...{ things: counted.bundle.things.filter(({ role }) => role === 'feature'), reference: { id: facts.id, name: facts.name }, ...level },
    base: reference.isTraining ? null : reference.countsFor({ from: through, through }),
  }
  if (facts.state !== 'ready') return { from: 'from' in over ? over.from : through, through, reference: facts, rates: [] }
  if ('from' in over) {
    const counts = readWhole(parts.slices, counted, { from: over.from, through })
    return { from: over.from, through, reference: facts, rates: periodRates(question, counts) }
  }
  const { closed } = read ?? readWindows(parts.slices, counted, { from: through, through, windowMs, now: parts.now() })
  const windows = closed.map(({ counts }) => counts)
  return {
    from: closed.at(-1)?.from ?? through,
    through: closed.at(-1)?.through ?? through,
    reference: facts,
    rates: windowRates(question, windows),
  }
}

function within(window: VerdictWindow): VerdictWindow {
  return { ...window, counts: withinRange(window.counts) }
}
