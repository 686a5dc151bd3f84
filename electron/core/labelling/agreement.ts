import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { classificationScores, countsOfConfusion } from '../../../shared/stats/classification.ts'
import type { DeskVote, Truth } from '../store/fleet/desk.ts'
import { agree } from './consensus.ts'
import type { DeskContext, LabellingScope } from './desk-context.ts'

type Agreement = ResultOf<'labelling.agreement'>
type Labelled = DeskVote & { label: Truth }

/**
 * How far labellers agree: over all pairs of votes on the same row, and against what was settled. Kappa is that of Cohen (1960), the
 * agreement beyond chance; over several labellers, of all pairs pooled, where no pair has a first and a second, both ways round.
 */
export function agreementOf({ table }: DeskContext, scope: LabellingScope): Agreement {
  const pairs = new Map<string, { a: string; b: string; said: [Truth, Truth][] }>()
  const people = new Map<string, { labels: number; skipped: number; judged: number; right: number }>()
  let rows = 0
  for (const row of table.rows(scope)) {
    const votes = table.votesOf(row.id).sort((a, b) => (a.by < b.by ? -1 : 1))
    const labelled = votes.filter((vote): vote is Labelled => vote.label !== null)
    if (labelled.length > 1) rows += 1
    for (const vote of votes) countPerson(people, vote, row.actual)
    for (const [i, a] of labelled.entries()) {
      for (const b of labelled.slice(i + 1)) {
        const key = JSON.stringify([a.by, b.by])
        const pair = pairs.get(key) ?? { a: a.by, b: b.by, said: [] }
        pair.said.push([a.label, b.label])
        pairs.set(key, pair)
      }
    }
  }
  const all = [...pairs.values()]
  const said = all.flatMap((pair) => pair.said)
  return {
    rows,
    agreement: shareOf(said),
    kappa: kappaOf([...said, ...said.map(([a, b]): [Truth, Truth] => [b, a])]),
    pairs: all.map((pair) => ({
      a: pair.a,
      b: pair.b,
      rows: pair.said.length,
      agreement: shareOf(pair.said) ?? 0,
      kappa: kappaOf(pair.said),
    })),
    labellers: [...people]
      .map(([by, { labels, skipped, judged, right }]) => ({ by, labels, skipped, agreement: judged === 0 ? null : right / judged }))
      .sort((a, b) => b.labels - a.labels || (a.by < b.by ? -1 : 1)),
  }
}

function countPerson(
  people: Map<string, { labels: number; skipped: number; judged: number; right: number }>,
  { by, label }: DeskVote,
  settled: Truth | null,
): void {
  const person = people.get(by) ?? { labels: 0, skipped: 0, judged: 0, right: 0 }
  people.set(by, person)
  if (label === null) {
    person.skipped += 1
    return
  }
  person.labels += 1
  if (settled === null) return
  person.judged += 1
  if (agree(label, settled)) person.right += 1
}

function shareOf(said: readonly [Truth, Truth][]): number | null {
  return said.length === 0 ? null : said.filter(([a, b]) => agree(a, b)).length / said.length
}

/** Null for values of a regression, and where chance alone agrees always. */
function kappaOf(said: readonly [Truth, Truth][]): number | null {
  if (said.length === 0 || said.some((pair) => pair.some((label) => typeof label === 'number'))) return null
  const classes = [...new Set(said.flat().map(String))]
  const at = new Map(classes.map((name, i) => [name, i]))
  const confusion = classes.map(() => classes.map(() => 0))
  for (const [a, b] of said) confusion[at.get(String(a))!]![at.get(String(b))!]! += 1
  return classificationScores(countsOfConfusion(confusion)).kappa
}
