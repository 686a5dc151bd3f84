import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProbeResult, RuntimeDeployment } from '../../../../agent/runtime/messages.ts'
import { preflight } from '../../../../agent/supervise/preflight.ts'
import { bubblewrapFault } from '../../../../agent/supervise/sandbox.ts'
import { inspectOnnxFile } from '../../../../electron/core/registry/inspect-onnx.ts'
import { reportOf } from '../../../../shared/domain/problem.ts'
import { call, inferBody, startTestedGenerations, type TestedGenerations } from '../../../harness/local-api.ts'
import {
  artifactEntry,
  deploymentOf,
  labelledRows,
  sampleDeployment,
  sampleManifest,
  samplePath,
  samples,
} from '../../../harness/manifest.ts'
import { endlessLoop, loopByInput, nanAlways, renamed, workByInput } from '../../../harness/onnx/greedy-runs.ts'
import { hostileFiles } from '../../../harness/onnx/hostile.ts'
import { greedyFiles } from '../../../harness/onnx/hostile-sizes.ts'
import { byConstant, byInitializer, bySparse, SECRET } from '../../../harness/onnx/thieves.ts'

/** Which of the two enclosures; the weaker one is what most machines without bubblewrap have. */
const enclosures = bubblewrapFault() === null ? (['sandbox', 'limits'] as const) : (['limits'] as const)
const FLIPS = 300
const BATCH = 40
const never = new AbortController().signal
const [{ row, label } = { row: [], label: '' }] = labelledRows('digits/holdout.csv', 1)

let folder: string
let tested: TestedGenerations
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-hostile-'))
})
afterEach(async () => {
  await tested.stop()
  rmSync(folder, { recursive: true })
})

/** A model of four numbers in and out, or as `parts` say, under its own name. */
function hostile(name: string, bytes: Uint8Array, parts: object = {}): RuntimeDeployment {
  const modelPath = join(folder, 'models', `${name}.onnx`)
  mkdirSync(join(folder, 'models'), { recursive: true })
  writeFileSync(modelPath, bytes)
  const tensor = (of: string): object => ({ name: of, datatype: 'FP32', shape: [-1, 4] })
  const manifest = sampleManifest(samples.diabetes100, {
    ...{ model: 'hostile', task: 'other', inputs: [tensor('x')], outputs: [tensor('y')] },
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    artifacts: { model: artifactEntry(bytes.length === 0 ? Uint8Array.of(0) : bytes) },
    ...parts,
  })
  return deploymentOf(name, manifest, modelPath)
}

/** Asks the model that serves again and again. @returns what ends it and gives every answer that was not the right one */
function keepAsking(): () => Promise<{ asked: number; wrong: unknown[] }> {
  const seen = { asked: 0, wrong: [] as unknown[] }
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const answer = await call(`${tested.url}/v2/models/reader/infer`, { body: inferBody('pixels', [row]) }).catch(
        (error: unknown) => error,
      )
      seen.asked += 1
      if (!isRight(answer)) seen.wrong.push(answer)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    isOver = true
    await asking
    return seen
  }
}

function isRight(answer: unknown): boolean {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'status' in answer &&
    answer.status === 200 &&
    JSON.stringify(answer).includes(`"label":"${label}"`)
  )
}

/** Loads every one in candidate generations, many in each; whoever brings one down is out, and the others come again. */
async function loadAll(set: readonly RuntimeDeployment[]): Promise<Map<string, ProbeResult>> {
  const results = new Map<string, ProbeResult>()
  let left = [...set]
  while (left.length > 0) {
    const prepared = await tested.generations.prepare(left.slice(0, BATCH), never)
    const known = prepared.results.filter(({ problem }) => problem?.code !== 'runtime.not-ready')
    for (const result of known) results.set(result.deployment, result)
    await prepared.discard()
    expect(known.length).toBeGreaterThan(0)
    left = left.filter(({ deployment }) => !results.has(deployment))
  }
  return results
}

const codesOf = (results: Map<string, ProbeResult>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { problem } of results.values()) counts[problem?.code ?? 'loads'] = (counts[problem?.code ?? 'loads'] ?? 0) + 1
  return counts
}

async function serveReader(isolation: (typeof enclosures)[number], more: object = {}): Promise<void> {
  const run = join(folder, 'run')
  mkdirSync(run)
  tested = await startTestedGenerations({ isolation, directory: run, hidden: [folder], ...more })
  await tested.serve([sampleDeployment('reader', samples.digits110)])
}

test('case 16: garbage, truncations and bit flips, loaded without preflight, end at most the candidate that loads them', async () => {
  await serveReader(enclosures[0])
  const finish = keepAsking()
  const sound = readFileSync(samplePath(samples.digits100))
  const parts = { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }], outputs: samples.digits100.outputs }
  const set: RuntimeDeployment[] = []
  for (let index = 0; index < 60; index += 1)
    set.push(hostile(`cut-${index}`, sound.subarray(0, 1 + Math.floor((index * (sound.length - 2)) / 59)), parts))
  let state = 1
  for (let index = 0; index < FLIPS; index += 1) {
    const bytes = Buffer.from(sound)
    state = (state * 48_271) % 2_147_483_647
    // Most flips hit the structure in front: the weights are larger and say nothing.
    const at = state % (index % 3 === 0 ? bytes.length : 600)
    bytes[at]! ^= 1 << (index % 8)
    set.push(hostile(`flip-${index}`, bytes, parts))
  }
  for (const [index, { build }] of hostileFiles.filter(({ code }) => code === 'model.invalid').entries())
    set.push(hostile(`bad-${index}`, build().length === 0 ? Uint8Array.of(0) : build()))
  const results = await loadAll(set)
  const { asked, wrong } = await finish()
  const counts = codesOf(results)
  process.stdout.write(
    `${set.length} damaged files in candidates: ${JSON.stringify(counts)}; ${asked} requests to the model that serves meanwhile\n`,
  )
  expect({ wrong, crashes: tested.crashes, results: results.size }).toEqual({ wrong: [], crashes: [], results: set.length })
  expect(
    Object.keys(counts).filter((code) => !['loads', 'probe.load-failed', 'probe.timeout', 'probe.golden-mismatch'].includes(code)),
  ).toEqual([])
}, 60_000)

