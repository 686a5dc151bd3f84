import { extname } from 'node:path'
import { Problem } from '../../shared/domain/problem.ts'

/** Forms of rows that a batch reads and writes. */
export const batchFormats = ['csv', 'ndjson', 'parquet'] as const
export type BatchFormat = (typeof batchFormats)[number]

const endings: Record<string, BatchFormat> = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson', '.parquet': 'parquet' }

/** The format of a file by its ending, or as it was given. @throws Problem `batch.format-unknown` */
export function formatOf(file: string, given: string | undefined): BatchFormat {
  const byName = endings[extname(file).toLowerCase()]
  if (byName !== undefined) return byName
  const named = batchFormats.find((format) => format === given)
  if (named !== undefined) return named
  throw new Problem('batch.format-unknown', `${file} does not say by its ending which format it has.`)
}
