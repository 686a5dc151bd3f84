import { servingRules } from '../../shared/protocol/assignment.ts'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { blockBytes } from '../../shared/protocol/block.ts'
import { manifest as manifestSchema, type GoldenSet, type Manifest } from '../../shared/domain/bundle.ts'

/** A model of build/samples with what its bundle would say. */
interface Sample {
  model: string
  version: string
  folder: string
  task: Manifest['task']
  labels: string[]
  input: string
  features: number
  outputs: Manifest['outputs']
  outcome: Manifest['outcome']
}

const classifier = { label: 'label', probabilities: 'probabilities', value: null }
const classOutputs = (classes: number): Manifest['outputs'] => [
  { name: 'label', datatype: 'INT64', shape: [-1] },
  { name: 'probabilities', datatype: 'FP32', shape: [-1, classes] },
]

/** The sample models that tests serve. */
export const samples = {
  digits100: digits('1.0.0'),
  digits110: digits('1.1.0'),
  digits120: digits('1.2.0'),
  digitsRegressed: digits('1.3.0-regressed'),
  wine100: {
    model: 'wine',
    version: '1.0.0',
    folder: 'wine',
    task: 'classification',
    labels: ['barolo', 'grignolino', 'barbera'],
    input: 'sensors',
    features: 13,
    outputs: classOutputs(3),
    outcome: classifier,
  },
  diabetes100: {
    model: 'diabetes',
    version: '1.0.0',
    folder: 'diabetes',
    task: 'regression',
    labels: [],
    input: 'features',
    features: 10,
    outputs: [{ name: 'value', datatype: 'FP32', shape: [-1, 1] }],
    outcome: { label: null, probabilities: null, value: 'value' },
  },
} satisfies Record<string, Sample>

function digits(version: string): Sample {
  const labels = Array.from({ length: 10 }, (_, digit) => String(digit))
  return {
    model: 'digits',
    version,
    folder: 'digits',
    task: 'classification',
    labels,
    input: 'pixels',
    features: 64,
    outputs: classOutputs(10),
    outcome: classifier,
  }
}

/** Where the ONNX file of a sample is. */
export function samplePath(of: Sample): string {
  return join(import.meta.dirname, `../../build/samples/${of.folder}/${of.model}-${of.version}.onnx`)
}

/** The manifest of a sample; `parts` replaces or adds to it. */
export function sampleManifest(of: Sample, parts: Partial<Record<keyof Manifest, unknown>> = {}): Manifest {
  return manifestSchema.parse({
    v: 1,
    model: of.model,
    version: of.version,
    task: of.task,
    labels: of.labels,
    inputs: [{ name: of.input, datatype: 'FP32', shape: [-1, of.features] }],
    outputs: of.outputs,
    outcome: of.outcome,
    schema: { input: of.input, features: [], target: null },
    preprocessing: { v: 1, steps: [] },
    onnx: { irVersion: 8, opsets: {}, operators: [], producer: '', metadata: {} },
    metrics: {},
    artifacts: { model: artifactEntry(readFileSync(samplePath(of))) },
    ...parts,
  })
}

/** An artifact entry in blocks of the largest size. */
export function artifactEntry(bytes: Uint8Array): unknown {
  const hash = (part: Uint8Array): string => createHash('sha256').update(part).digest('hex')
  const blocks = Array.from({ length: Math.ceil(bytes.length / blockBytes.max) }, (_, i) => {
    const part = bytes.subarray(i * blockBytes.max, (i + 1) * blockBytes.max)
    return [part.length, hash(part)]
  })
  return { sha256: hash(bytes), sizeBytes: bytes.length, encoding: 'identity', blocks }
}

/** A deployment of a manifest; its digest is the hash of the manifest. */
export function deploymentOf(name: string, manifest: Manifest, modelPath: string, goldenPath: string | null = null): RuntimeDeployment {
  const digest = createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
  return {
    ...{ deployment: name, digest, manifest, modelPath, goldenPath, baselinePath: null, isCandidate: true },
    ...{ role: { kind: 'active' }, serving: servingRules.parse({}), latencyBudgetMs: null },
  }
}

/** A sample as a deployment, without golden set. */
export function sampleDeployment(name: string, of: Sample): RuntimeDeployment {
  return deploymentOf(name, sampleManifest(of), samplePath(of))
}

/** A sample as a deployment with a golden set, written to `directory`, whose outputs come from the model at `answersFrom`. */
export async function goldenDeployment(
  name: string,
  of: Sample,
  golden: { directory: string; rows: number[][]; answersFrom: Sample },
): Promise<RuntimeDeployment> {
  const bytes = Buffer.from(JSON.stringify(await goldenSetOf(golden.answersFrom, golden.rows)))
  const path = join(golden.directory, `golden-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.json`)
  writeFileSync(path, bytes)
  const artifacts = { model: artifactEntry(readFileSync(samplePath(of))), golden: artifactEntry(bytes) }
  return deploymentOf(name, sampleManifest(of, { artifacts }), samplePath(of), path)
}

async function goldenSetOf(of: Sample, rows: number[][]): Promise<GoldenSet> {
  const session = await InferenceSession.create(readFileSync(samplePath(of)))
  const cases = []
  for (const row of rows) {
    const outputs = await session.run({ [of.input]: new OrtTensor('float32', Float32Array.from(row), [1, of.features]) })
    cases.push({
      inputs: [{ name: of.input, datatype: 'FP32' as const, shape: [1, of.features], data: row }],
      outputs: of.outputs.map(({ name, datatype }) => ({
        name,
        datatype,
        shape: [...outputs[name]!.dims],
        data: Array.from(outputs[name]!.data as ArrayLike<number | bigint>, Number),
      })),
    })
  }
  return { v: 1, tolerance: { absolute: 1e-4, relative: 1e-3 }, cases }
}

/** Rows of a CSV of build/samples without a target column. */
export function sampleRows(file: string, limit: number): number[][] {
  return readLines(file, limit).map((line) => line.split(',').map(Number))
}

/** Rows of a CSV of build/samples whose last column is the target. */
export function labelledRows(file: string, limit: number): { row: number[]; label: string }[] {
  return readLines(file, limit).map((line) => {
    const cells = line.split(',')
    return { row: cells.slice(0, -1).map(Number), label: cells.at(-1)! }
  })
}

function readLines(file: string, limit: number): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../build/samples', file), 'utf8')
  return text
    .trimEnd()
    .split(/\r?\n/)
    .slice(1, limit + 1)
}
