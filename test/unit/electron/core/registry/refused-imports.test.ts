import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImportRequest } from '../../../../../electron/core/registry/registry.ts'
import { artifactsOf } from '../../../../../shared/domain/bundle.ts'
import { attribute, elem, graph, model, node, value } from '../../../../harness/onnx/model.ts'
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

describe('refused imports leave nothing', () => {
  const wine = (parts: Partial<ImportRequest> = {}): ImportRequest => ({ ...sampleImport('wine', 'wine-1.0.0.onnx'), ...parts })
  const header =
    'alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,nonflavanoid_phenols,proanthocyanins,color_intensity,hue,od280_per_od315_of_diluted_wines,proline'
  const row = '13.76,1.53,2.7,19.5,132,2.95,2.74,0.5,1.35,5.4,1.25,3'

  /** A model of two features that says them again, instead of wine; nothing but the rows names its labels. */
  const echo = (type: number = elem.FLOAT): ImportRequest => ({
    ...quiet(),
    modelPath: workshop.write(
      'echo.onnx',
      model({
        graph: graph({
          nodes: [node({ op: 'Identity', in: ['x'], out: ['probabilities'] })],
          inputs: [value('x', type, ['n', 2])],
          outputs: [value('probabilities', type, ['n', 2])],
        }),
      }),
    ),
    modelFileName: 'echo-1.onnx',
  })

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
      'bundle.pipeline-invalid',
      /step 1 'fill-missing': 1 values for 13 features/,
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

  test.each<[string, () => Partial<ImportRequest>, string, RegExp]>([
    [
      'a missing label, where the rows name the labels',
      () => ({ holdoutPath: workshop.write('h.csv', 'a,b,y\n1,0,cat\n0,1,dog\n1,1,\n') }),
      'data.invalid',
      /row 3 \(line 4\), column "y": "" is none of the 2 labels/,
    ],
    [
      'a header and no row, where the rows name the labels',
      () => ({ holdoutPath: workshop.write('h.csv', 'a,b,y\n') }),
      'data.invalid',
      /no row/,
    ],
    [
      'a whole number that the input cannot hold',
      () => ({
        ...echo(elem.INT8),
        bundlePath: workshop.write('b.json', '{"task": "regression", "outcome": {"value": "probabilities"}}'),
        holdoutPath: workshop.write('h.csv', 'a,b,y\n300,0,1\n'),
      }),
      'data.invalid',
      /row 1 \(line 2\), column "a": "300" is not a value of INT8/,
    ],
    [
      'a value that preprocessing makes too large',
      () => ({
        bundlePath: workshop.write(
          'b.json',
          '{"preprocessing": {"v": 1, "steps": [{"step": "scale", "subtract": [0, 0], "divide": [1e-30, 1]}]}}',
        ),
        holdoutPath: workshop.write('h.csv', 'a,b,y\n1,0,cat\n1e20,0,dog\n'),
      }),
      'data.invalid',
      /row 2 \(line 3\): Feature "a" is too large after preprocessing/,
    ],
    [
      'a model without inputs',
      () => ({
        modelPath: workshop.write(
          'm.onnx',
          model({
            graph: graph({
              nodes: [node({ op: 'RandomNormal', out: ['y'], attributes: [attribute.ints('shape', [1])] })],
              outputs: [value('y', elem.FLOAT, [1])],
            }),
          }),
        ),
        modelFileName: 'noise-1.onnx',
      }),
      'model.unsupported',
      /no inputs/,
    ],
  ])('%s', async (_, parts, code, message) => {
    await expect(importing({ ...echo(), ...parts() })).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    expect(nothing()).toEqual(NOTHING)
  })

  test('aborted in the middle', async () => {
    const stop = new AbortController()
    const request = wine({ signal: stop.signal, progress: (fraction) => fraction > 0.5 && stop.abort() })
    await expect(importing(request)).rejects.toMatchObject({ code: 'cancelled' })
    expect(nothing()).toEqual(NOTHING)
  })

  test("a console that is killed in the middle: the next start takes away what is nobody's, and only that", async () => {
    await importing(wine())
    const before = workshop.artifacts()
    const rest = { modelPath: sample('wine', 'wine-2.0.0.onnx'), modelFileName: 'wine-2.0.0.onnx' }
    const photograph = `${workshop.directory}/photograph`
    const progress = (_: number, note: string): void => {
      if (note === 'making the bundle') cpSync(workshop.artifactDirectory, photograph, { recursive: true })
    }
    await importing(wine({ ...rest, progress }))
    // The folder as a kill would have left it, and a database without the transaction that came later.
    const { digest } = workshop.registry.version('wine', '2.0.0')
    for (const table of ['evaluation', 'model_version', 'bundle']) workshop.db.prepare(`DELETE FROM ${table} WHERE digest = ?`).run(digest)
    rmSync(workshop.artifactDirectory, { recursive: true })
    renameSync(photograph, workshop.artifactDirectory)
    expect(workshop.artifacts().length).toBeGreaterThan(before.length)
    // And the mark of an import that was killed right after its transaction.
    writeFileSync(`${workshop.artifactDirectory}/unsettled-${before[0]}`, '')
    workshop.open()
    expect(workshop.artifacts()).toEqual(before)
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
