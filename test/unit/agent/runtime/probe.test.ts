import { describe, expect, test } from 'vitest'
import { probe, type Gauges } from '../../../../agent/runtime/probe.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { goldenDeployment, labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'

const rows = labelledRows('digits/holdout.csv', 4).map(({ row }) => row)
const golden = (of: typeof samples.digits110, answersFrom = of) =>
  goldenDeployment('reader', of, { directory: temporaryDirectory(), rows, answersFrom })

/** Each run of the model takes 3 ms; memory grows by 5 MB with every look at it. */
function gauges(): Gauges {
  let now = 0
  let rss = 50e6
  return { monotonic: () => (now += 1.5), rssBytes: () => (rss += 5e6) }
}

describe('a probe', () => {
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
