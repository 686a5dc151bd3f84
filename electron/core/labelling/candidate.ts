import type { Manifest } from '../../../shared/domain/bundle.ts'
import type { SampleBody } from '../../../shared/protocol/telemetry.ts'
import { readOutcomes, readProbabilities, type RowOutcome } from '../../../shared/inference/outcome.ts'
import { tensorFromPlain, type Tensor } from '../../../shared/inference/tensor.ts'
import { datatypes, type Datatype } from '../../../shared/domain/bundle.ts'
import { hash64 } from '../../../shared/stats/sketch/hash.ts'
import type { DeskFacts, DeskRow, Truth } from '../store/fleet/desk.ts'
import type { StoredSample } from '../store/telemetry/samples.ts'
import { rowsOf } from './row-input.ts'
import { taskOf } from './task-id.ts'

/** Rows of one request that are looked at: a batch of thousands is one sample, and its rows are much alike. */
const MOST_ROWS = 64

/** A sampled row that may be asked for its label. */
export interface Candidate extends DeskFacts {
  task: string
  /** Which sample it is a part of; null: only the desk has it. */
  sample: number | null
  /** 0 to 1: how near the model was to another answer; null: it does not say. */
  uncertainty: number | null
  /** What a shadow said of the same input. */
  other: { version: string; outcome: Truth } | null
  /** 0 to 1, the same for this row at any time: a shuffle without a memory. */
  place: number
}

/** The rows of a sample. @param manifest null: the registry does not know the bundle; then nothing is known of what the model said */
export function candidatesOf({ id, device, body }: StoredSample, manifest: Manifest | null): Candidate[] {
  const said = manifest === null ? { outcomes: null, probabilities: [] } : answersOf(manifest, body)
  const rows = Math.min(MOST_ROWS, said.outcomes?.length ?? rowsOf(body))
  const { deployment, digest, predictedAt, weight } = body
  return Array.from({ length: rows }, (_, row): Candidate => {
    const key = { device, prediction: body.id, row }
    const outcome = said.outcomes?.[row] ?? null
    const confidence = outcome === null ? null : outcome.kind === 'value' ? null : (outcome.confidence ?? lowest(body, rows))
    const task = taskOf(key)
    return {
      ...key,
      ...{ deployment, digest, model: manifest?.model ?? body.model, version: manifest?.version ?? body.version, predictedAt, weight },
      ...{ task, sample: id, predicted: outcome === null ? null : truthOf(outcome), confidence, reason: body.reason ?? 'random' },
      uncertainty: uncertaintyOf(confidence, said.probabilities[row]),
      other: otherOf(body, row),
      place: placeOf(task),
    }
  })
}

/** A row that the desk has kept, whose sample may be gone. */
export function candidateOfRow(row: DeskRow): Candidate {
  const task = taskOf(row)
  return { ...row, task, sample: null, uncertainty: uncertaintyOf(row.confidence, undefined), other: null, place: placeOf(task) }
}

function placeOf(task: string): number {
  return hash64(task).high / 2 ** 32
}

/** The confidence that a device told of a request counts for its only row. */
function lowest({ confidence }: SampleBody, rows: number): number | null {
  return rows === 1 ? (confidence ?? null) : null
}

function otherOf({ other }: SampleBody, row: number): Candidate['other'] {
  const outcome = other?.outcomes[row]
  return other === undefined || outcome === undefined ? null : { version: other.version, outcome }
}

function truthOf(outcome: RowOutcome): Truth {
  return outcome.kind === 'value' ? outcome.value : outcome.label.slice(0, 256)
}

function answersOf(manifest: Manifest, body: SampleBody): { outcomes: RowOutcome[] | null; probabilities: readonly number[][] } {
  try {
    const outputs = body.outputs.flatMap(tensorOf)
    const scores = manifest.task === 'classification' ? outputs.find(({ name }) => name === manifest.outcome.probabilities) : undefined
    return {
      outcomes: readOutcomes(manifest, outputs),
      probabilities: scores === undefined ? [] : readProbabilities(scores, manifest.labels),
    }
  } catch {
    // Masked or not finite: the row can be labelled all the same, but nothing is held against its label.
    return { outcomes: null, probabilities: [] }
  }
}

function tensorOf({ name, datatype, shape, data }: SampleBody['outputs'][number]): Tensor[] {
  return isDatatype(datatype) ? [tensorFromPlain(name, datatype, shape, data)] : []
}

function isDatatype(text: string): text is Datatype {
  return (datatypes as readonly string[]).includes(text)
}

/**
 * With all probabilities: the mean of 1 - margin (best less second best) and of the entropy as a share of its largest. Both are 1 where
 * the model tosses a coin; the margin sees two rivals, the entropy also many. With the confidence c of the answer alone, the margin is at
 * least 2c - 1.
 */
export function uncertaintyOf(confidence: number | null, probabilities: readonly number[] | undefined): number | null {
  if (probabilities !== undefined && probabilities.length > 1) {
    const sorted = [...probabilities].sort((a, b) => b - a)
    const margin = Math.min(1, Math.max(0, sorted[0]! - sorted[1]!))
    const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0) / Math.log(probabilities.length)
    return (1 - margin + Math.min(1, Math.max(0, entropy))) / 2
  }
  return confidence === null ? null : 1 - Math.max(0, 2 * confidence - 1)
}
