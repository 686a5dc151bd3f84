import { Agent } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { LocalAsk, RuntimeDeployment, RuntimeRole, Vital } from '../../../../agent/runtime/messages.ts'
import { shareOf } from '../../../../agent/runtime/places.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { runtimeConfig, servingRules } from '../../../../shared/protocol/assignment.ts'
import { sampleBody, shadowBody, windowBody } from '../../../../shared/protocol/telemetry.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { call, inferBody, startTestedGenerations, until, type TestedGenerations } from '../../../harness/local-api.ts'
import { madeDeployment } from '../../../harness/made-models.ts'
import { labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'
import { nanForLarge, workByInput } from '../../../harness/onnx/greedy-runs.ts'

let tested: TestedGenerations
const agent = new Agent({ keepAlive: true, maxSockets: 4 })
afterEach(() => tested.stop())

const rows = labelledRows('digits/holdout.csv', 300)
const active = sampleDeployment('reader', samples.digits110)
const beside = (role: RuntimeRole, of: Parameters<typeof sampleDeployment>[1] = samples.digitsRegressed): RuntimeDeployment => ({
  ...sampleDeployment('reader', of),
  role,
})
const shadowRole = (parts: object = {}): RuntimeRole => ({ kind: 'shadow', cpuShare: 1, samplesPerWindow: 0, ...parts })
const read = (row: number, more: object = {}, headers: Record<string, string> = {}, path = 'reader') =>
  call(`${tested.url}/v2/models/${path}/infer`, { body: inferBody('pixels', [rows[row % rows.length]!.row], more), headers, agent })
const bodies = <Body>(kind: string, of: { parse(body: unknown): Body }): Body[] =>
  tested.records.filter((record) => record.kind === kind).map(({ body }) => of.parse(body))

describe('a split', () => {
  test('a key always comes to the same bundle, whoever says it, and its share is kept', async () => {
    tested = await startTestedGenerations({ config: runtimeConfig.parse({ windowSeconds: 3600 }) })
    await tested.serve([active, beside({ kind: 'split', percent: 30 })])
    const expected = (key: string): string => (shareOf('reader', key) < 30 ? '1.3.0-regressed' : '1.1.0')
    for (let i = 0; i < 40; i += 1) {
      const key = `machine-${i}`
      const said = [
        await read(i, { parameters: { key }, id: 'other' }, { 'x-muster-key': 'another' }),
        await read(i, { id: 'other' }, { 'X-Muster-Key': key }),
        await read(i, { id: key }),
      ]
      expect([key, ...said.map(({ body }) => body.model_version)]).toEqual([key, ...said.map(() => expected(key))])
    }
    const byChance = await Promise.all(Array.from({ length: 200 }, (_, i) => read(i)))
    const share = byChance.filter(({ body }) => body.model_version === '1.3.0-regressed').length / byChance.length
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.55)
    const keys = Array.from({ length: 20_000 }, (_, i) => shareOf('reader', `key ${i}`))
    expect(keys.filter((at) => at < 30).length / keys.length).toBeCloseTo(0.3, 1)
  })

  test('answers, windows, ids and feedback belong to the bundle that answered; a version reaches either', async () => {
    tested = await startTestedGenerations({ config: runtimeConfig.parse({ windowSeconds: 3600 }) })
    await tested.serve([active, beside({ kind: 'split', percent: 50 })])
    expect((await call(`${tested.url}/v2/models/reader`)).body.versions).toEqual(['1.1.0', '1.3.0-regressed'])
    for (const version of ['1.1.0', '1.3.0-regressed']) {
      const { body } = await read(1, {}, {}, `reader/versions/${version}`)
      expect(body.model_version).toBe(version)
      const feedback = await call(`${tested.url}/v2/models/reader/feedback`, { body: { id: body.id, label: rows[1]!.label } })
      expect(feedback).toMatchObject({ status: 200, body: { stored: 1 } })
    }
    expect((await read(0, {}, {}, 'reader/versions/9')).body.error).toBe('reader runs version 1.1.0 and 1.3.0-regressed; 9 is not loaded.')
    await tested.generations.stop()
    const perVersion = (kind: string) =>
      tested.records.filter((record) => record.kind === kind).map(({ body }) => Reflect.get(Object(body), 'version'))
    expect([perVersion('labels'), perVersion('window')].map((list) => list.map(String).toSorted((a, b) => a.localeCompare(b)))).toEqual([
      ['1.1.0', '1.3.0-regressed'],
      ['1.1.0', '1.3.0-regressed'],
    ])
  })

  test('the share changes without another generation, and a bundle that cannot be loaded leaves its share', async () => {
    tested = await startTestedGenerations()
    const split = beside({ kind: 'split', percent: 0 })
    await tested.serve([active, split])
    const version = async () => (await read(0, { parameters: { key: 'k' } })).body.model_version
    expect(await version()).toBe('1.1.0')
    tested.generations.tune([{ ...split, role: { kind: 'split', percent: 100 } }])
    await until(async () => (await version()) === '1.3.0-regressed', 'the share is taken over')
  })
})

