import { describe, expect, it } from 'vitest'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { rateNow } from '../../../../../../electron/core/rollout/engine/pacing.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const gate = { verdict: 'ignore', success: 0 } as const
const all: Partial<RolloutPlanInput> = { waves: [{ size: { kind: 'rest' }, gate }], abort: [] }

describe('pace', () => {
  it('never more on their way than allowed; who is unreachable makes room', () => {
    const world = new RolloutWorld({ ...all, pacing: { maxInFlight: 2 } })
    expect(world.start().offers).toHaveLength(2)
    expect(world.commit(world.inState('offered')[0]!).offers).toHaveLength(1)
    for (const id of world.inState('offered')) world.set(id, { isOnline: false })
    world.now += 900_000
    expect(world.tick().offers).toHaveLength(2)
    expect(world.inState('unreachable')).toHaveLength(2)
  })

  it.each([
    { committed: 0, rate: 50 },
    { committed: 999, rate: 50 },
    { committed: 1000, rate: 100 },
    { committed: 2500, rate: 200 },
    { committed: 9000, rate: 400 },
  ])('after $committed committed devices the rate is $rate', ({ committed, rate }) => {
    const perMinute = { base: 50, factor: 2, every: 1000, max: 400 }
    expect(rateNow({ maxInFlight: null, perMinute, perGroup: null, bytesPerSecond: null }, committed)).toBe(rate)
  })

  it('offers no more in a minute than the rate, and steps on committed devices alone', () => {
    const world = new RolloutWorld({ ...all, pacing: { perMinute: { base: 2, factor: 2, every: 2, max: 4 } } }, 12)
    const first = world.start()
    expect([first.offers.length, first.wakeAt]).toEqual([2, world.now + 60_000])
    expect(world.after(59).offers).toHaveLength(0)
    for (const id of world.inState('offered')) world.fail(id)
    expect(world.after(1).offers, 'failures are no step').toHaveLength(2)
    world.commit()
    expect(world.live.run.offeredAt).toHaveLength(4)
    expect(world.after(60).offers).toHaveLength(4)
  })

  it('a rate below one is one offer in so much time', () => {
    const world = new RolloutWorld({ ...all, pacing: { perMinute: { base: 0.25 } } })
    expect(world.start().offers).toHaveLength(1)
    expect(world.after(239).offers).toHaveLength(0)
    expect(world.after(1).offers).toHaveLength(1)
  })

  it('spares a group: so many of one site at once, and who has no site counts alone', () => {
    const world = new RolloutWorld({ ...all, pacing: { perGroup: { attribute: 'site', atOnce: 1 } } }, 0)
    for (const id of ['a1', 'a2', 'a3']) world.add(id, { group: 'a' })
    for (const id of ['b1', 'b2']) world.add(id, { group: 'b' })
    for (const id of ['x', 'y']) world.add(id, { group: null })
    const { offers } = world.start()
    expect(new Set(offers.map(({ device }) => device.charAt(0)))).toEqual(new Set(['a', 'b', 'x', 'y']))
    expect(offers).toHaveLength(4)
    const [first] = world.inState('offered').filter((id) => id.startsWith('a'))
    expect(world.commit(first!).offers.map(({ device }) => device[0])).toEqual(['a'])
  })

  it('keeps to a bandwidth, but lets one transfer go whatever it needs', () => {
    const world = new RolloutWorld({ ...all, pacing: { bytesPerSecond: 250 } }, 4)
    expect(world.start().offers, '100 bytes per second each').toHaveLength(2)
    const starved = new RolloutWorld({ ...all, pacing: { bytesPerSecond: 10 } }, 4)
    expect(starved.start().offers).toHaveLength(1)
    const unknown = new RolloutWorld({ ...all, pacing: { bytesPerSecond: 1000 } }, 0)
    for (const id of ['a', 'b']) unknown.add(id, { offer: { link: 'lte', bytes: 1000, money: 0, seconds: null } })
    expect(unknown.start().offers).toHaveLength(1)
    expect(unknown.commit().offers).toHaveLength(1)
  })
})

