import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Manifest } from '../../../../../shared/domain/bundle.ts'
import { artifactEntry, deploymentOf, labelledRows, sampleDeployment, sampleManifest, samples } from '../../../../harness/manifest.ts'
import { call, inferBody, startTestedGenerations, type Answer, type TestedGenerations } from '../../../../harness/local-api.ts'
import { elem, graph, model, node, value } from '../../../../harness/onnx/model.ts'

let tested: TestedGenerations
let folder: string
const rows = labelledRows('digits/holdout.csv', 300)

const echoed = [
  ['BOOL', elem.BOOL],
  ['UINT8', elem.UINT8],
  ['INT8', elem.INT8],
  ['INT32', elem.INT32],
  ['INT64', elem.INT64],
  ['FP64', elem.DOUBLE],
  ['BYTES', elem.STRING],
] as const

/** A model that gives back what it gets, one input and output per datatype. */
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
    model: 'echo',
    task: 'other',
    inputs: specs('in'),
    outputs: specs('out'),
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    artifacts: { model: artifactEntry(bytes) },
  })
  return deploymentOf('echo', manifest, path)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-echo-'))
  tested = await startTestedGenerations({ limits: { maxBodyBytes: 4 * 1024 * 1024, requestTimeoutMs: 1500 } })
  await tested.serve([sampleDeployment('reader', samples.digits110), sampleDeployment('scorer', samples.diabetes100), echoDeployment()])
})
afterAll(async () => {
  await tested.stop()
  rmSync(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> => call(`${tested.url}${path}`, { headers })
const infer = (body: unknown, path = '/v2/models/reader/infer'): Promise<Answer> => call(`${tested.url}${path}`, { method: 'POST', body })
const pixels = rows[0]!.row
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(tested.generations.address.port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part))
    socket.on('close', () => resolve(answer)).on('error', reject)
  })