describe('a shadow', () => {
  test('sees what the active bundle answers, says where it differs, and answers nobody', async () => {
    tested = await startTestedGenerations({ config: runtimeConfig.parse({ windowSeconds: 3600 }) })
    await tested.serve([active, beside(shadowRole({ samplesPerWindow: 5 }))])
    for (let i = 0; i < 60; i += 1) expect((await read(i)).body.model_version).toBe('1.1.0')
    expect((await read(0, {}, {}, 'reader/versions/1.3.0-regressed')).status).toBe(404)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await tested.generations.stop()
    const [shadow, ...others] = bodies('shadow', shadowBody)
    expect(others).toEqual([])
    expect(shadow).toMatchObject({
      ...{ deployment: 'reader', version: '1.3.0-regressed', against: active.digest, againstVersion: '1.1.0' },
      ...{ offered: 60, failed: 0, notFinite: 0, difference: null },
    })
    expect(shadow!.compared + shadow!.skipped).toBe(60)
    expect(shadow!.compared).toBeGreaterThan(5)
    expect(shadow!.latencyMs.count).toBe(shadow!.compared)
    expect(shadow!.cpuMs).toBeGreaterThan(0)
    expect(shadow!.agreed).toBeLessThan(shadow!.compared)
    expect(shadow!.pairs.reduce((sum, [, , count]) => sum + count, 0)).toBe(shadow!.compared - shadow!.agreed)
    const disagreements = bodies('sample', sampleBody)
    expect(disagreements.length).toBe(Math.min(5, shadow!.compared - shadow!.agreed))
    for (const sample of disagreements)
      expect(sample).toMatchObject({
        version: '1.1.0',
        reason: 'disagreement',
        other: { version: '1.3.0-regressed', outcomes: [expect.any(String)] },
      })
    const windows = bodies('window', windowBody)
    expect(windows.map(({ version, requests }) => [version, requests])).toEqual([['1.1.0', 60]])
  })

  test('tells the run time of the active bundle for the same requests, without what the cache answered', async () => {
    tested = await startTestedGenerations({ config: runtimeConfig.parse({ windowSeconds: 3600 }) })
    const named = (deployment: string, serving: object): RuntimeDeployment[] => [
      { ...active, deployment, serving: servingRules.parse(serving) },
      { ...beside(shadowRole()), deployment },
    ]
    await tested.serve([...named('plain', {}), ...named('cached', { cacheEntries: 10 })])
    for (let i = 0; i < 6; i += 1) {
      expect((await read(i, {}, {}, 'plain')).status).toBe(200)
      expect((await read(0, {}, {}, 'cached')).status).toBe(200)
    }
    await tested.generations.stop()
    const counts = bodies('shadow', shadowBody).map((body) => [body.deployment, body.latencyMs.count, body.activeLatencyMs?.count])
    const of = (name: string) => counts.find(([deployment]) => deployment === name)!
    // On a busy machine more wait than the queue holds: what the shadow did not try is in neither.
    expect(of('plain')[1]).toBeGreaterThan(0)
    expect(of('plain')[2]).toBe(of('plain')[1])
    expect(of('cached')[1]).toBeGreaterThan(0)
    expect(of('cached')[2]).toBeLessThanOrEqual(1)
  })

  test('that fails, gives NaN or has spent its share never hurts', async () => {
    const beats: Vital[] = []
    tested = await startTestedGenerations({
      config: runtimeConfig.parse({ windowSeconds: 3600 }),
      onBeat: ({ vitals }) => void beats.push(...vitals),
    })
    const folder = temporaryDirectory()
    const spent = { ...sampleDeployment('spent', samples.digits110), role: shadowRole({ cpuShare: 1e-9 }) }
    await tested.serve([
      active,
      beside(shadowRole(), samples.wine100),
      madeDeployment('worker', workByInput(), folder),
      madeDeployment('worker', nanForLarge(), folder, { role: shadowRole() }),
      sampleDeployment('spent', samples.digits120),
      spent,
    ])
    for (let i = 0; i < 10; i += 1) {
      expect((await read(i)).status).toBe(200)
      expect((await read(i, {}, {}, 'spent')).status).toBe(200)
      // One is fine for both bundles; a thousand and more is NaN for the shadow.
      const body = inferBody('x', [[i < 5 ? 1 : 1200, 0, 0, 0]])
      const answer = await call(`${tested.url}/v2/models/worker/infer`, { body, agent })
      expect([answer.status, answer.body.outputs[0].data[0]]).toEqual([200, i < 5 ? 1 : 1200])
    }
    await until(() => beats.some((vital) => vital.deployment === 'worker' && vital.notFinite > 0), 'NaN of the shadow is in a heartbeat')
    await until(
      () => beats.some((vital) => vital.deployment === 'reader' && vital.digest !== active.digest && vital.failed > 0),
      'failures of the shadow are in a heartbeat',
    )
    await tested.generations.stop()
    const of = (deployment: string) => bodies('shadow', shadowBody).find((body) => body.deployment === deployment)
    // On a busy machine more wait than the queue holds: each offered one is still counted once.
    const reader = of('reader')!
    expect(reader).toMatchObject({ offered: 10, failed: 10 - reader.skipped, compared: 0, agreed: 0 })
    const spentShare = of('spent')!
    expect(spentShare).toMatchObject({ offered: 10, skipped: 10 - spentShare.compared })
    expect(spentShare.compared).toBeLessThanOrEqual(1)
    expect(of('worker')).toMatchObject({ offered: 10, failed: 0, compared: 0, notFinite: expect.any(Number) })
    expect(of('worker')!.notFinite).toBeGreaterThan(0)
  })
})

