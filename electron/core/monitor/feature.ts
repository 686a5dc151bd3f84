import type { ReferenceKind } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { nearestName } from '../../../shared/domain/query/nearest.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { scoreWindow, type DriftRule } from '../../../shared/stats/drift/score-window.ts'
import type { FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'
import type { MonitoredReferences } from '../../../shared/stats/reference/monitored.ts'
import { readWhole, type Counted } from './counted-windows.ts'
import { periodRates } from './data-quality.ts'
import { driftPair } from './drift-pair.ts'
import type { MonitorParts } from './monitor-parts.ts'
import { countedOf, driftRuleOf, type Monitor, type Subject, type Verdict } from './monitor.ts'
import { countedSpread, distances, overlayBins, referenceSpread, type Sides } from './overlay.ts'
import { referenceOf } from './reference-of.ts'
import type { Reference } from './references.ts'
import { countsOf, type CountedRole, type CountedThing } from './watched-bundle.ts'

type Feature = ResultOf<'monitoring.feature'>

/** Devices that are listed. */
const MOST_DEVICES = 20

/** Which thing, against what, and how finely. */
export interface FeatureQuestion {
  role: CountedRole
  name: string
  reference: ReferenceKind
  windowMs: number
  bins: number
}

/**
 * One feature, the outcomes or the confidence, in detail.
 * @throws Problem `input.invalid` if the bundle has no such feature, `model.not-found` if it is not known
 */
export function featureOf(parts: MonitorParts, monitor: Monitor, of: Subject & { from: number }, asked: FeatureQuestion): Feature {
  const counted = countedOf(parts, of)
  if (counted === null) throw new Problem('model.not-found', `No bundle has the digest ${of.digest.slice(0, 80)}.`)
  const thing = thingOf(counted, asked)
  const { reference: kind, windowMs, bins } = asked
  const drift = monitor.verdicts(of, { reference: kind, windowMs, from: of.from })
  const period = { from: of.from, through: of.through }
  const reference = referenceOf(parts, counted, { kind, ...period, windowMs })
  const whole = reference.isTraining ? null : reference.countsFor(period)
  const sides: Sides = {
    thing,
    base: whole === null ? null : countsOf(thing, whole),
    now: countsOf(thing, readWhole(parts.slices, counted, period)),
  }
  return {
    ...{ from: drift.from, through: drift.through, reference: drift.reference, rule: drift.rule },
    verdict: drift.features.find(({ role, name }) => role === thing.role && name === thing.name) ?? silent(thing, reference),
    ...{ bins: overlayBins(sides, bins), now: countedSpread(thing, sides.now), was: referenceSpread(sides), measures: distances(sides) },
    rates: ratesOf(parts, sides, reference),
    devices: devicesThatPull(parts, counted, { ...period, thing, reference, base: sides.base, rule: driftRuleOf(parts, undefined) }),
  }
}

function thingOf({ bundle }: Counted, { role, name }: FeatureQuestion): CountedThing {
  const thing = bundle.things.find((one) => one.role === role && (role !== 'feature' || one.name === name))
  if (thing !== undefined) return thing
  if (role !== 'feature') throw new Problem('input.invalid', `${bundle.model}@${bundle.version} has no ${role} that is counted.`)
  const names = bundle.references.features.map((feature) => feature.name)
  const near = nearestName(name, names)
  throw new Problem(
    'input.invalid',
    `${bundle.model}@${bundle.version} counts no feature '${name.slice(0, 80)}'.${near === null ? '' : ` Did you mean '${near.slice(0, 80)}'?`}`,
  )
}

/** No verdict is not a good one. */
function silent(thing: CountedThing, { facts }: Reference): Verdict {
  const why = facts.why ?? 'No device counts it.'
  return {
    ...{ name: thing.name, role: thing.role, kind: thing.reference.kind, state: 'insufficient data', last: null },
    sentence: `${thing.name.slice(0, 80)}: insufficient data: ${why}`.slice(0, 500),
    ...{ warnings: 0, alarms: 0, windows: [] },
  }
}

function ratesOf(parts: MonitorParts, { thing, base, now }: Sides, { facts, isTraining }: Reference): Feature['rates'] {
  if (thing.role !== 'feature' || now === null || facts.state !== 'ready') return []
  const question = { things: [thing], base: isTraining ? null : onlyThing(thing, base), reference: { id: facts.id, name: facts.name } }
  return periodRates({ ...question, alpha: parts.levels().rateAlpha }, onlyThing(thing, now))
}

function onlyThing({ name }: CountedThing, counts: FeatureCounts | null) {
  return { rows: 0, features: new Map(counts === null ? [] : [[name, counts]]), outcome: null, confidence: null, estimate: null }
}

/** Devices whose counts differ most from the reference in the period, each with an effect of its own. */
function devicesThatPull(
  { slices }: MonitorParts,
  { devices, deployment, bundle }: Counted,
  of: { from: number; through: number; thing: CountedThing; reference: Reference; base: FeatureCounts | null; rule: DriftRule },
): Feature['devices'] {
  const { thing, reference, base, rule, from, through } = of
  if (reference.facts.state !== 'ready' || (reference.isTraining ? !thing.hasRows : base === null)) return []
  const slice = { devices, deployment, digests: [bundle.digest], from, through }
  return slices
    .distributions(slice, { bucketMs: null, by: 'device' }, onlyReference(thing))
    .flatMap(({ key, state }) => {
      const now = countsOf(thing, state)
      if (key.device === null || now === null) return []
      const [score] = scoreWindow([driftPair(thing, base, now)], reference.facts.id, rule)
      const { n, effect, level } = score!
      return [{ device: key.device, n, effect, state: level === 'none' ? ('ok' as const) : level }]
    })
    .sort((a, b) => (b.effect ?? -1) - (a.effect ?? -1))
    .slice(0, MOST_DEVICES)
}

/** Only what is asked for is unpacked: a fleet has many devices. */
function onlyReference({ role, reference }: CountedThing): MonitoredReferences {
  return {
    features: role === 'feature' ? [reference] : [],
    outcome: role === 'outcome' ? reference : null,
    confidence: role === 'confidence' ? reference : null,
  }
}
