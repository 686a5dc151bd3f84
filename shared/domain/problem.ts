import { problems, type ProblemCode } from './problems.ts'

/** What crosses a process edge when something fails: a stable code, a sentence, and what to do next. */
export interface ProblemReport {
  code: string
  message: string
  hint?: string
}

/** The one error class of the product. `code` is stable and listed in `problems.ts`; `message` says what happened and what was kept. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly hint: string | undefined

  constructor(code: ProblemCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.hint = options.hint ?? problems[code].hint
  }

  /** The plain form for a wire, a log or `--json`. */
  toReport(): ProblemReport {
    return this.hint === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, hint: this.hint }
  }
}

/** Any thrown value as a report; what is not a `Problem` becomes `internal`. */
export function reportOf(thrown: unknown): ProblemReport {
  if (thrown instanceof Problem) return thrown.toReport()
  return { code: 'internal', message: messageOf(thrown), hint: problems.internal.hint }
}

/** The message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The `code` of a Node system error or SQLite error, or `undefined`. */
export function errorCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** True if `code` is one that this version knows. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code)
}

/** Restores a `Problem` that crossed a wire; an unknown code is kept in the message. */
export function problemFrom(report: ProblemReport): Problem {
  const options = report.hint === undefined ? {} : { hint: report.hint }
  if (isProblemCode(report.code)) return new Problem(report.code, report.message, options)
  return new Problem('internal', `${report.code}: ${report.message}`, options)
}
