import { describe, expect, it } from 'vitest'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { gateView } from '../../../../../../electron/core/rollout/engine/gate-view.ts'
import { evidenceOf, RolloutWorld } from '../../../../../harness/rollout-world.ts'

type Gate = NonNullable<RolloutPlanInput['waves']>[number]['gate']

function atWork(gate: Gate, devices = 5, more: Partial<RolloutPlanInput> = {}): RolloutWorld {
  const waves = [
    { size: { kind: 'count' as const, devices }, gate },
    { size: { kind: 'rest' as const }, gate: { verdict: 'ignore' as const } },
  ]
  const world = new RolloutWorld({ waves, abort: [], ...more }, devices + 2)
  world.start()
  return world
}

const seen = (world: RolloutWorld, wave = 0) =>
  gateView(world.live, wave, {
    ...{ now: world.now, alert: world.alert, shareOf: () => null },
    evidence: (one) => (world.verdicts.has(one) ? evidenceOf(world.verdicts.get(one)!, world.now) : null),
  })
const unmet = (world: RolloutWorld): string[] =>
  seen(world)
    .conditions.filter(({ isMet }) => !isMet)
    .map(({ kind }) => kind)

describe('success', () => {
  it('does not wait for the last device if it cannot shut the gate any more', () => {
    const world = atWork({ verdict: 'ignore', success: 0.8 })
    const ids = world.inState('offered')
    world.commit(...ids.slice(0, 3))
    expect(seen(world).conditions[1]).toEqual({
      kind: 'success',
      isMet: false,
      sentence: '3 of 5 devices committed, 4 must (80 %); 2 still under way.',
    })
    expect(world.waves[0]).toBe('open')
    world.commit(ids[3]!)
    expect(world.waves[0]).toBe('passed')
  })

  it('counts those that were reached, not those that are away', () => {
    const world = atWork({ verdict: 'ignore', success: 1 })
    const [away, ...others] = world.inState('offered')
    world.set(away!, { isOnline: false })
    world.commit(...others)
    expect(world.waves[0]).toBe('open')
    world.now += 900_000
    world.tick()
    expect(world.waves[0]).toBe('passed')
  })

  it('a gate that nothing can open any more says so', () => {
    const world = atWork({ verdict: 'ignore', success: 0.9 })
    const [broken, ...others] = world.inState('offered')
    world.fail(broken!)
    world.commit(...others)
    expect(world.waves).toEqual(['at-gate', 'waiting'])
    expect(seen(world).sentence).toBe(
      'Wave 1 is at its gate: 4 of 5 devices committed, 5 must (90 %). Nothing is under way that could change it: let it through, retry, or stop.',
    )
  })

  it('a gate of a rollout that was taken back asks nobody for anything any more', () => {
    const world = atWork({ verdict: 'ignore', success: 0.9 })
    world.act({ kind: 'revert' })
    expect(seen(world).sentence).toBe('Wave 1 did not pass its gate: the rollout ended before.')
    expect(seen(world, 1).sentence).toBe('Wave 2 did not begin: the rollout ended before.')
  })

  it('a wave in which nobody answers is never through', () => {
    const world = atWork({ verdict: 'ignore', leastReached: 1 }, 2, { unreachable: { share: 1 } })
    for (const id of world.inState('offered')) world.set(id, { isOnline: false })
    world.after(10_000)
    expect([world.waves[0], unmet(world)]).toEqual(['at-gate', ['reached']])
  })

  it('needs as many answers as it says', () => {
    const world = atWork({ verdict: 'ignore', leastReached: 6 })
    world.commit()
    expect([world.waves[0], unmet(world)]).toEqual(['at-gate', ['reached']])
  })
})

describe('verdict', () => {
  it.each([
    { wanted: 'pass', verdict: null, through: false },
    { wanted: 'pass', verdict: 'not enough evidence', through: false },
    { wanted: 'pass', verdict: 'pass', through: true },
    { wanted: 'not-fail', verdict: null, through: true },
    { wanted: 'not-fail', verdict: 'not enough evidence', through: true },
    { wanted: 'ignore', verdict: 'fail', through: true },
  ] as const)('wanted $wanted, found $verdict: $through', ({ wanted, verdict, through }) => {
    const world = atWork({ verdict: wanted })
    if (verdict !== null) world.verdicts.set(0, verdict)
    world.commit()
    expect(world.waves[0] === 'passed').toBe(through)
  })

  it.each([
    { onFail: 'revert', state: 'reverting', orders: 5 },
    { onFail: 'stop', state: 'stopped', orders: 4 },
    { onFail: 'pause', state: 'paused', orders: 0 },
  ] as const)('a fail makes it $onFail', ({ onFail, state, orders }) => {
    const world = atWork({ verdict: 'not-fail' }, 5, { judge: { onFail } })
    world.commit(world.inState('offered')[0]!)
    world.verdicts.set(0, 'fail')
    expect(world.tick().reverts).toHaveLength(orders)
    expect(world.live.run.state).toBe(state)
    expect(world.live.run.held?.code).toBe('verdict')
  })

  it('who lets it go on after a fail has seen it; the gate stays shut', () => {
    const world = atWork({ verdict: 'pass' }, 5, { judge: { onFail: 'pause' } })
    world.verdicts.set(0, 'fail')
    world.tick()
    world.act({ kind: 'resume' })
    world.commit()
    expect([world.live.run.state, unmet(world)]).toEqual(['running', ['verdict']])
  })

  it('after the last wave, too little evidence keeps nobody from anything', () => {
    const world = new RolloutWorld({ waves: [{ size: { kind: 'rest' } }] }, 2)
    world.start()
    world.commit()
    expect(world.live.run.state).toBe('completed')
  })
})

describe('time, people, patience', () => {
  it('waits its time after the wave is reached', () => {
    const world = atWork({ verdict: 'ignore', afterSeconds: 600 })
    expect(world.commit().wakeAt).toBe(world.now + 600_000)
    expect(seen(world).conditions.at(-1)).toEqual({ kind: 'time', isMet: false, sentence: '10 min of 10 min are left.' })
    world.after(599)
    expect(world.waves[0]).toBe('at-gate')
    world.after(1)
    expect(world.waves[0]).toBe('passed')
  })

  it('waits for a person', () => {
    const world = atWork({ verdict: 'ignore', byPerson: true })
    world.commit()
    expect(unmet(world)).toEqual(['person'])
    world.act({ kind: 'letThrough', wave: 0, why: 'seen on site' })
    const [passed] = world.tick().events
    expect(passed).toMatchObject({ kind: 'wave-passed', detail: { isLetThrough: true } })
  })

  it('a person lets a wave through that is still being offered', () => {
    const world = atWork({ verdict: 'pass' })
    world.act({ kind: 'letThrough', wave: 0 })
    world.tick()
    expect(world.waves).toEqual(['passed', 'open'])
  })

  it('pauses when it has been at its gate for too long, and again as long after it went on', () => {
    const world = atWork({ verdict: 'pass', patienceSeconds: 3600 })
    world.commit()
    world.after(3600)
    expect(world.live.run).toMatchObject({ state: 'paused', held: { code: 'gate' } })
    world.act({ kind: 'resume' })
    world.after(3599)
    expect(world.live.run.state).toBe('running')
    world.after(1)
    expect(world.live.run.state).toBe('paused')
  })
})
