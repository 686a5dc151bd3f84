import type { DriftRule, DriftScore } from '../../../shared/stats/drift/score-window.ts'
import type { DriftVerdict } from '../../../shared/stats/drift/drift-verdict.ts'
import type { RateVerdict } from '../../../shared/stats/quality/rate-verdict.ts'
import type { CountedThing } from './watched-bundle.ts'

/** Longest sentence that the contract carries. */
const MOST_CHARACTERS = 500

/** Names come from data: a long one must not push the figures out of the sentence. */
function named({ name, role }: Pick<CountedThing, 'name' | 'role'>): string {
  if (role === 'outcome') return 'what the model answers'
  if (role === 'confidence') return 'the confidence'
  return name.length > 80 ? `${name.slice(0, 79)}…` : name
}

/** A verdict on drift in words, with all that it rests on. */
export function driftSentence(thing: CountedThing, verdict: DriftVerdict, of: { reference: string; tested: number }): string {
  const { score, state, rule } = verdict
  const who = named(thing)
  if (score === null) return `${who}: insufficient data: no verdict window is closed yet; against ${of.reference}.`
  if (state === 'insufficient data') {
    return cut(
      `${who}: insufficient data: ${whole(score.effective)} of ${score.n} values count in the last window, ${rule.leastValues} are needed; against ${of.reference}.`,
    )
  }
  const opening = state === 'alarm' ? `${who} has drifted` : state === 'warn' ? `${who} may be drifting` : `${who} has not drifted`
  const parts = [effectText(score, rule), evidenceText(score, of.tested), persistenceText(verdict)]
  return cut(`${opening}: ${parts.join(', ')}, ${whole(score.effective)} of ${score.n} values count; against ${of.reference}.`)
}

function effectText({ kind, effect, level }: DriftScore, { warn, alarm }: DriftRule): string {
  const measure = kind === 'numeric' ? 'adjusted PSI' : 'adjusted JS distance'
  const limit = level === 'warn' ? `warning from ${warn.toFixed(2)}, alarm from ${alarm.toFixed(2)}` : `alarm from ${alarm.toFixed(2)}`
  return `${measure} ${effect === null ? 'undefined' : effect.toFixed(2)} (${limit})`
}

function evidenceText({ pAdjusted }: DriftScore, tested: number): string {
  return `${pText(pAdjusted ?? 1)} over ${tested === 1 ? '1 feature' : `${tested} features`}`
}

function persistenceText({ alarms, warnings, windows, state }: DriftVerdict): string {
  const exceeding = state === 'warn' ? warnings : alarms
  return `${exceeding} of the last ${windows} windows`
}

/** A p-value as people read it. */
export function pText(p: number): string {
  return p < 0.0001 ? 'p < 0.0001' : `p = ${p.toFixed(p < 0.1 ? 4 : 2)}`
}

const causeWords = {
  missing: 'missing',
  'wrong-type': 'of the wrong type',
  infinite: 'infinite',
  'out-of-range': 'outside the range of the reference',
  outlier: 'far outside the usual range',
  unseen: 'unseen in the reference',
} as const
export type RateCause = keyof typeof causeWords

/** A verdict on a rate of bad values in words. */
export function rateSentence(
  thing: CountedThing,
  cause: RateCause,
  of: {
    verdict: Pick<RateVerdict, 'state' | 'current' | 'reference' | 'difference' | 'p' | 'rule'>
    name: string
    persistence: string | null
  },
): string {
  const { state, current, reference, p, rule } = of.verdict
  const who = named(thing)
  const words = causeWords[cause]
  if (state === 'insufficient data') {
    return cut(
      `${who}: insufficient data on values ${words}: ${current.trials} values, ${rule.leastValues} are needed; against ${of.name}.`,
    )
  }
  const now = `${percent(current)} of ${current.trials} values are ${words}`
  const was = reference.trials === 0 ? 'nothing is known of the reference' : `${percent(reference)} of ${reference.trials} in the reference`
  const kept = of.persistence === null ? '' : `, ${of.persistence}`
  return cut(`${who}: ${state === 'alarm' ? 'too many bad values: ' : ''}${now}, ${was}, ${pText(p)}${kept}; against ${of.name}.`)
}

function percent({ successes, trials }: { successes: number; trials: number }): string {
  return trials === 0 ? '–' : `${((100 * successes) / trials).toFixed(1)} %`
}

/** Effective values as a whole number; they are never more than the values. */
function whole(effective: number): number {
  return Math.floor(effective + 1e-9)
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`
}
