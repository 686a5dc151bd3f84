import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImportRequest } from '../../../../../electron/core/registry/registry.ts'
import { startEvaluator } from '../../../../../electron/core/registry/evaluator.ts'
import { verifySignatures } from '../../../../../electron/core/trust/keys.ts'
import { artifactsOf, baseline, goldenSet, isConsistentArtifact, manifest } from '../../../../../shared/domain/bundle.ts'
import { compareTensors } from '../../../../../shared/inference/golden.ts'
import { prepareInputs } from '../../../../../shared/inference/pipeline.ts'
import { tensorFromPlain } from '../../../../../shared/inference/tensor.ts'
import { bundleReference } from '../../../../../shared/protocol/assignment.ts'
import { payloadTypes } from '../../../../../shared/protocol/envelope.ts'
import { evaluationRecord } from '../../../../../shared/rpc/contract/models.ts'
import { echoModel, openWorkshop, quiet, sample, sampleImport } from './workshop.ts'

let workshop: ReturnType<typeof openWorkshop>
beforeEach(() => {
  workshop = openWorkshop()
})
afterEach(() => workshop.close())

const importing = (request: ImportRequest) => workshop.registry.import(request)

interface Expected {
  rows: number
  accuracy?: number
  macro_f1?: number
  log_loss?: number
  mae?: number
  r2?: number
}
const expected = JSON.parse(readFileSync(sample('.', 'expected.json'), 'utf8')) as Record<string, Record<string, { holdout?: Expected }>>

describe('the sample models', () => {
  test.each(
    Object.entries(expected).flatMap(([model, versions]) =>
      Object.entries(versions).map(([version, { holdout }]) => [model, version, holdout] as const),
    ),
  )('%s@%s scores as its makers measured', async (model, version, holdout) => {
    const made = await importing(sampleImport(model, `${model}-${version}.onnx`))
    expect([made.model, made.version]).toEqual([model, version])
    const { metrics, rows } = evaluationRecord.parse(made.evaluation)
    if (holdout === undefined) return expect(metrics['accuracy']).toBeCloseTo(0.382_872, 6)
    expect(rows).toBe(holdout.rows)
    const pairs = { accuracy: holdout.accuracy, macroF1: holdout.macro_f1, logLoss: holdout.log_loss, r2: holdout.r2 }
    for (const [key, value] of Object.entries(pairs))
      if (value !== undefined) expect(Math.abs(metrics[key]! - value)).toBeLessThanOrEqual(5e-7)
    // The makers measured in double precision, the model works in single: the seventh digit differs.
    if (holdout.mae !== undefined) expect(Math.abs(metrics['mae']! / holdout.mae - 1)).toBeLessThan(1e-7)
  })
})

