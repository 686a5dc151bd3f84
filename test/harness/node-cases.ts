import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { preflight } from '../../agent/supervise/preflight.ts'
import { manifest as manifestSchema, type Datatype } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { numberFromHalf } from '../../shared/inference/half.ts'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { artifactEntry, deploymentOf } from './manifest.ts'

/** A tensor of a test vector: raw little-endian bytes in a file. */
export interface VectorTensor {
  name: string
  datatype: Datatype
  shape: number[]
  file: string
}

/** A test of one operator, as the package onnx has it. */
export interface NodeCase {
  name: string
  model: string
  rtol: number
  atol: number
  sets: { in: VectorTensor[]; out: VectorTensor[] }[]
}

export interface NodeCases {
  total: number
  chosen: number
  /** Cases that have no form in the protocol, by reason. */
  leftOut: Record<string, number>
  cases: NodeCase[]
}

/** Exports the vectors. @param count 0: all */
export async function exportNodeCases(python: string, folder: string, count: number): Promise<NodeCases> {
  const { stdout } = await promisify(execFile)(python, ['test/interop/export_node_cases.py', folder, String(count)], {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 120_000,
  })
  return JSON.parse(stdout) as NodeCases
}

/** The model of a case as a deployment. @throws Problem of the preflight */
export function nodeDeployment(of: Pick<NodeCase, 'model'>, name: string): RuntimeDeployment {
  const { inputs, outputs } = preflight(of.model)
  const found = manifestSchema.safeParse({
    ...{ v: 1, model: 'node', version: '1.0.0', task: 'other', labels: [], inputs, outputs },
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    preprocessing: { v: 1, steps: [] },
    onnx: { irVersion: 8, opsets: {}, operators: [], producer: '', metadata: {} },
    metrics: {},
    artifacts: { model: artifactEntry(readFileSync(of.model)) },
  })
  if (!found.success) throw new Problem('model.unsupported', found.error.issues[0]!.message)
  return deploymentOf(name, found.data, of.model)
}

/** Asks the local API with binary tensors. @returns the bytes of each output, or why there is no answer */
export async function inferBinary(
  url: string,
  deployment: string,
  inputs: readonly VectorTensor[],
): Promise<Map<string, { datatype: string; shape: number[]; bytes: Buffer }> | string> {
  const data = inputs.map(({ file }) => readFileSync(file))
  const header = {
    inputs: inputs.map(({ name, datatype, shape }, i) => ({ name, datatype, shape, parameters: { binary_data_size: data[i]!.length } })),
    parameters: { binary_data_output: true },
  }
  const json = Buffer.from(JSON.stringify(header))
  const response = await fetch(`${url}/v2/models/${deployment}/infer`, {
    method: 'POST',
    headers: { 'inference-header-content-length': String(json.length) },
    body: Buffer.concat([json, ...data]),
  })
  const body = Buffer.from(await response.arrayBuffer())
  if (!response.ok) return `${response.status} ${body.toString().slice(0, 200)}`
  const length = Number(response.headers.get('inference-header-content-length') ?? body.length)
  const answer = JSON.parse(body.subarray(0, length).toString()) as {
    outputs: { name: string; datatype: string; shape: number[]; parameters: { binary_data_size: number } }[]
  }
  let at = length
  return new Map(
    answer.outputs.map(({ name, datatype, shape, parameters }) => {
      const bytes = body.subarray(at, (at += parameters.binary_data_size))
      return [name, { datatype, shape, bytes }]
    }),
  )
}

/** Compares an output with its vector as numpy's `assert_allclose` does, NaN equal to NaN. @returns what differs, or null */
export function differenceOf(
  of: { name: string; rtol: number; atol: number },
  expected: VectorTensor,
  got: { datatype: string; shape: number[]; bytes: Buffer } | undefined,
): string | null {
  if (got === undefined) return `no output ${expected.name}`
  if (got.datatype !== expected.datatype) return `${expected.name} is ${got.datatype}, not ${expected.datatype}`
  if (got.shape.join() !== expected.shape.join()) return `${expected.name} has shape [${got.shape.join()}], not [${expected.shape.join()}]`
  const wanted = readFileSync(expected.file)
  if (expected.datatype === 'BYTES') return wanted.equals(got.bytes) ? null : `${expected.name} has other texts`
  const [a, b] = [numbers(got.bytes, expected.datatype), numbers(wanted, expected.datatype)]
  for (let i = 0; i < b.length; i += 1) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue
    if (typeof a[i] === 'number' && typeof b[i] === 'number') {
      if (Number.isNaN(a[i]) && Number.isNaN(b[i])) continue
      if (Math.abs((a[i] as number) - (b[i] as number)) <= of.atol + of.rtol * Math.abs(b[i] as number)) continue
    }
    return `${expected.name}[${i}] is ${String(a[i])}, not ${String(b[i])}`
  }
  return null
}

const readers: Record<Exclude<Datatype, 'BYTES'>, [size: number, read: (buffer: Buffer, at: number) => number | bigint]> = {
  BOOL: [1, (buffer, at) => buffer.readUInt8(at)],
  UINT8: [1, (buffer, at) => buffer.readUInt8(at)],
  UINT16: [2, (buffer, at) => buffer.readUInt16LE(at)],
  UINT32: [4, (buffer, at) => buffer.readUInt32LE(at)],
  UINT64: [8, (buffer, at) => buffer.readBigUInt64LE(at)],
  INT8: [1, (buffer, at) => buffer.readInt8(at)],
  INT16: [2, (buffer, at) => buffer.readInt16LE(at)],
  INT32: [4, (buffer, at) => buffer.readInt32LE(at)],
  INT64: [8, (buffer, at) => buffer.readBigInt64LE(at)],
  FP16: [2, (buffer, at) => numberFromHalf(buffer.readUInt16LE(at))],
  FP32: [4, (buffer, at) => buffer.readFloatLE(at)],
  FP64: [8, (buffer, at) => buffer.readDoubleLE(at)],
}

function numbers(bytes: Buffer, datatype: Exclude<Datatype, 'BYTES'>): (number | bigint)[] {
  const [size, read] = readers[datatype]
  return Array.from({ length: bytes.length / size }, (_, i) => read(bytes, i * size))
}
