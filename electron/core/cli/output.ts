import { Problem, problemFrom, reportOf } from '../../../shared/domain/problem.ts'
import { isProblemCode } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'

/** What a terminal obeys instead of showing it: control characters, ANSI escapes among them, and turns of the writing direction. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
/** Those that `JSON.stringify` leaves as they are; the line breaks of its own layout stay. */
const obeyedInJson = /[\u007f-\u009f\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Prints a value as one JSON document, for programs; to a terminal it is as harmless as a line. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2).replace(obeyedInJson, escaped)}\n`)
}

/** Prints a value as one line of JSON: one of many that follow each other. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value).replace(obeyedInJson, escaped)}\n`)
}

/** A line for people. What devices and files brought along cannot move the cursor, colour the terminal or pretend to be a line of ours. */
export function printLine(text: string): void {
  process.stdout.write(`${plain(text)}\n`)
}

/** Text on one line; whatever a terminal would obey becomes visible. */
export function plain(text: string): string {
  return text.replace(obeyed, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A time of any clock: those of devices may lie beyond what a date can say. */
export function timeText(epochMs: number): string {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? `${epochMs} ms after 1970` : date.toISOString()
}

/** A cell of a table is cut here: one long text of a device must not push all columns apart. */
const MAX_CELL = 160

function cellOf(value: string | number | null): string {
  if (value === null) return '–'
  const text = plain(String(value))
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text
}

/** A table with aligned columns; numbers stand right. */
export function printTable(header: string[], rows: (string | number | null)[][]): void {
  const cells = rows.map((row) => row.map(cellOf))
  const widths = header.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)))
  const isNumeric = header.map((_, i) => rows.length > 0 && rows.every((row) => row[i] === null || typeof row[i] === 'number'))
  const line = (row: string[]): string =>
    row
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  for (const row of [header, widths.map((width) => '─'.repeat(width)), ...cells]) process.stdout.write(`${line(row)}\n`)
}

/** Prints a failure and returns the exit code: with `--json` the report on standard output, else a line on standard error. */
export function printProblem(program: string, thrown: unknown, asJson: boolean): number {
  const report = reportOf(thrown)
  if (asJson) printJson({ error: report })
  else {
    process.stderr.write(`${program}: ${report.code}: ${indented(report.message)}\n`)
    if (report.hint !== undefined) process.stderr.write(`  ${indented(report.hint)}\n`)
  }
  return exitCodeOf(report.code)
}

/** Messages of libraries have several lines; a further one never begins where ours do. */
function indented(text: string): string {
  return text.split('\n').map(plain).join('\n  ')
}

/** The exit code that belongs to a problem code. */
export function exitCodeOf(code: string): number {
  return isProblemCode(code) ? problems[code].exit : problems.internal.exit
}

/** The problem of a job that failed or was cancelled. */
export function jobProblem(job: { state: string; problem: { code: string; message: string; hint?: string | undefined } | null }): Problem {
  if (job.problem === null) return new Problem('cancelled', 'The work was cancelled.')
  const { code, message, hint } = job.problem
  return problemFrom(hint === undefined ? { code, message } : { code, message, hint })
}
