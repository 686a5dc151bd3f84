import { runtimeConfig } from '../../../../shared/protocol/assignment.ts'
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import { windowBody } from '../../../../shared/protocol/telemetry.ts'
import type { RuntimeDeployment } from '../../../../agent/runtime/messages.ts'
import {
  artifactEntry,
  deploymentOf,
  goldenDeployment,
  labelledRows,
  sampleDeployment,
  sampleManifest,
  samples,
} from '../../../harness/manifest.ts'
import { call, inferBody, startTestedGenerations, until, type TestedGenerations } from '../../../harness/local-api.ts'
import { attribute, elem, graph, localFunction, model, node, opset, tensor, value } from '../../../harness/onnx/model.ts'

let tested: TestedGenerations
let folder: string
const rows = labelledRows('digits/holdout.csv', 20)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-faults-'))
})
afterEach(async () => {
  await tested.stop()
  rmSync(folder, { recursive: true })
})

const never = new AbortController().signal
const readDigit = async (model = 'reader'): Promise<unknown> => {
  const answer = await call(`${tested.url}/v2/models/${model}/infer`, { body: inferBody('pixels', [rows[0]!.row]) })
  return answer.status === 200 ? [answer.body.model_version, answer.body.parameters.label] : answer.body
}
/** The processes of generations that are children of this one. */
const children = (): number[] =>
  spawnSync('pgrep', ['-P', String(process.pid), '-f', 'runtime/main.ts'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number)

function customDeployment(name: string, bytes: Uint8Array, input: { name: string; datatype: string; shape: number[] }): RuntimeDeployment {
  const path = join(folder, `${name}.onnx`)
  writeFileSync(path, bytes)
  const manifest = sampleManifest(samples.diabetes100, {
    model: name,
    task: 'other',
    inputs: [input],
    outputs: [{ name: 'y', datatype: 'INT64', shape: [] }],
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    artifacts: { model: artifactEntry(bytes) },
  })
  return deploymentOf(name, manifest, path)
}

/** Counts up to its input `n`; with a constant, up to that. */
function loopModel(constant: number | null): Uint8Array {
  const body = graph({
    name: 'body',
    nodes: [node({ op: 'Identity', in: ['c'], out: ['c2'] }), node({ op: 'Identity', in: ['i'], out: ['v2'] })],
    inputs: [value('i', elem.INT64, []), value('c', elem.BOOL, []), value('v', elem.INT64, [])],
    outputs: [value('c2', elem.BOOL, []), value('v2', elem.INT64, [])],
  })
  const one = tensor({ name: 'on', type: elem.BOOL, dims: [], raw: Uint8Array.of(1) })
  const zero = tensor({ name: 'zero', type: elem.INT64, dims: [], raw: new Uint8Array(8) })
  const trips = tensor({ name: 'trips', type: elem.INT64, dims: [], raw: new Uint8Array(BigInt64Array.of(BigInt(constant ?? 0)).buffer) })
  return model({
    graph: graph({
      nodes: [
        node({
          op: 'Loop',
          in: [constant === null ? 'n' : 'trips', 'on', 'zero'],
          out: ['y'],
          attributes: [attribute.graph('body', body)],
        }),
      ],
      inputs: [value('n', elem.INT64, [])],
      outputs: [value('y', elem.INT64, [])],
      initializers: [one, zero, trips],
    }),
  })
}

/** A chain of local functions that overflows the stack of onnxruntime when it is loaded. */
function crashingModel(): Uint8Array {
  const depth = 20_000
  const functions = Array.from({ length: depth }, (_, i) =>
    localFunction({
      name: `f${i}`,
      nodes: [
        i + 1 === depth
          ? node({ op: 'Identity', in: ['x'], out: ['y'] })
          : node({ op: `f${i + 1}`, domain: 'local', in: ['x'], out: ['y'] }),
      ],
    }),
  )
  return model({
    opsets: [opset('', 17), opset('local', 1)],
    functions,
    graph: graph({
      nodes: [node({ op: 'f0', domain: 'local', in: ['n'], out: ['y'] })],
      inputs: [value('n', elem.INT64, [])],
      outputs: [value('y', elem.INT64, [])],
    }),
  })
}
const scalar = { name: 'n', datatype: 'INT64', shape: [] }

describe('a candidate that fails', () => {
  test('case 22: answers differently than on the console: the old generation goes on', async () => {
    tested = await startTestedGenerations()
    const golden = { directory: folder, rows: rows.slice(0, 8).map(({ row }) => row), answersFrom: samples.digits120 }
    const good = await goldenDeployment('reader', samples.digits120, golden)
    const bad = await goldenDeployment('reader', samples.digitsRegressed, golden)
    const first = await tested.generations.prepare([good], never)
    expect(first.results).toEqual([
      { deployment: 'reader', digest: good.digest, problem: null, cases: 8, medianMs: expect.any(Number), memoryBytes: expect.any(Number) },
    ])
    await first.promote()
    const second = await tested.generations.prepare([bad], never)
    const [result] = second.results
    expect(result).toMatchObject({ deployment: 'reader', problem: { code: 'probe.golden-mismatch' }, cases: 0, medianMs: null })
    expect(result!.problem!.message).toMatch(/^Golden case \d: output "(label|probabilities)", value \d+, is .+; .+ was expected\.$/)
    await expect(second.promote()).rejects.toMatchObject({ code: 'probe.golden-mismatch' })
    await second.discard()
    expect(await readDigit()).toEqual(['1.2.0', rows[0]!.label])
    expect(tested.generations.serving()).toEqual([good])
    expect([tested.crashes, children().length]).toEqual([[], 1])
  })

  test('files that are damaged, missing, or not what the bundle says', async () => {
    tested = await startTestedGenerations()
    const sound = sampleDeployment('reader', samples.digits110)
    const flipped = Buffer.from(readFileSync(sound.modelPath))
    flipped[9000]! ^= 1
    writeFileSync(join(folder, 'flipped.onnx'), flipped)
    const noise = Buffer.alloc(4000, 7)
    const set = [
      { ...sound, deployment: 'flipped', modelPath: join(folder, 'flipped.onnx') },
      { ...sound, deployment: 'missing', modelPath: join(folder, 'missing.onnx') },
      customDeployment('noise', noise, scalar),
      deploymentOf(
        'inputs',
        sampleManifest(samples.digits110, { inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 64] }] }),
        sound.modelPath,
      ),
      sound,
    ]
    const prepared = await tested.generations.prepare(set, never)
    expect(prepared.results.map(({ deployment, problem }) => [deployment, problem?.code ?? null])).toEqual([
      ['flipped', 'probe.load-failed'],
      ['missing', 'probe.load-failed'],
      ['noise', 'probe.load-failed'],
      ['inputs', 'probe.load-failed'],
      ['reader', null],
    ])
    expect(prepared.results[0]!.problem!.message).toContain('is not the artifact')
    expect(prepared.results[3]!.problem!.message).toContain('declares input "image"')
    await prepared.discard()
  })

  test('case 17: a file that crashes onnxruntime takes only its process, and only it is blamed', async () => {
    tested = await startTestedGenerations()
    const reader = sampleDeployment('reader', samples.digits110)
    await tested.serve([reader])
    const prepared = await tested.generations.prepare(
      [reader, customDeployment('bomb', crashingModel(), scalar), sampleDeployment('later', samples.digits120)],
      never,
    )
    expect(prepared.results.map(({ deployment, problem }) => [deployment, problem?.code ?? null])).toEqual([
      ['reader', null],
      ['bomb', 'probe.load-failed'],
      ['later', 'runtime.not-ready'],
    ])
    await expect(prepared.promote()).rejects.toMatchObject({ code: 'probe.load-failed' })
    expect(await readDigit()).toEqual(['1.1.0', rows[0]!.label])
    expect([tested.crashes, children().length]).toEqual([[], 1])
  })

  test('case 18: a model that never ends its first run misses the deadline; a cancelled change ends its process', async () => {
    tested = await startTestedGenerations({ deadlines: { probeMs: 4000 } })
    const endless = customDeployment('endless', loopModel(2 ** 52), scalar)
    const prepared = await tested.generations.prepare([endless], never)
    expect(prepared.results[0]!.problem).toMatchObject({
      code: 'probe.timeout',
      message: 'endless was not loaded and probed within 4 s.',
    })
    const cancel = new AbortController()
    const cancelled = tested.generations.prepare([endless], cancel.signal)
    cancel.abort()
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    expect(children()).toEqual([])
  })
})

