import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImportRequest } from '../../../../../electron/core/registry/registry.ts'
import { baseline, type Baseline } from '../../../../../shared/domain/bundle.ts'
import { echoModel, openWorkshop, quiet, sample, sampleImport } from './workshop.ts'

let workshop: ReturnType<typeof openWorkshop>
beforeEach(() => {
  workshop = openWorkshop()
})
afterEach(() => workshop.close())

/** The baseline of an import, as a device gets it. */
async function baselineOf(request: ImportRequest): Promise<{ made: Baseline | null; outcomesMissing: string | null }> {
  const { model, version, outcomesMissing } = await workshop.registry.import(request)
  const entry = workshop.registry.version(model, version).manifest.artifacts.baseline
  return { made: entry === undefined ? null : baseline.parse(JSON.parse(workshop.artifact(entry.sha256).toString())), outcomesMissing }
}

const echo = (files: { train?: string; holdout?: string; bundle?: object; width?: number }): ImportRequest => ({
  modelPath: workshop.write('m', echoModel('n', files.width ?? 2)),
  modelFileName: 'echo-1.onnx',
  ...(files.train === undefined ? {} : { trainPath: workshop.write('train.csv', files.train) }),
  ...(files.holdout === undefined ? {} : { holdoutPath: workshop.write('holdout.csv', files.holdout) }),
  ...(files.bundle === undefined ? {} : { bundlePath: workshop.write('bundle.json', JSON.stringify(files.bundle)) }),
  ...quiet(),
})

describe('what a bundle knows of its answers', () => {
  test('comes from the hold-out rows beside features of the training rows', async () => {
    const { made, outcomesMissing } = await baselineOf(sampleImport('digits', 'digits-1.2.0.onnx'))
    expect([made!.features.length, outcomesMissing]).toEqual([64, null])
    const outcomes = made!.outcomes!
    // The makers measured 0.967254 on these 397 rows.
    expect(outcomes).toMatchObject({ rows: 397, from: 'holdout', accuracy: { rows: 397, right: 384 } })
    expect(outcomes.outcome.kind === 'categorical' && outcomes.outcome.categories.reduce((sum, [, count]) => sum + count, 0)).toBe(397)
    expect(outcomes.confidence).toMatchObject({ kind: 'numeric', missing: 0, infinite: 0 })
    expect(outcomes.calibrator?.scores.length).toBe(outcomes.calibrator?.probabilities.length)
  })

  test('without hold-out rows comes from the training rows, and says so', async () => {
    const { holdoutPath: _, holdoutName: __, ...request } = sampleImport('wine', 'wine-1.0.0.onnx')
    const { made } = await baselineOf(request)
    expect(made!.outcomes).toMatchObject({ rows: 110, from: 'training', confidence: null, calibrator: null, accuracy: { rows: 110 } })
  })

  test('of a regression is values, without confidence', async () => {
    const { made } = await baselineOf(sampleImport('diabetes', 'diabetes-1.0.0.onnx'))
    expect(made!.outcomes).toMatchObject({ rows: 142, outcome: { kind: 'numeric', name: 'outcome' }, confidence: null, accuracy: null })
  })

  test('without training rows is all that the baseline has: hold-out rows are no training', async () => {
    const { made } = await baselineOf(echo({ holdout: 'a,b,y\n0.9,0.1,0\n0.2,0.8,1\n0.7,0.3,1\n' }))
    expect(made).toMatchObject({ rows: 3, features: [], outcomes: { from: 'holdout', accuracy: { rows: 3, right: 2 } } })
  })

  test('leaves out training rows that the model refuses, and rows without a known label from the accuracy', async () => {
    const bundle = { labels: ['low', 'high'], validation: { v: 1, input: { missing: 'reject' } } }
    const train = 'a,b,y\n0.9,0.1,low\n,0.8,high\n0.4,0.6,high\n0.3,0.7,neither\n'
    const { made, outcomesMissing } = await baselineOf(echo({ train, bundle }))
    expect([made!.rows, outcomesMissing]).toEqual([4, null])
    expect(made!.outcomes).toMatchObject({ rows: 3, from: 'training', accuracy: { rows: 2, right: 2 } })
  })

  test('is missing, with the reason, where the model answers no training row; the import goes on', async () => {
    // The first output has three columns, the labels are two: no answer can be read.
    const request = echo({
      train: 'a,b,c,y\n1,0,0,x\n0,1,0,z\n',
      width: 3,
      bundle: { task: 'regression', outcome: { value: 'probabilities' } },
    })
    const { made, outcomesMissing } = await baselineOf(request)
    expect([made!.features.length, made!.outcomes]).toEqual([3, undefined])
    expect(outcomesMissing).toMatch(/^The model did not answer the training rows: Output "probabilities"/)
  })

  test('a cancelled import stays cancelled', async () => {
    const ended = new AbortController()
    const { holdoutPath: _, ...request } = sampleImport('digits', 'digits-1.0.0.onnx')
    const progress = (_: number, note: string): void => {
      if (note.startsWith('asking the model')) ended.abort()
    }
    await expect(workshop.registry.import({ ...request, signal: ended.signal, progress })).rejects.toMatchObject({ code: 'cancelled' })
    expect([workshop.rows(), workshop.artifacts()]).toEqual([[0, 0, 0], []])
  })
})

test('the digest of an import is the same wherever it is made', async () => {
  const first = await workshop.registry.import(sampleImport('wine', 'wine-2.0.0.onnx'))
  const elsewhere = openWorkshop()
  expect((await elsewhere.registry.import(sampleImport('wine', 'wine-2.0.0.onnx'))).digest).toBe(first.digest)
  elsewhere.close()
  expect(readFileSync(sample('wine', 'holdout.csv'), 'utf8').trim().split('\n').length - 1).toBe(68)
})
