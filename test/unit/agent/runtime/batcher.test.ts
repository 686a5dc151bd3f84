import { afterEach, expect, test } from 'vitest'
import { Agent } from 'node:http'
import { Batcher } from '../../../../agent/runtime/batcher.ts'
import { RunLane } from '../../../../agent/runtime/run-lane.ts'
import { servedFrom, type Served } from '../../../../agent/runtime/served.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { Tensor } from '../../../../shared/inference/tensor.ts'
import { servingRules } from '../../../../shared/protocol/assignment.ts'
import { call, inferBody, startTestedGenerations, type TestedGenerations } from '../../../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'

let tested: TestedGenerations | null = null
afterEach(async () => {
  await tested?.stop()
  tested = null
})

const serving = servingRules.parse({ batchRows: 32, batchDelayMs: 20 })
const tensor = (...values: number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [values.length, 1],
  data: Float32Array.from(values),
})

/** A bundle whose model doubles, tells the rows of each run, and fails on a 13. */
function doubling(runs: number[]): Served {
  const model = {
    run: ([x]: readonly Tensor[]): Promise<Tensor[]> => {
      const data = x!.data as Float32Array
      runs.push(data.length)
      if (data.includes(13)) return Promise.reject(new Problem('inference.failed', 'Thirteen.'))
      return Promise.resolve([{ ...x!, name: 'y', data: data.map((value) => value * 2) }])
    },
  }
  return servedFrom(
    { ...sampleDeployment('doubler', samples.diabetes100), serving },
    { model, problem: null, tolerance: null, baseline: null },
  )
}

const later = (): number => performance.now() + 10_000
const parts = (served: Served) => new Batcher(new RunLane({ monotonic: () => performance.now(), board: null, served: [served] }))

test('waiting requests of one form are one run, and each gets its own rows', async () => {
  const runs: number[] = []
  const served = doubling(runs)
  const batcher = parts(served)
  const run = (...values: number[]) => batcher.run(served, { inputs: [tensor(...values)], rows: values.length, until: later() })
  const given = [[1], [2, 3], [4], [5, 6, 7]]
  const answers = await Promise.all(given.map((values) => run(...values)))
  expect(runs).toEqual([7])
  expect(answers.map(({ outputs }) => [...(outputs[0]!.data as Float32Array)])).toEqual(
    given.map((values) => values.map((value) => value * 2)),
  )
  expect(answers.map(({ outputs }) => outputs[0]!.shape)).toEqual(given.map((values) => [values.length, 1]))
  // What a run took is shared among its riders, which is no measure of a run alone.
  expect([...answers.map(({ isJoined }) => isJoined), (await run(8)).isJoined]).toEqual([true, true, true, true, undefined])
})

test('a bad request fails alone, and no run is larger than the rule', async () => {
  const runs: number[] = []
  const served = doubling(runs)
  const batcher = parts(served)
  const run = (...values: number[]) => batcher.run(served, { inputs: [tensor(...values)], rows: values.length, until: later() })
  const ends = await Promise.allSettled([run(1), run(13), run(2)])
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(runs).toEqual([3, 1, 1, 1])
  runs.length = 0
  const many = await Promise.all(Array.from({ length: 100 }, (_, i) => run(20 + i)))
  expect(many.map(({ outputs }) => outputs[0]!.data[0])).toEqual(Array.from({ length: 100 }, (_, i) => 40 + 2 * i))
  expect(Math.max(...runs)).toBe(32)
  expect(runs.reduce((sum, rows) => sum + rows, 0)).toBe(100)
})

test('over HTTP the answers are those of single runs', async () => {
  tested = await startTestedGenerations()
  const { url } = tested
  const rows = labelledRows('digits/holdout.csv', 40)
  const reader = sampleDeployment('reader', samples.digits110)
  await tested.serve([reader, { ...reader, deployment: 'joined', serving: servingRules.parse({ batchRows: 16, batchDelayMs: 10 }) }])
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const ask = (name: string) => (row: number[]) => call(`${url}/v2/models/${name}/infer`, { body: inferBody('pixels', [row]), agent })
  const [single, joined] = await Promise.all(
    ['reader', 'joined'].map((name) => Promise.all(rows.map(({ row }, i) => ask(name)(i % 10 === 3 ? row.slice(1) : row)))),
  )
  expect(joined!.map(({ status, body }) => [status, body.parameters?.label ?? body.code])).toEqual(
    single!.map(({ status, body }) => [status, body.parameters?.label ?? body.code]),
  )
  expect(joined!.filter(({ status }) => status === 400).length).toBe(4)
  agent.destroy()
})
