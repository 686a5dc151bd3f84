import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { restartDelayMs } from '../../../../agent/supervise/backoff.ts'
import { openKnownBundles } from '../../../../agent/supervise/known-bundles.ts'
import { bareEnvironment, limitedNode } from '../../../../agent/supervise/limits.ts'
import { parseFromRuntime } from '../../../../agent/supervise/parse-message.ts'
import { preflight } from '../../../../agent/supervise/preflight.ts'
import { nestedBranches } from '../../../harness/onnx/hostile-sizes.ts'
import { sampleDeployment, sampleManifest, samplePath, samples } from '../../../harness/manifest.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-parts-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('restarts are immediate at first and then wait longer, at most 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map(restartDelayMs)).toEqual([0, 0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

describe('known bundles', () => {
  const quiet = (): void => undefined
  test('outlive the process, newest last, 32 at most', () => {
    const deployments = Array.from({ length: 40 }, (_, i) => ({ ...sampleDeployment('reader', samples.digits110), digest: String(i) }))
    const first = openKnownBundles(folder, quiet)
    for (const deployment of deployments) first.add([deployment])
    first.add([deployments[20]!])
    const again = openKnownBundles(folder, quiet).all()
    expect(again.map(({ digest }) => digest)).toEqual(Array.from({ length: 32 }, (_, i) => String(i + 8)))
    expect(again[0]).toEqual({
      deployment: 'reader',
      digest: '8',
      model: 'digits',
      version: '1.1.0',
      task: 'classification',
      labels: samples.digits110.labels,
      fields: { outcome: ['label'], confidence: 'probabilities' },
    })
  })

  test('with labels beyond 4 MiB are forgotten, oldest first', () => {
    const labels = Array.from({ length: 60_000 }, (_, i) => `a long label of a class ${i}`)
    const manifest = sampleManifest(samples.digits110, { labels })
    const known = openKnownBundles(folder, quiet)
    for (const digest of ['a', 'b', 'c']) known.add([{ ...sampleDeployment('reader', samples.digits110), manifest, digest }])
    expect(known.all().map(({ digest }) => digest)).toEqual(['b', 'c'])
  })

  test('a damaged file is set aside, and a folder that cannot be written costs only a warning', () => {
    writeFileSync(join(folder, 'known-bundles.json'), '{"v":1,"bundles":[{')
    const logged: string[] = []
    const known = openKnownBundles(folder, (level, message) => logged.push(`${level}: ${message}`))
    expect([known.all(), readdirSync(folder)]).toEqual([[], ['known-bundles.json.damaged']])
    const lost = openKnownBundles(join(folder, 'none'), (level, message) => logged.push(`${level}: ${message}`))
    lost.add([sampleDeployment('reader', samples.digits110)])
    expect(lost.all().length).toBe(1)
    expect(logged).toEqual([
      'warn: the list of earlier bundles is damaged; it was set aside',
      'warn: the list of earlier bundles was not written',
    ])
  })
})

test.runIf(process.platform === 'linux')('limits hold in the process that runs', () => {
  const { execPath, execArgv } = limitedNode(process.execPath, 512 * 1024 * 1024)
  const script = `console.log(require('node:fs').readFileSync('/proc/self/limits', 'utf8')); console.log(JSON.stringify(process.env))`
  const said = execFileSync(execPath, [...execArgv, '-e', script], {
    encoding: 'utf8',
    env: bareEnvironment({ PATH: '/usr/bin', SECRET: 'x', NODE_OPTIONS: '--inspect' }),
  })
  expect(said).toMatch(/Max core file size +0 +0/)
  expect(said).toMatch(new RegExp(`Max data size +${1536 * 1024 * 1024} `))
  expect(said).toContain('{"PATH":"/usr/bin"}')
})

test('a generation can say only what the contract has', () => {
  const window = { kind: 'window', measuredAt: 1, body: {} }
  const refused: unknown[] = [
    null,
    'booted',
    {},
    { type: 'stored' },
    { type: 'loaded', extra: 1, results: 1 }.type,
    { type: 'heartbeat', rssBytes: -1 },
  ]
  for (const message of [
    ...refused,
    { type: 'records', id: 1, records: [window] },
    { type: 'drained', unsent: [{ ...window, kind: 'event' }] },
  ])
    expect(parseFromRuntime(message)).toBeNull()
  expect(parseFromRuntime({ type: 'loading', deployment: 'reader' })).toEqual({ type: 'loading', deployment: 'reader' })
})

test('preflight reads a model without the runtime, and names what cannot be read', () => {
  expect(preflight(samplePath(samples.digits110))).toMatchObject({ inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }] })
  writeFileSync(join(folder, 'zip.onnx'), 'PK\u0003\u0004 and so on')
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const [path, says] of [
    [join(folder, 'none'), 'cannot be read'],
    [folder, 'is not a file'],
    [join(folder, 'pipe'), 'is not a file'],
    [join(folder, 'zip.onnx'), 'zip archive'],
  ] as const) {
    expect(() => preflight(path)).toThrow(expect.objectContaining({ code: 'model.invalid', message: expect.stringContaining(says) }))
  }
})

test('preflight compares the memory that a set will take with the limit, and with what is free', () => {
  const MiB = 1024 * 1024
  const path = samplePath(samples.digits120)
  const { memory } = preflight(path)
  expect(memory).toEqual({ baseBytes: 96 * MiB, modelBytes: 3 * statSync(path).size + 12 * 64 })
  const check =
    (limit: number, free: number, others: string[] = []) =>
    () =>
      preflight(path, { memory: { limitBytes: limit * MiB, availableBytes: () => free * MiB, others: () => others } })
  expect(check(128, 128)).not.toThrow()
  expect(check(96, 1000)).toThrow(
    expect.objectContaining({
      code: 'model.resource-limit',
      message: expect.stringContaining('about 96.2 MiB of memory; 96.0 MiB are allowed'),
    }),
  )
  expect(check(128, 96)).toThrow(
    expect.objectContaining({ code: 'runtime.no-memory', message: expect.stringContaining('96.0 MiB are free') }),
  )
  // What serves already is loaded once more beside the candidate; a file that is not there is found out elsewhere.
  const others = Array.from({ length: 200 }, () => path)
  expect(check(128, 1000, [...others, join(folder, 'none')])).toThrow(
    expect.objectContaining({ code: 'model.resource-limit', message: expect.stringContaining('for the other models') }),
  )
  expect(check(256, 1000, others)).not.toThrow()
})

test('preflight takes the operators that this device permits', () => {
  const path = join(folder, 'if.onnx')
  writeFileSync(path, nestedBranches(1))
  expect(() => preflight(path)).toThrow(expect.objectContaining({ code: 'model.unsupported' }))
  expect(preflight(path, { allow: ['If'] }).operators).toContain('If')
})
