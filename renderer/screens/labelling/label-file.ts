import { csvRows } from '../../../shared/domain/csv.ts'
import { messageOf } from '../../../shared/domain/problem.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'

export type ImportedLabel = InputOf<'labelling.import'>['labels'][number]

/** What a column of a file stands for. */
export const roles = ['prediction', 'label', 'row', 'device'] as const
export type Role = (typeof roles)[number]
/** Column of each role; `null`: the file has none. */
export type Mapping = Record<Role, number | null>

/** A file of labels as cells. */
export interface LabelFile {
  name: string
  header: string[]
  rows: string[][]
}

/** Names under which other tools write the same thing. */
const usual: Record<Role, RegExp> = {
  prediction: /^(prediction|prediction[_ ]?id|id|request[_ ]?id)$/i,
  label: /^(label|true[_ ]?label|target|actual|truth|class)$/i,
  row: /^(row|row[_ ]?index)$/i,
  device: /^(device|device[_ ]?id)$/i,
}

/** Reads CSV text with a header; a text is why it cannot be read. */
export function readLabelFile(name: string, text: string): LabelFile | string {
  try {
    const [header, ...rows] = csvRows(text, name)
    if (header === undefined) return `${name} is empty.`
    if (rows.length === 0) return `${name} has a header, but no row.`
    return { name, header, rows }
  } catch (error) {
    return messageOf(error)
  }
}

/** Which column is what, by its name. */
export function guessMapping(header: readonly string[]): Mapping {
  const at = (role: Role): number | null => {
    const found = header.findIndex((column) => usual[role].test(column.trim()))
    return found === -1 ? null : found
  }
  return { prediction: at('prediction'), label: at('label'), row: at('row'), device: at('device') }
}

/** The labels of a file, and lines that hold none; a line counts from 1, the header included. */
export function labelsOf(
  { header, rows }: LabelFile,
  { prediction, label, row, device }: Mapping,
): { labels: ImportedLabel[]; lines: number[]; bad: { line: number; why: string }[] } {
  const labels: ImportedLabel[] = []
  const lines: number[] = []
  const bad: { line: number; why: string }[] = []
  for (const [i, cells] of rows.entries()) {
    const line = i + 2
    const given = {
      prediction: cellAt(cells, prediction),
      label: cellAt(cells, label),
      row: cellAt(cells, row),
      device: cellAt(cells, device),
    }
    const number = given.row === '' ? 0 : Number(given.row)
    if (cells.length !== header.length) bad.push({ line, why: `${cells.length} cells under ${header.length} columns` })
    else if (given.prediction === '' || given.prediction.length > 128) bad.push({ line, why: 'no id of a prediction' })
    else if (given.label === '' || given.label.length > 256) bad.push({ line, why: 'no label' })
    else if (!Number.isSafeInteger(number) || number < 0) bad.push({ line, why: `'${given.row}' is no row, which count from 0` })
    else {
      const of = given.device === '' ? {} : { device: given.device.slice(0, 64) }
      labels.push({ prediction: given.prediction, label: given.label, row: number, ...of })
      lines.push(line)
    }
  }
  return { labels, lines, bad }
}

function cellAt(cells: readonly string[], at: number | null): string {
  return at === null ? '' : (cells[at] ?? '').trim()
}
