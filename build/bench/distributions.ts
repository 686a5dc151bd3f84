import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { DistributionWindows, type CountedSubject } from '../../agent/runtime/distribution-windows.ts'
import type { Result } from '../../agent/runtime/prediction-cache.ts'
import { manifest as bundleManifest } from '../../shared/domain/bundle.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import { digitsRows, trainingOf, wineRows, type SampleRows } from './baseline.ts'
import { digitsDeployment } from './digits.ts'
import { quantile } from './quantile.ts'

const folder = join(import.meta.dirname, '../samples')

/** What counting values costs on a device. */
export interface DistributionCost {
  model: string
  features: number
  /** Counting one row of one request: features, outcome, confidence; ns. */
  sampleNs: number
  /** The same where outliers are asked for. */
  samplingNs: number
  /** Median of one run of the model, ns. */
  bareNs: number
  /** JSON of a closed window by the rows that it counted. */
  bytes: { rows: number; bytes: number }[]
  /** Heap and typed arrays of the counters of one deployment. */
  memoryBytes: number
}

interface CostedModel extends SampleRows {
  file: string
  labels: string[]
}

const models: readonly CostedModel[] = [
  { ...wineRows, file: 'wine/wine-1.0.0.onnx', labels: ['barolo', 'grignolino', 'barbera'] },
  { ...digitsRows, file: 'digits/digits-1.2.0.onnx', labels: Array.from({ length: 10 }, (_, i) => String(i)) },
]

/** Measures counting for 13 numeric features (wine) and 64 features of few values (digits). */
export async function benchDistributions(): Promise<DistributionCost[]> {
  const costs: DistributionCost[] = []
  for (const model of models) costs.push(await costOf(model))
  return costs
}

async function costOf(model: CostedModel): Promise<DistributionCost> {
  const counted = await countedOf(model)
  const rows = rowsOf(model)
  const [sampleNs, samplingNs] = [countingNs(counted, model, rows, false), countingNs(counted, model, rows, true)]
  return {
    ...{ model: model.folder, features: model.width, sampleNs, samplingNs, bareNs: await bareNs(model, rows) },
    bytes: [300, 3000, 30_000].map((count) => ({ rows: count, bytes: windowBytes(counted, model, rows, count) })),
    memoryBytes: memoryOf(counted, model, rows),
  }
}

async function countedOf(model: CostedModel): Promise<CountedSubject> {
  const { features, baseline } = await trainingOf(model)
  // Only names and columns are read of it.
  const { manifest } = digitsDeployment('bench')
  const schema = { input: model.input, features, target: null }
  const inputs = [{ name: model.input, datatype: 'FP32', shape: [-1, model.width] }]
  const subject = { deployment: 'bench', digest: 'd'.repeat(64), model: model.folder, version: '1.0.0' }
  return { subject, manifest: bundleManifest.parse({ ...manifest, labels: model.labels, inputs, schema }), baseline }
}

function rowsOf({ folder: name, input, width }: CostedModel): Tensor[][] {
  const lines = readFileSync(join(folder, name, 'train.csv'), 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
  return lines.map((line) => [
    { name: input, datatype: 'FP32', shape: [1, width], data: Float32Array.from(line.split(',').slice(0, width), Number) },
  ])
}

function resultsOf({ labels }: CostedModel): Result[] {
  return labels.map((label, index): Result => {
    const outcomes: Result['outcomes'] = [{ kind: 'class', index, label, confidence: 0.5 + 0.4 * (index / labels.length) }]
    return { outputs: [], outcomes, rows: 1, isFinite: true, findings: new Map() }
  })
}

/** Counts so many rows, one per request. */
function countRows(
  windows: DistributionWindows,
  counted: CountedSubject,
  model: CostedModel,
  of: { rows: Tensor[][]; count: number; isAsked: boolean },
): void {
  const results = resultsOf(model)
  const at = { now: Date.now(), isAsked: of.isAsked }
  for (let i = 0; i < of.count; i += 1) windows.count(counted, of.rows[i % of.rows.length]!, results[i % results.length]!, at)
}

const clock = { now: (): number => Date.now(), monotonic: (): number => performance.now() }
const opened = (): DistributionWindows => new DistributionWindows(clock, { seconds: 3600, masks: {} })

function countingNs(counted: CountedSubject, model: CostedModel, rows: Tensor[][], isAsked: boolean): number {
  const windows = opened()
  const count = 50_000
  countRows(windows, counted, model, { rows, count, isAsked })
  const times = Array.from({ length: 9 }, () => {
    const startedAt = performance.now()
    countRows(windows, counted, model, { rows, count, isAsked })
    return ((performance.now() - startedAt) / count) * 1e6
  })
  return quantile(times, 0.5)
}

async function bareNs({ file, input, width }: CostedModel, rows: Tensor[][]): Promise<number> {
  const session = await InferenceSession.create(readFileSync(join(folder, file)), { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const names = [...session.outputNames]
  const times: number[] = []
  for (let i = 0; i < 3000; i += 1) {
    const data = rows[i % rows.length]![0]!.data as Float32Array
    const startedAt = performance.now()
    await session.run({ [input]: new OrtTensor('float32', data, [1, width]) }, names)
    times.push((performance.now() - startedAt) * 1e6)
  }
  return quantile(times.slice(300), 0.5)
}

function windowBytes(counted: CountedSubject, model: CostedModel, rows: Tensor[][], count: number): number {
  const windows = opened()
  countRows(windows, counted, model, { rows, count, isAsked: false })
  return windows.takeAll().reduce((sum, { body }) => sum + Buffer.byteLength(JSON.stringify(body)), 0)
}

/** The difference of many, as one is lost among what else the heap does. */
function memoryOf(counted: CountedSubject, model: CostedModel, rows: Tensor[][]): number {
  const many = 200
  // What is garbage is no memory of the counters.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = held()
  const kept = Array.from({ length: many }, () => {
    const windows = opened()
    countRows(windows, counted, model, { rows, count: 1, isAsked: false })
    return windows
  })
  const bytes = (held() - before) / kept.length
  return Math.max(0, Math.round(bytes))
}