describe('a serving generation that fails', () => {
  test('is killed: the same set serves again, the caller is told, waiting connections are answered', async () => {
    tested = await startTestedGenerations()
    const reader = sampleDeployment('reader', samples.digits110)
    await tested.serve([reader])
    for (const crash of [1, 2, 3]) {
      expect(await readDigit()).toEqual(['1.1.0', rows[0]!.label])
      process.kill(children()[0]!, 'SIGKILL')
      await until(() => tested.crashes.length === crash, 'the crash is told')
      // Nothing serves at this moment: this connection waits for the new process.
      expect(await readDigit()).toEqual(['1.1.0', rows[0]!.label])
    }
    expect(tested.crashes.map(({ serving, reason, deployments }) => [serving, reason, deployments])).toEqual(
      Array.from({ length: 3 }, () => [true, 'it was ended by SIGKILL', [reader]]),
    )
    expect(new Set(tested.crashes.map(({ generation }) => generation)).size).toBe(3)
  })

  test('runs an inference without end: it is found silent, and those who came meanwhile are answered by the next', async () => {
    tested = await startTestedGenerations({ deadlines: { silenceMs: 2000 } })
    await tested.serve([sampleDeployment('reader', samples.digits110), customDeployment('loop', loopModel(null), scalar)])
    const run = (n: number) =>
      call(`${tested.url}/v2/models/loop/infer`, { body: { inputs: [{ name: 'n', shape: [], datatype: 'INT64', data: [n] }] } })
    expect((await run(10)).body.outputs).toEqual([{ name: 'y', datatype: 'INT64', shape: [], data: [9] }])
    const endless = run(2 ** 52).catch((error: { code: string }) => error.code)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await readDigit()).toEqual(['1.1.0', rows[0]!.label])
    expect(await endless).toBe('ECONNRESET')
    expect(tested.crashes).toMatchObject([{ serving: true, reason: 'it was silent for 2 s' }])
  })

  test('grows beyond its memory', async () => {
    tested = await startTestedGenerations({ memoryBytes: 16 * 1024 * 1024 })
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    await until(() => tested.crashes.length > 0, 'it is ended')
    expect(tested.crashes[0]).toMatchObject({ serving: true, reason: expect.stringMatching(/^it holds \d+ MiB; 16 MiB are allowed$/) })
  })

  test('case 19: a model asks for more memory than there is: that request fails, the next is answered', async () => {
    tested = await startTestedGenerations()
    const bytes = model({
      graph: graph({
        nodes: [
          node({ op: 'ConstantOfShape', in: ['n'], out: ['wide'] }),
          node({ op: 'ReduceSum', in: ['wide'], out: ['sum'], attributes: [attribute.int('keepdims', 0)] }),
          node({ op: 'Cast', in: ['sum'], out: ['y'], attributes: [attribute.int('to', elem.INT64)] }),
        ],
        inputs: [value('n', elem.INT64, [1])],
        outputs: [value('y', elem.INT64, [])],
      }),
    })
    await tested.serve([customDeployment('wide', bytes, { name: 'n', datatype: 'INT64', shape: [1] })])
    const run = (n: number) =>
      call(`${tested.url}/v2/models/wide/infer`, { body: { inputs: [{ name: 'n', shape: [1], datatype: 'INT64', data: [n] }] } })
    expect(await run(4_000_000_000)).toMatchObject({ status: 500, body: { code: 'inference.failed' } })
    expect(await run(1000)).toMatchObject({ status: 200, body: { outputs: [{ data: [0] }] } })
    expect(tested.crashes).toEqual([])
  })
})

