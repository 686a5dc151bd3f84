import { describe, expect, it } from 'vitest'
import type { ChannelInput } from '../../../../../../shared/domain/alert.ts'
import { until } from '../../../../../../build/demo/child.ts'
import { HOUR, MINUTE, openAlertDesk } from '../../../../../harness/alert-desk.ts'
import { fleetStore, temporaryDirectory } from '../../../../../harness/fleet.ts'
import { startWebhookReceiver } from '../../../../../harness/webhook-receiver.ts'

type Desk = ReturnType<typeof openAlertDesk>

const hookOf = (url: string, change: object = {}): ChannelInput => ({
  ...{
    kind: 'webhook',
    name: 'Ops',
    isEnabled: true,
    leastSeverity: 'warning',
    tellsResolved: true,
    url,
    secret: 'key',
    allowsPrivate: true,
  },
  ...change,
})

/** Devices are away for so long that they are missed. */
async function miss(desk: Desk, devices: readonly string[], ms = 17 * MINUTE): Promise<void> {
  for (const device of devices) desk.connect(device)
  await desk.pass(MINUTE)
  for (const device of devices) desk.connect(device, 'offline')
  await desk.pass(ms)
}

const names = (count: number, first = 1): string[] => Array.from({ length: count }, (_, i) => `cam-${first + i}`)
const kinds = async (desk: Desk): Promise<string[]> =>
  (await desk.call('alerts.deliveries', {})).deliveries
    .filter(({ channel }) => channel === 'ops')
    .map(({ kind, state }) => `${kind} ${state}`)
    .reverse()

/** A desk with a webhook; `sent` waits until nothing is under way. */
async function told(store = fleetStore(temporaryDirectory())) {
  const desk = openAlertDesk({ store })
  const hook = await startWebhookReceiver('key')
  await desk.call('alerts.setChannel', { set: hookOf(hook.url) })
  const sent = async (): Promise<string[]> => {
    await until('nothing to be under way', 10, async () => {
      desk.alerts.kick()
      const { deliveries } = await desk.call('alerts.deliveries', {})
      return deliveries.every(({ channel, state, nextAt }) => channel !== 'ops' || state !== 'waiting' || nextAt! > desk.clock.at)
        ? true
        : null
    })
    return hook.received.map(({ event }) => event.data.title)
  }
  return { desk, hook, sent }
}

