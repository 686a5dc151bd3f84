import { parquetWriteFile } from 'hyparquet-writer'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatOf } from '../../../../agent/batch/format.ts'
import { START, type Position, type RowSource } from '../../../../agent/batch/rows.ts'
import { openSource } from '../../../../agent/batch/source.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

async function read(source: RowSource, from: Position = START, size = 2) {
  const rows: unknown[] = []
  const ends: Position[] = []
  for await (const { rows: some, end } of source.chunks(from, size)) {
    rows.push(...some.map(({ values, problem }) => (problem === null ? values : problem)))
    ends.push(end)
  }
  return { rows, ends }
}

const file = (name: string, content: string): string => {
  const path = join(temporaryDirectory(), name)
  writeFileSync(path, content)
  return path
}

describe('a CSV file', () => {
  it('gives its rows, whatever ends a line, and says of one that does not fit that it is invalid', async () => {
    const source = await openSource(file('a.csv', '\ufeffa, b\r\n1,"x, ""y""\nz"\r\n2\n\n3,ü\r4,5,6\n'), 'csv')
    expect(source.columns).toEqual(['a', 'b'])
    expect((await read(source)).rows).toEqual([['1', 'x, "y"\nz'], 'data.invalid', ['3', 'ü'], 'data.invalid'])
  })

  it('goes on at any place where a chunk ended', async () => {
    const source = await openSource(file('a.csv', `a,b\n${Array.from({ length: 9 }, (_, i) => `${i},"ü\n${i}"\n`).join('')}`), 'csv')
    const { rows, ends } = await read(source)
    for (const end of ends) expect((await read(source, end)).rows).toEqual(rows.slice(end.row))
  })

  it.each([
    { name: 'an empty one', content: '' },
    { name: 'a column that is there twice', content: 'a,a\n1,2\n' },
  ])('is refused: $name', async ({ content }) => {
    await expect(openSource(file('a.csv', content), 'csv')).rejects.toMatchObject({ code: 'data.invalid' })
  })

  it('is refused where a quote never ends', async () => {
    const source = await openSource(file('a.csv', 'a,b\n1,"2\n3,4\n'), 'csv')
    await expect(read(source)).rejects.toMatchObject({ code: 'data.invalid' })
  })
})

describe('an NDJSON file', () => {
  it('gives objects and lists, passes over empty lines, and names a line that is no row', async () => {
    const source = await openSource(file('a.ndjson', '{"a":1,"b":[2]}\n\n[1,2]\nhello\n7\n{"a":null}'), 'ndjson')
    expect(source.columns).toEqual(['a', 'b'])
    const { rows, ends } = await read(source)
    expect(rows).toEqual([{ a: 1, b: [2] }, [1, 2], 'data.invalid', 'data.invalid', { a: null }])
    for (const end of ends) expect((await read(source, end)).rows).toEqual(rows.slice(end.row))
  })
})

describe('a Parquet file', () => {
  it('gives rows across row groups in chunks of one size', async () => {
    const path = join(temporaryDirectory(), 'a.parquet')
    const data = Array.from({ length: 10 }, (_, i) => i)
    parquetWriteFile({
      filename: path,
      columnData: [
        { name: 'n', data, type: 'INT32' },
        { name: 'big', data: data.map((i) => 2n ** 60n + BigInt(i)), type: 'INT64' },
        { name: 'at', data: data.map((i) => new Date(i * 1000)), type: 'TIMESTAMP' },
        { name: 'text', data: data.map((i) => (i === 3 ? null : `t${i}`)), type: 'STRING' },
      ],
      rowGroupSize: 3,
    })
    const source = await openSource(path, 'parquet')
    expect([source.columns, source.totalRows]).toEqual([['n', 'big', 'at', 'text'], 10])
    const { rows, ends } = await read(source, START, 4)
    expect(rows[3]).toEqual([3, 2n ** 60n + 3n, new Date(3000), null])
    expect(ends.map(({ row }) => row)).toEqual([4, 8, 10])
    for (const end of ends) expect((await read(source, end, 4)).rows).toEqual(rows.slice(end.row))
  })

  it('is refused if it is none', async () => {
    await expect(openSource(file('a.parquet', 'PAR1 no, it is not'), 'parquet')).rejects.toMatchObject({ code: 'data.invalid' })
  })
})

describe('the format', () => {
  it('is told by the ending, else as given', () => {
    expect([formatOf('x.CSV', undefined), formatOf('x.jsonl', 'csv'), formatOf('x.dat', 'parquet')]).toEqual(['csv', 'ndjson', 'parquet'])
    expect(() => formatOf('x.xlsx', undefined)).toThrow(expect.objectContaining({ code: 'batch.format-unknown' }))
  })
})
