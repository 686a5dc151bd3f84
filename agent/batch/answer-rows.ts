import { Problem } from '../../shared/domain/problem.ts'
import type { AnswerColumns, RowAnswer } from './answer-columns.ts'
import type { Asked, Asker } from './ask.ts'
import type { Pick } from './pick.ts'
import type { SourceRow } from './rows.ts'

interface AnswerParts {
  asker: Asker
  pick: Pick
  columns: AnswerColumns
}

/** Codes that say that one of the rows is at fault, or may be: the rows are asked in halves until it is found. */
const ofRows: ReadonlySet<string> = new Set([
  'inference.bad-input',
  'inference.failed',
  'inference.deadline-exceeded',
  'data.schema-mismatch',
  'input.too-large',
])

/**
 * Answers the rows of a chunk, one request for all where it can be. A row that cannot be read, is refused or fails gets its code; the
 * others are asked without it. The same rows lead to the same requests, whether the batch was interrupted or not.
 * @throws Problem what is not the fault of a row: `agent.unreachable`, `inference.not-found`, `cancelled`
 */
export async function answerRows(rows: readonly SourceRow[], parts: AnswerParts): Promise<RowAnswer[]> {
  const answers: RowAnswer[] = []
  const sound: { at: number; cells: unknown[] }[] = []
  for (const [at, row] of rows.entries()) {
    if (row.problem !== null) answers[at] = parts.columns.failed(row.problem)
    else {
      try {
        sound.push({ at, cells: parts.pick(row) })
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        answers[at] = parts.columns.failed(error.code)
      }
    }
  }
  // Rows of one width go together; lists in NDJSON may differ.
  for (const group of groups(sound)) {
    const said = await answerCells(
      group.map(({ cells }) => cells),
      parts,
    )
    for (const [i, { at }] of group.entries()) answers[at] = said[i]!
  }
  return answers
}

function groups(sound: readonly { at: number; cells: unknown[] }[]): { at: number; cells: unknown[] }[][] {
  const byWidth = new Map<number, { at: number; cells: unknown[] }[]>()
  for (const one of sound) byWidth.set(one.cells.length, [...(byWidth.get(one.cells.length) ?? []), one])
  return [...byWidth.values()]
}

async function answerCells(cells: readonly unknown[][], parts: AnswerParts): Promise<RowAnswer[]> {
  const asked = await parts.asker.ask(cells)
  const read = readAnswers(asked, cells.length, parts.columns)
  if (Array.isArray(read)) return read
  if (!ofRows.has(read.code)) throw read
  if (cells.length === 1) return [parts.columns.failed(read.code)]
  const half = Math.ceil(cells.length / 2)
  return [...(await answerCells(cells.slice(0, half), parts)), ...(await answerCells(cells.slice(half), parts))]
}

function readAnswers(asked: Asked, rows: number, columns: AnswerColumns): RowAnswer[] | Problem {
  if ('problem' in asked) return asked.problem
  try {
    return columns.read(asked.outputs, rows)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
