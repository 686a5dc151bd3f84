import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import type { DeskRow } from '../store/fleet/desk.ts'
import { candidatesOf, type Candidate } from './candidate.ts'
import { agree } from './consensus.ts'
import type { DeskContext } from './desk-context.ts'
import { merged } from './sample-book.ts'
import { castVote, keepRow, truthFor } from './votes.ts'
import { taskOf } from './task-id.ts'

type Given = ParsedInputOf<'labelling.import'>['labels'][number]
type Imported = ResultOf<'labelling.import'>

/** Refusals that an answer lists; the number of all of them is told. */
const MOST_REFUSED = 1000

/** A row that an imported label may mean. */
type Found = { kept: DeskRow } | { candidate: Candidate }

/**
 * Takes labels of a file or a program as votes of one person. What cannot be taken is told entry by entry; the others are taken.
 * A row is found by its prediction, also by the id that a client chose itself (records carry it as `id~digest`).
 */
export function importLabels(context: DeskContext, { labels, by }: { labels: readonly Given[]; by: string }): Imported {
  const find = openFinder(context, labels)
  const answer: Imported = { taken: 0, unchanged: 0, refused: [], refusedTotal: 0 }
  for (const [index, given] of labels.entries()) {
    try {
      if (take(context, find(given), { given, by })) answer.taken += 1
      else answer.unchanged += 1
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const { code, message } = reportOf(error)
      answer.refusedTotal += 1
      if (answer.refused.length < MOST_REFUSED)
        answer.refused.push({ index, prediction: given.prediction, code, message: message.slice(0, 500) })
    }
  }
  return answer
}

/** @returns false: this person has said the same before */
function take(context: DeskContext, found: Found, { given, by }: { given: Given; by: string }): boolean {
  const facts = 'kept' in found ? found.kept : found.candidate
  if (context.hasFeedback(facts)) throw new Problem('labelling.feedback-counts', 'The device has sent the truth of this row by feedback.')
  const label = truthFor(context, facts, given.label)
  const row = 'kept' in found ? found.kept : keepRow(context, found.candidate)
  if (row === null) throw notFound(given)
  const before = context.table.voteBy(row.id, by)
  if (before !== null && before.label !== null && agree(before.label, label)) return false
  castVote(context, row, { by, label, at: context.now(), source: 'import' })
  return true
}

/** Finds the rows of all entries, with one pass over the samples that are not at hand. */
function openFinder(context: DeskContext, labels: readonly Given[]): (given: Given) => Found {
  const { table, book, samples, manifestOf } = context
  const byName = new Map<string, Map<string, Candidate>>()
  const put = (candidate: Candidate): void => {
    for (const name of namesOf(candidate.prediction)) {
      const rows = byName.get(name) ?? new Map<string, Candidate>()
      byName.set(name, rows)
      const before = rows.get(candidate.task)
      rows.set(candidate.task, before === undefined ? candidate : merged(before, candidate))
    }
  }
  for (const candidate of book.all()) put(candidate)
  const unknown = new Set(labels.map(({ prediction }) => prediction).filter((prediction) => !byName.has(prediction)))
  if (unknown.size > 0) {
    const older = samples.wanted((prediction) => namesOf(prediction).some((name) => unknown.has(name)))
    for (const sample of older) candidatesOf(sample, manifestOf(sample.body.digest)).forEach(put)
  }
  return (given) => {
    const kept = table.named(given.prediction, given.row).filter((one) => fits(one, given))
    const tasks = new Set(kept.map(taskOf))
    const found: Found[] = kept.map((row) => ({ kept: row }))
    for (const candidate of byName.get(given.prediction)?.values() ?? [])
      if (candidate.row === given.row && fits(candidate, given) && !tasks.has(candidate.task)) found.push({ candidate })
    const [only, second] = found
    if (only === undefined) throw notFound(given)
    if (second !== undefined)
      throw new Problem('input.invalid', `Several devices have a prediction '${given.prediction}'.`, {
        hint: 'Say which: give the device.',
      })
    return only
  }
}

/** The id as records carry it, and as the client chose it. */
function namesOf(prediction: string): string[] {
  const end = prediction.lastIndexOf('~')
  return end > 0 ? [prediction, prediction.slice(0, end)] : [prediction]
}

function fits({ device }: { device: string }, given: Given): boolean {
  return given.device === undefined || given.device === device
}

function notFound({ prediction, row }: Given): Problem {
  return new Problem('labelling.not-found', `There is no sample of row ${row} of the prediction '${prediction.slice(0, 80)}'.`)
}
