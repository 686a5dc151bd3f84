import { describe, expect, it } from 'vitest'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { advance } from '../../../../../../electron/core/rollout/engine/advance.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const open = { verdict: 'ignore', success: 0.8 } as const
const canary: Partial<RolloutPlanInput> = {
  waves: [
    { size: { kind: 'count', devices: 2 }, gate: open },
    { size: { kind: 'rest' }, gate: open },
  ],
}

describe('the way of a rollout', () => {
  it('offers wave by wave and is done when all have passed', () => {
    const world = new RolloutWorld(canary)
    const first = world.start()
    expect(first.events.map(({ kind }) => kind)).toEqual(['begin', 'target', 'wave-opened', 'offer', 'offer'])
    expect(first.offers).toHaveLength(2)
    expect(world.waves).toEqual(['open', 'waiting'])
    expect(world.commit().offers).toHaveLength(3)
    expect(world.waves).toEqual(['passed', 'open'])
    world.commit()
    expect([world.live.run.state, ...world.waves]).toEqual(['completed', 'passed', 'passed'])
    expect(world.live.run.endedAt).toBe(world.now)
  })

  it('a wave without devices passes at once and says so', () => {
    const world = new RolloutWorld({
      waves: [{ size: { kind: 'count', devices: 2 }, gate: open }, { size: { kind: 'percent', percent: 10 } }, { size: { kind: 'rest' } }],
    })
    world.start()
    const passed = world.commit().events.filter(({ kind }) => kind === 'wave-passed')
    expect(passed.map(({ wave, sentence }) => [wave, sentence])).toEqual([
      [0, 'Wave 1 has passed: 2 of 2 devices that answered are good.'],
      [1, 'Wave 2 has no devices and passes at once.'],
    ])
  })

  it('waits for its time, and for its first device', () => {
    const startAt = Date.UTC(2026, 0, 5, 13)
    const world = new RolloutWorld({ windows: { startAt } }, 0)
    expect(world.start().wakeAt).toBe(startAt)
    world.after(3600)
    expect(world.live.run.state).toBe('scheduled')
    world.add('cam-01')
    world.tick()
    expect(world.live.run.state).toBe('running')
  })

  it('offers nothing before a start, or while a person must approve', () => {
    const world = new RolloutWorld(canary)
    expect(world.tick().events).toEqual([])
    expect(world.start('The version is not approved.').events).toEqual([])
    expect(world.live.run.state).toBe('awaiting-approval')
    world.act({ kind: 'approve', why: 'looks good' }, 'bob')
    expect(world.tick().offers).toHaveLength(2)
    expect(world.live.run.approvals).toMatchObject([{ by: 'bob', decision: 'approved', why: 'looks good' }])
  })

  it('does nothing twice', () => {
    const world = new RolloutWorld(canary)
    world.start()
    world.commit('cam-01', 'cam-02', 'cam-03', 'cam-04', 'cam-05')
    expect(world.tick().events).toEqual([])
  })

  it('changes neither the rollout nor its counts by deciding', () => {
    const world = new RolloutWorld(canary)
    world.start()
    for (const id of world.inState('offered')) world.set(id, { place: 'active' })
    const before = structuredClone(world.live)
    expect(advance(world.live, world.facts()).events.length).toBeGreaterThan(4)
    expect(world.live).toEqual(before)
  })
})

