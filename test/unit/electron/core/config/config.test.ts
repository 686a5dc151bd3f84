import Database from 'better-sqlite3'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { fleetMigrations } from '../../../../../electron/core/store/fleet/open.ts'
import { rulesHandle } from '../../../../../electron/core/store/open.ts'
import { assignment, desiredMessage, runtimeConfig, type RuntimeConfig } from '../../../../../shared/protocol/assignment.ts'
import { migrate } from '../../../../../shared/store/sqlite-rules.ts'
import { enrolled } from '../../../../harness/fleet.ts'
import { openReleaseDesk, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk

beforeEach(() => {
  desk = openReleaseDesk()
  enrolled(desk.store, 'cam-1', { site: 'lyon' })
  enrolled(desk.store, 'cam-2', { site: 'lyon', line: 'a' })
  enrolled(desk.store, 'cam-3', { site: 'oslo' })
})

/** What the newest signed assignment of a device says; null: nothing was signed. */
const signed = (device: string): RuntimeConfig | null => {
  const row = desk.store.deployments.assignment(device)
  if (row === null) return null
  const message = desiredMessage.parse(JSON.parse(row.message))
  return assignment.parse(JSON.parse(Buffer.from(message.envelope.payload, 'base64').toString())).config
}
/** What counts where no rule says otherwise, beside flags and masks. */
const { flags: _flags, masks: _masks, ...unsaid } = runtimeConfig.parse({})
const fleet = { scope: 'fleet' } as const
const group = (name: string) => ({ scope: 'group', group: name }) as const
const device = (id: string) => ({ scope: 'device', device: id }) as const

describe('configuration rules', () => {
  test('of each field the most specific counts: device, then group by priority and name, then fleet', async () => {
    await desk.call('config.set', {
      target: fleet,
      settings: { windowSeconds: 30, samplesPerWindow: 1, flags: { night: false, mode: 'a' } },
    })
    await desk.call('config.set', { target: group('lyon'), query: 'site = lyon', settings: { windowSeconds: 20, flags: { night: true } } })
    await desk.call('config.set', { target: group('line-a'), query: 'line = a', priority: 5, settings: { windowSeconds: 10 } })
    await desk.call('config.set', { target: group('alike'), query: 'line = a', settings: { samplesPerWindow: 9, windowSeconds: 99 } })
    await desk.call('config.set', { target: device('cam-2'), settings: { logLevel: 'debug', flags: { mode: 3 } } })
    expect([signed('cam-1'), signed('cam-2'), signed('cam-3')]).toEqual([
      { ...unsaid, windowSeconds: 20, samplesPerWindow: 1, flags: { mode: 'a', night: true }, masks: {} },
      { ...unsaid, windowSeconds: 10, samplesPerWindow: 9, logLevel: 'debug', flags: { mode: 3, night: true }, masks: {} },
      { ...unsaid, windowSeconds: 30, samplesPerWindow: 1, flags: { mode: 'a', night: false }, masks: {} },
    ])
    const shown = await desk.call('config.show', { device: 'cam-2' })
    expect(Object.fromEntries(shown.fields.map((one) => [one.field, [one.from, one.rule]]))).toMatchObject({
      windowSeconds: ['group', 'line-a'],
      samplesPerWindow: ['group', 'alike'],
      logLevel: ['device', 'cam-2'],
      'flags.mode': ['device', 'cam-2'],
      'flags.night': ['group', 'lyon'],
      distributionSeconds: ['default', null],
    })
    expect([shown.isSigned, shown.isTaken]).toEqual([true, false])
    const { groups, deviceRules, pending } = await desk.call('config.list', {})
    expect([groups.map(({ name, devices }) => [name, devices]), deviceRules, pending]).toEqual([
      [
        ['line-a', 1],
        ['alike', 1],
        ['lyon', 2],
      ],
      1,
      0,
    ])
  })

  test('only devices that change are signed anew, and a preview says how many and changes nothing', async () => {
    const change = { target: group('lyon'), query: 'site = lyon', settings: { samplesPerWindow: 4 } }
    const effect = { devices: 2, changing: 2, changingOffline: 2, examples: ['cam-1', 'cam-2'] }
    expect(await desk.call('config.preview', { change: { do: 'set', ...change } })).toEqual(effect)
    expect([signed('cam-1'), (await desk.call('config.list', {})).groups]).toEqual([null, []])
    expect(await desk.call('config.set', change)).toEqual({ ...effect, job: null })
    expect([signed('cam-1')?.samplesPerWindow, signed('cam-3')]).toEqual([4, null])
    const counter = desk.counter('cam-1')
    expect((await desk.call('config.set', change)).changing).toBe(0)
    expect(desk.counter('cam-1')).toBe(counter)
  })

  test('a field, a flag and a whole rule can be taken back', async () => {
    await desk.call('config.set', { target: fleet, settings: { windowSeconds: 5, flags: { a: true, b: 1 } } })
    await desk.call('config.unset', { target: fleet, fields: ['flags.a'] })
    expect(signed('cam-1')).toMatchObject({ windowSeconds: 5, flags: { b: 1 } })
    await expect(desk.call('config.unset', { target: fleet, fields: ['flags.a'] })).rejects.toMatchObject({ code: 'config.not-found' })
    await desk.call('config.set', { target: fleet, settings: { samplesPerWindow: 2 }, isWhole: true })
    expect(signed('cam-1')).toEqual({ ...unsaid, samplesPerWindow: 2, flags: {}, masks: {} })
    await desk.call('config.unset', { target: fleet })
    expect(signed('cam-1')).toMatchObject({ windowSeconds: 60, flags: {} })
    await expect(desk.call('config.unset', { target: fleet })).rejects.toMatchObject({ code: 'config.not-found' })
  })

  test('masks are told apart by field, like flags; what is counted, sampled and detected is set like any field', async () => {
    const monitoring = { distributionSeconds: 60, lowConfidenceSamples: 5, lowConfidenceBelow: 0.8, outlierSamples: 2, detectorSamples: 0 }
    await desk.call('config.set', {
      target: fleet,
      settings: { ...monitoring, masks: { patient_id: 'hash', 'Blood type (A.B.O)': 'drop' } },
    })
    await desk.call('config.set', { target: device('cam-1'), settings: { outlierSamples: 9, masks: { patient_id: 'drop' } } })
    expect(signed('cam-1')).toMatchObject({ ...monitoring, outlierSamples: 9, masks: { 'Blood type (A.B.O)': 'drop', patient_id: 'drop' } })
    expect(signed('cam-3')).toMatchObject({ ...monitoring, masks: { patient_id: 'hash' } })
    const shown = await desk.call('config.show', { device: 'cam-1' })
    expect(shown.fields.filter(({ field }) => field.startsWith('masks.')).map(({ field, value, from }) => [field, value, from])).toEqual([
      ['masks.Blood type (A.B.O)', 'drop', 'fleet'],
      ['masks.patient_id', 'drop', 'device'],
    ])
    await desk.call('config.unset', { target: fleet, fields: ['masks.Blood type (A.B.O)', 'detectorSamples'] })
    await desk.call('config.unset', { target: device('cam-1'), fields: ['masks.patient_id'] })
    expect(signed('cam-1')).toMatchObject({ detectorSamples: 100_000, masks: { patient_id: 'hash' } })
    await expect(desk.call('config.unset', { target: fleet, fields: ['masks.age'] })).rejects.toMatchObject({ code: 'config.not-found' })
  })

  test('wrong ones are refused', async () => {
    const set = (target: Parameters<typeof desk.call<'config.set'>>[1]['target'], more: object) =>
      desk.call('config.set', { target, settings: { windowSeconds: 5 }, ...more })
    await expect(set(group('new'), {})).rejects.toThrow('say which devices it is for')
    await expect(set(group('new'), { query: 'status = online' })).rejects.toThrow("not chosen by 'status'")
    await expect(set(group('new'), { query: 'sight = lyon' })).rejects.toMatchObject({ code: 'query.unknown-attribute' })
    await expect(set(fleet, { query: 'site = lyon' })).rejects.toThrow('belong to a group')
    await expect(set(device('cam-9'), {})).rejects.toMatchObject({ code: 'device.not-found' })
    await expect(set(fleet, { settings: { windowSeconds: 0 } })).rejects.toThrow()
    await expect(set(fleet, { settings: { flags: { 'Not a name': true } } })).rejects.toThrow()
    await expect(set(fleet, { settings: { masks: { age: 'blur' } } })).rejects.toThrow()
    await expect(set(fleet, { settings: { lowConfidenceBelow: 1.1 } })).rejects.toThrow()
  })
})

describe('devices that join, change or leave later', () => {
  test('get the configuration of the rules', async () => {
    await desk.call('config.set', { target: group('lyon'), query: 'site = lyon', settings: { windowSeconds: 20 } })
    enrolled(desk.store, 'cam-4', { site: 'lyon' })
    desk.config.note(['cam-4'])
    expect(signed('cam-4')?.windowSeconds).toBe(20)
    desk.store.devices.setLabels('cam-4', { site: 'oslo' })
    desk.config.note(['cam-4'])
    expect(signed('cam-4')?.windowSeconds).toBe(60)
    const counter = desk.counter('cam-4')
    desk.config.note(['cam-4'])
    expect(desk.counter('cam-4')).toBe(counter)
  })

  test('a label that nobody has any more is a group of nobody, and no error', async () => {
    await desk.call('config.set', { target: group('a'), query: 'line = a', settings: { windowSeconds: 20 } })
    desk.store.devices.setLabels('cam-2', {})
    desk.config.note(['cam-2'])
    expect([signed('cam-2')?.windowSeconds, (await desk.call('config.list', {})).groups[0]!.devices]).toEqual([60, 0])
  })

  test('a rule of a device goes with it', async () => {
    await desk.call('config.set', { target: device('cam-1'), settings: { windowSeconds: 20 } })
    desk.store.devices.remove('cam-1')
    expect(desk.store.configRules.countDevices()).toBe(0)
  })

  test('what is left to sign after an end in the middle is signed at the next start', async () => {
    desk.store.configRules.put({
      ...{ scope: 'fleet', name: '', query: null, priority: 0, settings: { windowSeconds: 7 }, setAt: 1, setBy: 'kim' },
    })
    expect((await desk.call('config.list', {})).pending).toBe(3)
    desk.config.noteAll()
    expect([signed('cam-3')?.windowSeconds, (await desk.call('config.list', {})).pending]).toEqual([7, 0])
  })
})

test('very many devices are signed as a job', async () => {
  desk.store.transact(() => {
    for (let i = 0; i < 450; i += 1) enrolled(desk.store, `many-${i}`)
  })
  const { job, changing } = await desk.call('config.set', { target: fleet, settings: { flags: { fast: true } } })
  expect(changing).toBe(453)
  expect(await desk.jobEnd(job!)).toMatchObject({ state: 'done', result: { devices: 453 } })
  expect([signed('many-449')?.flags, (await desk.call('config.list', {})).pending]).toEqual([{ fast: true }, 0])
})

test('what an order says of telemetry is a rule of each of its devices', async () => {
  await desk.importSample('wine', '1.0.0')
  const order = (more: object) => desk.call('deployments.apply', { query: 'id = cam-1', model: 'wine', version: '1.0.0', ...more })
  await order({ windowSeconds: 15 })
  await order({ samplesPerWindow: 2 })
  await desk.call('config.set', { target: fleet, settings: { windowSeconds: 300 } })
  expect(signed('cam-1')).toMatchObject({ windowSeconds: 15, samplesPerWindow: 2 })
  await desk.call('config.unset', { target: device('cam-1'), fields: ['windowSeconds'] })
  expect(signed('cam-1')).toMatchObject({ windowSeconds: 300, samplesPerWindow: 2 })
})

test('the migration keeps what orders of before had set', () => {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  const before = fleetMigrations.filter(({ id }) => id < 40)
  migrate(rulesHandle(db), before, 'memory')
  const row = db.prepare('INSERT INTO assignment (device, counter, issued_at, expires_at, config, message) VALUES (?, 1, 5, 6, ?, ?)')
  for (const [id, config] of [
    ['cam-1', '{"windowSeconds":60,"samplesPerWindow":0}'],
    ['cam-2', '{"windowSeconds":5,"samplesPerWindow":0}'],
    ['cam-3', '{"windowSeconds":60,"samplesPerWindow":3}'],
  ]) {
    db.prepare(`INSERT INTO device (device, secret_hash, enrolled_at) VALUES (?, '', 1)`).run(id)
    row.run(id, config, '{}')
  }
  migrate(rulesHandle(db), fleetMigrations, 'memory')
  expect(db.prepare('SELECT scope, name, settings, set_by FROM config_rule ORDER BY name').raw().all()).toEqual([
    ['device', 'cam-2', '{"windowSeconds":5}', 'an order'],
    ['device', 'cam-3', '{"samplesPerWindow":3}', 'an order'],
  ])
})
