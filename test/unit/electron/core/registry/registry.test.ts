import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImportRequest } from '../../../../../electron/core/registry/registry.ts'
import { startEvaluator } from '../../../../../electron/core/registry/evaluator.ts'
import { verifySignatures } from '../../../../../electron/core/trust/keys.ts'
import { artifactsOf, baseline, goldenSet, isConsistentArtifact, manifest } from '../../../../../shared/domain/bundle.ts'
import { compareTensors } from '../../../../../shared/inference/golden.ts'
import { preprocess } from '../../../../../shared/inference/preprocess.ts'
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
/** What must be true after an import that was refused. */
const nothing = () => ({ artifacts: workshop.artifacts(), rows: workshop.rows(), work: readdirSync(workshop.workDirectory) })
const NOTHING = { artifacts: [], rows: [0, 0, 0], work: [] }

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
    expect(one).toMatchObject({ sourceName: 'wine-1.0.0.onnx', hasHoldout: true, evaluations: [made.evaluation] })
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
      const { outputs } = await model.run(preprocess(rules, tensors(one.inputs)))
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
      hasHoldout: false,
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

describe('refused imports leave nothing', () => {
  const wine = (parts: Partial<ImportRequest> = {}): ImportRequest => ({ ...sampleImport('wine', 'wine-1.0.0.onnx'), ...parts })
  const header =
    'alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,nonflavanoid_phenols,proanthocyanins,color_intensity,hue,od280_per_od315_of_diluted_wines,proline'
  const row = '13.76,1.53,2.7,19.5,132,2.95,2.74,0.5,1.35,5.4,1.25,3'

  test.each<[string, () => Partial<ImportRequest>, string, RegExp]>([
    ['a text file', () => ({ modelPath: workshop.write('a.onnx', '# readme\n') }), 'model.invalid', /./],
    [
      'a model cut short',
      () => ({ modelPath: workshop.write('a.onnx', readFileSync(sample('wine', 'wine-2.0.0.onnx')).subarray(0, 20_000)) }),
      'model.invalid',
      /./,
    ],
    ['no such model', () => ({ modelPath: '/absent.onnx' }), 'model.invalid', /no such file/],
    [
      'rows of another model',
      () => ({ holdoutPath: sample('diabetes', 'holdout.csv') }),
      'data.schema-mismatch',
      /missing: "alcohol".*too many: "age"/,
    ],
    [
      'training rows of another model',
      () => ({ trainPath: sample('digits', 'train.csv') }),
      'data.schema-mismatch',
      /65 columns; the model takes 13/,
    ],
    [
      'hold-out rows without truth',
      () => ({ holdoutPath: workshop.write('h.csv', `${header}\n${row},1\n`) }),
      'data.schema-mismatch',
      /no column "cultivar"/,
    ],
    ['a target that is not there', () => ({ target: 'vintage' }), 'data.schema-mismatch', /14 columns/],
    [
      'a word for a number',
      () => ({ holdoutPath: workshop.write('h.csv', `${header},cultivar\n${row},1235,0\n${row},much,0\n`) }),
      'data.invalid',
      /row 2 \(line 3\), column "proline": "much" is not a number/,
    ],
    [
      'a missing value',
      () => ({ holdoutPath: workshop.write('h.csv', `${header},cultivar\n${row},,0\n`) }),
      'data.invalid',
      /row 1 \(line 2\): Feature "proline" is missing/,
    ],
    [
      'an unknown label',
      () => ({ holdoutPath: workshop.write('h.csv', `${header},cultivar\n${row},1235,merlot\n`) }),
      'data.invalid',
      /row 1 \(line 2\), column "cultivar": "merlot" is none of the 3 labels/,
    ],
    [
      'a number too large for the input',
      () => ({ holdoutPath: workshop.write('h.csv', `${header},cultivar\n${row},1e39,0\n`) }),
      'data.invalid',
      /"1e39" is not a value of FP32/,
    ],
    ['no row', () => ({ holdoutPath: workshop.write('h.csv', `${header},cultivar\n`) }), 'data.invalid', /no row/],
    [
      'labels of another number',
      () => ({ bundlePath: workshop.write('b.json', '{"labels": ["a", "b"]}') }),
      'bundle.invalid',
      /2 labels are declared.*3 classes/,
    ],
    [
      'an outcome that is no output',
      () => ({ bundlePath: workshop.write('b.json', '{"outcome": {"label": "klass"}}') }),
      'bundle.invalid',
      /"klass"/,
    ],
    [
      'preprocessing of another width',
      () => ({ bundlePath: workshop.write('b.json', '{"preprocessing": {"v": 1, "steps": [{"step": "fill-missing", "values": [1]}]}}') }),
      'bundle.invalid',
      /1 values; the model takes 13/,
    ],
    [
      'rows for a model without classes or values',
      () => ({ bundlePath: workshop.write('b.json', '{"task": "other"}') }),
      'data.schema-mismatch',
      /"task"/,
    ],
    [
      'nobody names it',
      () => ({ modelPath: workshop.write('m', echoModel('n', 2)), modelFileName: 'upload' }),
      'model.name-needed',
      /a version/,
    ],
    ['aborted before it began', () => ({ signal: AbortSignal.abort() }), 'cancelled', /./],
  ])('%s', async (_, parts, code, message) => {
    await expect(importing(wine(parts()))).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    expect(nothing()).toEqual(NOTHING)
  })

  test('aborted in the middle', async () => {
    const stop = new AbortController()
    const request = wine({ signal: stop.signal, progress: (fraction) => fraction > 0.5 && stop.abort() })
    await expect(importing(request)).rejects.toMatchObject({ code: 'cancelled' })
    expect(nothing()).toEqual(NOTHING)
  })

  test('a model that does not answer in time', async () => {
    const slow = openWorkshop({ loadMs: 1 })
    await expect(slow.registry.import(wine())).rejects.toMatchObject({
      code: 'evaluation.failed',
      hint: expect.stringContaining('Nothing was imported') as string,
    })
    expect([slow.artifacts(), slow.rows()]).toEqual([[], [0, 0, 0]])
    slow.close()
  })

  test('a database that cannot take the rows', async () => {
    workshop.db.exec('CREATE TRIGGER no_evaluation BEFORE INSERT ON evaluation BEGIN SELECT RAISE(ABORT, \'no\'); END') // prettier-ignore
    await expect(importing(wine())).rejects.toThrow('no')
    expect(nothing()).toEqual(NOTHING)
  })

  test('other content under a version that is there; what is there stays whole', async () => {
    await importing(wine())
    const before = nothing()
    await expect(importing(wine({ modelPath: sample('wine', 'wine-2.0.0.onnx') }))).rejects.toMatchObject({ code: 'model.exists' })
    expect(nothing()).toEqual(before)
  })

  test('imports at the same time wait for each other', async () => {
    const outcomes = await Promise.allSettled([
      importing(wine()),
      importing(wine({ holdoutPath: '/absent.csv' })),
      importing(wine()),
      importing(sampleImport('wine', 'wine-2.0.0.onnx')),
    ])
    expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(workshop.rows()).toEqual([2, 2, 2])
    for (const { manifest: rules, digest } of workshop.registry.versions()) {
      expect(
        [digest, ...artifactsOf(rules).map(({ entry }) => entry.sha256)].every((sha256) => workshop.artifacts().includes(sha256)),
      ).toBe(true)
    }
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
