import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RuntimeDeployment } from '../../../../agent/runtime/messages.ts'
import { probe, type Gauges } from '../../../../agent/runtime/probe.ts'
import type { GoldenSet } from '../../../../shared/domain/bundle.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { madeDeployment } from '../../../harness/made-models.ts'
import { artifactEntry, deploymentOf, goldenDeployment, labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'
import { nanAlways } from '../../../harness/onnx/greedy-runs.ts'
import { elem, graph, longTensor, model, node, smallGraph, value } from '../../../harness/onnx/model.ts'

const rows = labelledRows('digits/holdout.csv', 4).map(({ row }) => row)
const golden = (of: typeof samples.digits110, answersFrom = of) =>
  goldenDeployment('reader', of, { directory: temporaryDirectory(), rows, answersFrom })

/** Each run of the model takes 3 ms; memory grows by 5 MB with every look at it. */
function gauges(): Gauges {
  let now = 0
  let rss = 50e6
  return { monotonic: () => (now += 1.5), rssBytes: () => (rss += 5e6) }
}

/** A model of four numbers with a golden set: y = x, for 1, 2, 3, 4. */
function withGoldenSet(bytes: Uint8Array): RuntimeDeployment {
  const folder = temporaryDirectory()
  const tensor = (name: string): GoldenSet['cases'][number]['inputs'][number] => ({
    ...{ name, datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] },
  })
  const set: GoldenSet = { v: 1, tolerance: { absolute: 1e9, relative: 1e9 }, cases: [{ inputs: [tensor('x')], outputs: [tensor('y')] }] }
  const golden = Buffer.from(JSON.stringify(set))
  const path = join(folder, 'golden.json')
  writeFileSync(path, golden)
  const made = madeDeployment('turner', bytes, folder)
  const artifacts = { ...made.manifest.artifacts, golden: artifactEntry(golden) } as typeof made.manifest.artifacts
  return deploymentOf('turner', { ...made.manifest, artifacts }, made.modelPath, path)
}

/** y = x through one node. */
const through = (op: string, more: object = {}): Uint8Array =>
  model({ graph: smallGraph({ nodes: [node({ op, in: ['x'], out: ['y'], ...more })] }) })

/** y = 1 / (x - x). */
const infinite = (): Uint8Array =>
  model({
    graph: smallGraph({
      nodes: [node({ op: 'Sub', in: ['x', 'x'], out: ['zero'] }), node({ op: 'Reciprocal', in: ['zero'], out: ['y'] })],
    }),
  })

/** y = all numbers of x in one row without a batch. */
const flat = (): Uint8Array =>
  model({
    graph: graph({
      nodes: [node({ op: 'Reshape', in: ['x', 'shape'], out: ['y'] })],
      inputs: [value('x', elem.FLOAT, ['N', 4])],
      outputs: [value('y', elem.FLOAT, ['M'])],
      initializers: [longTensor('shape', -1)],
    }),
  })

describe('a probe', () => {
  test.each<{ name: string; build: () => Uint8Array; isRight: boolean }>([
    { name: 'what was expected', build: () => through('Relu'), isRight: true },
    { name: 'NaN', build: nanAlways, isRight: false },
    { name: 'infinity', build: () => infinite(), isRight: false },
    { name: 'another rank', build: () => flat(), isRight: false },
  ])('case 22: of a model that gives $name, whatever its golden set tolerates', async ({ build, isRight }) => {
    const { result, model: loaded } = await probe(withGoldenSet(build()), gauges())
    expect([result.problem === null, loaded !== null]).toEqual([isRight, isRight])
    if (!isRight) expect(result.problem!.code).toMatch(/^probe\.(golden-mismatch|load-failed)$/)
  })

  test('tells cases, median and the memory that it added, and what the golden set allows', async () => {
    const { result, model, tolerance } = await probe(await golden(samples.digits110), gauges())
    expect(result).toMatchObject({ problem: null, cases: 4, medianMs: 1.5, memoryBytes: 5e6 })
    expect([model === null, tolerance]).toEqual([false, { absolute: 1e-4, relative: 1e-3 }])
  })

  test('holds the median against the budget, and says both', async () => {
    const candidate = await golden(samples.digits110)
    const inTime = await probe({ ...candidate, latencyBudgetMs: 1.5 }, gauges())
    const late = await probe({ ...candidate, latencyBudgetMs: 1.25 }, gauges())
    expect([inTime.result.problem, late.model]).toEqual([null, null])
    expect(late.result.problem).toMatchObject({
      code: 'probe.budget',
      message: 'The median run of the golden set takes 1.5 ms on this device; the budget is 1.25 ms.',
    })
  })

  test('without a golden set only loads, and a wrong answer is no model', async () => {
    expect((await probe(sampleDeployment('reader', samples.digits110), gauges())).result).toMatchObject({ cases: 0, medianMs: null })
    const wrong = await probe(await golden(samples.digits110, samples.digitsRegressed), gauges())
    expect([wrong.model, wrong.result.problem?.code]).toEqual([null, 'probe.golden-mismatch'])
  })
})
