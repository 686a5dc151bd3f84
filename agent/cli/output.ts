import { messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { problems } from '../../shared/domain/problems.ts'

/** Removes what could steer a terminal: names and messages come from other machines. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
}

/** Writes a result: the value as JSON, or the lines for a person. */
export function printResult(asJson: boolean, value: unknown, lines: readonly string[]): void {
  process.stdout.write(asJson ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${plain(line)}\n`).join(''))
}

/** Tells a person something while a command goes on; what a program reads is on standard output. */
export function printNotice(text: string): void {
  process.stderr.write(
    text
      .split('\n')
      .map((line) => `${plain(line)}\n`)
      .join(''),
  )
}

/** Writes a failure: a line `muster-agent: code: message` with a hint on stderr, or with `--json` the report on stdout. @returns the exit code of its kind */
export function printProblem(error: unknown, asJson: boolean): number {
  const told = reportOf(error)
  // The hints of the shared codes name the flag of the console.
  const report = told.hint === undefined ? told : { ...told, hint: told.hint.replaceAll('--data', '--dir') }
  if (asJson) process.stdout.write(`${JSON.stringify({ error: report }, null, 2)}\n`)
  else {
    process.stderr.write(`muster-agent: ${report.code}: ${plain(report.message)}\n`)
    if (report.hint !== undefined) process.stderr.write(`  ${plain(report.hint)}\n`)
  }
  if (!(error instanceof Problem)) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`)
  return error instanceof Problem ? problems[error.code].exit : problems.internal.exit
}
