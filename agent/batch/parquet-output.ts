import { fileWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from 'hyparquet-writer'
import fs, { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { AnswerColumns, RowAnswer } from './answer-columns.ts'
import { jsonValue } from './write-rows.ts'
import { inOrder, START, type ColumnType, type RowSource } from './rows.ts'

/** Rows of one row group of an output: what is in memory at a time. */
const GROUP_ROWS = 20_000

/**
 * Joins the rows of a source with the staged answers to a Parquet file, group by group. It needs no model: after a kill it is done again
 * from its begin, with the same bytes.
 */
export async function joinParquet(
  to: string,
  source: RowSource,
  answers: { file: string; columns: AnswerColumns['columns'] },
): Promise<void> {
  const types = source.columns.map((column) => source.typeOf(column))
  const known = types.includes(null) ? await guessTypes(source) : (types as ColumnType[])
  const added = answers.columns
  const writer = fileWriter(to)
  const columnData = (rows: readonly unknown[][]): ColumnSource[] => [
    ...source.columns.map((name, i) =>
      column(
        name,
        known[i]!,
        rows.map((row) => row[i]),
      ),
    ),
    ...added.map(({ name, type }, i) =>
      column(
        name,
        type,
        rows.map((row) => row[source.columns.length + i]),
      ),
    ),
  ]
  const parquet = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: columnData([]) }), createdBy: 'muster-agent' })
  const lines = createInterface({ input: createReadStream(answers.file), crlfDelay: Infinity })[Symbol.asyncIterator]()
  for await (const { rows } of source.chunks(START, GROUP_ROWS)) {
    const joined: unknown[][] = []
    for (const row of rows)
      joined.push([...inOrder(row, source.columns), ...(JSON.parse((await lines.next()).value as string) as RowAnswer)])
    await parquet.write({ columnData: columnData(joined), rowGroupSize: GROUP_ROWS })
  }
  await parquet.finish()
  const fd = fs.openSync(to, 'r+')
  fs.fsyncSync(fd)
  fs.closeSync(fd)
}

/** Columns of texts are numbers where every value reads as one. */
async function guessTypes(source: RowSource): Promise<ColumnType[]> {
  const seen = source.columns.map(() => ({ isNumber: true, isBoolean: true, isText: true }))
  for await (const { rows } of source.chunks(START, GROUP_ROWS)) {
    for (const row of rows) {
      for (const [i, value] of inOrder(row, source.columns).entries()) {
        if (value === null || value === undefined || value === '') continue
        const column = seen[i]!
        column.isBoolean &&= typeof value === 'boolean'
        column.isNumber &&=
          typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
        column.isText &&= typeof value === 'string' || typeof value === 'number'
      }
    }
  }
  return seen.map(({ isNumber, isBoolean, isText }) => {
    if (isNumber && !isBoolean) return 'DOUBLE'
    if (isBoolean && !isNumber) return 'BOOLEAN'
    // A column without any value is one of texts.
    return isText ? 'STRING' : 'JSON'
  })
}

function column(name: string, type: ColumnType | 'STRING' | 'DOUBLE' | 'JSON', values: readonly unknown[]): ColumnSource {
  const basic = type === 'DATE' ? 'TIMESTAMP' : type
  return { name, type: basic, nullable: true, data: values.map((value) => stored(type, value)) }
}

/** A value as the writer takes it for a type. */
function stored(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined || value === '') return type === 'STRING' && value === '' ? '' : null
  switch (type) {
    case 'STRING':
      return typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value, jsonValue)
    case 'DOUBLE':
    case 'FLOAT':
    case 'INT32':
      return Number(value)
    case 'INT64':
      return BigInt(value as number)
    case 'JSON':
      return JSON.parse(JSON.stringify(value, jsonValue)) as unknown
    case 'BOOLEAN':
    case 'TIMESTAMP':
    case 'DATE':
      return value
  }
}