test('cases 17 to 19: files that ask for too much, loaded without preflight, end at most the candidate that loads them', async () => {
  await serveReader(enclosures[0], { deadlines: { probeMs: 4000 }, memoryBytes: 1024 ** 3 })
  const finish = keepAsking()
  // The largest ones take seconds to build and load, and say the same as the others.
  const rows = greedyFiles.filter(({ name }) => !/million|5 MB|10,001|500,001|65,537|20,000 functions|2,001|4,097/.test(name))
  const set = rows.map(({ build }, index) => hostile(`greedy-${index}`, build()))
  set.push(
    hostile('endless', endlessLoop()),
    hostile('renamed', renamed()),
    hostile('not-a-number', nanAlways()),
    hostile('loop', loopByInput()),
    hostile('work', workByInput()),
  )
  const results = await loadAll(set)
  const { asked, wrong } = await finish()
  process.stdout.write(
    `${set.length} greedy files in candidates: ${JSON.stringify(codesOf(results))}; ${asked} requests to the model that serves meanwhile\n`,
  )
  expect({ wrong, crashes: tested.crashes, results: results.size }).toEqual({ wrong: [], crashes: [], results: set.length })
  expect([results.get('endless')?.problem?.code, results.get('renamed')?.problem?.code]).toEqual(['probe.timeout', 'probe.load-failed'])
}, 120_000)

test('cases 16, 17, 19, 20 and 21: each has its code at the import of the console, and the same one on the device', () => {
  tested = { stop: () => Promise.resolve() } as TestedGenerations
  const path = join(folder, 'model.onnx')
  const codeOf = (inspect: () => unknown): string => {
    try {
      inspect()
      return 'accepted'
    } catch (error) {
      return reportOf(error).code
    }
  }
  const rows = [
    ...[...hostileFiles, ...greedyFiles].filter(({ name }) => !/million/.test(name)),
    ...[byInitializer, byConstant, bySparse].map((build) => ({
      name: build.name,
      code: 'model.external-data-forbidden',
      build: () => build('../identity.json'),
    })),
    { name: 'endless loop', code: 'model.unsupported', build: endlessLoop },
    { name: 'loop by input', code: 'model.unsupported', build: loopByInput },
    { name: 'made by input', code: 'accepted', build: workByInput },
    { name: 'not a number', code: 'accepted', build: nanAlways },
  ]
  for (const { name, code, build, ...options } of rows) {
    writeFileSync(path, build())
    expect([name, codeOf(() => inspectOnnxFile(path, options)), codeOf(() => preflight(path, options))]).toEqual([name, code, code])
  }
})

test.each(enclosures)('case 20: no model reads a planted secret (%s)', async (isolation) => {
  await serveReader(isolation)
  mkdirSync(join(folder, 'models'))
  const places = ['secret.key', 'models/secret.key', 'identity.json', 'run/secret.key', 'run/empty/secret.key']
  for (const place of places) writeFileSync(join(folder, place), SECRET)
  linkSync(join(folder, 'identity.json'), join(folder, 'models', 'weights.bin'))
  symlinkSync(join(folder, 'identity.json'), join(folder, 'models', 'linked.bin'))
  const paths = [
    ...['secret.key', './secret.key', '../secret.key', '../identity.json', 'weights.bin', 'linked.bin', 'run/secret.key'],
    ...[
      'models/../identity.json',
      '../../proc/self/environ',
      '*/_ORT_MEM_ADDR_/*',
      join(folder, 'identity.json'),
      `file://${join(folder, 'identity.json')}`,
    ],
  ]
  const io = { inputs: [{ name: 'x', datatype: 'UINT8', shape: [1] }], outputs: [{ name: 'y', datatype: 'UINT8', shape: [SECRET.length] }] }
  const set = [byInitializer, byConstant, bySparse].flatMap((build) =>
    paths.map((path, index) => hostile(`${build.name.toLowerCase()}-${index}`, build(path), io)),
  )
  const finish = keepAsking()
  const results = await loadAll(set)
  const loaded = set.filter(({ deployment }) => results.get(deployment)?.problem === null)
  const said = [...results.values()].map(({ problem }) => problem?.message ?? '')
  if (loaded.length > 0) {
    await tested.serve([sampleDeployment('reader', samples.digits110), ...loaded])
    for (const { deployment } of loaded) {
      const { body } = await call(`${tested.url}/v2/models/${deployment}/infer`, {
        body: { inputs: [{ name: 'x', datatype: 'UINT8', shape: [1], data: [0] }] },
      })
      said.push(JSON.stringify(body), Buffer.from((body.outputs?.[0]?.data ?? []) as number[]).toString('latin1'))
    }
  }
  const { wrong } = await finish()
  process.stdout.write(
    `${set.length} models that name files elsewhere (${isolation}): ${JSON.stringify(codesOf(results))}, none of them read the secret\n`,
  )
  expect({ wrong, leaked: said.filter((text) => text.includes(SECRET)) }).toEqual({ wrong: [], leaked: [] })
})