describe('what the supervisor hears and says', () => {
  test('vitals count what reached the model, per bundle', async () => {
    const last = new Map<string, Vital>()
    tested = await startTestedGenerations({ onBeat: ({ vitals }) => vitals.forEach((vital) => last.set(vital.deployment, vital)) })
    await tested.serve([active, madeDeployment('numbers', nanForLarge(), temporaryDirectory())])
    const ask = (value: number) => call(`${tested.url}/v2/models/numbers/infer`, { body: inferBody('x', [[value, 0, 0, 0]]), agent })
    for (const value of [1, 2, 3, 2000, 3000]) expect((await ask(value)).status).toBe(200)
    expect((await call(`${tested.url}/v2/models/numbers/infer`, { body: inferBody('x', [[1]]) })).status).toBe(400)
    await until(() => last.get('numbers')?.inferences === 5, 'five inferences in a heartbeat')
    expect(last.get('numbers')).toMatchObject({ inferences: 5, failed: 0, notFinite: 2, medianMs: expect.any(Number) })
    expect(last.get('reader')).toMatchObject({ digest: active.digest, inferences: 0, failed: 0, notFinite: 0, medianMs: null })
  })

  test('inference as a message is answered as over HTTP', async () => {
    tested = await startTestedGenerations()
    await tested.serve([active])
    const good = await tested.generations.infer('reader', inferBody('pixels', [rows[0]!.row], { id: 'm-1' }))
    expect(good).toMatchObject({ status: 200, body: { model_version: '1.1.0', id: 'm-1', parameters: { label: rows[0]!.label } } })
    expect(await tested.generations.infer('reader', { inputs: 7 })).toMatchObject({ status: 400, body: { code: 'inference.bad-input' } })
    expect(await tested.generations.infer('nobody', {})).toMatchObject({ status: 404, body: { code: 'inference.not-found' } })
  })

  test('lock, revert and status are asked of the supervisor, flags are read here; both change without a restart', async () => {
    const asked: LocalAsk[] = []
    tested = await startTestedGenerations({
      config: runtimeConfig.parse({ windowSeconds: 30, flags: { 'night-mode': true } }),
      onAsk: (ask) => {
        asked.push(ask)
        if (ask.kind === 'revert') throw new Problem('revert.nothing', 'There is no last good version of reader.')
        return {
          status: 200,
          body: ask.kind === 'status' ? { running: true, lock: { reason: 'busy', since: 1, until: 2 } } : { done: ask.kind },
        }
      },
    })
    await tested.serve([active])
    const at = (path: string, method: string, body?: unknown) =>
      call(`${tested.url}${path}`, { method, ...(body === undefined ? {} : { body }) })
    expect(await at('/v1/lock', 'POST', { reason: 'filling a tank', until: 5000 })).toMatchObject({ status: 200, body: { done: 'lock' } })
    expect(await at('/v1/lock', 'GET')).toMatchObject({ status: 200, body: { lock: { reason: 'busy', since: 1, until: 2 } } })
    expect(await at('/v1/lock', 'DELETE')).toMatchObject({ status: 200, body: { done: 'unlock' } })
    expect(await at('/v1/status', 'GET')).toMatchObject({ status: 200, body: { running: true } })
    expect(await at('/v1/revert/reader', 'POST', { reason: 'it is wrong' })).toMatchObject({
      status: 409,
      body: { code: 'revert.nothing' },
    })
    expect(await at('/v1/lock', 'POST', { reason: '' })).toMatchObject({ status: 400, body: { code: 'lock.invalid' } })
    expect(await at('/v1/revert/reader', 'POST', {})).toMatchObject({ status: 400, body: { code: 'inference.bad-input' } })
    expect(await at('/v1/lock', 'PUT')).toMatchObject({ status: 405 })
    expect(await call(`${tested.url}/v1/lock`, { headers: { Origin: 'http://evil.test' }, body: {} })).toMatchObject({ status: 403 })
    expect(asked.map(({ kind }) => kind)).toEqual(['lock', 'status', 'unlock', 'status', 'revert'])
    expect(asked[0]).toEqual({ kind: 'lock', lock: { reason: 'filling a tank', until: 5000 } })

    const config = async () => (await at('/v1/config', 'GET')).body
    expect(await config()).toMatchObject({
      flags: { 'night-mode': true },
      config: { windowSeconds: 30, samplesPerWindow: 0, logLevel: null },
    })
    tested.generations.configure(runtimeConfig.parse({ windowSeconds: 60, flags: { 'night-mode': false, limit: 3 } }))
    await until(async () => (await config()).config.windowSeconds === 60, 'the configuration is taken over')
    expect((await config()).flags).toEqual({ 'night-mode': false, limit: 3 })
  })
})

