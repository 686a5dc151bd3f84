import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { driftVerdict } from '../../../shared/stats/drift/drift-verdict.ts'
import { scoreWindow, type DriftRule, type DriftScore } from '../../../shared/stats/drift/score-window.ts'
import { valuesOf } from '../../../shared/stats/reference/feature-counts.ts'
import { driftPair } from './drift-pair.ts'
import type { Reference } from './references.ts'
import { driftSentence } from './sentences.ts'
import type { VerdictWindow } from './verdict-windows.ts'
import { countsOf, type CountedThing } from './watched-bundle.ts'

export type Verdict = ResultOf<'monitoring.drift'>['features'][number]
export type ScoredWindow = Verdict['windows'][number]

/** Windows that are listed of one feature. */
const MOST_WINDOWS = 400

/** What a verdict of several windows needs. */
interface DriftQuestion {
  /** Things that devices count, and that the reference can be compared with. */
  things: readonly CountedThing[]
  /** Closed windows, the oldest first. */
  windows: readonly VerdictWindow[]
  reference: Reference
  rule: DriftRule
  /** Windows that end after this time are listed, and those that the verdict rests on. */
  from: number
}

/** Verdicts on all things, those that need somebody first. All things of a window are corrected together for being many. */
export function driftVerdicts({ things, windows, reference, rule, from }: DriftQuestion): Verdict[] {
  const listed = windows.filter(({ through }) => through > from).slice(-MOST_WINDOWS)
  const judged = listed.length >= rule.of ? listed : windows.slice(-rule.of)
  const scores = judged.map((window) => scoreThings(things, window, reference, rule))
  const tested = scores.at(-1)?.filter(({ level }) => level !== 'insufficient data').length ?? 0
  const verdicts = things.map((thing, i): Verdict => {
    const own = scores.map((ofWindow) => ofWindow[i]!)
    const verdict = driftVerdict(own, rule)
    const shown = own.map((score, w) => scored(score, judged[w]!))
    return {
      ...{ name: thing.name, role: thing.role, kind: thing.reference.kind, state: verdict.state },
      sentence: driftSentence(thing, verdict, { reference: reference.facts.name, tested }),
      ...{ last: shown.at(-1) ?? null, warnings: verdict.warnings, alarms: verdict.alarms },
      windows: shown,
    }
  })
  return verdicts.sort(byUrgency)
}

/** The scores of one window, in the order of the things. */
export function scoreThings(things: readonly CountedThing[], window: VerdictWindow, reference: Reference, rule: DriftRule): DriftScore[] {
  const base = reference.isTraining ? null : reference.countsFor(window)
  const pairs = things.map((thing) => {
    const now = countsOf(thing, window.counts)
    if (reference.isTraining) return driftPair(thing, null, now)
    const known = base === null ? null : countsOf(thing, base)
    // Without a reference for this window nothing can be said of it: as if it had no values.
    return known === null ? driftPair(thing, null, null) : driftPair(thing, known, now)
  })
  return scoreWindow(pairs, reference.facts.id, rule)
}

/** Things that a reference can say something of, and that devices count. */
export function comparable(things: readonly CountedThing[], windows: readonly VerdictWindow[], reference: Reference): CountedThing[] {
  if (reference.facts.state !== 'ready') return []
  const latest = windows.at(-1)
  return things.filter((thing) => {
    if (reference.isTraining && !thing.hasRows) return false
    const isCounted = windows.length === 0 || windows.some(({ counts }) => countsOf(thing, counts) !== null)
    if (!isCounted || reference.isTraining || latest === undefined) return isCounted
    const base = reference.countsFor(latest)
    const known = base === null ? null : countsOf(thing, base)
    return known !== null && valuesOf(known) > 0
  })
}

function scored(score: DriftScore, { from, through }: VerdictWindow): ScoredWindow {
  const { level, n, effective, m, effect, psi, psiAdjusted, jsDistance, test, pAdjusted } = score
  return { from, through, level, n, effective, m: Math.round(m), effect, psi, psiAdjusted, jsDistance, p: test.p, pAdjusted }
}

const urgency: Record<Verdict['state'], number> = { alarm: 0, warn: 1, ok: 2, 'insufficient data': 3 }

function byUrgency(a: Verdict, b: Verdict): number {
  return urgency[a.state] - urgency[b.state] || (b.last?.effect ?? -1) - (a.last?.effect ?? -1)
}
