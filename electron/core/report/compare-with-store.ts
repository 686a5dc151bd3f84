import { Problem } from '../../../shared/domain/problem.ts'
import type { ReportDocument } from '../../../shared/domain/report/document.ts'
import { compareFacts, factsOf, type FactDifference } from '../../../shared/domain/report/facts.ts'
import { compareWords } from '../../../shared/domain/report/words.ts'
import type { ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { readPeriod } from './borders.ts'
import { makeReport } from './make-report.ts'
import type { ReportSources, ReportWork } from './sources.ts'
import { isUnexplained, movesSince } from './store-moves.ts'

/** Differences that are listed; the number of all is said. */
const MOST_LISTED = 200
/** So many are looked at for what explains them. */
const MOST_EXPLAINED = 100_000

type Compared = Pick<
  ReportVerification,
  'isGood' | 'verdict' | 'sentence' | 'compared' | 'ofThen' | 'gone' | 'differing' | 'differences' | 'moves'
>

/** Makes a report anew, and tells apart what the store says still, what it cannot say any more, and what it should say and does not. */
export async function compareWithStore(
  parts: ReportSources,
  document: ReportDocument,
  { report, work }: { report: number; work: ReportWork },
): Promise<Compared> {
  const { question, isWhole, devices } = document
  if (!isReadable(parts, question)) return unreadable(report, [...factsOf(document)].filter(({ isOfThen }) => !isOfThen).length)
  const now = await makeReport(parts, { question, isWhole, devices }, work)
  const facts = compareFacts(document, now, MOST_EXPLAINED)
  // Another version of Muster says the same in other words.
  const words = document.madeBy === now.madeBy && facts.gone === 0 ? compareWords(document, now) : []
  const all = [...facts.differences, ...words]
  const counts = { compared: facts.compared, ofThen: facts.ofThen, gone: facts.gone, differing: facts.differing + words.length }
  if (counts.differing === 0) {
    const [verdict, sentence] = [counts.gone > 0 ? ('outdated' as const) : ('good' as const), agreed(report, counts)]
    return { ...counts, verdict, sentence, isGood: verdict === 'good', differences: [], moves: goneMoves(counts.gone) }
  }
  const known = new Set(devices)
  const found = movesSince(parts, document)
  const isOdd = (one: FactDifference): boolean => isUnexplained(one, found, known)
  const odd = all.filter(isOdd)
  const moves = [...goneMoves(counts.gone), ...found.moves]
  return {
    ...{ ...counts, moves, isGood: false, verdict: odd.length > 0 ? 'differs' : 'outdated' },
    sentence: odd.length > 0 ? unexplained(report, counts, odd.length) : explained(report, counts, moves),
    // What nothing explains is what somebody looks for.
    differences: [...odd, ...all.filter((one) => !isOdd(one))].slice(0, MOST_LISTED).map(({ place, reported, now: value }) => ({
      place,
      ...{ reported: reported ?? null, wasReported: reported !== undefined, now: value ?? null, isThereNow: value !== undefined },
    })),
  }
}

/** False: what is left of the period begins or ends elsewhere, and other hours are no answer. */
function isReadable(parts: ReportSources, question: ReportDocument['question']): boolean {
  try {
    const { from, through } = readPeriod(parts, question)
    return from === question.from && through === question.through
  } catch (error) {
    if (error instanceof Problem && error.code === 'input.invalid') return false
    throw error
  }
}

function unreadable(report: number, gone: number): Compared {
  return {
    ...{ compared: 0, ofThen: 0, gone, differing: 0, differences: [], isGood: false, verdict: 'outdated' },
    sentence: `Report ${report} is as it was signed. Sums as fine as its period are kept no longer, so its ${gone} values cannot be found out again.`,
    moves: [{ kind: 'retention', note: 'sums as fine as the period are kept no longer' }],
  }
}

type Counts = Pick<Compared, 'compared' | 'ofThen' | 'gone' | 'differing'>

function goneMoves(gone: number): Compared['moves'] {
  return gone === 0 ? [] : [{ kind: 'retention', note: `the records behind ${gone} values are kept no longer` }]
}

function agreed(report: number, { compared, ofThen, gone }: Counts): string {
  if (gone === 0) return `Report ${report} is as it was signed, and all of its ${compared} values are those of the store.${then(ofThen)}`
  return `Report ${report} is as it was signed, and ${compared} values are those of the store; the records behind ${gone} others are kept no longer.${then(ofThen)}`
}

function explained(report: number, { compared, differing, ofThen }: Counts, moves: Compared['moves']): string {
  const why = moves.map(({ note }) => note).join('; ')
  return `Report ${report} is as it was signed. The store has moved on since: ${why}. So ${differing} of ${compared} values are others now.${then(ofThen)}`
}

function unexplained(report: number, { compared, differing, ofThen }: Counts, odd: number): string {
  const which = odd === differing ? 'nothing that is known of explains it' : `nothing that is known of explains ${odd} of them`
  return `Report ${report} is as it was signed, but ${differing} of ${compared} values are others now, and ${which}: the store may have been changed.${then(ofThen)}`
}

function then(ofThen: number): string {
  return ofThen === 0 ? '' : ` ${ofThen} values are of that moment and cannot be found out again.`
}