describe('metadata and health', () => {
  test('say what the protocol asks for', async () => {
    const extensions = ['binary_tensor_data', 'raw_binary_request', 'request_parameters', 'statistics_prometheus']
    const metadata = {
      versions: ['1.1.0'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
      ],
    }
    const expected: [path: string, status: number, body: unknown][] = [
      ['/v2', 200, { name: 'muster-agent', version: '0.1.0', extensions }],
      ['/v2/', 200, { name: 'muster-agent', version: '0.1.0', extensions }],
      ['/v2/health/live', 200, { live: true }],
      ['/v2/health/ready', 200, { live: true, ready: true }],
      ['/v2/models', 200, { models: ['reader', 'scorer', 'echo'] }],
      ['/v2/models/reader', 200, { name: 'reader', ...metadata }],
      ['/v2/models/digits', 200, { name: 'digits', ...metadata }],
      ['/v2/models/reader/versions/1.1.0?x=1', 200, { name: 'reader', ...metadata }],
      ['/v2/models/reader/ready', 200, { name: 'reader', ready: true }],
      ['/v2/models/reader/versions/1.1.0/ready', 200, { name: 'reader', ready: true }],
      ['/v2/models/reader/versions/9', 404, { error: 'reader runs version 1.1.0; 9 is not loaded.', code: 'inference.not-found' }],
      ['/v2/models/none', 404, { error: 'There is no model "none" here; there is reader, scorer, echo.', code: 'inference.not-found' }],
      [
        '/v2/models/reader/versions//ready',
        404,
        { error: 'There is no /v2/models/reader/versions//ready here.', code: 'inference.not-found' },
      ],
      ['/v2/models/reader/versions', 404, { error: 'There is no /v2/models/reader/versions here.', code: 'inference.not-found' }],
      ['/v2/models/%ff', 404, { error: 'There is no /v2/models/%ff here.', code: 'inference.not-found' }],
      ['/', 404, { error: 'There is no / here.', code: 'inference.not-found' }],
    ]
    for (const [path, status, body] of expected)
      expect(await get(path).then((answer) => [path, answer.status, answer.body])).toEqual([path, status, body])
  })

  test('a wrong method is told which ones there are', async () => {
    const wrong = await call(`${tested.url}/v2/models/reader/infer`, { method: 'GET' })
    expect([wrong.status, wrong.headers['allow'], wrong.body]).toEqual([
      405,
      'POST',
      { error: 'GET is not possible here; POST is.', code: 'usage' },
    ])
    expect(await call(`${tested.url}/v2`, { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    expect(await call(`${tested.url}/v2`, { method: 'HEAD' })).toMatchObject({ status: 200, body: null })
  })

  test('web pages are kept out', async () => {
    const tried: [headers: Record<string, string>, status: number][] = [
      [{ Host: 'evil.test' }, 403],
      [{ Host: 'localhost.evil.test:80' }, 403],
      [{ Host: '127.0.0.1.evil.test' }, 403],
      [{ Host: '10.0.0.1' }, 403],
      [{ Origin: 'http://127.0.0.1:8321' }, 403],
      [{ Origin: 'null' }, 403],
      [{ Host: 'localhost' }, 200],
      [{ Host: 'LOCALHOST:1234' }, 200],
      [{ Host: 'localhost:' }, 200],
      [{ Host: '[::1]:8321' }, 200],
      [{ Host: '127.3.2.1:9' }, 200],
    ]
    for (const [headers, status] of tried) expect([headers, (await get('/v2', headers)).status]).toEqual([headers, status])
    expect((await get('/v2', { Host: 'evil.test' })).body).toMatchObject({ code: 'access.denied' })
  })
})

describe('inference', () => {
  test('reads digits as the hold-out set has them, in one batch and nested', async () => {
    const answer = await infer({
      id: 'batch-1',
      parameters: { anything: true },
      inputs: [{ name: 'pixels', shape: [rows.length, 64], datatype: 'FP32', parameters: {}, data: rows.map(({ row }) => row) }],
    })
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect({ ...answer.body, outputs: null }).toEqual({ model_name: 'reader', model_version: '1.1.0', id: 'batch-1', outputs: null })
    const [label, probabilities] = answer.body.outputs
    expect([label.name, label.datatype, label.shape, probabilities.shape]).toEqual(['label', 'INT64', [300], [300, 10]])
    const right = rows.filter(({ label: truth }, row) => Number(truth) === label.data[row]).length
    expect(right / rows.length).toBeGreaterThan(0.95)
  })

  test('one row: an id of its own, the label in words, and only the outputs that are wanted', async () => {
    const { body } = await infer(inferBody('pixels', [pixels], { outputs: [{ name: 'label' }] }), '/v2/models/digits/versions/1.1.0/infer')
    expect(body).toEqual({
      model_name: 'digits',
      model_version: '1.1.0',
      id: expect.stringMatching(/^[\w-]{47}$/),
      parameters: { label: rows[0]!.label, confidence: expect.closeTo(1, 1) },
      outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: [Number(rows[0]!.label)] }],
    })
  })

  test('a regression answers with its value', async () => {
    const [first] = labelledRows('diabetes/holdout.csv', 1)
    const { status, body } = await infer(inferBody('features', [first!.row]), '/v2/models/scorer/infer')
    expect([status, body.outputs]).toEqual([200, [{ name: 'value', datatype: 'FP32', shape: [1, 1], data: [expect.any(Number)] }]])
    expect(body.outputs[0].data[0]).toBeGreaterThan(25)
  })

  test('every datatype comes back as it went', async () => {
    const values: Record<string, unknown[]> = {
      BOOL: [true, false],
      UINT8: [0, 255],
      INT8: [-128, 127],
      INT32: [-2147483648, 2147483647],
      INT64: [9007199254740991, '-9223372036854775808'],
      FP64: [1e300, -0.1],
      BYTES: ['', 'grüße 💥'],
    }
    const { body } = await infer(
      { inputs: echoed.map(([datatype]) => ({ name: `in-${datatype}`, shape: [1, 2], datatype, data: values[datatype] })) },
      '/v2/models/echo/infer',
    )
    expect(body.outputs).toEqual(echoed.map(([datatype]) => ({ name: `out-${datatype}`, shape: [1, 2], datatype, data: values[datatype] })))
  })

  const input = (parts: object): object => ({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: pixels, ...parts }] })
  const text = (body: object): string => JSON.stringify(body)
  const hostile: { name: string; body: unknown; says: string; status?: number }[] = [
    { name: 'nothing', body: '', says: 'The body is empty' },
    { name: 'no JSON', body: '{"inputs": [', says: 'The body is not JSON' },
    { name: 'a list', body: [], says: 'The request' },
    { name: 'bad UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), says: 'The body is not UTF-8.' },
    { name: 'NaN as text of JSON', body: text(input({})).replace(/:\[\d/, ':[NaN'), says: 'The body is not JSON' },
    { name: 'a missing value', body: input({ data: [null, ...pixels.slice(1)] }), says: 'Feature 0 of row 0 is missing' },
    { name: 'a text "NaN"', body: input({ data: ['NaN', ...pixels.slice(1)] }), says: 'Input "pixels", value 0: "NaN" is not a number' },
    { name: 'beyond FP32', body: input({ data: [1e39, ...pixels.slice(1)] }), says: 'value 0: 1e+39 is not a number of FP32' },
    { name: 'no rows', body: input({ shape: [0, 64], data: [] }), says: 'Input "pixels" has 0 rows' },
    { name: 'wrong datatype', body: input({ datatype: 'INT32' }), says: 'Input "pixels" is of datatype FP32; INT32 came.' },
    { name: 'FP16', body: input({ datatype: 'FP16' }), says: 'FP16 has no JSON form' },
    { name: 'an unknown datatype', body: input({ datatype: 'FP8' }), says: 'datatype "FP8" is not known' },
    { name: 'a wrong shape', body: input({ shape: [64] }), says: 'takes shape [-1, 64]' },
    { name: 'a declared 10^9 elements', body: input({ shape: [1_000_000_000, 64] }), says: 'takes 64000000000 values; 64 came.' },
    { name: 'sizes that overflow', body: input({ shape: [2 ** 40, 2 ** 40] }), says: 'is no shape' },
    { name: 'a negative size', body: input({ shape: [-1, -64] }), says: 'is no shape' },
    { name: 'a broken size', body: input({ shape: [1.5, 64] }), says: 'is no shape' },
    { name: 'too few values', body: input({ data: [1, 2] }), says: 'takes 64 values; 2 came.' },
    { name: 'uneven nesting', body: input({ shape: [2, 64], data: [pixels, pixels.slice(1)] }), says: 'has 63 entries' },
    { name: 'no data', body: input({ data: undefined }), says: 'Field inputs.0.data' },
    { name: 'another input', body: input({ name: 'image' }), says: 'The model has no input "image"' },
    {
      name: 'an input twice',
      body: { inputs: [...(input({}) as { inputs: [] }).inputs, ...(input({}) as { inputs: [] }).inputs] },
      says: 'came twice',
    },
    { name: 'no inputs', body: { inputs: [] }, says: 'Field inputs' },
    { name: 'an unknown output', body: { ...input({}), outputs: [{ name: 'x' }] }, says: 'The model has no output "x"' },
    { name: 'an id that is no text', body: { ...input({}), id: 7 }, says: 'Field id' },
    { name: 'deep lists', body: `{"inputs":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, says: 'nested deeper than 32' },
    { name: 'lists without end', body: `{"inputs":[${'[],'.repeat(1_200_000)}[]]}`, says: 'more than 1000000 lists' },
    {
      name: 'keys without end',
      body: `{${Array.from({ length: 30_000 }, (_, i) => `"k${i}":0`).join(',')}}`,
      says: 'more than 20000 keys',
    },
    { name: 'a prototype', body: `{"__proto__":{"inputs":[]},"constructor":1}`, says: 'Field inputs' },
    { name: 'a large body', body: Buffer.alloc(5 * 1024 * 1024, 0x20), says: 'The body is larger than 4194304 bytes.', status: 413 },
  ]
  test('case 24: what is wrong is named, with a stable code, and the next request is answered', async () => {
    for (const { name, body, says, status } of hostile) {
      const answer = await infer(body)
      expect([name, answer.status, answer.body.code]).toEqual([
        name,
        status ?? 400,
        status === 413 ? 'input.too-large' : 'inference.bad-input',
      ])
      expect([name, answer.body.error]).toEqual([name, expect.stringContaining(says)])
      expect([name, Object.keys(answer.body)]).toEqual([name, ['error', 'code']])
      expect([name, (await infer(inferBody('pixels', [pixels]))).status]).toEqual([name, 200])
    }
  })

  test('a body that is longer than it says, or never ends, is cut at the limit', async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = httpRequest(
        `${tested.url}/v2/models/reader/infer`,
        { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } },
        (response) => {
          sent.destroy()
          resolve(response.statusCode)
        },
      )
      sent.on('error', reject)
      const chunk = Buffer.alloc(256 * 1024, 0x20)
      const pump = (): void => void (sent.destroyed || sent.write(chunk, () => setImmediate(pump)))
      pump()
    })
    expect(status).toBe(413)
  })

  test('unusual requests that HTTP allows are answered, and what it forbids is refused in the form of every other error', async () => {
    const end = 'Connection: close\r\n'
    const tried: [bytes: string, answer: RegExp][] = [
      [`GET /v2 HTTP/1.1\r\n${end}\r\n`, /^HTTP\/1.1 400 .*"error":"HTTP\/1.1 asks for one Host header; 0 came."/s],
      [`GET /v2 HTTP/1.1\r\nHost: localhost\r\nHost: a.test\r\n${end}\r\n`, /^HTTP\/1.1 400 .*one Host header; 2 came/s],
      ['GET /v2 HTTP/1.0\r\n\r\n', /^HTTP\/1.1 200 .*muster-agent/s],
      [`GET /v2 HTTP/1.1\r\nHost: localhost\r\nExpect: cake\r\n${end}\r\n`, /^HTTP\/1.1 200 .*muster-agent/s],
      [`GET http://localhost:8321/v2?x HTTP/1.1\r\nHost: localhost\r\n${end}\r\n`, /^HTTP\/1.1 200 .*muster-agent/s],
      [`GET http://evil.test/v2 HTTP/1.1\r\nHost: localhost\r\n${end}\r\n`, /^HTTP\/1.1 403 .*evil.test.* is refused/s],
    ]
    for (const [bytes, answer] of tried) expect([bytes, await raw(bytes)]).toEqual([bytes, expect.stringMatching(answer)])
  })

  test('a body that stalls, and bytes that are no HTTP, get an answer of their own', async () => {
    const slow = raw('POST /v2/models/reader/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{"inputs":')
    expect(await raw('this is no HTTP\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"inference.bad-input"/s)
    expect(await raw(`GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
    expect(await slow).toMatch(/^HTTP\/1.1 408 /)
  })

  test('null stands for a field that is left out; a byte order mark and an empty encoding change nothing', async () => {
    const url = `${tested.url}/v2/models/reader/infer`
    const body = inferBody('pixels', [pixels], { id: null, outputs: null, parameters: null })
    expect(await call(url, { body, headers: { 'Content-Encoding': 'Identity' } })).toMatchObject({
      status: 200,
      body: { outputs: [{}, {}] },
    })
    expect((await call(url, { body: `\ufeff${JSON.stringify(body)}`, headers: { 'Content-Encoding': '' } })).status).toBe(200)
  })

  test('a single value is told at the place of a single class', async () => {
    const body = inferBody('features', [labelledRows('diabetes/holdout.csv', 1)[0]!.row])
    const answer = (await infer(body, '/v2/models/scorer/infer')).body
    expect(answer.parameters).toEqual({ value: answer.outputs[0].data[0] })
  })

  test('compressed bodies are refused by name', async () => {
    const url = `${tested.url}/v2/models/reader/infer`
    expect(await call(url, { body: input({}), headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({
      status: 400,
      body: { code: 'input.invalid' },
    })
  })
})

describe('overload', () => {
  test('beyond the bound requests are answered 503 with Retry-After, and the bound is free again afterwards', async () => {
    const small = await startTestedGenerations({ limits: { maxInFlight: 2 } })
    try {
      await small.serve([sampleDeployment('reader', samples.digits110)])
      const url = `${small.url}/v2/models/reader/infer`
      const hold = Array.from({ length: 2 }, () => {
        const sent = httpRequest(url, { method: 'POST', headers: { 'Content-Length': '100' } })
        sent.on('error', () => undefined)
        sent.write('{')
        return sent
      })
      let answer: Answer
      do answer = await call(url, { body: inferBody('pixels', [pixels]) })
      while (answer.status === 200)
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { code: 'inference.overloaded' } })
      for (const sent of hold) sent.destroy()
      do answer = await call(url, { body: inferBody('pixels', [pixels]) })
      while (answer.status === 503)
      expect(answer.status).toBe(200)
    } finally {
      await small.stop()
    }
  })
})
