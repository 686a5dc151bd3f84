import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { until } from '../../../../../build/demo/child.ts'
import { changingReceiver, hookOf, note, settled, statesOf } from '../../../../harness/changing-receiver.ts'
import { T0 } from '../../../../harness/fleet.ts'
import { openForwardDesk } from '../../../../harness/forward-desk.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('events that a receiver does not take', () => {
  it('are given up one by one if they are refused eight times and for a day, and can be sent again', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    hook.answer = (response) => void response.writeHead(400).end()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    note(desk, 'models.import', { n: 1 })
    note(desk, 'models.import', { n: 2 })
    for (let refusals = 1; refusals < 8; refusals += 1) {
      await until(`it was refused ${refusals} times`, 18, () => desk.store.forwards.find(forward)!.problem?.streak?.times === refusals)
      expect(await statesOf(desk, forward)).toEqual(['waiting', 'waiting'])
      desk.clock.at += 4 * HOUR
      desk.forwarding.sync()
    }
    await settled(desk, forward, ['failed', 'waiting'])
    hook.answer = (response) => void response.writeHead(204).end()
    desk.clock.at += DAY
    desk.forwarding.sync()
    await settled(desk, forward, ['failed', 'delivered'])
    expect(await desk.call('forward.status', { forward })).toMatchObject({ failed: 1, waiting: 0, problem: null })
    const [, first] = (await desk.call('forward.events', { forward })).events
    await desk.call('forward.retry', { event: first!.event })
    await settled(desk, forward, ['delivered', 'delivered'])
    await expect(desk.call('forward.retry', { event: first!.event })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('go on by themselves when the sign-in page of a network is passed, and stop where it stays so', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const redirect = (response: ServerResponse): void => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    const tried = (times: number): Promise<unknown> =>
      until(`${times} attempts`, 18, () => desk.store.forwards.find(forward)!.problem?.streak?.times === times)
    hook.answer = redirect
    note(desk, 'models.import')
    await tried(1)
    expect(desk.store.forwards.find(forward)!.state).toBe('running')
    hook.answer = (response) => void response.writeHead(204).end()
    desk.clock.at += MINUTE
    desk.forwarding.sync()
    await settled(desk, forward, ['delivered'])
    hook.answer = redirect
    note(desk, 'models.import')
    for (let times = 1; times < 5; times += 1) {
      await tried(times)
      desk.clock.at += HOUR
      desk.forwarding.sync()
    }
    await until('it stops', 18, () => desk.store.forwards.find(forward)!.state === 'paused')
    expect(await statesOf(desk, forward)).toEqual(['delivered', 'waiting'])
  })

  it.each([
    [429, 86_400],
    [503, 172_800],
    [400, 86_400],
  ])('wait all together for a receiver that answers %i and asks for %i s, and are not given up', async (status, seconds) => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    // Posting takes time: the answer comes later than the attempt began.
    hook.answer = (response) => {
      desk.clock.at += 25
      response.writeHead(status, { 'retry-after': String(seconds) }).end()
    }
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    desk.store.transact(() => {
      for (let n = 0; n < 5; n += 1) desk.store.audit.append({ at: desk.clock.at, actor: 'kim', action: 'models.import', detail: { n } })
    })
    await until('it is refused', 18, () => desk.store.forwards.find(forward)!.problem !== null)
    for (const step of [0, HOUR, 22 * HOUR]) {
      desk.clock.at += step
      desk.forwarding.sync()
      expect(await desk.call('forward.status', { forward })).toMatchObject({ waiting: 5, failed: 0, state: 'running' })
    }
    expect(hook.posts).toHaveLength(1)
    hook.answer = (response) => void response.writeHead(204).end()
    desk.clock.at += DAY
    await until('it is tried again', 18, () => {
      desk.forwarding.sync()
      return hook.posts.length > 1
    })
    await settled(
      desk,
      forward,
      Array.from({ length: 5 }, () => 'delivered'),
    )
  })

  it('go on at once when somebody has mended the webhook, and it is failing until then', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    hook.answer = (response) => void response.writeHead(401, { 'retry-after': '80000' }).end()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    note(desk, 'models.import')
    await until('it is refused', 18, () => desk.store.forwards.find(forward)!.problem !== null)
    hook.answer = (response) => void response.writeHead(204).end()
    const set = await desk.call('forward.set', { forward, set: hookOf(hook.url, { secret: 'the right key' }) })
    expect(set).toMatchObject({ waiting: 1, problem: { code: 'channel.refused' } })
    await settled(desk, forward, ['delivered'])
    expect((await desk.call('forward.status', { forward })).problem).toBeNull()
  })

  it('do not wait for a time that a clock which ran ahead has set', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    hook.answer = (response) => void response.writeHead(503).end()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    desk.clock.at += 365 * DAY
    note(desk, 'models.import')
    await until('it is refused', 18, () => desk.store.forwards.find(forward)!.problem !== null)
    desk.clock.at -= 365 * DAY
    hook.answer = (response) => void response.writeHead(204).end()
    desk.forwarding.sync()
    await settled(desk, forward, ['delivered'])
    expect(hook.posts).toHaveLength(2)
  })

  it('begin at the end of the log after a restore, whatever number their place has', async () => {
    const desk = openForwardDesk()
    const hook = await changingReceiver()
    const { forward } = await desk.call('forward.set', { set: hookOf(hook.url) })
    await desk.stop()
    note(desk, 'models.import', { n: 'told before the restore' })
    const restore = { backup: 'backup-1', madeAt: T0, at: T0, actor: 'kim', stores: ['fleet.db' as const], aside: null, isSettled: true }
    desk.store.settings.set('restored', { id: 'restore-1', ...restore })
    const again = openForwardDesk({ store: desk.store, telemetry: desk.telemetry })
    await until('the restore is noticed', 18, () => desk.store.forwards.find(forward)!.restored === 'restore-1')
    note(again, 'models.import', { n: 1 })
    await settled(again, forward, ['delivered'])
    expect(hook.posts.map(({ event }) => event.data['detail'])).toEqual([{ n: 1 }])
  })
})
