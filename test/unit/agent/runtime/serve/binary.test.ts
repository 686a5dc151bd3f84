import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Manifest } from '../../../../../shared/domain/bundle.ts'
import { inferBody, startTestedGenerations, type TestedGenerations } from '../../../../harness/local-api.ts'
import { artifactEntry, deploymentOf, labelledRows, sampleDeployment, sampleManifest, samples } from '../../../../harness/manifest.ts'
import { elem, graph, model, node, value } from '../../../../harness/onnx/model.ts'

let tested: TestedGenerations
const folder = mkdtempSync(join(tmpdir(), 'muster-binary-'))
const pixels = labelledRows('digits/holdout.csv', 1)[0]!

/** Little-endian bytes of two elements of each datatype, and the same elements in JSON. */
const texts = Buffer.concat([Buffer.from([0, 0, 0, 0, 7, 0, 0, 0]), Buffer.from('grüß!')])
const echoed = [
  ['BOOL', elem.BOOL, Buffer.from([1, 0]), [true, false]],
  ['UINT8', elem.UINT8, Buffer.from([0, 255]), [0, 255]],
  ['INT32', elem.INT32, Buffer.from([255, 255, 255, 255, 1, 0, 0, 0]), [-1, 1]],
  ['INT64', elem.INT64, Buffer.from(BigInt64Array.of(-(2n ** 63n), 7n).buffer), ['-9223372036854775808', 7]],
  ['FP16', elem.FLOAT16, Buffer.from([0x00, 0x38, 0x00, 0xc0]), [0.5, -2]],
  ['FP32', elem.FLOAT, Buffer.from(Float32Array.of(0.5, -2).buffer), [0.5, -2]],
  ['FP64', elem.DOUBLE, Buffer.from(Float64Array.of(1e300, -0.1).buffer), [1e300, -0.1]],
  ['BYTES', elem.STRING, texts, ['', 'grüß!']],
] as const

function echoDeployment(): ReturnType<typeof deploymentOf> {
  const bytes = model({
    graph: graph({
      nodes: echoed.map(([name]) => node({ op: 'Identity', in: [`in-${name}`], out: [`out-${name}`] })),
      inputs: echoed.map(([name, type]) => value(`in-${name}`, type, ['N', 2])),
      outputs: echoed.map(([name, type]) => value(`out-${name}`, type, ['N', 2])),
    }),
  })
  const path = join(folder, 'echo.onnx')
  writeFileSync(path, bytes)
  const specs = (side: string): unknown => echoed.map(([datatype]) => ({ name: `${side}-${datatype}`, datatype, shape: [-1, 2] }))
  const manifest: Manifest = sampleManifest(samples.diabetes100, {
    ...{ model: 'echo', task: 'other', inputs: specs('in'), outputs: specs('out') },
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    artifacts: { model: artifactEntry(bytes) },
  })
  return deploymentOf('echo', manifest, path)
}

beforeAll(async () => {
  tested = await startTestedGenerations()
  await tested.serve([sampleDeployment('reader', samples.digits110), echoDeployment()])
})
afterAll(async () => {
  await tested.stop()
  rmSync(folder, { recursive: true })
})

interface BinaryAnswer {
  status: number
  type: string | null
  // Tests look into answers of several forms.
  json: any // oxlint-disable-line typescript/no-explicit-any
  rest: Buffer
}