describe('who is told', () => {
  it('tells many devices in one notice, and more of them no sooner than five minutes later', async () => {
    const { desk, hook, sent } = await told()
    await miss(desk, names(30))
    expect(await sent()).toEqual(['Device offline: 30 alerts'])
    expect(hook.received[0]!.event.data).toMatchObject({ total: 30, severity: 'warning' })
    expect(hook.received[0]!.event.data.alerts).toHaveLength(20)
    // Three more go one after the other within five minutes: one is told at once, the others together when the time is over.
    for (const device of names(3, 31)) {
      desk.connect(device)
      await desk.pass(15_000)
      desk.connect(device, 'offline')
      await desk.pass(45_000)
    }
    await desk.pass(13 * MINUTE)
    expect((await sent()).slice(1)).toEqual(['Device offline: cam-31'])
    await desk.pass(2 * MINUTE)
    expect((await sent()).slice(2)).toEqual([])
    await desk.pass(5 * MINUTE)
    expect((await sent()).slice(2)).toEqual(['Device offline: 2 alerts'])
  })

  it('tells the end to whoever was told the beginning', async () => {
    const { desk, sent } = await told()
    await miss(desk, ['cam-1'])
    desk.connect('cam-1')
    await sent()
    await desk.pass(3 * MINUTE)
    expect(await sent()).toEqual(['Device offline: cam-1', 'Resolved: Device offline: cam-1'])
    const { alerts } = await desk.call('alerts.list', { state: 'resolved' })
    const { events } = await desk.call('alerts.show', { alert: alerts[0]!.alert })
    expect(events.map(({ kind }) => kind)).toEqual(['firing', 'told', 'resolved', 'told'])
  })

  it('tells nobody of what is over before it was told', async () => {
    const desk = openAlertDesk()
    await desk.call('alerts.setChannel', { set: hookOf('http://127.0.0.1:9/') })
    await desk.call('alerts.setRule', {
      rule: 'device-offline',
      set: { name: 'Away', condition: { kind: 'absence', of: 'connection', forMs: MINUTE }, per: 'device', clearMs: 0 },
    })
    desk.connect('cam-1')
    await desk.pass(MINUTE)
    desk.connect('cam-1', 'offline')
    await desk.pass(MINUTE + 15_000)
    expect(await kinds(desk)).toEqual(['firing waiting'])
    desk.connect('cam-1')
    await desk.pass(15_000)
    expect(await kinds(desk)).toEqual(['firing dropped'])
  })

  it('is quiet while silenced, also before it fires, and tells when the silence ends and it still fires', async () => {
    const { desk, sent } = await told()
    const silence = await desk.call('alerts.silence', { rule: 'device-offline', query: 'id = cam-1', forMs: HOUR, reason: 'moving house' })
    await miss(desk, ['cam-1', 'cam-2'])
    expect(await sent()).toEqual(['Device offline: cam-2'])
    const quiet = (await desk.call('alerts.list', { isQuiet: true })).alerts
    expect(quiet).toMatchObject([{ state: 'firing', subject: { device: 'cam-1' }, silencedUntil: silence.until }])
    expect((await desk.call('alerts.silences', {})).silences).toMatchObject([{ alerts: 1, reason: 'moving house', by: 'kim' }])
    await desk.pass(HOUR)
    expect(await sent()).toEqual(['Device offline: cam-2', 'Device offline: cam-1'])
    await expect(desk.call('alerts.unsilence', { silence: silence.silence })).rejects.toThrow('no silence')
  })

  it('tells nobody again once somebody looks after it', async () => {
    const { desk, sent } = await told()
    await miss(desk, ['cam-1'])
    await sent()
    const [alert] = await desk.firing()
    expect(await desk.call('alerts.acknowledge', { alerts: [alert!.alert], note: 'on my way' })).toEqual({ changed: 1 })
    expect(await desk.firing()).toMatchObject([{ acknowledged: { by: 'kim', note: 'on my way' } }])
    desk.connect('cam-1')
    await desk.pass(3 * MINUTE)
    expect(await sent()).toEqual(['Device offline: cam-1'])
    await expect(desk.call('alerts.acknowledge', { alerts: [999] })).rejects.toMatchObject({ code: 'alert.not-found' })
  })

  it('tells only the channels that a rule names, and those that want it', async () => {
    const { desk, sent } = await told()
    await desk.call('alerts.setChannel', { set: hookOf('http://127.0.0.1:9/', { name: 'Critical', leastSeverity: 'critical' }) })
    await miss(desk, ['cam-1'])
    await sent()
    const { deliveries } = await desk.call('alerts.deliveries', {})
    expect(deliveries.map(({ channel }) => channel).sort()).toEqual(['desktop', 'ops'])
    await expect(
      desk.call('alerts.setRule', { set: { name: 'x', condition: { kind: 'detector' }, channels: ['nowhere'] } }),
    ).rejects.toMatchObject({ code: 'channel.not-found' })
  })

  it('gives a desktop each notice once, and none that is over or old', async () => {
    const desk = openAlertDesk()
    await miss(desk, ['cam-1'])
    const first = await desk.call('alerts.takeDesktopNotices', {})
    const [alert] = await desk.firing()
    expect(first.notices).toMatchObject([{ title: 'Device offline: cam-1', path: `/alerts/${alert!.alert}`, severity: 'warning' }])
    expect((await desk.call('alerts.takeDesktopNotices', {})).notices).toEqual([])
    await miss(desk, ['cam-2'], 23 * MINUTE)
    await desk.pass(13 * HOUR, 10 * MINUTE)
    expect((await desk.call('alerts.takeDesktopNotices', {})).notices).toEqual([])
    // Taking notices is no act of a person.
    expect(desk.store.db.prepare(`SELECT count(*) FROM audit WHERE action = 'alerts.takeDesktopNotices'`).pluck().get()).toBe(0)
  })

  it('tells once over a restart, whether it comes before the sending or after it', async () => {
    const directory = temporaryDirectory()
    const store = fleetStore(directory)
    const { desk, hook, sent } = await told(store)
    await miss(desk, ['cam-1'])
    await sent()
    await desk.stop()
    const again = openAlertDesk({ store, clock: desk.clock })
    again.connect('cam-2')
    await again.pass(MINUTE)
    again.connect('cam-2', 'offline')
    await again.pass(15 * MINUTE)
    await again.stop()
    // The notice about cam-2 stands in the outbox; the third life delivers it.
    const third = openAlertDesk({ store, clock: desk.clock })
    await third.pass(MINUTE)
    await until('cam-2 to be told', 10, () => Promise.resolve(hook.received.length > 1 ? true : null))
    await third.pass(HOUR)
    expect(hook.received.map(({ event }) => event.data.title)).toEqual(['Device offline: cam-1', 'Device offline: cam-2'])
  })
})

