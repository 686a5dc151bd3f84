import { describe, expect, it } from 'vitest'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

type Abort = NonNullable<RolloutPlanInput['abort']>
const waves: RolloutPlanInput['waves'] = [{ size: { kind: 'rest' }, gate: { verdict: 'ignore', success: 0 } }]

function offered(abort: Abort, devices = 10, more: Partial<RolloutPlanInput> = {}): RolloutWorld {
  const world = new RolloutWorld({ waves, abort, ...more }, devices)
  world.start()
  return world
}

describe('abort rules', () => {
  it('a share is strict: exactly as much does nothing, one more acts', () => {
    const world = offered([{ share: 0.2, least: 3, action: 'revert' }])
    world.commit('cam-01', 'cam-02', 'cam-03', 'cam-04')
    world.fail('cam-05')
    expect(world.live.run.state).toBe('running')
    world.fail('cam-06')
    expect(world.live.run).toMatchObject({
      state: 'reverting',
      held: { code: 'abort', sentence: '2 of 6 devices that answered failed: more than 20 %.' },
    })
  })

  it('is not looked at before enough have answered', () => {
    const world = offered([{ share: 0, least: 3, action: 'stop' }])
    world.fail('cam-01')
    world.fail('cam-02')
    expect(world.live.run.state).toBe('running')
    world.commit('cam-03')
    expect(world.live.run.state).toBe('stopped')
  })

  it('the first rule that holds acts, of those that ask for what happened', () => {
    const world = offered([
      { of: 'rejected', share: 0, least: 1, action: 'revert' },
      { of: 'failed', share: 0, least: 1, action: 'pause' },
      { of: 'any', share: 0, least: 1, action: 'stop' },
    ])
    world.fail('cam-01')
    expect(world.live.run.state).toBe('paused')
    world.tick()
    expect(world.live.run.state).toBe('paused')
  })

  it('successes of the same moment count first', () => {
    const world = offered([{ share: 0.3, least: 1, action: 'revert' }])
    world.set('cam-01', { place: 'refused', problem: { code: 'probe.timeout', message: 'No answer.', isPassing: false } })
    expect(world.commit('cam-02', 'cam-03', 'cam-04').events.map(({ kind }) => kind)).toEqual([
      'commit',
      'commit',
      'commit',
      'fail',
      'wave-reached',
      'wave-passed',
    ])
  })

  it('failures that somebody saw count no more, new ones do', () => {
    const world = offered([{ share: 0.2, least: 3, action: 'pause' }])
    world.commit('cam-01', 'cam-02')
    world.fail('cam-03')
    expect(world.live.run.state).toBe('paused')
    const events = world.act({ kind: 'resume' })
    expect(events.map(({ kind }) => kind)).toEqual(['acknowledged', 'resume'])
    expect(world.live.run.acknowledged).toBe(1)
    world.tick()
    expect(world.live.run.state).toBe('running')
    world.fail('cam-04')
    expect(world.live.run.state).toBe('paused')
  })

  it('a seen failure that is tried again and fails again is a new one', () => {
    const world = offered([{ share: 0.2, least: 1, action: 'pause' }], 3)
    world.fail('cam-01')
    world.act({ kind: 'resume' })
    world.act({ kind: 'retry', devices: ['cam-01'] })
    world.tick()
    expect(world.live.run.acknowledged).toBe(0)
    world.fail('cam-01')
    expect(world.live.run.state).toBe('paused')
  })

  it('a stop while paused still happens', () => {
    const world = offered([{ share: 0.2, least: 1, action: 'revert' }], 5)
    world.act({ kind: 'pause', halt: false, why: 'lunch' })
    world.fail('cam-01')
    expect(world.live.run.state).toBe('reverting')
  })
})

describe('devices that are away', () => {
  it('pause the rollout if they are too many, and not again for those that somebody saw', () => {
    const world = offered([], 10, { unreachable: { share: 0.5, least: 10, afterSeconds: 60 } })
    for (let n = 1; n <= 6; n++) world.set(`cam-0${n}`, { isOnline: false })
    world.after(60)
    expect(world.live.run).toMatchObject({ state: 'paused', held: { code: 'unreachable' } })
    world.act({ kind: 'resume' })
    expect(world.tick().events.map(({ kind }) => kind)).not.toContain('pause')
  })
})

describe('taking back', () => {
  it('a revert gives everybody back what they had, and ends when all that can be reached have it', () => {
    const world = offered([], 4, { pacing: { maxInFlight: 3 } })
    const [good, broken, away] = world.inState('offered')
    world.fail(broken!)
    world.commit(good!)
    world.set(away!, { isOnline: false })
    world.act({ kind: 'revert', why: 'wrong version' })
    const { reverts } = world.tick()
    expect(reverts).toHaveLength(4)
    for (const id of world.inState('reverting')) if (id !== away) world.set(id, { place: 'back' })
    expect(world.tick().wakeAt).toBe(world.now + 900_000)
    expect(world.live.run.state).toBe('reverting')
    world.after(900)
    expect([world.live.run.state, world.stateOf(away!)]).toEqual(['reverted', 'reverting'])
    world.set(away!, { isOnline: true, place: 'back' }).tick()
    expect(world.stateOf(away!)).toBe('reverted')
  })

  it('a stop leaves the version where it serves, and takes it from who has not come so far', () => {
    const world = offered([], 4)
    world.commit('cam-01')
    world.set('cam-02', { place: 'probing' }).tick()
    world.act({ kind: 'stop' })
    expect(world.tick().reverts.toSorted()).toEqual(['cam-03', 'cam-04'])
    world.set('cam-02', { place: 'refused', problem: null })
    expect(world.tick().reverts, 'it fails its watch after the stop').toEqual(['cam-02'])
    expect(world.stateOf('cam-01')).toBe('committed')
    world.act({ kind: 'revert' })
    expect(world.tick().reverts).toEqual(['cam-01'])
  })

  it.each(['1.1.0', '0.9.0'])('keeps what stood there before the first offer, also if %s stands there later', (version) => {
    const world = offered([], 1, { retry: { attempts: 1, backoffSeconds: 1 } })
    world.fail('cam-01', { isPassing: true, code: 'transfer.no-space' })
    world.set('cam-01', {
      standing: { digest: (version === '1.1.0' ? 'd' : 'e').repeat(64), model: 'digits', version, role: 'active', terms: {} },
    })
    world.after(1)
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ attempts: 2, previous: { version: '1.0.0' } })
  })

  it('who was taken by another order gets nothing back', () => {
    const world = offered([], 2)
    world.set('cam-01', { takenBy: { order: 9, rollout: null } })
    world.act({ kind: 'revert' })
    expect(world.tick().reverts).toEqual(['cam-02'])
  })
})