describe('devices that come and go', () => {
  it('who joins later enters a wave that is at work at once, and one that waits with it', () => {
    const world = new RolloutWorld(
      {
        waves: [
          { size: { kind: 'percent', percent: 50 }, gate: open },
          { size: { kind: 'rest' }, gate: open },
        ],
      },
      10,
    )
    world.start()
    for (let n = 20; n < 40; n++) world.add(`cam-${n}`)
    const { events, offers } = world.tick()
    const joined = events.filter(({ kind }) => kind === 'join')
    expect(joined).toHaveLength(20)
    const early = joined.filter(({ wave }) => wave === 0).map(({ device }) => device)
    expect(early.length).toBeGreaterThan(0)
    expect(offers.map(({ device }) => device)).toEqual(early)
  })

  it('a done rollout goes on for who joins later, and is done again', () => {
    const world = new RolloutWorld({ waves: [{ size: { kind: 'rest' }, gate: open }] })
    world.start()
    world.commit()
    world.add('cam-99')
    expect(world.tick().events.map(({ kind }) => kind)).toEqual(['join', 'reopen', 'offer'])
    world.commit()
    expect(world.live.run.state).toBe('completed')
  })

  it('who leaves the target before its offer is skipped, and comes back', () => {
    const world = new RolloutWorld({ ...canary, pacing: { maxInFlight: 1 } })
    world.start()
    const waiting = world.inState('pending')[0]!
    world.set(waiting, { isTarget: false }).tick()
    expect(world.live.run.devices.get(waiting)).toMatchObject({ state: 'skipped', skipped: 'left' })
    world.set(waiting, { isTarget: true }).tick()
    expect(world.stateOf(waiting)).toBe('pending')
  })

  it('who leaves after its offer stays in it', () => {
    const world = new RolloutWorld(canary)
    world.start()
    const [offered] = world.inState('offered')
    world.set(offered!, { isTarget: false }).tick()
    expect(world.stateOf(offered!)).toBe('offered')
  })

  it('who is taken out of the fleet, or taken by another order, is out', () => {
    const world = new RolloutWorld({ waves: [{ size: { kind: 'rest' }, gate: open }] }, 3)
    world.start()
    world.devices.delete('cam-01')
    world.set('cam-02', { takenBy: { order: 12, rollout: null } }).tick()
    expect([world.stateOf('cam-01'), world.stateOf('cam-02')]).toEqual(['skipped', 'superseded'])
    world.commit('cam-03')
    expect(world.live.run.state).toBe('completed')
  })

  it('who serves the version already needs no order', () => {
    const world = new RolloutWorld(canary, 0)
    world.add('cam-01', {
      place: 'active',
      standing: { digest: 'd'.repeat(64), model: 'digits', version: '1.1.0', role: 'active', terms: {} },
    })
    expect(world.start().offers).toEqual([])
    expect(world.live.run.state).toBe('completed')
    world.act({ kind: 'revert' })
    expect(world.tick().reverts).toEqual([])
  })

  it('what a device cannot be is skipped with its reason', () => {
    const world = new RolloutWorld({ ...canary, method: 'shadow' }, 1)
    world.set('cam-01', { unfit: 'It has nothing active to stand beside.' })
    world.start()
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ state: 'skipped', skipped: 'unfit' })
  })
})