describe('rules', () => {
  it('are changed, switched and removed; a built-in one becomes as it was delivered', async () => {
    const desk = openAlertDesk()
    const { rule } = await desk.call('alerts.setRule', {
      set: { name: 'Slow', condition: { kind: 'threshold', metric: 'latency-p95', is: 'above', value: 5 } },
    })
    expect(rule).toMatchObject({ rule: '1', isBuiltIn: false, setBy: 'kim' })
    await desk.call('alerts.setRule', {
      rule: 'temperature',
      set: { name: 'Hot', condition: { kind: 'threshold', metric: 'temperature', is: 'above', value: 60 } },
    })
    const { rules } = await desk.call('alerts.rules', {})
    expect(rules.find((one) => one.rule === 'temperature')).toMatchObject({ name: 'Hot', isBuiltIn: true, condition: { value: 60 } })
    expect(await desk.call('alerts.removeRule', { rule: 'temperature' })).toMatchObject({ isRestored: true })
    expect(await desk.call('alerts.removeRule', { rule: '1' })).toMatchObject({ isRestored: false })
    expect((await desk.call('alerts.rules', {})).rules.find((one) => one.rule === 'temperature')).toMatchObject({ name: 'Device too hot' })
    // A number is never given again.
    const next = await desk.call('alerts.setRule', { set: { name: 'Other', condition: { kind: 'detector' } } })
    expect(Number(next.rule.rule)).toBeGreaterThan(1)
    await expect(desk.call('alerts.setRule', { rule: '1', set: { name: 'x', condition: { kind: 'detector' } } })).rejects.toMatchObject({
      code: 'alert-rule.not-found',
    })
  })

  it('end their alerts when they are switched off', async () => {
    const { desk, sent } = await told()
    await miss(desk, ['cam-1'])
    await sent()
    await desk.call('alerts.enableRule', { rule: 'device-offline', isEnabled: false })
    await desk.pass(MINUTE)
    expect(await sent()).toEqual(['Device offline: cam-1', 'Resolved: Device offline: cam-1'])
  })

  it('say what they would do, without doing it', async () => {
    const desk = openAlertDesk()
    await miss(desk, names(3), 5 * MINUTE)
    const set = { name: 'Away', per: 'device', condition: { kind: 'absence', of: 'connection', forMs: MINUTE } } as const
    expect(await desk.call('alerts.previewRule', { set })).toMatchObject({ looked: 3, insufficient: 0, wouldFire: [{}, {}, {}] })
    expect((await desk.call('alerts.list', { state: 'all' })).alerts).toEqual([])
    await expect(desk.call('alerts.previewRule', { set: { ...set, query: 'nonsense = 1' } })).rejects.toMatchObject({
      code: 'query.unknown-attribute',
    })
  })

  it('are left aside where their query asks for what is not there any more, and stop no other rule', async () => {
    const desk = openAlertDesk()
    desk.connect('cam-0')
    desk.store.devices.setLabels('cam-0', { hall: 'b' })
    await desk.call('alerts.setRule', {
      set: { name: 'Hall b', query: 'hall = b', per: 'device', condition: { kind: 'absence', of: 'connection', forMs: MINUTE } },
    })
    desk.store.devices.remove('cam-0')
    await miss(desk, ['cam-1'])
    expect((await desk.firing()).map(({ rule }) => rule)).toEqual(['device-offline'])
    expect(desk.said.filter(({ message }) => message === 'a rule could not be looked at')).toHaveLength(1)
  })
})

it('lists those that need somebody first, in pages', async () => {
  const desk = openAlertDesk()
  await miss(desk, names(5))
  const all = (await desk.call('alerts.list', {})).alerts
  await desk.call('alerts.acknowledge', { alerts: [all[0]!.alert] })
  const first = await desk.call('alerts.list', { limit: 2 })
  const second = await desk.call('alerts.list', { limit: 3, before: first.next! })
  expect([...first.alerts, ...second.alerts].map(({ acknowledged }) => acknowledged !== null)).toEqual([false, false, false, false, true])
  expect([first.counts, second.next]).toEqual([{ pending: 0, firing: 5, acknowledged: 1, silenced: 0, critical: 0 }, null])
})
