import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DistributionWindows, type CountedSubject } from '../../../../agent/runtime/distribution-windows.ts'
import type { UnspooledRecord } from '../../../../agent/runtime/messages.ts'
import { openFeatureRows } from '../../../../electron/core/registry/feature-rows.ts'
import type { TabularInput } from '../../../../electron/core/registry/describe.ts'
import { readTrainingData } from '../../../../electron/core/registry/training-data.ts'
import type { Baseline, Datatype, Manifest } from '../../../../shared/domain/bundle.ts'
import type { RawColumn } from '../../../../shared/domain/pipeline.ts'
import type { RowOutcome } from '../../../../shared/inference/outcome.ts'
import { tensorFromPlain, type Tensor } from '../../../../shared/inference/tensor.ts'
import { batchLimits, distributionBody, type DistributionBody } from '../../../../shared/protocol/telemetry.ts'
import { referenceCounts } from '../../../../shared/stats/reference/feature-window.ts'
import { monitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import { unpackDistribution } from '../../../../shared/stats/reference/distribution.ts'
import { sampleManifest, samples } from '../../../harness/manifest.ts'

const folder = mkdtempSync(join(tmpdir(), 'distributions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

class FakeClock {
  wall = Date.UTC(2026, 0, 1, 12, 1, 0)
  now = (): number => this.wall
  monotonic = (): number => this.wall
}

const subject = { deployment: 'place', digest: 'a'.repeat(64), model: 'm', version: '1.0.0' }
const sampleFile = (name: string): string => join(import.meta.dirname, '../../../../build/samples', name)
const bodies = (records: readonly UnspooledRecord[]): DistributionBody[] => records.map(({ body }) => distributionBody.parse(body))
const result = (outcomes: RowOutcome[] | null, rows = outcomes?.length ?? 1) => ({
  outputs: [],
  outcomes,
  rows,
  isFinite: true,
  findings: new Map(),
})
const values = (count: number): RowOutcome[] => Array.from({ length: count }, (_, value) => ({ kind: 'value', value }))

/** A bundle whose baseline the console made of a CSV file, and the very rows as a client sends them. */
async function trained(path: string, tabular: TabularInput, target: string | null, manifest: Partial<Manifest>) {
  const data = await readTrainingData({ path, tabular, target, signal: new AbortController().signal })
  const schema = { input: tabular.name, features: data.features, target: data.target }
  const counted: CountedSubject = {
    subject,
    baseline: data.baseline,
    manifest: { ...sampleManifest(samples.diabetes100, { schema }), ...manifest },
  }
  const rows: (string | number)[][] = []
  const file = await openFeatureRows(path, tabular, {
    what: 'rows',
    width: tabular.width,
    features: tabular.columns?.map(({ name }) => name) ?? null,
    target,
  })
  for await (const row of file.rows) rows.push(row.values)
  file.close()
  return { counted, rows, baseline: data.baseline }
}

/** Counts all rows, a few per request, and says the bins of each feature beside those of the reference. */
function binned(
  of: { counted: CountedSubject; rows: readonly unknown[][]; baseline: Baseline },
  tensors: (rows: readonly unknown[][]) => Tensor[],
) {
  const windows = new DistributionWindows(new FakeClock(), { seconds: 300, masks: {} })
  for (let i = 0; i < of.rows.length; i += 7) {
    const some = of.rows.slice(i, i + 7)
    windows.count(of.counted, tensors(some), result(values(some.length)), { now: Date.UTC(2026, 0, 1, 12, 1), isAsked: false })
  }
  const [body] = bodies(windows.takeAll())
  const references = monitoredReferences(of.counted.manifest, of.baseline)
  const { rows, features } = unpackDistribution(body!, references)
  return {
    rows,
    counted: [...features].map(([name, counts]) => [name, counts.bins, counts.missing]),
    trained: references.features.map((feature) => [feature.name, referenceCounts(feature), feature.missing]),
  }
}

describe('windows of distributions', () => {
  test.each([
    { file: 'wine/train.csv', width: 13, target: 'cultivar' },
    { file: 'digits/train.csv', width: 64, target: null },
    { file: 'diabetes/train.csv', width: 10, target: null },
    { file: 'wine/stream-drifted.csv', width: 13, target: 'cultivar' },
  ])('the device puts the rows of $file into the bins into which the console put them', async ({ file, width, target }) => {
    const tabular: TabularInput = { name: 'x', datatype: 'FP32', width, columns: null }
    const of = await trained(sampleFile(file), tabular, target, {})
    const found = binned(of, (rows) => [
      tensorFromPlain(
        'x',
        'FP32',
        [rows.length, width],
        rows.flat().map((v) => (Number.isNaN(v) ? null : v)),
      ),
    ])
    expect(found.rows).toBe(of.rows.length)
    expect(found.counted).toEqual(found.trained)
  })

  test.each<{ datatype: Datatype }>([{ datatype: 'FP16' }, { datatype: 'INT64' }, { datatype: 'UINT8' }, { datatype: 'FP64' }])(
    'numbers of $datatype fall into the bins of the console',
    async ({ datatype }) => {
      const path = join(folder, `${datatype}.csv`)
      const isWhole = datatype === 'INT64' || datatype === 'UINT8'
      const cell = (i: number): string => String(isWhole ? (i * 37) % 251 : ((i * 37) % 251) / 7)
      writeFileSync(path, `a,b\n${Array.from({ length: 300 }, (_, i) => `${cell(i)},${i % 3}`).join('\n')}\n`)
      const of = await trained(path, { name: 'x', datatype, width: 2, columns: null }, null, {})
      const found = binned(of, (rows) => [tensorFromPlain('x', datatype, [rows.length, 2], rows.flat())])
      expect(found.counted).toEqual(found.trained)
    },
  )

  test('columns of texts, booleans and numbers fall into the bins of the console, empty ones as missing', async () => {
    const columns: RawColumn[] = [
      { name: 'colour', type: 'text', missing: 'pass' },
      { name: 'open', type: 'boolean' },
      { name: 'speed', type: 'number', missing: { fill: 0 } },
    ]
    const path = join(folder, 'columns.csv')
    const colours = ['red', 'green', '', 'blue', 'red']
    const lines = Array.from({ length: 200 }, (_, i) => `${colours[i % 5]},${i % 2 === 0},${i % 9 === 0 ? '' : i / 3}`)
    writeFileSync(path, `colour,open,speed\n${lines.join('\n')}\n`)
    const preprocessing = { v: 2, kind: 'columns', columns, steps: [] } as unknown as Manifest['preprocessing']
    const of = await trained(path, { name: 'x', datatype: 'FP64', width: 3, columns }, null, { preprocessing })
    const column = (rows: readonly unknown[][], at: number): unknown[] => rows.map((row) => (Number.isNaN(row[at]) ? null : row[at]))
    const found = binned(of, (rows) => [
      tensorFromPlain('colour', 'BYTES', [rows.length, 1], column(rows, 0)),
      tensorFromPlain('open', 'BOOL', [rows.length], column(rows, 1)),
      tensorFromPlain('speed', 'FP64', [rows.length, 1], column(rows, 2)),
    ])
    expect(found.counted).toEqual(found.trained)
  })

  test('are aligned to UTC; what comes after the end belongs to the next; refused ones come again, merged', async () => {
    const of = await wine()
    const clock = new FakeClock()
    const windows = new DistributionWindows(clock, { seconds: 300, masks: {} })
    const count = (): boolean => windows.count(of.counted, wineRow(of.rows[0]!), result(values(1)), { now: clock.now(), isAsked: false })
    count()
    expect(windows.takeClosed()).toEqual([])
    clock.wall += 300_000
    count()
    const first = windows.takeClosed()
    expect(spans(first)).toEqual([['12:00:00', 300, 1]])
    clock.wall += 300_000
    windows.refused(first)
    const again = windows.takeClosed()
    expect(spans(again)).toEqual([
      ['12:00:00', 300, 1],
      ['12:05:00', 300, 1],
    ])
    windows.stored(again)
    windows.refused(again)
    // A clock that was set back: another window, and nothing is lost.
    count()
    clock.wall -= 3_600_000
    count()
    expect(spans(windows.takeAll())).toEqual([
      ['12:10:00', 300, 1],
      ['11:10:00', 300, 1],
    ])
    expect(windows.takeAll()).toEqual([])
  })

  test('a spool that refuses for a day costs resolution, and not one row; another length ends the open windows', async () => {
    const of = await wine()
    const clock = new FakeClock()
    const windows = new DistributionWindows(clock, { seconds: 300, masks: {} })
    for (let i = 0; i < 288; i += 1) {
      windows.count(of.counted, wineRow(of.rows[i % 100]!), result(values(1)), { now: clock.now(), isAsked: false })
      clock.wall += 300_000
      windows.refused(windows.takeClosed())
    }
    windows.count(of.counted, wineRow(of.rows[0]!), result(values(1)), { now: clock.now(), isAsked: false })
    windows.setRules({ seconds: 60, masks: {} })
    const kept = bodies(windows.takeClosed())
    expect(kept.length).toBeLessThanOrEqual(26)
    expect(kept.reduce((sum, { rows }) => sum + rows, 0)).toBe(289)
    windows.setRules({ seconds: 0, masks: {} })
    windows.count(of.counted, wineRow(of.rows[0]!), result(values(1)), { now: clock.now(), isAsked: false })
    expect(windows.takeAll()).toEqual([])
  })

  test('outcomes, confidence and the estimate without labels: two classes by the second, several by the first of each row', async () => {
    const { baseline } = await wine()
    const reference = (accuracy: number) => ({
      ...{ rows: 100, from: 'holdout' as const, accuracy: { rows: 100, right: accuracy } },
      outcome: {
        kind: 'categorical' as const,
        name: 'outcome',
        categories: [
          ['a', 60],
          ['b', 40],
        ] as [string, number][],
        other: 0,
        missing: 0,
      },
      confidence: { ...baseline.features.find((one) => one.kind === 'numeric')!, name: 'confidence' },
      calibrator: { v: 1 as const, scores: [0, 1], probabilities: [0.1, 0.9] },
    })
    const outcomes: RowOutcome[] = [
      { kind: 'class', index: 1, label: 'b', confidence: 0.75 },
      { kind: 'class', index: 0, label: 'a', confidence: 1 },
      { kind: 'class', index: -1, label: 'c', confidence: null },
    ]
    const estimated = (labels: string[]) => {
      const manifest = { ...sampleManifest(samples.wine100), labels }
      const windows = new DistributionWindows(new FakeClock(), { seconds: 300, masks: {} })
      const counted = { subject, manifest, baseline: { ...baseline, features: [], outcomes: reference(90) } }
      windows.count(counted, [], result(outcomes), { now: Date.UTC(2026, 0, 1, 12, 1), isAsked: false })
      windows.count(counted, [], result(null, 2), { now: Date.UTC(2026, 0, 1, 12, 1), isAsked: false })
      const [body] = bodies(windows.takeAll())
      return { body: body!, ...unpackDistribution(body!, monitoredReferences(manifest, counted.baseline)) }
    }
    const two = estimated(['a', 'b'])
    // Calibrated: 0.75 -> 0.7, 1 - 1 -> 0.1.
    expect(two.estimate).toMatchObject({ rows: 2 })
    for (const [name, value] of [
      ['tp', 0.7],
      ['fp', 0.3],
      ['fn', 0.1],
      ['tn', 0.9],
    ] as const)
      expect(two.estimate![name]).toBeCloseTo(value, 12)
    expect(two.outcome).toMatchObject({ bins: [1, 1, 0, 1], missing: 2 })
    expect(two.confidence).toMatchObject({ missing: 3 })
    expect(two.rows).toBe(5)
    const three = estimated(['a', 'b', 'c'])
    // 0.75 -> 0.7, 1 -> 0.9.
    for (const [name, value] of [
      ['tp', 1.6],
      ['fp', 0.4],
      ['fn', 0],
      ['tn', 0],
    ] as const)
      expect(three.estimate![name]).toBeCloseTo(value, 12)
  })

  test('without rows of reference classes and confidence are counted all the same, and nothing is estimated', () => {
    const windows = new DistributionWindows(new FakeClock(), { seconds: 300, masks: {} })
    const counted = { subject, manifest: sampleManifest(samples.wine100), baseline: null }
    const answer = result([{ kind: 'class', index: 0, label: 'barolo', confidence: 0.9 }])
    windows.count(counted, [], answer, { now: Date.UTC(2026, 0, 1, 12, 1), isAsked: false })
    expect(bodies(windows.takeAll())).toMatchObject([
      { rows: 1, features: [], omitted: 0, outcome: { kind: 'categorical' }, estimate: null },
    ])
  })

  test('more features than a record holds: the first 256 are counted, in records that fit into a batch and add up', () => {
    const names = Array.from({ length: 300 }, (_, i) => `${'long-'.repeat(40)}${i}`)
    const edges = Array.from({ length: 99 }, (_, i) => i)
    const numeric = { kind: 'numeric' as const, edges, counts: edges.map(() => 10).concat(10), missing: 0, infinite: 0 }
    const spread = { min: -1, max: 101, mean: 50, standardDeviation: 30 }
    const features = names.map((name) => ({ ...numeric, ...spread, name }))
    const schema = { input: 'x', features: names.map((name) => ({ name, min: null, max: null })), target: null }
    const counted = {
      subject,
      manifest: sampleManifest(samples.diabetes100, { schema }),
      baseline: { v: 1 as const, rows: 1000, features },
    }
    const windows = new DistributionWindows(new FakeClock(), { seconds: 300, masks: {} })
    for (let i = 0; i < 20; i += 1) {
      const data = Float32Array.from({ length: 300 * 100 }, (_, at) => ((at * 7919 + i) % 1000) / 9.7)
      windows.count(counted, [{ name: 'x', datatype: 'FP32', shape: [100, 300], data }], result(values(100)), {
        ...{ now: Date.UTC(2026, 0, 1, 12, 1), isAsked: false },
      })
    }
    const records = windows.takeAll()
    const parts = bodies(records)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.every((part) => JSON.stringify(part).length < batchLimits.bytes - 1024 && part.omitted === 44)).toBe(true)
    expect(parts.flatMap((part) => part.features.map(({ name }) => name))).toEqual(names.slice(0, 256))
    expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(2000)
    windows.refused(records)
    expect(bodies(windows.takeAll())).toEqual(parts)
  })

  test('an answer says whether a value was outside what training had', async () => {
    const of = await wine()
    const windows = new DistributionWindows(new FakeClock(), { seconds: 300, masks: {} })
    const now = Date.UTC(2026, 0, 1, 12, 1)
    const isStrange = (row: readonly number[]): boolean =>
      windows.count(of.counted, wineRow(row), result(values(1)), { now, isAsked: true })
    expect(isStrange(of.rows[0] as number[])).toBe(false)
    expect(isStrange([99, ...(of.rows[0] as number[]).slice(1)])).toBe(true)
    expect(isStrange(of.rows[1] as number[])).toBe(false)
  })
})

const wine = () => trained(sampleFile('wine/train.csv'), { name: 'x', datatype: 'FP32', width: 13, columns: null }, 'cultivar', {})
const wineRow = (row: readonly unknown[]): Tensor[] => [tensorFromPlain('x', 'FP32', [1, 13], row)]
const spans = (records: readonly UnspooledRecord[]) =>
  bodies(records).map(({ startedAt, endedAt, rows }) => [
    new Date(startedAt).toISOString().slice(11, 19),
    (endedAt - startedAt) / 1000,
    rows,
  ])
