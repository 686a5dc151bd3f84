import { openCsvSource } from './csv-source.ts'
import type { BatchFormat } from './format.ts'
import { openNdjsonSource } from './ndjson-source.ts'
import { openParquetSource } from './parquet-source.ts'
import type { RowSource } from './rows.ts'

/** Opens a file of rows. @throws Problem `data.invalid` */
export function openSource(file: string, format: BatchFormat): Promise<RowSource> {
  if (format === 'csv') return openCsvSource(file)
  return format === 'ndjson' ? openNdjsonSource(file) : openParquetSource(file)
}
