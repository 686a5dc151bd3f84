import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { openTelemetryReader } from '../../electron/core/store/telemetry/open.ts'
import { sampleReader } from '../../electron/core/store/telemetry/samples.ts'
import type { LabelledRow } from '../../shared/stats/quality/quality-state.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'
import { predict, tellTruth, type Asked } from '../harness/predict.ts'
import { expectScoresOfSklearn, hasScikitLearn } from '../harness/scikit-learn.ts'

const digits: Asked = { deployment: 'digits', input: 'pixels', labels: Array.from({ length: 10 }, (_, digit) => String(digit)) }
const version = { deployment: 'digits', model: 'digits', version: '1.0.0' } as const
const holdout = readStream('build/samples/digits/holdout.csv')
const FEEDBACK_ROWS = 200
const BATCH = 20
const ALL_KEPT = 35
/** The id of a prediction carries its confidence rounded. */
const confidenceDigits = 5

/** A row with its truth, and where its prediction is found. */
type Row = LabelledRow & { prediction: string }

/** The first rows, in requests of several, each with its true labels sent to the device. */
async function byFeedback({ agents }: TestFleet): Promise<Row[]> {
  const rows: Row[] = []
  for (let at = 0; at < FEEDBACK_ROWS; at += BATCH) {
    const truth = holdout.labels.slice(at, at + BATCH)
    const { id, predicted, confidence } = await predict(agents[0]!, digits, holdout.rows.slice(at, at + BATCH))
    await tellTruth(agents[0]!, id, truth)
    rows.push(...truth.map((actual, i) => ({ prediction: id, actual, predicted: predicted[i]!, confidence: confidence[i]!, weight: 1 })))
  }
  return rows
}

/** The other rows, one by one, by the other device. Nobody tells it the truth. */
async function unlabelled({ agents }: TestFleet): Promise<Row[]> {
  const rows: Row[] = []
  for (let at = FEEDBACK_ROWS; at < holdout.rows.length; at += 1) {
    // The first rows have a window for themselves and are all kept; of the others one in several is.
    if (at === FEEDBACK_ROWS + ALL_KEPT) await sleep(2000)
    const { id, predicted, confidence } = await predict(agents[1]!, digits, [holdout.rows[at]!])
    rows.push({ prediction: id, actual: holdout.labels[at]!, predicted: predicted[0]!, confidence: confidence[0]!, weight: 0 })
  }
  return rows
}

/** The weight of each sampled prediction, once the samples stand for all requests of their device. */
async function sampleWeights({ host, agents }: TestFleet, requests: number): Promise<Map<string, number>> {
  return until('the samples of all windows', 30, () => {
    const db = openTelemetryReader(join(host.data, 'telemetry.db'))
    try {
      const samples = sampleReader(db).newest(0, { samples: 1000, characters: 10_000_000 })
      const weights = samples.filter(({ device }) => device === agents[1]!.device).map(({ body }) => [body.id, body.weight] as const)
      const sum = weights.reduce((total, [, weight]) => total + weight, 0)
      return Math.abs(sum - requests) < 1e-6 ? new Map(weights) : null
    } finally {
      db.close()
    }
  })
}

describe.skipIf(!hasScikitLearn)('accuracy of a fleet', () => {
  test('from feedback and from the label desk is that of scikit-learn on the same rows', { timeout: 120_000 }, async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['reader-1', 'reader-2'] })
    const rpc = fleet.host.rpc!
    await importSample(fleet.host, 'digits', '1.0.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')
    await rpc.call('config.set', { target: { scope: 'fleet' }, settings: { windowSeconds: 1, samplesPerWindow: 40 } })
    await until('both devices to sample', 30, async () => {
      const shown = await Promise.all(fleet.agents.map(({ device }) => rpc.call('config.show', { device })))
      return shown.every(({ isTaken }) => isTaken) ? true : null
    })
    const measured = await byFeedback(fleet)
    const asked = await unlabelled(fleet)

    const quality = () => rpc.call('monitoring.quality', version)
    await until('the feedback to be counted', 30, async () => ((await quality()).labelled === FEEDBACK_ROWS ? true : null))
    const fed = await quality()
    const theirs = expectScoresOfSklearn(fed, { labels: digits.labels, rows: measured, confidenceDigits })
    expect(fed.accuracy).toMatchObject({ state: 'measured', value: expect.closeTo(theirs.accuracy, 12), n: FEEDBACK_ROWS })
    expect(fed.sources).toEqual({ feedback: FEEDBACK_ROWS, desk: 0 })

    const weights = await sampleWeights(fleet, asked.length)
    const labels = asked.map(({ prediction, actual }) => ({ prediction, label: String(actual), device: 'reader-2' }))
    const imported = await rpc.call('labelling.import', { labels, by: 'kim' })
    expect(imported).toMatchObject({ taken: weights.size, unchanged: 0, refusedTotal: asked.length - weights.size })
    expect(new Set(weights.values()).size).toBeGreaterThan(1)
    const sampled = asked
      .filter(({ prediction }) => weights.has(prediction))
      .map((row) => ({ ...row, weight: weights.get(row.prediction)! }))
    const all = [...measured, ...sampled]
    const both = await until('the labels of the desk to be counted', 30, async () => {
      const now = await quality()
      return now.labelled === all.length ? now : null
    })
    const together = expectScoresOfSklearn(both, { labels: digits.labels, rows: all, confidenceDigits })
    expect(both.sources).toEqual({ feedback: FEEDBACK_ROWS, desk: sampled.length })
    expect(both.accuracy.value).toBeCloseTo(together.accuracy, 12)
    expect(both.weighted).toMatchObject({ state: 'measured', value: expect.closeTo(together.weighted!, 12) })
    // The desk says the same of the rows that it asked for.
    const desk = await rpc.call('labelling.progress', { deployment: 'digits' })
    expect(desk).toMatchObject({ labelled: sampled.length, accuracy: { value: expect.closeTo(together.accuracy, 12), rows: all.length } })
    process.stdout.write(
      `digits@1.0.0: accuracy ${theirs.accuracy} of ${FEEDBACK_ROWS} rows by feedback, ${together.accuracy} of ${all.length} with the desk, ` +
        `${together.weighted} weighted: as scikit-learn\n`,
    )
  })
})