describe('windows and quiet hours', () => {
  it.each(['downloadFrom', 'quietUntil'] as const)('%s holds one device and not the others', (field) => {
    const world = new RolloutWorld(all, 2)
    const until = world.now + 3_600_000
    world.set('cam-01', { [field]: until })
    const { offers, wakeAt } = world.start()
    expect([offers.map(({ device }) => device), wakeAt]).toEqual([['cam-02'], until])
    world.set('cam-01', { quietUntil: null })
    expect(world.after(3600).offers.map(({ device }) => device)).toEqual(['cam-01'])
  })

  const windows = {
    download: { cron: '0 1 * * *', minutes: 60, timeZone: 'UTC' },
    activation: { cron: '0 4 * * *', minutes: 60, timeZone: 'UTC' },
  }

  it('downloads in one window and activates in the other', () => {
    const world = new RolloutWorld({ ...all, windows }, 1)
    const activationFrom = world.now + 10_000_000
    world.set('cam-01', { activationFrom })
    expect(world.start().offers).toEqual([{ device: 'cam-01', slot: 'beside' }])
    world.set('cam-01', { place: 'beside' })
    expect(world.tick().wakeAt).toBe(activationFrom)
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ state: 'staged', deadline: null })
    expect(world.after(10_000).offers).toEqual([{ device: 'cam-01', slot: 'active' }])
    expect(world.stateOf('cam-01')).toBe('activating')
    world.commit()
    expect(world.live.run.state).toBe('completed')
  })

  it('one order does where both are open, or nothing stands there; then it waits for both', () => {
    const world = new RolloutWorld({ ...all, windows }, 2)
    world.set('cam-02', { standing: null, activationFrom: world.now + 60_000 })
    expect(world.start().offers).toEqual([{ device: 'cam-01', slot: 'active' }])
    expect(world.after(60).offers).toEqual([{ device: 'cam-02', slot: 'active' }])
  })
})

describe('what holds and passes by itself', () => {
  it('an alert holds offers and gates, until it is over', () => {
    const world = new RolloutWorld(
      {
        waves: [
          { size: { kind: 'count', devices: 1 }, gate },
          { size: { kind: 'rest' }, gate },
        ],
      },
      3,
    )
    world.start()
    world.alert = 'Latency is high.'
    expect(world.commit().events.map(({ kind }) => kind)).toEqual(['commit', 'wave-reached', 'held'])
    expect(world.live.run.held).toMatchObject({ code: 'alert' })
    expect(world.waves).toEqual(['at-gate', 'waiting'])
    world.alert = null
    expect(world.tick().events.map(({ kind }) => kind)).toEqual(['wave-passed', 'wave-opened', 'released', 'offer', 'offer'])
  })

  it('a rollout that was started in spite of alerts is not held', () => {
    const world = new RolloutWorld(all, 2)
    world.alert = 'Latency is high.'
    expect(world.start(null, true).offers).toHaveLength(2)
  })

  it.each([{ budget: { bytes: 2500 } }, { budget: { money: 1 } }])(
    'offers end before the forecast passes the budget: $budget',
    ({ budget }) => {
      const world = new RolloutWorld({ ...all, budget })
      const { events, offers } = world.start()
      expect(offers).toHaveLength(2)
      expect(events.at(-1)!.kind).toBe('held')
      world.set(world.inState('pending')[0]!, { offer: { link: 'ethernet', bytes: 0, money: 0, seconds: 0 } })
      expect(world.tick().events.map(({ kind }) => kind)).toEqual(['released', 'offer', 'held'])
    },
  )

  it('the budget of the month holds everything, and what it has left all devices of one look together', () => {
    const world = new RolloutWorld(all)
    world.isMonthSpent = true
    expect(world.start().offers).toEqual([])
    expect(world.live.run.held?.code).toBe('budget')
    world.isMonthSpent = false
    expect(world.tick().offers).toHaveLength(5)
    const left = new RolloutWorld(all)
    left.monthLeft = 1.2
    expect(left.start().offers).toHaveLength(2)
  })
})
