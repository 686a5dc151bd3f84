import { describe, expect, it } from 'vitest'
import { RolloutWorld, worldTarget } from '../../../../../harness/rollout-world.ts'

const waves = [{ size: { kind: 'rest' as const }, gate: { verdict: 'ignore' as const, success: 0 } }]
const own = { ...worldTarget, role: 'active' as const, terms: {} }
const outranked = { order: null, rollout: 99 }

function world(devices = 3, plan = {}): RolloutWorld {
  const made = new RolloutWorld({ waves, abort: [], timeouts: { offered: 600 }, ...plan }, devices)
  made.start()
  for (const id of made.devices.keys()) made.set(id, { standing: own })
  return made
}

describe('a device that a higher rollout had', () => {
  it('keeps what it had before, and serves the version without another order', () => {
    const made = world()
    made.commit('cam-02', 'cam-03')
    made.set('cam-01', { takenBy: outranked, place: 'active' })
    made.tick()
    expect(made.stateOf('cam-01')).toBe('superseded')
    made.set('cam-01', { takenBy: null })
    expect(made.tick().offers).toEqual([])
    expect(made.live.run.devices.get('cam-01')).toMatchObject({
      state: 'committed',
      previous: { version: '1.0.0' },
      last: { slot: 'active' },
    })
    made.act({ kind: 'revert' })
    expect(made.tick().reverts.sort()).toEqual(['cam-01', 'cam-02', 'cam-03'])
  })

  it('is given back by a revert while that one has not ordered anything there, and its end waits for it', () => {
    const made = world()
    made.commit()
    made.set('cam-01', { takenBy: outranked }).set('cam-02', { takenBy: outranked, standing: { ...own, digest: 'e'.repeat(64) } })
    made.set('cam-03', { takenBy: outranked, isOrderedByOther: true })
    made.tick()
    made.act({ kind: 'revert' })
    expect(made.tick().reverts).toEqual(['cam-01'])
    expect(made.inState('superseded')).toEqual(['cam-02', 'cam-03'])
    made.set('cam-01', { place: 'back' })
    made.tick()
    expect([made.stateOf('cam-01'), made.live.run.state]).toEqual(['reverted', 'reverted'])
  })
})

describe('a rollout that goes back', () => {
  it('ends although a device that is there cannot go back, names it, and takes it in when it does', () => {
    const made = world(2)
    made.commit()
    made.act({ kind: 'revert' })
    made.tick()
    made.set('cam-01', { place: 'back' }).set('cam-02', { place: 'active' })
    expect(made.after(599).wakeAt).toBe(made.now + 1000)
    expect(made.live.run.state).toBe('reverting')
    made.after(1)
    expect(made.live.run.state).toBe('reverted')
    expect(made.events.at(-1)!.sentence).toBe('1 device has back what it had; 1 device could not go back within 10 min: cam-02.')
    made.set('cam-02', { place: 'back' })
    made.tick()
    expect(made.stateOf('cam-02')).toBe('reverted')
  })
})

describe('after a start', () => {
  it('no stage is over before devices can have told what they did', () => {
    const made = world(2)
    for (const id of made.devices.keys()) made.set(id, { place: 'probing' })
    made.tick()
    made.now += 3 * 3_600_000
    made.patientUntil = made.now + 60_000
    expect(made.tick().wakeAt).toBe(made.patientUntil)
    expect(made.inState('probing')).toHaveLength(2)
    made.set('cam-01', { place: 'active' })
    made.after(60)
    expect([made.stateOf('cam-01'), made.stateOf('cam-02')]).toEqual(['committed', 'timed-out'])
  })
})

it('who joins late is in the last wave, also if that is spread over strata', () => {
  const spread = (percent: number) => ({ ...waves[0]!, size: { kind: 'percent' as const, percent }, stratify: ['site'] })
  const made = world(4, { waves: [spread(50), spread(100)] })
  made.add('new-1')
  made.tick()
  expect(made.live.run.devices.get('new-1')).toMatchObject({ wave: 1 })
})
