import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accuracyFigure, labelScores, weightedFigure } from '../../electron/core/monitor/quality.ts'
import { evaluateHoldout, type JudgedRow } from '../../electron/core/registry/evaluate.ts'
import { startEvaluator } from '../../electron/core/registry/evaluator.ts'
import { addLabelled, emptyQuality, mergeQuality, type LabelledRow } from '../../shared/stats/quality/quality-state.ts'
import { expectScoresOfSklearn, hasScikitLearn, howToInstall, scoredBySklearn } from '../harness/scikit-learn.ts'
import { openWorkshop, quiet, sample, sampleImport } from '../unit/electron/core/registry/workshop.ts'
import { seeded } from '../unit/shared/stats/oracle.ts'

if (!hasScikitLearn) process.stderr.write(`scikit-learn is not installed: the tests with it are skipped. To run them: ${howToInstall}\n`)

const near = (value: number): unknown => expect.closeTo(value, 12)

describe.skipIf(!hasScikitLearn)('the scores of scikit-learn on the same rows', () => {
  let workshop: ReturnType<typeof openWorkshop>
  beforeAll(() => {
    workshop = openWorkshop()
  })
  afterAll(() => workshop.close())

  /** Runs a sample over its hold-out rows. */
  async function judged(folder: string, version: string) {
    await workshop.registry.import(sampleImport(folder, `${folder}-${version}.onnx`))
    const { manifest, evaluations } = workshop.registry.version(folder, version)
    const modelPath = sample(folder, `${folder}-${version}.onnx`)
    const evaluator = await startEvaluator({ modelPath, workDirectory: workshop.workDirectory, ...quiet() })
    const rows: JudgedRow[] = []
    const holdoutPath = sample(folder, 'holdout.csv')
    try {
      await evaluateHoldout({ rules: manifest, evaluator, holdoutPath, onRow: (row) => rows.push(row), progress: () => undefined })
    } finally {
      await evaluator.stop()
    }
    return { labels: manifest.labels, rows, metrics: evaluations[0]!.metrics, confusion: evaluations[0]!.confusion }
  }

  test.each([
    ['digits', '1.2.0'],
    ['digits', '1.3.0-regressed'],
    ['wine', '2.0.0'],
  ])('an evaluation of %s@%s, and the same rows as labels', async (folder, version) => {
    const { labels, rows, metrics, confusion } = await judged(folder, version)
    const labelled = rows.map(({ truth, outcome }): LabelledRow => {
      if (outcome.kind !== 'class') throw new Error('no class')
      return { actual: labels[truth]!, predicted: outcome.label, confidence: outcome.confidence, weight: 1 }
    })
    const state = emptyQuality()
    for (const row of labelled) addLabelled(state, row)
    const theirs = expectScoresOfSklearn(labelScores(state, labels), { labels, rows: labelled })
    expect(accuracyFigure(state)).toMatchObject({ state: 'measured', value: near(theirs.accuracy), n: rows.length })
    const { accuracy, macroF1, weightedF1, balancedAccuracy, mcc, kappa } = theirs
    expect(metrics).toMatchObject({
      ...{ accuracy: near(accuracy), macroF1: near(macroF1), weightedF1: near(weightedF1) },
      ...{ balancedAccuracy: near(balancedAccuracy), mcc: near(mcc), kappa: near(kappa) },
    })
    expect(confusion).toEqual(theirs.confusion)
    process.stdout.write(
      `${folder}@${version}, ${rows.length} rows: accuracy ${accuracy}, MCC ${mcc}, ECE ${theirs.ece}, as scikit-learn\n`,
    )
  })

  test('a regression', async () => {
    const { rows, metrics } = await judged('diabetes', '1.0.0')
    const state = emptyQuality()
    const [truth, predicted] = [rows.map((row) => row.truth), rows.map(({ outcome }) => (outcome.kind === 'value' ? outcome.value : 0))]
    for (const [i, actual] of truth.entries()) addLabelled(state, { actual, predicted: predicted[i]!, confidence: null, weight: 1 })
    const theirs = scoredBySklearn({ truth, predicted })
    const relative = Object.fromEntries(Object.entries(theirs).map(([name, value]) => [name, expect.closeTo(value, 8)]))
    expect(labelScores(state, []).regression).toEqual(relative)
    expect(metrics).toEqual(relative)
  })

  test('weighted labels from seven devices, merged: each row counts as often as its sampling rate says', () => {
    const random = seeded(5)
    const labels = ['a', 'b', 'c', 'never said', 'never true']
    const parts = Array.from({ length: 7 }, () => emptyQuality())
    const rows: LabelledRow[] = Array.from({ length: 2000 }, (_, i) => {
      const confidence = random()
      const actual = labels[Math.floor(random() * 4)]!
      const predicted = random() < confidence && actual !== 'never said' ? actual : labels[[0, 1, 2, 4][Math.floor(random() * 4)]!]!
      return { actual, predicted, confidence, weight: [1, 2.5, 40][i % 3]! }
    })
    for (const [i, row] of rows.entries()) addLabelled(parts[i % 7]!, row)
    const state = parts.reduce(mergeQuality)
    const theirs = expectScoresOfSklearn(labelScores(state, labels), { labels, rows })
    expect(weightedFigure(state)).toMatchObject({ state: 'measured', value: near(theirs.weighted!) })
    expect(theirs.weighted).not.toBe(theirs.accuracy)
  })
})