/** Sends JSON with bytes behind it, and splits the answer the same way. */
async function exchange(path: string, json: object | string, bytes: readonly Buffer[], length?: string): Promise<BinaryAnswer> {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  const response = await fetch(`${tested.url}/v2/models/${path}/infer`, {
    method: 'POST',
    headers: { 'Inference-Header-Content-Length': length ?? String(head.length) },
    body: Buffer.concat([head, ...bytes]),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const jsonBytes = Number(response.headers.get('inference-header-content-length') ?? body.length)
  const [text, rest] = [body.subarray(0, jsonBytes).toString(), body.subarray(jsonBytes)]
  return { status: response.status, type: response.headers.get('content-type'), json: JSON.parse(text), rest }
}

const input = (datatype: string, bytes: number, shape = [1, 2]): object => ({
  ...{ name: `in-${datatype}`, datatype, shape },
  parameters: { binary_data_size: bytes },
})

describe('the binary tensor extension', () => {
  test('every datatype comes back as it went, bytes to bytes', async () => {
    const request = { inputs: echoed.map(([name, , bytes]) => input(name, bytes.length)), parameters: { binary_data_output: true } }
    const all = echoed.map(([, , bytes]) => bytes)
    const { status, type, json, rest } = await exchange('echo', request, all)
    expect([status, type]).toEqual([200, 'application/octet-stream'])
    expect(json.outputs).toEqual(
      echoed.map(([name, , bytes]) => ({
        name: `out-${name}`,
        datatype: name,
        shape: [1, 2],
        parameters: { binary_data_size: bytes.length },
      })),
    )
    expect(rest).toEqual(Buffer.concat(all))
  })

  test('binary in and JSON out, and each output in the form that it was asked for', async () => {
    const request = { inputs: echoed.map(([name, , bytes]) => input(name, bytes.length)) }
    const all = echoed.map(([, , bytes]) => bytes)
    const json = await exchange('echo', request, all)
    expect([json.type, json.rest.length]).toEqual(['application/json', 0])
    expect(json.json.outputs.map(({ data }: { data: unknown }) => data)).toEqual(echoed.map(([, , , values]) => values))
    const outputs = [
      { name: 'out-FP32', parameters: { binary_data: false } },
      { name: 'out-FP16' },
      { name: 'out-INT32', parameters: { binary_data: true } },
    ]
    const mixed = await exchange('echo', { ...request, outputs, parameters: { binary_data_output: true } }, all)
    expect(mixed.json.outputs.map(({ name, data, parameters }: Record<string, unknown>) => [name, data, parameters])).toEqual([
      ['out-FP32', [0.5, -2], undefined],
      ['out-FP16', undefined, { binary_data_size: 4 }],
      ['out-INT32', undefined, { binary_data_size: 8 }],
    ])
    expect(mixed.rest.toString('hex')).toBe('003800c0ffffffff01000000')
  })

  test('JSON and binary give the same digits, and so do raw bytes alone', async () => {
    const bytes = Buffer.from(Float32Array.from(pixels.row).buffer)
    const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], parameters: { binary_data_size: bytes.length } }]
    // Behind headers of every length, so that the bytes are aligned and not.
    for (let padding = 0; padding < 4; padding += 1) {
      const { json } = await exchange('reader', `${' '.repeat(padding)}${JSON.stringify({ inputs })}`, [bytes])
      expect(json.parameters.label).toBe(pixels.label)
    }
    const plain = await fetch(`${tested.url}/v2/models/reader/infer`, {
      method: 'POST',
      body: JSON.stringify(inferBody('pixels', [pixels.row])),
    })
    const probabilities = Float32Array.from(((await plain.json()) as { outputs: { data: number[] }[] }).outputs[1]!.data)
    const raw = await exchange('reader', '', [bytes, bytes], '0')
    expect(raw.json.outputs.map(({ shape }: { shape: number[] }) => shape)).toEqual([[2], [2, 10]])
    expect(raw.rest.subarray(16)).toEqual(Buffer.concat([Buffer.from(probabilities.buffer), Buffer.from(probabilities.buffer)]))
  })

  const one = (parameters: object, more: object = {}): object => ({
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], parameters, ...more }],
  })
  const row = Buffer.alloc(256)
  const refused: [name: string, path: string, json: object | string, bytes: Buffer[], says: string, length?: string][] = [
    ['too few bytes', 'reader', one({ binary_data_size: 256 }), [row.subarray(8)], 'only 248 bytes of binary data are left'],
    ['a wrong number', 'reader', one({ binary_data_size: 252 }), [row.subarray(4)], 'takes 256 bytes; 252 came'],
    ['bytes of nobody', 'reader', one({ binary_data_size: 256 }), [row, row], '256 bytes of binary data belong to no input'],
    ['a size that is none', 'reader', one({ binary_data_size: -1 }), [row], 'binary_data_size is no size'],
    ['a length beyond the body', 'reader', one({}), [], 'no length within the body', '100000'],
    ['a length that is no number', 'reader', one({}), [], 'no length within the body', '1e2'],
    ['a shape of 2^60', 'reader', one({ binary_data_size: 256 }, { shape: [2 ** 30, 2 ** 30] }), [row], 'is no shape'],
    ['raw bytes that do not divide', 'reader', '', [row.subarray(2)], 'a multiple of 256 bytes; 254 came', '0'],
    ['raw bytes for many inputs', 'echo', '', [row], 'it has 8 inputs', '0'],
    ['no data at all', 'reader', one({}), [], 'Field inputs.0.data'],
    ['shared memory', 'reader', one({ shared_memory_region: 'x' }), [], 'shared_memory_region is not offered'],
    ['a BOOL of 2', 'echo', { inputs: [input('BOOL', 2)] }, [Buffer.from([2, 0])], 'a byte of BOOL is 0 or 1'],
    [
      'a text beyond the end',
      'echo',
      { inputs: [input('BYTES', 8)] },
      [Buffer.from([1, 0, 0, 0, 65, 255, 0, 0])],
      'are not 2 elements of BYTES',
    ],
    [
      'a text that is no UTF-8',
      'echo',
      { inputs: [input('BYTES', 9)] },
      [Buffer.from([1, 0, 0, 0, 255, 0, 0, 0, 0])],
      'value 0: the text is not UTF-8',
    ],
    ['texts without end', 'echo', { inputs: [input('BYTES', 4, [2 ** 31, 2])] }, [Buffer.alloc(4)], 'elements of BYTES'],
  ]
  test.each(refused)('%s is refused by name', async (...[, path, json, bytes, says, length]) => {
    const answer = await exchange(path, json, bytes, length)
    expect([answer.status, answer.json]).toEqual([400, { error: expect.stringContaining(says), code: 'inference.bad-input' }])
  })
})
