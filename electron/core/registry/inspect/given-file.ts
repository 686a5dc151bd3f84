import { statSync } from 'node:fs'
import { Problem, reportOf } from '../../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { briefReport } from '../../../../shared/rpc/dispatch.ts'

type Head = Pick<NonNullable<ResultOf<'models.inspect'>['model']>, 'ticket' | 'fileName' | 'sizeBytes' | 'problem'>

/** An uploaded file. */
export interface GivenFile {
  ticket: string
  path: string
  fileName: string
}

/** What every inspected file begins with. */
export function fileHead({ ticket, path, fileName }: GivenFile, problem: Head['problem']): Head {
  return { ticket, fileName: fileName.slice(0, 512), sizeBytes: statSync(path).size, problem }
}

/** What was thrown, as it stands beside a file. @throws what is a fault of ours */
export function refusal(thrown: unknown): NonNullable<Head['problem']> {
  if (!(thrown instanceof Problem)) throw thrown
  return briefReport(reportOf(thrown))
}
