import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runBatch, type BatchOptions } from '../../agent/batch/batch.ts'
import { formatOf } from '../../agent/batch/format.ts'
import { runAgentCommand } from '../harness/agent-process.ts'
import { startBatchAgent, type BatchAgent } from '../harness/batch-agent.ts'
import { until } from '../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../harness/manifest.ts'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'

let directory: string
let agent: BatchAgent
const rows = labelledRows('digits/holdout.csv', 300)

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-batch-'))
  agent = await startBatchAgent(directory, sampleDeployment('reader', samples.digits120))
})
afterAll(async () => {
  await agent.stop()
  rmSync(directory, { recursive: true, force: true })
})

const at = (name: string): string => join(directory, name)
const pixels = Array.from({ length: 64 }, (_, i) => `p${i}`)
const command = (input: string, output: string, ...more: string[]): string[] => [
  ...['batch', '--model', 'reader', '--input', at(input), '--output', at(output), '--json', '--columns', pixels.join(','), ...more],
]

/** The same without a process of its own. */
const batch = (input: string, output: string, change: Partial<BatchOptions> = {}) =>
  runBatch({
    ...{ directory, model: 'reader', columns: pixels, outputs: [], prefix: 'prediction_', rowsPerRequest: 256, workers: 2 },
    input: { file: at(input), format: formatOf(input, undefined) },
    output: { file: at(output), format: formatOf(output, undefined) },
    ...{ isStrict: false, isRestart: false, signal: new AbortController().signal, monotonic: () => performance.now() },
    ...{ onBegin: () => undefined, onProgress: () => undefined, say: () => undefined },
    ...change,
  })

/** `count` rows of digits as CSV, with the true label in a column that the model does not read. */
function writeCsv(name: string, count: number): void {
  const lines = Array.from({ length: count }, (_, i) => `${i},${rows[i % rows.length]!.row.join(',')},${rows[i % rows.length]!.label}`)
  writeFileSync(at(name), `id,${pixels.join(',')},label\n${lines.join('\n')}\n`)
}

