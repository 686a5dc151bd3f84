import { describe, expect, it } from 'vitest'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openSecretBox } from '../../../../../electron/core/trust/secret-box.ts'
import { until } from '../../../../../build/demo/child.ts'
import { changingReceiver, hookOf, note, settled } from '../../../../harness/changing-receiver.ts'
import { fleetStore, T0 } from '../../../../harness/fleet.ts'
import { openForwardDesk } from '../../../../harness/forward-desk.ts'
import { startWebhookReceiver } from '../../../../harness/webhook-receiver.ts'

const DAY = 86_400_000

describe('events of the fleet at a webhook', () => {
  it('come signed, once each, in order, from now on, and only those of the kinds', async () => {
    const desk = openForwardDesk()
    const hook = await startWebhookReceiver('key')
    note(desk, 'models.import', { model: 'before' })
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url, { events: ['model', 'device', 'deployment'] }) })
    const first = note(desk, 'models.import', { model: 'wine' })
    note(desk, 'costs.setPrices')
    note(desk, 'deployments.apply')
    await settled(desk, forward, ['delivered', 'delivered'])
    desk.give(
      'cam-1',
      [
        {
          kind: 'event',
          at: T0,
          body: { name: 'model.committed', severity: 'info', message: 'wine 2 is committed', code: null, detail: {} },
        },
        { kind: 'event', at: T0, body: { name: 'agent.started', severity: 'info', message: 'started', code: null, detail: {} } },
      ],
      T0,
    )
    desk.forwarding.sync()
    await settled(desk, forward, ['delivered', 'delivered', 'delivered', 'delivered'])
    expect(hook.received.map(({ isSigned, event }) => [isSigned, event.type])).toEqual([
      [true, 'muster.model.models.import'],
      [true, 'muster.deployment.deployments.apply'],
      [true, 'muster.deployment.model.committed'],
      [true, 'muster.device.agent.started'],
    ])
    expect(hook.received[0]).toMatchObject({
      event: { specversion: '1.0', source: '/muster/plant/model', subject: 'cam-1', time: new Date(T0).toISOString() },
    })
    expect(hook.received[0]!.event).toMatchObject({
      data: { seq: first, action: 'models.import', detail: { model: 'wine' }, devices: ['cam-1'] },
    })
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(4)
    expect(hook.received.every(({ id, event }) => id === event.id)).toBe(true)
    expect(await desk.call('forward.status', { forward })).toMatchObject({
      waiting: 0,
      failed: 0,
      problem: null,
      lastAt: T0,
      hasSecret: true,
    })
  })

  it('tell steps of rollouts, not what single devices do in them', async () => {
    const desk = openForwardDesk()
    const hook = await startWebhookReceiver('key')
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url, { events: ['rollout'] }) })
    const step = { rollout: 7, at: T0, actor: 'muster', wave: 0, from: null, to: null, detail: {} }
    desk.store.transact(() => {
      desk.store.rolloutEvents.add({ ...step, kind: 'wave-opened', device: null, sentence: 'Wave 1 is open.' })
      desk.store.rolloutEvents.add({ ...step, kind: 'offer', device: 'cam-1', sentence: 'cam-1 was offered it.' })
    })
    desk.forwarding.sync()
    await settled(desk, forward, ['delivered'])
    expect(hook.received).toMatchObject([
      { event: { type: 'muster.rollout.wave-opened', data: { rollout: 7, sentence: 'Wave 1 is open.' } } },
    ])
  })

  it('name people only where that was asked for', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const quiet = await desk.call('forward.set', { set: hookOf(hook.url, { events: ['audit'] }) })
    note(desk, 'models.import')
    note(desk, 'labelling.set', { prediction: 'p-77' })
    await until('the entries are told', 18, () => hook.posts.some(({ event }) => event.type === 'muster.audit.labelling.set'))
    expect(JSON.stringify(hook.posts)).not.toContain('p-77')
    await desk.call('forward.set', { forward: quiet.forward, set: hookOf(hook.url, { events: ['audit'], persons: true }) })
    const before = hook.posts.length
    note(desk, 'models.setNote')
    await until('the later ones are told', 18, () =>
      hook.posts.slice(before).some(({ event }) => event.type === 'muster.audit.models.setNote'),
    )
    expect(JSON.stringify(hook.posts.filter(({ event }) => event.type === 'muster.audit.models.import'))).not.toContain('kim')
    expect(hook.posts.find(({ event }) => event.type === 'muster.audit.models.setNote')!.event.data).toMatchObject({ actor: 'session:kim' })
  })

  it('wait for a receiver that is away, however long, and then come once, in order', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    hook.answer = (response) => response.destroy()
    note(desk, 'models.import', { n: 1 })
    note(desk, 'models.import', { n: 2 })
    for (let day = 0; day < 3; day += 1) {
      const tried = hook.posts.length
      desk.clock.at += DAY
      desk.forwarding.sync()
      await until('it is tried', 18, () => hook.posts.length > tried)
      await until('it is noted', 18, async () =>
        (await desk.call('forward.events', { forward })).events.some(({ problem }) => problem !== null),
      )
    }
    expect(await desk.call('forward.status', { forward })).toMatchObject({
      state: 'running',
      waiting: 2,
      problem: { code: 'channel.unreachable' },
    })
    hook.answer = (response) => void response.writeHead(204).end()
    desk.clock.at += DAY
    desk.forwarding.sync()
    await settled(desk, forward, ['delivered', 'delivered'])
    const taken = hook.posts.slice(-2).map(({ event }) => event.data['detail'])
    expect(taken).toEqual([{ n: 1 }, { n: 2 }])
    // One id at all attempts.
    expect(new Set(hook.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
  })

  it('are sent again under the same id after a crash in the middle of an attempt', async () => {
    const store = fleetStore()
    const desk = openForwardDesk({ store })
    const hook = await changingReceiver()
    hook.answer = () => undefined
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    note(desk, 'models.import')
    await until('the attempt is under way', 18, () => hook.posts.length === 1)
    expect(store.forwardEvents.head(forward)).toMatchObject({ state: 'sending' })
    hook.answer = (response) => void response.writeHead(204).end()
    const again = openForwardDesk({ store })
    await settled(again, forward, ['delivered'])
    expect(hook.posts.map(({ event }) => event.id)).toEqual([hook.posts[0]!.event.id, hook.posts[0]!.event.id])
  })

  it('stop where only a person can mend it, and lose nothing', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    hook.answer = (response) => void response.writeHead(410).end()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    note(desk, 'models.import')
    await until('it stops', 18, async () => (await desk.call('forward.status', { forward })).state === 'paused')
    note(desk, 'models.import')
    expect(await desk.call('forward.status', { forward })).toMatchObject({ waiting: 1, problem: { code: 'channel.gone' } })
    hook.answer = (response) => void response.writeHead(204).end()
    await desk.call('forward.resume', { forward })
    await settled(desk, forward, ['delivered', 'delivered'])
  })

  it('wait while it is paused, and can be left out', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    await desk.call('forward.pause', { forward })
    note(desk, 'models.import', { n: 1 })
    await desk.call('forward.resume', { forward })
    await settled(desk, forward, ['delivered'])
    await desk.call('forward.pause', { forward })
    note(desk, 'models.import', { n: 2 })
    await desk.call('forward.resume', { forward, skip: true })
    note(desk, 'models.import', { n: 3 })
    await settled(desk, forward, ['delivered', 'delivered'])
    expect(hook.posts.map(({ event }) => event.data['detail'])).toEqual([{ n: 1 }, { n: 3 }])
  })

  it('are found behind thousands of others that nobody wants', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    await desk.call('forward.pause', { forward })
    desk.store.transact(() => {
      for (let n = 0; n < 2500; n += 1) desk.store.audit.append({ at: T0, actor: 'muster', action: 'costs.setPrices', detail: { n } })
      desk.store.audit.append({ at: T0, actor: 'muster', action: 'models.import', detail: {} })
    })
    await desk.call('forward.resume', { forward })
    await settled(desk, forward, ['delivered'])
    expect(hook.posts.map(({ event }) => event.type)).toEqual(['muster.model.models.import'])
  })

  it('do not come again, and do come anew, where the log ends before their place', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    desk.store.transact(() => {
      const { places } = desk.store.forwards.find(forward)!
      // The log ends before the place: it was put back.
      desk.store.forwards.setPlaces(forward, { ...places, audit: { ...places['audit']!, at: 1_000_000 } }, null)
    })
    desk.forwarding.sync()
    await until('the place stands at the end', 18, () => desk.store.forwards.find(forward)!.places['audit']!.at < 1_000_000)
    note(desk, 'models.import', { n: 1 })
    await settled(desk, forward, ['delivered'])
    expect(hook.posts).toHaveLength(1)
  })
})

