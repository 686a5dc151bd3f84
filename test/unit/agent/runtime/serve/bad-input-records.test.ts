import { afterEach, expect, test } from 'vitest'
import { distributionBody, windowBody } from '../../../../../shared/protocol/telemetry.ts'
import { call, inferBody, startTestedGenerations, type TestedGenerations } from '../../../../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../../../../harness/manifest.ts'

let tested: TestedGenerations
afterEach(() => tested.stop())

test('case 24: what is refused as input is counted as an error and never reaches the distributions that drift is judged by', async () => {
  tested = await startTestedGenerations()
  await tested.serve([sampleDeployment('reader', samples.digits110)])
  const url = `${tested.url}/v2/models/reader/infer`
  const rows = labelledRows('digits/holdout.csv', 4).map(({ row }) => row)
  for (const row of rows) expect((await call(url, { body: inferBody('pixels', [row]) })).status).toBe(200)
  const pixels = rows[0]!
  const bad: unknown[] = [
    inferBody('pixels', [[1e39, ...pixels.slice(1)]]),
    { inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: [null, ...pixels.slice(1)] }] },
    { inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'INT32', data: pixels }] },
    { inputs: [{ name: 'pixels', shape: [1_000_000_000, 64], datatype: 'FP32', data: pixels }] },
    { inputs: [{ name: 'pixels', shape: [0, 64], datatype: 'FP32', data: [] }] },
  ]
  for (const body of bad) expect((await call(url, { body: body as object })).body.code).toBe('inference.bad-input')
  await tested.generations.stop()
  const of = (kind: string): unknown[] => tested.records.filter((record) => record.kind === kind).map(({ body }) => body)
  const windows = of('window').map((body) => windowBody.parse(body))
  const sum = (count: (body: (typeof windows)[number]) => number): number => windows.reduce((total, body) => total + count(body), 0)
  expect([sum(({ rows }) => rows), sum(({ requests }) => requests), sum(({ errors }) => errors['inference.bad-input'] ?? 0)]).toEqual([
    rows.length,
    rows.length + bad.length,
    bad.length,
  ])
  const counted = of('distribution').map((body) => distributionBody.parse(body))
  expect(counted.reduce((total, body) => total + body.rows, 0)).toBe(rows.length)
})