describe('silence and failures', () => {
  const one: Partial<RolloutPlanInput> = { waves: [{ size: { kind: 'rest' }, gate: { ...open, success: 0 } }], abort: [] }

  it('a device that is offline for too long is unreachable, does not hold the rollout, and gets its order when it connects', () => {
    const world = new RolloutWorld(one, 2)
    world.start()
    world.set('cam-01', { isOnline: false })
    expect(world.commit('cam-02').wakeAt).toBe(world.now + 900_000)
    expect(world.live.run.state).toBe('running')
    world.after(900)
    expect([world.stateOf('cam-01'), world.live.run.state]).toEqual(['unreachable', 'completed'])
    world.set('cam-01', { isOnline: true, place: 'fetching' }).tick()
    expect(world.stateOf('cam-01')).toBe('fetching')
    world.set('cam-01', { place: 'active' }).tick()
    expect(world.stateOf('cam-01')).toBe('committed')
  })

  it('who never took the order up never times out, who went away on it does', () => {
    const world = new RolloutWorld({ ...one, timeouts: { offered: 7200, fetching: 7200, probing: 7200 } }, 2)
    world.start()
    world.set('cam-01', { isOnline: false }).set('cam-02', { place: 'probing' }).tick()
    world.set('cam-02', { isOnline: false })
    world.after(900)
    expect(world.inState('unreachable')).toHaveLength(2)
    world.after(7200)
    expect([world.stateOf('cam-01'), world.stateOf('cam-02')]).toEqual(['unreachable', 'timed-out'])
    world.after(3600)
    expect(world.stateOf('cam-02')).toBe('timed-out')
    world.set('cam-02', { isOnline: true, place: 'not-taken' })
    expect(world.tick().events.map(({ kind }) => kind)).toContain('retry')
  })

  it.each([
    { stage: 'offered', place: 'not-taken' },
    { stage: 'fetching', place: 'fetching' },
    { stage: 'staged', place: 'on-disk' },
    { stage: 'probing', place: 'probing' },
  ] as const)('a device that stays in $stage for too long has timed out', ({ stage, place }) => {
    const world = new RolloutWorld({ ...one, timeouts: { offered: 5000, fetching: 5000, staged: 5000, probing: 5000 } }, 1)
    world.start()
    world.set('cam-01', { place })
    expect(world.tick().wakeAt).toBe(world.now + 5_000_000)
    expect(world.stateOf('cam-01')).toBe(stage)
    world.after(4999)
    expect(world.stateOf('cam-01')).toBe(stage)
    world.after(1)
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ state: 'timed-out', problem: { code: 'rollout.timed-out' } })
  })

  it('tries a passing failure again, later each time, and then no more', () => {
    const world = new RolloutWorld({ ...one, retry: { attempts: 2, backoffSeconds: 60, factor: 3 } }, 1)
    world.start()
    for (const wait of [60, 180]) {
      expect(world.fail('cam-01', { code: 'transfer.no-space', isPassing: true }).wakeAt).toBe(world.now + wait * 1000)
      expect(world.stateOf('cam-01')).toBe('failed')
      world.after(wait - 1)
      expect(world.stateOf('cam-01')).toBe('failed')
      expect(world.after(1).events.map(({ kind }) => kind)).toEqual(['retry', 'offer'])
    }
    world.fail('cam-01', { code: 'transfer.no-space', isPassing: true })
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ attempts: 3, notBefore: null, state: 'failed' })
    expect(world.live.run.state).toBe('completed')
  })

  it.each([
    { code: 'probe.golden-mismatch', isPassing: false, state: 'failed' },
    { code: 'watch.failed', isPassing: false, state: 'failed' },
    { code: 'internal', isPassing: false, state: 'failed' },
    { code: 'revert.requested', isPassing: true, state: 'failed' },
    { code: 'model.unsupported', isPassing: false, state: 'rejected' },
  ])('$code is not tried again: $state', ({ state, ...problem }) => {
    const world = new RolloutWorld(one, 1)
    world.start()
    world.fail('cam-01', problem)
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ state, notBefore: null })
    world.after(100_000)
    expect(world.stateOf('cam-01')).toBe(state)
  })

  it('a device that failed too often waits, and the penalty can be lifted', () => {
    const world = new RolloutWorld({ ...one, retry: { attempts: 5, penaltyFailures: 2, penaltySeconds: 86_400 } }, 1)
    world.start()
    world.fail('cam-01', { isPassing: true, code: 'transfer.no-space' })
    world.after(300)
    const { events } = world.fail('cam-01', { isPassing: true, code: 'transfer.no-space' })
    expect(events.map(({ kind }) => kind)).toEqual(['fail', 'penalty'])
    expect(events[1]!.detail).toMatchObject({ until: world.now + 86_400_000, failures: 2 })
    world.after(3600)
    expect(world.stateOf('cam-01')).toBe('failed')
    world.act({ kind: 'retry', devices: ['cam-01'] })
    expect(world.tick().offers).toHaveLength(1)
  })

  it('a penalty of another rollout keeps a device from its first offer, holds no gate, and ends', () => {
    const world = new RolloutWorld(one, 2)
    const until = world.now + 50_000
    world.set('cam-01', { penaltyUntil: until })
    const { events, offers, wakeAt } = world.start()
    expect([events.filter(({ kind }) => kind === 'penalty').length, offers.length, wakeAt]).toEqual([1, 1, until])
    world.commit('cam-02')
    expect(world.live.run.state).toBe('completed')
    world.set('cam-01', { penaltyUntil: null })
    expect(world.after(50).events.map(({ kind }) => kind)).toEqual(['penalty-lifted', 'reopen', 'offer'])
  })

  it('a device that goes back from the version shuts its gate, and the waves behind it wait', () => {
    const world = new RolloutWorld({ ...canary, abort: [] }, 6)
    world.start()
    world.commit()
    world.set(world.inState('committed')[0]!, {
      place: 'back',
      problem: { code: 'watch.failed', message: 'It crashes.', isPassing: false },
    })
    world.add('cam-99')
    const { events, offers } = world.tick()
    expect(events.map(({ kind }) => kind)).toEqual(['join', 'fall-back', 'wave-reached'])
    expect([offers, world.waves]).toEqual([[], ['at-gate', 'open']])
    world.act({ kind: 'letThrough', wave: 0, why: 'one broken camera' })
    expect(world.tick().offers).toHaveLength(1)
  })

  it('a done rollout is looked at further', () => {
    const world = new RolloutWorld({ waves: [{ size: { kind: 'rest' }, gate: open }] }, 4)
    world.start()
    world.commit()
    for (const id of ['cam-01', 'cam-02'])
      world.set(id, { place: 'back', problem: { code: 'watch.failed', message: 'It crashes.', isPassing: false } })
    const decision = world.tick()
    expect(world.live.run.state).toBe('reverting')
    expect(decision.reverts.toSorted()).toEqual(['cam-01', 'cam-02', 'cam-03', 'cam-04'])
  })
})