describe('ways out', () => {
  it('seal their secrets, never show them, and keep them with their receiver', async () => {
    const plain = fleetStore()
    const store = openFleetStore(plain.db, undefined, openSecretBox(Buffer.alloc(32, 7).toString('base64')))
    const desk = openForwardDesk({ store })
    const { forward } = await desk.call('forward.set', { set: hookOf('https://hooks.example/x', { secret: 'very-secret' }) })
    const dump =
      JSON.stringify(store.db.prepare('SELECT * FROM forward').all()) + JSON.stringify(store.db.prepare('SELECT * FROM audit').all())
    expect(dump).not.toContain('very-secret')
    expect(JSON.stringify(await desk.call('forward.list', {}))).not.toContain('very-secret')
    await desk.call('forward.set', { forward, set: hookOf('https://hooks.example/x', { secret: null, events: ['audit'] }) })
    expect(store.forwards.find(forward)!.settings).toMatchObject({ secret: 'very-secret', events: ['audit'] })
    const elsewhere = { forward, set: hookOf('https://other.example/', { secret: null }) }
    await expect(desk.call('forward.set', elsewhere)).rejects.toMatchObject({ code: 'input.invalid' })
    // A console without the key of the desktop stops, and says so.
    const shut = openForwardDesk({ store: openFleetStore(plain.db) })
    note(shut, 'models.import')
    await until('it stops', 18, async () => (await shut.call('forward.status', { forward })).problem?.code === 'channel.secret')
  })

  it('refuse what leads nowhere', async () => {
    const desk = openForwardDesk()
    await expect(desk.call('forward.set', { set: hookOf('ftp://x/') })).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(desk.call('forward.set', { set: hookOf('https://a:b@x/') })).rejects.toMatchObject({ code: 'input.invalid' })
    const empty = { set: hookOf('https://hooks.example/', { secret: 'whsec_' }) }
    await expect(desk.call('forward.set', empty)).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(desk.call('forward.status', { forward: 'none' })).rejects.toMatchObject({ code: 'forward.not-found' })
    await expect(desk.call('forward.retry', { event: 9 })).rejects.toMatchObject({ code: 'forward.event-not-found' })
    const copy = { kind: 'postgres' as const, name: 'x', host: '/run/socket', database: 'd', user: 'u' }
    await expect(desk.call('forward.set', { set: copy })).rejects.toMatchObject({ code: 'input.invalid' })
    const inside = await desk.call('forward.set', { set: hookOf('http://127.0.0.1:1/', { allowsPrivate: false }) })
    const tried = await desk.call('forward.test', { forward: inside.forward })
    expect(tried).toMatchObject({ works: false, problem: { code: 'channel.address' } })
  })

  it('are gone with what waits for them', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    hook.answer = (response) => response.destroy()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    note(desk, 'models.import')
    await until('it waits', 18, () => hook.posts.length === 1)
    expect(await desk.call('forward.remove', { forward })).toEqual({ dropped: 1 })
    expect(await desk.call('forward.list', {})).toEqual({ forwards: [] })
  })
})
