import { z } from 'zod'
import { sketchState } from '../../shared/protocol/telemetry.ts'
import { freshRate, isFreshRate, rateState, type RateState } from './rate-detector.ts'

/** What a detector is called in events and status. */
export const detectorNames = ['errors', 'missing', 'out-of-range', 'unseen', 'confidence', 'latency'] as const
export type DetectorName = (typeof detectorNames)[number]

const count = z.number().nonnegative()
const proportion = z.object({ successes: count, trials: count })

/** The state as it is kept: what only the reference says is not in it. */
const kept = z.object({
  v: z.literal(1),
  /** Newest record, epoch ms. */
  at: z.number(),
  errors: z.object({ windows: count, successes: count, trials: count, rate: rateState }),
  latency: z.object({
    windows: count,
    /** Of the first requests; null: learned. */
    learning: sketchState.nullable(),
    known: proportion.extend({ limitMs: z.number() }).nullable(),
    rate: rateState,
  }),
  confidence: z.object({
    windows: count,
    /** Of the first rows, in the bins of the reference; null: learned. */
    learning: z.array(count).nullable(),
    /** Bins up to this one are low. */
    known: proportion.extend({ bin: z.number() }).nullable(),
    rate: rateState,
  }),
  /** By detector and feature; what has nothing to remember is left out. */
  features: z.array(z.tuple([z.enum(detectorNames), z.string(), rateState])).max(2048),
})

/** What the detectors of one bundle remember. */
export type DetectorState = Omit<z.infer<typeof kept>, 'v' | 'features'> & { features: Map<string, FeatureRate> }

/** The detector of one feature. */
export interface FeatureRate {
  detector: DetectorName
  feature: string
  rate: RateState
}

/** Detectors of a bundle that has just come. */
export function freshState(): DetectorState {
  return {
    at: 0,
    errors: { windows: 0, successes: 0, trials: 0, rate: freshRate() },
    latency: { windows: 0, learning: null, known: null, rate: freshRate() },
    confidence: { windows: 0, learning: null, known: null, rate: freshRate() },
    features: new Map(),
  }
}

/** The detector of a feature, made where there is none yet. */
export function featureRate(state: DetectorState, detector: DetectorName, feature: string): FeatureRate {
  const key = `${detector}\n${feature}`
  let found = state.features.get(key)
  if (found === undefined) {
    found = { detector, feature, rate: freshRate() }
    state.features.set(key, found)
  }
  return found
}

/** The text that is kept. */
export function textOfState({ features, ...rest }: DetectorState): string {
  const told = [...features.values()].filter(({ rate }) => !isFreshRate(rate))
  return JSON.stringify({ v: 1, ...rest, features: told.map(({ detector, feature, rate }) => [detector, feature, rate]) })
}

/** A kept state; null if the text is none: then the detectors begin anew. */
export function readState(text: string): DetectorState | null {
  try {
    const { features, at, errors, latency, confidence } = kept.parse(JSON.parse(text))
    const byKey = features.map(([detector, feature, rate]) => [`${detector}\n${feature}`, { detector, feature, rate }] as const)
    return { at, errors, latency, confidence, features: new Map(byKey) }
  } catch {
    return null
  }
}