test('answers of exactly equal inputs come from the cache: each with its own id, all counted', async () => {
  tested = await startTestedGenerations({ config: runtimeConfig.parse({ windowSeconds: 3600 }) })
  await tested.serve([{ ...active, serving: servingRules.parse({ cacheEntries: 2 }) }])
  const answers = []
  for (const row of [0, 0, 1, 0, 2, 0, 1])
    answers.push((await read(row, { outputs: [{ name: row === 0 ? 'label' : 'probabilities' }] })).body)
  expect(new Set(answers.map(({ id }) => id)).size).toBe(7)
  expect([answers[1].outputs, answers[3].outputs]).toEqual([answers[0].outputs, answers[0].outputs])
  const scraped = await fetch(`${tested.url}/metrics`).then((response) => response.text())
  await tested.generations.stop()
  // 0 1 are kept; 2 puts 1 out, as 0 was used since; the last 1 is run again.
  expect(bodies('window', windowBody)).toMatchObject([{ requests: 7, rows: 7, cacheHits: 3, latencyMs: { count: 7 } }])
  expect(scraped).toContain('muster_prediction_cache_hits_total{deployment="reader",model="digits",version="1.1.0"} 3\n')
  expect(scraped).toContain('muster_inference_requests_total{deployment="reader",model="digits",version="1.1.0",code="ok"} 7\n')
  expect(scraped).toContain('muster_inference_duration_seconds_bucket{deployment="reader",model="digits",version="1.1.0",le="+Inf"} 7\n')
})