describe('a batch', () => {
  test('adds label and confidence to every row, and gives each bad row its code', async () => {
    writeCsv('good.csv', 300)
    const lines = readFileSync(at('good.csv'), 'utf8').split('\n')
    lines[5] = lines[5]!.replace(/^\d+,[^,]*,/, '4,many,')
    lines[9] = '8,1,2,3'
    writeFileSync(at('mixed.csv'), lines.join('\n'))
    const ran = await runAgentCommand(directory, command('mixed.csv', 'mixed.out.csv'))
    expect(ran.stderr).toMatch(/^100 % {2}300 rows, \d+ rows\/s\n$/)
    expect(JSON.parse(ran.stdout)).toMatchObject({ deployment: 'reader', version: '1.2.0', rows: 300, failedRows: 2, resumedAt: 0 })
    const out = readFileSync(at('mixed.out.csv'), 'utf8')
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','))
    expect(out[0]!.slice(-4)).toEqual(['label', 'prediction_label', 'prediction_confidence', 'prediction_error'])
    expect(out[5]!.slice(-3)).toEqual(['', '', 'data.schema-mismatch'])
    expect(out[9]!.slice(-3)).toEqual(['', '', 'data.invalid'])
    const right = out.slice(1).filter((cells) => cells.at(-4) === cells.at(-3)).length
    expect(right).toBeGreaterThan(270)
    expect(existsSync(at('mixed.out.csv.partial')) || existsSync(at('mixed.out.csv.progress.json'))).toBe(false)
    await expect(batch('mixed.csv', 'strict.csv', { isStrict: true })).rejects.toMatchObject({
      code: 'data.invalid',
      message: expect.stringContaining('Row 5') as string,
    })
  })

  test('gives the same answers from every format in every format', async () => {
    writeCsv('all.csv', 100)
    for (const output of ['all.ndjson', 'all.parquet']) await batch('all.csv', output, { outputs: 'all' })
    const fromCsv = await readAll('all.ndjson')
    expect(fromCsv[0]).toMatchObject({ id: '0', prediction_error: null })
    expect(fromCsv.filter((row, i) => row['prediction_label'] === rows[i]!.label).length).toBeGreaterThan(90)
    expect((fromCsv[0]!['prediction_probabilities'] as number[]).length).toBe(10)
    const parquet = await readAll('all.parquet')
    expect(parquet).toHaveLength(100)
    expect(parquet[0]).toMatchObject({ id: 0, p0: rows[0]!.row[0], prediction_probabilities: fromCsv[0]!['prediction_probabilities'] })
    const again = { prefix: 'again_' }
    await batch('all.parquet', 'again.parquet', again)
    await batch('all.ndjson', 'again.ndjson', again)
    await batch('all.parquet', 'again.csv', again)
    for (const name of ['again.parquet', 'again.ndjson']) {
      for (const row of await readAll(name))
        expect([row['again_label'], row['again_confidence']]).toEqual([row['prediction_label'], row['prediction_confidence']])
    }
  })

  test('killed at any moment, the same command goes on, and its output is the one of a batch that was not', async () => {
    writeCsv('long.csv', 12_000)
    await batch('long.csv', 'whole.csv', { rowsPerRequest: 64 })
    let kills = 0
    for (;;) {
      // Row by row: 12,000 requests take longer on any machine than the second after which progress is durable.
      const { child, exited, said } = start('long.csv', 'killed.csv', 1)
      if (kills < 3) {
        const before = progressRows('killed.csv')
        await until(() => child.exitCode !== null || progressRows('killed.csv') > before, 'the batch to get on')
        child.kill('SIGKILL')
        kills += 1
      }
      const [code] = await exited
      if (code === null) continue
      expect(code).toBe(0)
      expect((JSON.parse(said()) as { resumedAt: number }).resumedAt).toBeGreaterThan(0)
      break
    }
    expect(readFileSync(at('killed.csv')).equals(readFileSync(at('whole.csv')))).toBe(true)
  }, 60_000)

  test('stopped with Ctrl-C it says how to go on; with another input it does not', async () => {
    writeCsv('stop.csv', 12_000)
    const { child, exited, said } = start('stop.csv', 'stop.out.csv', 1)
    await until(() => existsSync(at('stop.out.csv.partial')), 'the batch to begin')
    child.kill('SIGINT')
    expect((await exited)[0]).toBe(1)
    expect(said()).toContain('The same command goes on from there.')
    writeCsv('stop.csv', 12_001)
    await expect(batch('stop.csv', 'stop.out.csv', { rowsPerRequest: 1 })).rejects.toMatchObject({ code: 'batch.input-changed' })
    expect(await batch('stop.csv', 'stop.out.csv', { isRestart: true })).toMatchObject({ rows: 12_001, resumedAt: 0 })
  }, 60_000)

  test.each<{ name: string; input: string; change: Partial<BatchOptions>; code: string }>([
    { name: 'a model that is not there', input: 'good.csv', change: { model: 'nobody' }, code: 'inference.not-found' },
    { name: 'a file that is not there', input: 'nowhere.csv', change: {}, code: 'data.invalid' },
    { name: 'a column that is not there', input: 'good.csv', change: { columns: ['x'] }, code: 'data.schema-mismatch' },
    { name: 'an output that the model has not', input: 'good.csv', change: { outputs: ['x'] }, code: 'usage' },
    { name: 'an agent that is not there', input: 'good.csv', change: { directory: '/nowhere' }, code: 'agent.unreachable' },
  ])('refuses $name', async ({ input, change, code }) => {
    writeCsv('good.csv', 10)
    await expect(batch(input, 'refused.csv', change)).rejects.toMatchObject({ code })
  })
})

/** The command as a process that a test may end. */
function start(input: string, output: string, rowsPerRequest: number) {
  const words = command(input, output, '--rows', String(rowsPerRequest), '--dir', directory)
  const child = spawn(process.execPath, ['agent/cli.ts', ...words], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (part: Buffer) => (text += part.toString()))
  return { child, exited: once(child, 'close') as Promise<[number | null]>, said: () => text }
}

function progressRows(output: string): number {
  try {
    return (JSON.parse(readFileSync(at(`${output}.progress.json`), 'utf8')) as { rows: number }).rows
  } catch {
    return 0
  }
}

async function readAll(name: string): Promise<Record<string, unknown>[]> {
  const bytes = readFileSync(at(name))
  if (name.endsWith('.ndjson'))
    return bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) })
}
