import type { ReportStatement } from './document.ts'

/** What a reader of any format is told about where a report comes from, so that it can be checked. */
export interface ReportSeal {
  statement: ReportStatement
  keyId: string
  /** The signature over the statement, base64. */
  signature: string
}

/** The seal as rows of a table. */
export function sealRows({ statement, keyId, signature }: ReportSeal): [label: string, value: string][] {
  return [
    ['Report', String(statement.report)],
    ['Values', String(statement.facts)],
    ['Data hash (SHA-256)', statement.dataHash],
    ['Document hash (SHA-256)', statement.documentHash],
    ['Signed with key', keyId],
    ['Signature (Ed25519)', signature],
  ]
}