describe('what an import makes', () => {
  test('a manifest that a device reads, signed, with every artifact on disk', async () => {
    const made = await importing(sampleImport('wine', 'wine-1.0.0.onnx'))
    const one = workshop.registry.version('wine', '1.0.0')
    const bytes = workshop.artifact(made.digest)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(made.digest)
    expect(manifest.parse(JSON.parse(bytes.toString()))).toEqual(one.manifest)
    expect(one.manifest).toMatchObject({
      task: 'classification',
      labels: ['class_0', 'class_1', 'class_2'],
      outcome: { label: 'label', probabilities: 'probabilities', value: null },
      schema: { input: 'sensors', target: 'cultivar' },
      preprocessing: { v: 1, steps: [] },
    })
    const alcohol = readFileSync(sample('wine', 'train.csv'), 'utf8').trim().split('\n').slice(1).map((line) => Number(line.split(',')[0])) // prettier-ignore
    expect(one.manifest.schema.features[0]).toEqual({
      name: 'alcohol',
      min: Math.fround(Math.min(...alcohol)),
      max: Math.fround(Math.max(...alcohol)),
    })
    for (const { entry } of artifactsOf(one.manifest)) {
      expect(isConsistentArtifact(entry)).toBe(true)
      const content = workshop.artifact(entry.sha256)
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([entry.sizeBytes, entry.sha256])
    }
    const reference = bundleReference.parse(workshop.registry.reference(made.digest))
    expect(reference).toEqual({ digest: made.digest, sizeBytes: bytes.length, signatures: one.signatures })
    expect(verifySignatures(payloadTypes.bundle, bytes, reference.signatures, workshop.keyring.roots().bundle)).toBe(true)
    expect(one).toMatchObject({ sourceName: 'wine-1.0.0.onnx', holdout: { name: 'holdout.csv' }, evaluations: [made.evaluation] })
    expect(workshop.rows()).toEqual([1, 1, 1])
  })

  test('a baseline of the training rows', async () => {
    await importing(sampleImport('wine', 'wine-1.0.0.onnx'))
    const { baseline: entry } = workshop.registry.version('wine', '1.0.0').manifest.artifacts
    const made = baseline.parse(JSON.parse(workshop.artifact(entry!.sha256).toString()))
    const header = readFileSync(sample('wine', 'train.csv'), 'utf8').split('\n')[0]!.split(',')
    expect([made.rows, made.features.map((feature) => feature.name)]).toEqual([110, header.slice(0, -1)])
    for (const feature of made.features) {
      const counted = feature.kind === 'numeric' ? feature.counts : [...feature.categories.map(([, count]) => count), feature.other]
      expect(counted.reduce((sum, count) => sum + count, 0) + feature.missing).toBe(110)
    }
  })

  test('a golden set over all classes whose outputs the model gives again', async () => {
    await importing(sampleImport('digits', 'digits-1.2.0.onnx'))
    const { manifest: rules } = workshop.registry.version('digits', '1.2.0')
    const golden = goldenSet.parse(JSON.parse(workshop.artifact(rules.artifacts.golden!.sha256).toString()))
    expect([golden.cases.length, golden.tolerance]).toEqual([32, { absolute: 1e-4, relative: 1e-3 }])
    const model = await startEvaluator({
      modelPath: sample('digits', 'digits-1.2.0.onnx'),
      workDirectory: workshop.workDirectory,
      ...quiet(),
    })
    const tensors = (plain: (typeof golden.cases)[number]['inputs']) =>
      plain.map((one) => tensorFromPlain(one.name, one.datatype, one.shape, one.data))
    const answers = new Set<number>()
    for (const one of golden.cases) {
      const { outputs } = await model.run(prepareInputs(rules, tensors(one.inputs), { maxRows: 1, findings: new Map() }).inputs)
      expect(compareTensors(tensors(one.outputs), outputs, golden.tolerance)).toEqual({ ok: true, worst: null })
      answers.add(Number(one.outputs.find((output) => output.name === 'label')!.data[0]))
    }
    await model.stop()
    expect(answers.size).toBe(10)
  })

  test('the same bytes again: same digest, nothing new', async () => {
    const first = await importing(sampleImport('wine', 'wine-1.0.0.onnx'))
    const before = [workshop.artifacts(), workshop.rows()]
    expect(await importing(sampleImport('wine', 'wine-1.0.0.onnx'))).toEqual(first)
    expect([workshop.artifacts(), workshop.rows()]).toEqual(before)
    const elsewhere = openWorkshop()
    expect((await elsewhere.registry.import(sampleImport('wine', 'wine-1.0.0.onnx'))).digest).toBe(first.digest)
    elsewhere.close()
  })

  test('a model alone, and one that is told everything by bundle.json', async () => {
    const alone = await importing({
      modelPath: sample('diabetes', 'diabetes-1.0.0.onnx'),
      modelFileName: 'diabetes-1.0.0.onnx',
      ...quiet(),
    })
    expect(alone.evaluation).toBeNull()
    expect(workshop.registry.version('diabetes', '1.0.0')).toMatchObject({
      holdout: null,
      manifest: { task: 'regression', schema: { features: [], target: null } },
    })
    const bundle = {
      model: 'echo',
      version: '1',
      task: 'classification',
      labels: ['low', 'high'],
      target: 'truth',
      outcome: { probabilities: 'probabilities' },
      preprocessing: { v: 1, steps: [{ step: 'fill-missing', values: [0.25, 0.75] }] },
      metrics: { z: 1, a: 0.5 },
      goldenTolerance: { absolute: 0, relative: 0 },
    }
    const made = await importing({
      modelPath: workshop.write('upload.bin', echoModel(2, 2)),
      modelFileName: 'upload.bin',
      bundlePath: workshop.write('bundle.json', JSON.stringify(bundle)),
      holdoutPath: workshop.write('h.csv', 'truth,b,a\nlow,0.25,0.75\nhigh,0.75,0.25\nhigh,,\n'),
      ...quiet(),
    })
    expect(made.evaluation).toMatchObject({ rows: 3, metrics: { accuracy: 1 / 3 }, dataset: 'h.csv', confusion: [[0, 1], [1, 1]] }) // prettier-ignore
    const { manifest: rules } = workshop.registry.version('echo', '1')
    expect(rules).toMatchObject({
      labels: ['low', 'high'],
      schema: { target: 'truth', features: [{ name: 'b' }, { name: 'a' }] },
      metrics: { a: 0.5, z: 1 },
    })
    const golden = goldenSet.parse(JSON.parse(workshop.artifact(rules.artifacts.golden!.sha256).toString()))
    // The row with missing values is no golden case; the model takes two rows at once, so a row comes twice.
    expect(golden.cases.map((one) => one.inputs[0]!.data)).toEqual([[0.25, 0.75, 0.25, 0.75], [0.75, 0.25, 0.75, 0.25]]) // prettier-ignore
  })

  test('labels come from the data where nobody declares them', async () => {
    const csv = (rows: string[]) => ['a,b,y', ...rows].join('\n')
    await importing({
      modelPath: workshop.write('m', echoModel('n', 2)),
      modelFileName: 'echo-2.onnx',
      holdoutPath: workshop.write('h.csv', csv(['1,0,cat', '0,1,dog'])),
      ...quiet(),
    })
    expect(workshop.registry.version('echo', '2').manifest.labels).toEqual(['cat', 'dog'])
  })
})

