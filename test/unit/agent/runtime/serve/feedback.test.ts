import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { labelsBody } from '../../../../../shared/protocol/telemetry.ts'
import { labelledRows, sampleDeployment, samples } from '../../../../harness/manifest.ts'
import { call, inferBody, startTestedGenerations, until, type Answer, type TestedGenerations } from '../../../../harness/local-api.ts'

let tested: TestedGenerations
let directory: string
const digits = labelledRows('digits/holdout.csv', 70)

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-feedback-'))
  tested = await startTestedGenerations({ directory })
})
afterEach(async () => {
  await tested.stop()
  rmSync(directory, { recursive: true })
})

const predict = async (rows: number, more: object = {}, model = 'reader'): Promise<string> => {
  const body = inferBody(
    'pixels',
    digits.slice(0, rows).map(({ row }) => row),
    more,
  )
  const answer = await call(`${tested.url}/v2/models/${model}/infer`, { body })
  expect(answer.status).toBe(200)
  return answer.body.id
}
const feedback = (body: unknown, path = '/v2/models/reader/feedback'): Promise<Answer> => call(`${tested.url}${path}`, { body })
const stored = () => tested.records.filter((record) => record.kind === 'labels').map((record) => labelsBody.parse(record.body))

describe('feedback', () => {
  test('a label is stored with the prediction it belongs to', async () => {
    const before = Date.now()
    const reader = sampleDeployment('reader', samples.digits110)
    await tested.serve([reader])
    const id = await predict(1)
    expect(await feedback({ id, label: 3 })).toMatchObject({ status: 200, body: { stored: 1 } })
    const { label } = digits[0]!
    expect(stored()).toEqual([
      {
        deployment: 'reader',
        digest: reader.digest,
        model: 'digits',
        version: '1.1.0',
        items: [{ id, row: 0, predictedAt: expect.any(Number), predicted: label, actual: '3', confidence: expect.closeTo(1, 1) }],
      },
    ])
    const { predictedAt } = stored()[0]!.items[0]!
    expect(predictedAt >= before && predictedAt <= Date.now()).toBe(true)
  })

  test('rows, lists and ids of clients: every label finds its row', async () => {
    await tested.serve([sampleDeployment('reader', samples.digits110), sampleDeployment('spare', samples.digits120)])
    const three = await predict(3)
    const named = await predict(1, { id: 'order-7' })
    expect(named).toBe('order-7')
    const body = [
      { id: three, labels: ['1', null, 2] },
      { id: 'order-7', label: '9' },
    ]
    expect(await feedback(body, '/v2/feedback')).toMatchObject({ status: 200, body: { stored: 3 } })
    expect(stored().flatMap(({ items }) => items.map(({ id, row, actual }) => [id, row, actual]))).toEqual([
      [three, 0, '1'],
      [three, 2, '2'],
      [expect.stringMatching(/^order-7~/), 0, '9'],
    ])
    await predict(1, { id: 'order-7' }, 'spare')
    expect((await feedback({ id: 'order-7', label: 1 }, '/v2/feedback')).body.error).toContain('Several deployments know the id')
    expect((await feedback({ id: 'order-7', label: 1 }, '/v2/models/spare/feedback')).status).toBe(200)
    // The console keeps one label per prediction id of a device: that of the spare must not replace that of the reader.
    const [reader, spare] = stored().flatMap(({ items }) => items.filter(({ id }) => id.startsWith('order-7')))
    expect(spare!.id).not.toBe(reader!.id)
  })

  test('an id in another spelling of base64 is unknown: its label would count twice', async () => {
    await tested.serve([sampleDeployment('scorer', samples.diabetes100)])
    const body = inferBody('features', [labelledRows('diabetes/holdout.csv', 1)[0]!.row])
    const { id } = (await call(`${tested.url}/v2/models/scorer/infer`, { body })).body
    expect((await feedback({ id, label: 118 }, '/v2/feedback')).status).toBe(200)
    expect((await feedback({ id: `${id}A`, label: 118 }, '/v2/feedback')).body.code).toBe('feedback.unknown-prediction')
    expect(stored()).toHaveLength(1)
  })

  test('a class may be told by its label, by its index, or by its index in text, as in the CSV files of the console', async () => {
    await tested.serve([sampleDeployment('reader', samples.wine100)])
    const body = inferBody('sensors', [labelledRows('wine/holdout.csv', 1)[0]!.row])
    const { id } = (await call(`${tested.url}/v2/models/reader/infer`, { body })).body
    for (const label of ['barbera', 2, '2']) expect((await feedback({ id, label })).status).toBe(200)
    expect(stored().map(({ items }) => items[0]!.actual)).toEqual(['barbera', 'barbera', 'barbera'])
    for (const label of ['3', 3, '-1', '0.0', '']) expect((await feedback({ id, label })).body.code).toBe('feedback.bad-label')
  })

  test('200 comes only after the spool has it; a refusal says why and stores nothing', async () => {
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    const id = await predict(1)
    tested.refuseWith.problem = new Problem('store.disk-full', 'No space to write spool.db.')
    expect(await feedback({ id, label: 1 })).toMatchObject({
      status: 507,
      body: { error: 'No space to write spool.db.', code: 'store.disk-full' },
    })
    tested.refuseWith.problem = null
    expect(stored()).toEqual([])
    expect((await feedback({ id, label: 1 })).status).toBe(200)
    expect(stored().length).toBe(1)
  })

  test('finds predictions after other models, a crash of the runtime and a restart of the agent', async () => {
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    const old = await predict(1)
    await predict(1, { id: 'mine' })
    await tested.serve([sampleDeployment('reader', samples.digits120)])
    await until(async () => (await feedback({ id: 'mine', label: 1 })).status === 200, 'the id of the client is handed over')
    expect((await feedback({ id: old, label: 2 })).status).toBe(200)
    await tested.serve([sampleDeployment('scorer', samples.diabetes100)])
    expect((await feedback({ id: old, label: 2 })).status).toBe(200)
    expect((await feedback({ id: old, label: 2 }, '/v2/models/digits/feedback')).status).toBe(200)
    const versions = stored().map(({ version }) => version)
    await tested.generations.stop()
    tested = await startTestedGenerations({ directory })
    await tested.serve([sampleDeployment('scorer', samples.diabetes100)])
    expect((await feedback({ id: old, label: 2 }, '/v2/feedback')).status).toBe(200)
    expect([...versions, ...stored().map(({ version }) => version)]).toEqual(Array.from({ length: 5 }, () => '1.1.0'))
  })

  test('what cannot be stored is refused as a whole, with its reason', async () => {
    await tested.serve([sampleDeployment('reader', samples.digits110), sampleDeployment('scorer', samples.diabetes100)])
    const one = await predict(1)
    const two = await predict(2)
    const many = await predict(70)
    const value = (
      await call(`${tested.url}/v2/models/scorer/infer`, { body: inferBody('features', [labelledRows('diabetes/holdout.csv', 1)[0]!.row]) })
    ).body.id
    const refused: [body: unknown, status: number, code: string, says: string][] = [
      [{ id: 'unknown', label: 1 }, 404, 'feedback.unknown-prediction', 'No prediction with id "unknown"'],
      [{ id: `${one.slice(0, -2)}AA`, label: 1 }, 404, 'feedback.unknown-prediction', 'No prediction'],
      [{ id: value, label: 1 }, 404, 'feedback.unknown-prediction', 'No prediction'],
      [{ id: one, label: 'eleven' }, 400, 'feedback.bad-label', '"eleven" is no label of the model; its labels are 0, 1, 2'],
      [{ id: one, label: 10 }, 400, 'feedback.bad-label', '"10" is no label'],
      [{ id: one, label: 1.5 }, 400, 'feedback.bad-label', '"1.5" is no label'],
      [{ id: one, label: true }, 400, 'inference.bad-input', 'Feedback is'],
      [{ id: one }, 400, 'feedback.bad-label', 'Send either label or labels'],
      [{ id: one, label: 1, labels: [1] }, 400, 'feedback.bad-label', 'Send either label or labels'],
      [{ id: two, label: 1 }, 400, 'feedback.bad-label', 'has 2 rows; send labels'],
      [{ id: two, labels: [1] }, 400, 'feedback.bad-label', '1 labels came for the prediction; it has 2 rows'],
      [{ id: many, labels: Array.from({ length: 70 }, () => 1) }, 400, 'feedback.bad-label', 'the first 64 of its 70 rows can be labelled'],
      [{ id: many, labels: [1] }, 400, 'feedback.bad-label', 'the first 64 of its 70 rows can be labelled'],
      [
        [
          { id: one, label: 1 },
          { id: one, label: 'x' },
        ],
        400,
        'feedback.bad-label',
        'Entry 1: ',
      ],
      [Array.from({ length: 501 }, () => ({ id: one, label: 1 })), 400, 'inference.bad-input', 'a list of up to 500'],
      ['[', 400, 'inference.bad-input', 'not JSON'],
    ]
    for (const [body, status, code, says] of refused) {
      const answer = await feedback(body)
      expect([says, answer.status, answer.body.code]).toEqual([says, status, code])
      expect(answer.body.error).toContain(says)
    }
    expect(stored()).toEqual([])
    expect((await feedback({ id: value, label: 'much' }, '/v2/models/scorer/feedback')).body.code).toBe('feedback.bad-label')
    expect((await feedback({ id: value, label: 151.5 }, '/v2/models/scorer/feedback')).status).toBe(200)
    expect(stored()[0]!.items[0]).toMatchObject({ predicted: expect.any(Number), actual: 151.5, confidence: null })
    expect((await feedback({ id: 'x', label: 1 }, '/v2/models/nobody/feedback')).status).toBe(404)
  })

  test('500 entries become records that fit into a batch', async () => {
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    const id = await predict(1, { id: 'x'.repeat(128) })
    expect(await feedback(Array.from({ length: 500 }, () => ({ id, label: 1 })))).toMatchObject({ status: 200, body: { stored: 500 } })
    expect(stored().map(({ items }) => items.length)).toEqual([100, 100, 100, 100, 100])
    for (const record of tested.records) expect(JSON.stringify(record.body).length).toBeLessThan(64 * 1024)
  })
})