describe('the listener', () => {
  test('says that a port is in use', async () => {
    tested = await startTestedGenerations()
    const { port } = tested.generations.address
    await expect(startTestedGenerations({ http: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'port.in-use',
      message: `Port ${port} on 127.0.0.1 is in use by another program.`,
    })
    await expect(startTestedGenerations({ http: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('answers 503 at once while no model was ever there, and says that it lives', async () => {
    tested = await startTestedGenerations()
    expect(await readDigit()).toEqual({ error: 'No model is ready on this device.', code: 'runtime.not-ready' })
    expect(await call(`${tested.url}/v2/health/live`)).toMatchObject({ status: 200, body: { live: true } })
    expect(await call(`${tested.url}/v2/health/ready`)).toMatchObject({ status: 503, body: { live: true, ready: false } })
    expect((await call(`${tested.url}/v2`, { headers: { Origin: 'http://evil.test' } })).status).toBe(403)
    await tested.serve([])
    expect(await call(`${tested.url}/v2/health/ready`)).toMatchObject({ status: 200 })
    expect(await readDigit()).toMatchObject({ code: 'inference.not-found' })
  })
})

describe('records', () => {
  test('that the spool refuses are offered again, from a generation that is gone too', async () => {
    tested = await startTestedGenerations({ config: runtimeConfig.parse({ windowSeconds: 1, samplesPerWindow: 2 }) })
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    tested.refuseWith.problem = new Problem('store.disk-full', 'No space.')
    for (let i = 0; i < 5; i += 1) await readDigit()
    await tested.serve([sampleDeployment('reader', samples.digits120)])
    await readDigit()
    await until(() => children().length === 1, 'the first generation is gone')
    expect(tested.records).toEqual([])
    tested.refuseWith.problem = null
    await tested.generations.stop()
    const counts = new Map<string, number>()
    for (const { kind, body } of tested.records) {
      if (kind !== 'window') continue
      const { version, requests } = windowBody.parse(body)
      counts.set(version, (counts.get(version) ?? 0) + requests)
    }
    expect([...counts]).toEqual(
      expect.arrayContaining([
        ['1.1.0', 5],
        ['1.2.0', 1],
      ]),
    )
    expect(tested.records.filter(({ kind }) => kind === 'sample').length).toBeGreaterThan(0)
  })

  test('stopping leaves no process and no port behind', async () => {
    tested = await startTestedGenerations()
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    await readDigit()
    await until(() => tested.generations.usage().rssBytes > 0, 'a heartbeat came')
    expect(tested.generations.usage().cpuMicros).toBeGreaterThan(0)
    await tested.generations.stop()
    expect(children()).toEqual([])
    await new Promise<void>((resolve, reject) => {
      const server = createServer().on('error', reject)
      server.listen(tested.generations.address.port, '127.0.0.1', () => server.close(() => resolve()))
    })
    await expect(tested.generations.prepare([], never)).rejects.toMatchObject({ code: 'cancelled' })
    expect(tested.records.map(({ kind }) => kind)).toEqual(['window', 'distribution'])
  })
})