describe('after an import', () => {
  test('evaluate again: on the kept rows, on other rows, on rows of a version without any', async () => {
    const made = await importing(sampleImport('digits', 'digits-1.1.0.onnx'))
    const again = await workshop.registry.evaluate({ model: 'digits', version: '1.1.0', ...quiet() })
    const same = (one: typeof again) => ({ ...one, evaluation: '', evaluatedAt: 0, latencyMs: null })
    expect(same(again)).toEqual(same(made.evaluation!))
    const other = await workshop.registry.evaluate({
      model: 'digits',
      version: '1.1.0',
      holdoutPath: sample('digits', 'stream.csv'),
      holdoutName: 'stream.csv',
      ...quiet(),
    })
    expect(other).toMatchObject({
      dataset: 'stream.csv',
      rows: 400,
      datasetSha256: createHash('sha256')
        .update(readFileSync(sample('digits', 'stream.csv')))
        .digest('hex'),
    })
    expect(workshop.registry.version('digits', '1.1.0').evaluations).toEqual([other, again, made.evaluation])
    expect(workshop.open().version('digits', '1.1.0').evaluations.length).toBe(3)
    await importing({ modelPath: sample('wine', 'wine-1.0.0.onnx'), modelFileName: 'wine-1.0.0.onnx', ...quiet() })
    await expect(workshop.registry.evaluate({ model: 'wine', version: '1.0.0', ...quiet() })).rejects.toMatchObject({
      code: 'data.invalid',
    })
    expect(
      (await workshop.registry.evaluate({ model: 'wine', version: '1.0.0', holdoutPath: sample('wine', 'holdout.csv'), ...quiet() }))
        .metrics['accuracy'],
    ).toBe(1)
    expect(workshop.artifacts().some((name) => name.startsWith('incoming'))).toBe(false)
  })

  test('a refused evaluation stores nothing', async () => {
    await importing(sampleImport('wine', 'wine-1.0.0.onnx'))
    const evaluating = (parts: object) => workshop.registry.evaluate({ model: 'wine', version: '1.0.0', ...quiet(), ...parts })
    await expect(evaluating({ holdoutPath: sample('digits', 'holdout.csv') })).rejects.toMatchObject({ code: 'data.schema-mismatch' })
    await expect(evaluating({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    const { sha256 } = workshop.registry.version('wine', '1.0.0').manifest.artifacts.model
    writeFileSync(`${workshop.artifactDirectory}/${sha256}`, 'damaged')
    await expect(evaluating({})).rejects.toMatchObject({ code: 'store.corrupt' })
    expect(workshop.rows()).toEqual([1, 1, 1])
    // Importing the same again repairs the file.
    await importing(sampleImport('wine', 'wine-1.0.0.onnx'))
    expect((await evaluating({})).metrics['accuracy']).toBe(1)
  })

  test('what is not there is named with what is near', async () => {
    await importing(sampleImport('wine', 'wine-1.0.0.onnx'))
    const missing = (model: string, version: string) => () => workshop.registry.version(model, version)
    expect(missing('wine', '1.0.1')).toThrow(
      expect.objectContaining({ code: 'model.not-found', message: 'wine has no version 1.0.1; is 1.0.0 meant? There are 1.0.0.' }),
    )
    expect(missing('vine', '1.0.0')).toThrow('There is no model vine; is wine meant?')
    expect(missing('transformer', '1')).toThrow('There is no model transformer.')
    expect(() => workshop.registry.reference('0'.repeat(64))).toThrow(expect.objectContaining({ code: 'model.not-found' }))
    expect(workshop.registry.versions('vine')).toEqual([])
    expect(workshop.registry.versions('wine').map((one) => one.version)).toEqual(['1.0.0'])
  })
})
