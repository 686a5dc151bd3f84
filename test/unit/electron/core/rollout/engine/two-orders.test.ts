import { describe, expect, it } from 'vitest'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const gate = { verdict: 'pass', success: 1 } as const
const waves: RolloutPlanInput['waves'] = [
  { size: { kind: 'count', devices: 2 }, gate },
  { size: { kind: 'rest' }, gate },
]
const beside = (world: RolloutWorld) => {
  for (const id of world.inState('offered')) world.set(id, { place: 'beside' })
  return world.tick()
}

describe.each([
  { method: 'shadow', state: 'shadowing' },
  { method: 'split', state: 'splitting' },
] as const)('$method', ({ method, state }) => {
  it('is judged beside, then activated, and passes when activated devices have committed', () => {
    const world = new RolloutWorld({ method, waves, pacing: { maxInFlight: 1 } }, 3)
    expect(world.start().offers).toMatchObject([{ slot: 'beside' }])
    beside(world)
    beside(world)
    expect([world.inState(state).length, world.waves[0]]).toEqual([2, 'at-gate'])
    world.verdicts.set(0, 'pass')
    const { events, offers } = world.tick()
    expect(events.map(({ kind }) => kind)).toEqual(['verdict', 'wave-activated', 'activate'])
    expect(offers).toMatchObject([{ slot: 'active' }])
    world.verdicts.set(0, 'not enough evidence')
    world.commit()
    expect(world.waves[0]).toBe('open')
    world.commit()
    expect(world.waves).toEqual(['passed', 'open'])
    beside(world)
    world.verdicts.set(1, 'pass')
    world.tick()
    world.commit()
    expect(world.live.run.state).toBe('completed')
  })

  it('as a comparison it never activates by itself; promoting does, on those that have it', () => {
    const world = new RolloutWorld({ method, waves, isComparison: true, abort: [] }, 4)
    world.start()
    world.verdicts.set(0, 'pass')
    beside(world)
    expect(world.waves).toEqual(['passed', 'open'])
    world.after(3600)
    world.add('late')
    world.commit()
    const events = world.act({ kind: 'promote', why: 'better' })
    expect(events[0]!.kind).toBe('promoted')
    expect(world.act({ kind: 'promote' })).toEqual([])
    expect(world.tick().offers.every(({ slot }) => slot === 'active')).toBe(true)
    for (let n = 0; n < 3; n++) world.commit()
    expect(world.live.run.state).toBe('completed')
    world.add('later')
    expect(world.tick().events).toEqual([])
  })

  it('discarding takes the version away again', () => {
    const world = new RolloutWorld({ method, waves, isComparison: true }, 4)
    world.start()
    beside(world)
    world.act({ kind: 'discard' })
    expect(world.live.run.decided).toBe('discard')
    expect(world.act({ kind: 'discard' })).toEqual([])
    expect(world.tick().reverts).toHaveLength(2)
    expect(() => world.act({ kind: 'promote' })).toThrow('Rollout 7 cannot be promoted: it is reverting.')
  })

  it('a fail while it stands beside ends it before anybody got it as active', () => {
    const world = new RolloutWorld({ method, waves }, 4)
    world.start()
    beside(world)
    world.verdicts.set(0, 'fail')
    expect(world.tick().reverts).toHaveLength(2)
    expect(world.events.some(({ kind }) => kind === 'activate')).toBe(false)
  })
})

it('a comparison whose waves have all passed is not done before a person decides', () => {
  const world = new RolloutWorld({ method: 'shadow', waves, isComparison: true }, 4)
  world.start()
  for (const wave of [0, 1]) world.verdicts.set(wave, 'pass')
  beside(world)
  beside(world)
  expect([world.live.run.state, ...world.waves]).toEqual(['running', 'passed', 'passed'])
})

it('a comparison of a shadow waits for a person also after a fail: it answers nobody', () => {
  const world = new RolloutWorld({ method: 'shadow', waves, isComparison: true }, 4)
  world.start()
  world.verdicts.set(0, 'fail')
  beside(world)
  expect([world.live.run.state, world.waves[0]]).toEqual(['running', 'at-gate'])
})

describe('stage', () => {
  it('activates what is staged without a verdict, which there cannot be yet, and asks for it afterwards', () => {
    const world = new RolloutWorld({ method: 'stage', waves }, 3)
    world.start()
    expect(beside(world).events.map(({ kind }) => kind)).toEqual([
      'stage',
      'stage',
      'wave-reached',
      'wave-activated',
      'activate',
      'activate',
    ])
    world.commit()
    expect(world.waves).toEqual(['at-gate', 'waiting'])
    world.verdicts.set(0, 'pass')
    world.tick()
    expect(world.waves).toEqual(['passed', 'open'])
  })

  it('may be made to wait for a person', () => {
    const byPerson: RolloutPlanInput['waves'] = [{ size: { kind: 'rest' }, gate: { verdict: 'ignore', byPerson: true } }]
    const world = new RolloutWorld({ method: 'stage', waves: byPerson }, 2)
    world.start()
    beside(world)
    expect(world.after(1_000_000).events).toEqual([])
    world.act({ kind: 'letThrough', wave: 0 })
    expect(world.tick().offers).toHaveLength(2)
    world.commit()
    expect(world.live.run.state).toBe('completed')
  })

  it('who joins a wave that has passed gets the version as active at once', () => {
    const world = new RolloutWorld({ method: 'stage', waves: [{ size: { kind: 'rest' }, gate: { verdict: 'ignore' } }] }, 1)
    world.start()
    beside(world)
    world.commit()
    world.add('late')
    expect(world.tick().offers).toEqual([{ device: 'late', slot: 'active' }])
  })
})
