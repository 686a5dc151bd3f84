import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import { reportDocument, reportValue, type ReportDocument } from '../../../shared/domain/report/document.ts'

/** Rows that are checked at once: a table of a large fleet has a hundred thousand values. */
const ROWS_AT_ONCE = 2000
const someRows = z.array(z.array(reportValue))

/** Refuses a document that no console could read again: it must not be signed. @throws Problem `report.invalid` */
export async function checkDocument(document: ReportDocument): Promise<void> {
  const tables = document.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'table' ? [block] : [])))
  for (const { rows } of tables)
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      check(someRows, rows.slice(at, at + ROWS_AT_ONCE))
      await setImmediate()
    }
  const sections = document.sections.map((section) => ({
    ...section,
    blocks: section.blocks.map((block) => (block.kind === 'table' ? { ...block, rows: [] } : block)),
  }))
  check(reportDocument, { ...document, sections })
}

function check(schema: z.ZodType, value: unknown): void {
  const { error } = schema.safeParse(value)
  if (error === undefined) return
  const [issue] = error.issues
  throw new Problem('report.invalid', `The report cannot be written: ${issue?.path.join('.')} ${issue?.message}`)
}
