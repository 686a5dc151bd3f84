import { Problem } from '../problem.ts'
import type { ProblemCode } from '../problems.ts'

/** The characters of a query that something is said of: from the first to behind the last. */
export interface QueryRange {
  from: number
  to: number
}

/** What is wrong with a query, and where: an editor marks the place. */
export class QueryProblem extends Problem {
  readonly range: QueryRange

  constructor(code: Extract<ProblemCode, `query.${string}`>, message: string, range: QueryRange) {
    super(code, message)
    this.range = range
  }
}
