import { Problem, problemFrom, reportOf } from '../../../shared/domain/problem.ts'
import { isProblemCode } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'

/** Prints a value as one JSON document, for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** A line for people. What devices and files brought along cannot move the cursor or colour the terminal. */
export function printLine(text: string): void {
  process.stdout.write(`${plain(text)}\n`)
}

/** Control characters, ANSI escapes and turns of the writing direction among them, become visible. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (c) =>
    c === '\n' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A table with aligned columns; numbers stand right. */
export function printTable(header: string[], rows: (string | number | null)[][]): void {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '–' : plain(String(cell)))))
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
    process.stderr.write(`${program}: ${report.code}: ${plain(report.message)}\n`)
    if (report.hint !== undefined) process.stderr.write(`  ${plain(report.hint)}\n`)
  }
  return exitCodeOf(report.code)
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
