import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { DeskReason, DeskRow, DeskState } from '../store/fleet/desk.ts'
import { candidateOfRow, type Candidate } from './candidate.ts'
import type { DeskContext, LabellingScope } from './desk-context.ts'
import { rank, type RankedRow } from './information.ts'
import { populationOf, type Population } from './population.ts'
import { progressOf } from './progress.ts'
import { rowInputOf, type RowInput } from './row-input.ts'
import { showRow, unusualNames } from './show-row.ts'

type Queue = ResultOf<'labelling.queue'>
type Task = Queue['tasks'][number]

/** What a person asks the queue for. */
export interface QueueQuestion {
  scope: LabellingScope
  reason: DeskReason | undefined
  include: 'open' | 'disputed' | 'labelled' | 'skipped'
  by: string
  limit: number
}

const states = { disputed: 'disputed', labelled: 'settled', skipped: 'skipped' } as const satisfies Record<string, DeskState>
const MOST_LABELS = 1000

/** Rows for one person: those that want a label, the most informative first, or those that have been looked at, the newest first. */
export function queueOf(context: DeskContext, question: QueueQuestion): Queue {
  const { scope, include, limit } = question
  const population = populationOf(context, scope)
  const ranked = include === 'open' ? openRows(context, question, population) : looked(context, question, states[include])
  const tasks: Task[] = []
  for (const row of ranked) {
    if (tasks.length === limit) break
    const task = taskOfRow(context, row)
    if (task !== null) tasks.push(task)
  }
  return { tasks, total: ranked.length, progress: progressOf(context, scope, population) }
}

/** Rows that this person has not said anything about. */
function openRows({ table }: DeskContext, { reason, by }: QueueQuestion, { open, kept, sums }: Population): RankedRow[] {
  const wanted = open.flatMap((candidate) => {
    if (reason !== undefined && reasonOf(candidate) !== reason) return []
    const row = kept.get(candidate.task)
    if (row === undefined) return [{ candidate, isStarted: false }]
    return table.voteBy(row.id, by) === null ? [{ candidate, isStarted: row.state === 'open' }] : []
  })
  return rank(wanted, sums)
}

function looked({ table, book, hasFeedback }: DeskContext, { scope, reason }: QueueQuestion, state: DeskState): RankedRow[] {
  const rows = table.inState(scope, state).filter((row) => !hasFeedback(row))
  return rows.reverse().flatMap((row) => {
    const made = candidateOfRow(row)
    const candidate = { ...made, other: book.find(made.task)?.other ?? null }
    return reason === undefined || reasonOf(candidate) === reason ? [{ candidate, information: 0, isStarted: true }] : []
  })
}

/** Why a row is asked: a disagreement comes before the stratum that kept the row. */
function reasonOf({ reason, other }: Candidate): DeskReason {
  return other === null ? reason : 'disagreement'
}

/** A row as it is shown; null: its sample was taken away meanwhile. */
function taskOfRow(context: DeskContext, { candidate, information, isStarted }: RankedRow): Task | null {
  const { table } = context
  const kept = table.find(candidate)
  const input = kept === null ? inputOf(context, candidate) : (table.fields(kept.id) as RowInput)
  if (input === null) return null
  const manifest = context.manifestOf(candidate.digest)
  const shown = showRow(input, manifest, context.baselineOf(candidate.digest))
  const { task, device, deployment, model, version, digest, prediction, row, predictedAt, predicted, confidence, other } = candidate
  return {
    ...{ task, device, deployment, model, version, digest, prediction, row, predictedAt, predicted, confidence, other, information },
    ...shown,
    reason: reasonOf(candidate),
    why: whyOf(candidate, { unusual: unusualNames(shown), isStarted }).slice(0, 300),
    labels: manifest?.task === 'classification' ? manifest.labels.slice(0, MOST_LABELS) : [],
    votes: kept === null ? [] : table.votesOf(kept.id).map(({ by, label, at }) => ({ by, label, at })),
    ...stateOf(kept),
  }
}

function stateOf(kept: DeskRow | null): Pick<Task, 'state' | 'settled'> {
  return kept === null ? { state: 'open', settled: null } : { state: kept.state, settled: kept.actual }
}

function inputOf({ samples }: DeskContext, { sample, prediction, row }: Candidate): RowInput | null {
  const stored = sample === null ? null : samples.byId(sample)
  return stored === null || stored.body.id !== prediction ? null : rowInputOf(stored.body, row)
}

/** Why a row comes now, in words. */
function whyOf(candidate: Candidate, { unusual, isStarted }: { unusual: readonly string[]; isStarted: boolean }): string {
  const { predicted, other, version, confidence, reason, weight } = candidate
  if (other !== null)
    return `${version} says ${String(predicted ?? 'nothing')}, ${other.version} says ${String(other.outcome)}: a label tells which is right.`
  if (isStarted) return 'Somebody has labelled it; one label more may settle it.'
  const sure = confidence === null ? '' : ` The model was ${percent(confidence)} sure.`
  switch (reason) {
    case 'disagreement':
      return 'A shadow and the active version said different things of it.'
    case 'low-confidence':
      return confidence === null ? 'The model was not sure.' : `The model was only ${percent(confidence)} sure: a label here teaches most.`
    case 'outlier':
      return unusual.length === 0
        ? `It is unlike the training rows.${sure}`
        : `${unusual.slice(0, 3).join(', ')} ${unusual.length === 1 ? 'is' : 'are'} unlike the training rows.${sure}`
    case 'random':
      return `It stands for ${weight < 1.5 ? 'one request' : `${Math.round(weight)} requests`}, and narrows the interval of the accuracy.${sure}`
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
