import { listOf } from '../name-list.ts'

/** A row on the bench: values as a person wrote them, in the order of the features. */
export interface BenchRow {
  name: string
  values: readonly string[]
  /** What is known of it: the answer of the import, or the truth of a pasted row; dropped when a value is changed. */
  expected: { kind: 'import' | 'truth'; text: string } | null
}

/** Most rows that are tried at once. */
export const MOST_ROWS = 100

/** A value as the core takes it: a number, a text that is none or is written otherwise (a column of texts may hold 007), or null. */
export function cellOf(text: string): number | string | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const number = Number(trimmed)
  return Number.isFinite(number) && !/^[+-]?0\d/.test(trimmed) ? number : trimmed.slice(0, 256)
}

/** A value as it is shown in a box. */
export function textOf(value: number): string {
  return String(Math.abs(value) < 1e-12 ? 0 : Number(value.toPrecision(7)))
}

/** The row with one value changed; what was expected of the old one says nothing of the new one. */
export function withValues(row: BenchRow, changes: ReadonlyMap<number, string>): BenchRow {
  if ([...changes].every(([index, text]) => row.values[index] === text)) return row
  return { ...row, values: row.values.map((value, index) => changes.get(index) ?? value), expected: null }
}

export interface PastedRows {
  rows: BenchRow[]
  /** What was left out or taken for something. */
  notes: string[]
  /** Why nothing can be taken; the rows are empty then. */
  problem: string | null
}

/**
 * Rows of CSV text that a person pasted: with a header the columns are found by name, without one they stand in the order of the
 * features, and one column more is the truth.
 */
export function parsePasted(text: string, columns: readonly string[], target: string | null): PastedRows {
  const refuse = (problem: string): PastedRows => ({ rows: [], notes: [], problem })
  const lines = csvCells(text)
  const [head, ...rest] = lines
  if (head === undefined) return refuse('There is no row.')
  const names = head.map((cell) => cell.trim())
  const hasHeader = names.some((name) => columns.includes(name) && Number.isNaN(Number(name)))
  const body = hasHeader ? rest : lines
  if (body.length === 0) return refuse('There is a header, but no row.')
  const plan = hasHeader ? planByName(names, columns, target) : planByPlace(head.length, columns.length)
  if (typeof plan === 'string') return refuse(plan)
  const uneven = body.findIndex((cells) => cells.length !== head.length)
  if (uneven !== -1) return refuse(`Row ${uneven + 1} has ${body[uneven]!.length} cells; the first has ${head.length}.`)
  const rows = body.slice(0, MOST_ROWS).map((cells, i): BenchRow => {
    const truth = plan.truthAt === null ? undefined : cells[plan.truthAt]?.trim()
    return {
      name: `Row ${i + 1}`,
      values: plan.at.map((place) => cells[place]?.trim() ?? ''),
      expected: truth === undefined || truth === '' ? null : { kind: 'truth', text: truth },
    }
  })
  const notes = [...plan.notes, ...(body.length > MOST_ROWS ? [`The first ${MOST_ROWS} of ${body.length} rows were taken.`] : [])]
  return { rows, notes, problem: null }
}

interface Plan {
  at: number[]
  truthAt: number | null
  notes: string[]
}

function planByName(names: readonly string[], columns: readonly string[], target: string | null): Plan | string {
  const missing = columns.filter((column) => !names.includes(column))
  if (missing.length > 0) return `Columns are missing: ${listOf(missing)}.`
  const truthAt = target === null ? -1 : names.indexOf(target)
  const extra = names.filter((name, i) => i !== truthAt && !columns.includes(name))
  return {
    at: columns.map((column) => names.indexOf(column)),
    truthAt: truthAt === -1 ? null : truthAt,
    notes: extra.length === 0 ? [] : [`Left out: ${listOf(extra)}.`],
  }
}

function planByPlace(cells: number, features: number): Plan | string {
  const at = Array.from({ length: features }, (_, i) => i)
  if (cells === features) return { at, truthAt: null, notes: [] }
  if (cells === features + 1) return { at, truthAt: features, notes: ['The last column was taken for the truth.'] }
  return `A row has ${cells} cells; the model takes ${features} features.`
}

/** Cells of CSV text: comma, semicolon or tab, whichever the first line has most of; quotes as in RFC 4180. */
function csvCells(text: string): string[][] {
  const first = text.slice(0, text.search(/[\r\n]|$/))
  const separator = [',', ';', '\t'].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best), ',')
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let isQuoted = false
  const endRow = (): void => {
    row.push(cell)
    if (row.some((one) => one.trim() !== '')) rows.push(row)
    row = []
    cell = ''
  }
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i]!
    if (isQuoted) {
      if (letter !== '"') cell += letter
      else if (text[i + 1] === '"') {
        cell += letter
        i += 1
      } else isQuoted = false
    } else if (letter === '"' && cell.trim() === '') {
      cell = ''
      isQuoted = true
    } else if (letter === separator) {
      row.push(cell)
      cell = ''
    } else if (letter === '\n' || letter === '\r') endRow()
    else cell += letter
  }
  endRow()
  return rows
}
