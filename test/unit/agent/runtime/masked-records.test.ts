import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { RuntimeDeployment } from '../../../../agent/runtime/messages.ts'
import type { Spool } from '../../../../agent/telemetry/spool.ts'
import { readTrainingData } from '../../../../electron/core/registry/training-data.ts'
import { runtimeConfig, type RuntimeConfig } from '../../../../shared/protocol/assignment.ts'
import { recordBodies, type RecordKind } from '../../../../shared/protocol/telemetry.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { call, inferBody, startTestedGenerations, type TestedGenerations } from '../../../harness/local-api.ts'
import { artifactEntry, deploymentOf, sampleManifest, samples, samplePath } from '../../../harness/manifest.ts'
import { allRecords, testSpool } from '../../../harness/spool.ts'

let tested: TestedGenerations | null = null
let spool: Spool | null = null
afterEach(async () => {
  await tested?.stop()
  spool?.close()
  tested = null
})

/** A model of wine with the baseline that the console makes, served by a real generation over a real spool. */
async function served(folder: string, config: Partial<RuntimeConfig>, beside: boolean): Promise<TestedGenerations> {
  spool = testSpool(join(folder, 'spool.db'))
  const kept = spool
  const generations = await startTestedGenerations({
    config: runtimeConfig.parse({ windowSeconds: 3600, distributionSeconds: 3600, samplesPerWindow: 20, outlierSamples: 20, ...config }),
    spool: (records) => kept.append(records),
  })
  const active = await bundle(folder)
  const shadow = {
    ...active,
    digest: 'f'.repeat(64),
    role: { kind: 'shadow', cpuShare: 1, samplesPerWindow: 20 },
  } satisfies RuntimeDeployment
  await generations.serve(beside ? [active, { ...shadow, manifest: { ...shadow.manifest, labels: ['x', 'y', 'z'] } }] : [active])
  return generations
}

async function bundle(folder: string): Promise<RuntimeDeployment> {
  const tabular = { name: 'sensors', datatype: 'FP32' as const, width: 13, columns: null }
  const path = join(import.meta.dirname, '../../../../build/samples/wine/train.csv')
  const data = await readTrainingData({ path, tabular, target: 'cultivar', signal: new AbortController().signal })
  const bytes = Buffer.from(JSON.stringify(data.baseline))
  const baselinePath = join(folder, 'baseline.json')
  writeFileSync(baselinePath, bytes)
  const manifest = sampleManifest(samples.wine100, {
    schema: { input: 'sensors', features: data.features, target: 'cultivar' },
    artifacts: { model: artifactEntry(readFileSync(samplePath(samples.wine100))), baseline: artifactEntry(bytes) },
  })
  return { ...deploymentOf('cellar', manifest, samplePath(samples.wine100)), baselinePath }
}

/** Values that no rounding leaves as they are, of alcohol, malic_acid and ash; the rest is a usual wine. */
const usual = [19, 101, 2.2, 2, 0.3, 1.6, 5.1, 0.95, 2.6, 750]
const secrets = [
  [13.0625, 4.40625, 2.5234375],
  [12.90625, 3.15625, 2.7265625],
  [99.4375, 77.46875, 55.4921875],
]
const traces = ['13.0625', '12.90625', '99.4375', '4.40625', '3.15625', '77.46875', '2.5234375', '2.7265625', '55.4921875']

/** Everything that lies on the disk or would be sent, as text. */
function everything(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.startsWith('spool.db'))
  const bytes = files.map((name) => readFileSync(join(folder, name)).toString('latin1'))
  return [...bytes, JSON.stringify(allRecords(spool!))].join('\n')
}

async function ask(): Promise<void> {
  for (const [i, secret] of secrets.entries()) {
    const answer = await call(`${tested!.url}/v2/models/cellar/infer`, { body: inferBody('sensors', [[...secret, ...usual]]) })
    expect(answer.status).toBe(200)
    const label = ['barolo', 'grignolino', 'barbera'][i]!
    const feedback = await call(`${tested!.url}/v2/feedback`, { body: { id: answer.body.id, label } })
    expect(feedback).toMatchObject({ status: 200, body: { stored: 1 } })
  }
  await new Promise((resolve) => setTimeout(resolve, 300))
  await tested!.generations.stop()
}

const bodies = <Kind extends RecordKind>(kind: Kind): z.infer<(typeof recordBodies)[Kind]>[] =>
  allRecords(spool!)
    .filter((record) => record.kind === kind)
    .map(({ body }) => recordBodies[kind].parse(body) as z.infer<(typeof recordBodies)[Kind]>)

