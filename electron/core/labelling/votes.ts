import { Problem } from '../../../shared/domain/problem.ts'
import type { DeskFacts, DeskRow, DeskScope, DeskVote, Truth } from '../store/fleet/desk.ts'
import { candidatesOf, type Candidate } from './candidate.ts'
import { outcomeOf } from './consensus.ts'
import { isInScope, type DeskContext } from './desk-context.ts'
import { readTruth } from './read-truth.ts'
import { rowInputOf, type RowInput } from './row-input.ts'
import { merged } from './sample-book.ts'
import { keyOf, taskOf } from './task-id.ts'

/** A row that somebody says something about, and what was said. */
export interface SaidRow {
  task: string
  by: string
}

/** Gives a row its label by a person. @returns what is settled now @throws Problem `labelling.*`, `feedback.bad-label` */
export function labelRow(context: DeskContext, { task, by, label }: SaidRow & { label: Truth }): Truth | null {
  const asked = askedRow(context, task)
  // Read before anything is kept: a label that is none leaves nothing behind.
  const truth = truthFor(context, asked, label)
  const row = keptRow(context, asked)
  castVote(context, row, { by, label: truth, at: context.now(), source: 'desk' })
  return context.table.byId(row.id)!.actual
}

/** Leaves a row to others. @throws Problem `labelling.*` */
export function skipRow(context: DeskContext, { task, by }: SaidRow): void {
  castVote(context, keptRow(context, askedRow(context, task)), { by, label: null, at: context.now(), source: 'desk' })
}

/** Decides a row, whatever the votes say. @throws Problem `labelling.*`, `feedback.bad-label` */
export function settleRow(context: DeskContext, { task, by, label }: SaidRow & { label: Truth }): Truth | null {
  const { table } = context
  const asked = askedRow(context, task)
  const decision = { label: truthFor(context, asked, label), by, at: context.now() }
  const row = keptRow(context, asked)
  table.addAct({ by, deskRow: row.id, kind: 'decision', before: row.decision })
  table.putDecision(row.id, decision)
  judgeAgain(context, row.id)
  return table.byId(row.id)!.actual
}

/** Takes back what a person last said within a scope. @returns null: nothing is left to take back */
export function undoLast(
  context: DeskContext,
  { by, scope }: { by: string; scope: DeskScope },
): { task: string; was: Truth | null } | null {
  const { table } = context
  for (const act of table.actsOf(by)) {
    const row = table.byId(act.deskRow)
    if (row === null || !isInScope(row, scope)) continue
    const was = act.kind === 'vote' ? (table.voteBy(row.id, by)?.label ?? null) : (row.decision?.label ?? null)
    if (act.kind === 'decision') table.putDecision(row.id, act.before)
    else if (act.before === null) table.removeVote(row.id, by)
    else table.putVote(row.id, act.before)
    table.removeAct(act.id)
    judgeAgain(context, row.id)
    return { task: taskOf(row), was }
  }
  return null
}

/** Puts a vote down so that it can be taken back, and says what the row is now. */
export function castVote(context: DeskContext, row: DeskRow, vote: DeskVote): void {
  const { table } = context
  // What came in bulk is not taken back key by key.
  if (vote.source === 'desk') table.addAct({ by: vote.by, deskRow: row.id, kind: 'vote', before: table.voteBy(row.id, vote.by) })
  table.putVote(row.id, vote)
  judgeAgain(context, row.id)
}

/** Works the state of a row out anew; a row that nobody says anything about any more is forgotten. */
export function judgeAgain({ table, settings }: DeskContext, id: number): void {
  const row = table.byId(id)
  if (row === null) return
  const votes = table.votesOf(id)
  if (votes.length === 0 && row.decision === null) table.remove(id)
  else table.putOutcome(id, outcomeOf(votes, row.decision, settings().labellersNeeded))
}

/** A label in the form in which labels of this row are compared. @throws Problem `feedback.bad-label` */
export function truthFor({ manifestOf }: DeskContext, row: Pick<DeskFacts, 'digest' | 'predicted'>, label: Truth): Truth {
  return readTruth(label, { predicted: row.predicted, manifest: manifestOf(row.digest) })
}

/** The row of a task: kept already, or of a sample. @throws Problem `labelling.not-found`, `labelling.feedback-counts` */
function askedRow(context: DeskContext, task: string): DeskRow | Candidate {
  const key = keyOf(task)
  if (context.hasFeedback(key)) throw new Problem('labelling.feedback-counts', 'The device has sent the truth of this row by feedback.')
  const asked = context.table.find(key) ?? context.book.find(task) ?? storedCandidate(context, task)
  if (asked === undefined) throw noSample(task)
  return asked
}

function keptRow(context: DeskContext, asked: DeskRow | Candidate): DeskRow {
  const row = 'id' in asked ? asked : keepRow(context, asked)
  if (row === null) throw noSample(taskOf(asked))
  return row
}

function noSample(task: string): Problem {
  return new Problem('labelling.not-found', `There is no sample of the row '${task.slice(0, 120)}'.`)
}

/** A sample that is older than those which the desk looks at can be labelled all the same. */
function storedCandidate({ samples, manifestOf }: DeskContext, task: string): Candidate | undefined {
  const { device, prediction } = keyOf(task)
  const found = samples.ofPrediction(device, prediction).flatMap((sample) => candidatesOf(sample, manifestOf(sample.body.digest)))
  return found.filter((one) => one.task === task).reduce<Candidate | undefined>((a, b) => (a === undefined ? b : merged(a, b)), undefined)
}

/** Keeps a row for good, with its input. @returns null: its sample was taken away by age */
export function keepRow({ table, samples }: DeskContext, candidate: Candidate): DeskRow | null {
  const sample = candidate.sample === null ? null : samples.byId(candidate.sample)
  if (sample === null || sample.body.id !== candidate.prediction) return null
  const input: RowInput = rowInputOf(sample.body, candidate.row)
  const subject = sample.body.subjects?.[candidate.row] ?? null
  return table.byId(table.add(factsOf(candidate), { fields: input, subject }))
}

function factsOf(candidate: Candidate): DeskFacts {
  const { device, prediction, row, deployment, digest, model, version, predictedAt, predicted, confidence, weight, reason } = candidate
  return { device, prediction, row, deployment, digest, model, version, predictedAt, predicted, confidence, weight, reason }
}