describe('what is masked', () => {
  test('never leaves the runtime as it is: in no sample, no count, no label, no pair of a shadow', async () => {
    const folder = temporaryDirectory()
    const masks = { alcohol: 'drop', malic_acid: 'hash', ash: 'round', label: 'hash', probabilities: 'round' } as const
    tested = await served(folder, { masks }, true)
    await ask()
    const text = everything(folder)
    for (const trace of [...traces, 'barolo', 'grignolino', 'barbera']) expect([trace, text.includes(trace)]).toEqual([trace, false])
    const [distribution] = bodies('distribution')
    expect(distribution!.features.map(({ name }) => name)).not.toContain('alcohol')
    expect(distribution).toMatchObject({ rows: 3, omitted: 1 })
    const kept = bodies('sample').filter(({ reason }) => reason !== 'disagreement')
    expect(kept).toHaveLength(3)
    for (const sample of kept) {
      expect(sample.masked).toEqual(masks)
      const [alcohol, malic, ash] = sample.inputs[0]!.data
      expect([alcohol, malic, String(ash).length <= 4]).toEqual([null, expect.stringMatching(/^hash:/), true])
    }
    const labels = bodies('labels').flatMap(({ items }) => items)
    expect(labels.every(({ predicted, actual }) => [predicted, actual].every((label) => String(label).startsWith('hash:')))).toBe(true)
    expect(labels).toHaveLength(3)
    expect(bodies('shadow')[0]!.compared).toBe(3)
    expect(bodies('sample').some(({ reason }) => reason === 'disagreement')).toBe(true)
  })

  test('leaves as it is without masks: the traces of the test above are real', async () => {
    const folder = temporaryDirectory()
    tested = await served(folder, {}, true)
    await ask()
    const text = everything(folder)
    for (const trace of [...traces, 'barolo']) expect([trace, text.includes(trace)]).toEqual([trace, true])
    expect(bodies('sample').map(({ reason, weight }) => [reason, weight])).toContainEqual(['outlier', 1])
    expect(bodies('distribution')).toMatchObject([{ rows: 3, omitted: 0, outcome: { kind: 'categorical' } }])
  })

  test('a label of an outcome that is dropped is refused, not taken and lost', async () => {
    tested = await served(temporaryDirectory(), { masks: { label: 'drop' } }, false)
    const answer = await call(`${tested.url}/v2/models/cellar/infer`, { body: inferBody('sensors', [[...secrets[0]!, ...usual]]) })
    const feedback = await call(`${tested.url}/v2/feedback`, { body: { id: answer.body.id, label: 'barolo' } })
    expect(feedback).toMatchObject({ status: 400, body: { code: 'feedback.bad-label' } })
    await tested.generations.stop()
    expect(bodies('distribution')).toMatchObject([{ outcome: null, estimate: null }])
  })

  test('is masked from the moment on in which the configuration says so, without a restart', async () => {
    const folder = temporaryDirectory()
    tested = await served(folder, {}, false)
    tested.generations.configure(runtimeConfig.parse({ windowSeconds: 3600, samplesPerWindow: 20, masks: { sensors: 'drop' } }))
    await ask()
    const text = everything(folder)
    for (const trace of traces) expect([trace, text.includes(trace)]).toEqual([trace, false])
    expect(bodies('distribution')).toMatchObject([{ rows: 3, features: [], omitted: 13 }])
  })
})

test('a baseline that is damaged after probation costs counts of features, and no answer', async () => {
  const folder = temporaryDirectory()
  spool = testSpool(join(folder, 'spool.db'))
  const kept = spool
  tested = await startTestedGenerations({ spool: (records) => kept.append(records) })
  const passed = { ...(await bundle(folder)), isCandidate: false }
  writeFileSync(passed.baselinePath!, 'damaged')
  await tested.serve([passed])
  const answer = await call(`${tested.url}/v2/models/cellar/infer`, { body: inferBody('sensors', [[...secrets[0]!, ...usual]]) })
  expect(answer.status).toBe(200)
  expect(tested.logged).toContainEqual(expect.objectContaining({ level: 'warn', message: 'values of a model are not counted' }))
  const candidate = await tested.generations.prepare([{ ...passed, isCandidate: true }], new AbortController().signal)
  expect(candidate.results).toMatchObject([{ problem: { code: 'probe.load-failed' } }])
  await candidate.discard()
  await tested.generations.stop()
  expect(bodies('distribution')).toMatchObject([{ rows: 1, features: [] }])
})
