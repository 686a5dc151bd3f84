import { describe, expect, test } from 'vitest'
import { gateView } from '../../../../../../electron/core/rollout/engine/gate-view.ts'
import { allowedActs } from '../../../../../../electron/core/rollout/engine/allowed.ts'
import { standingOf } from '../../../../../../electron/core/rollout/engine/summary.ts'
import { gateReason } from '../../../../../../electron/core/rollout/explain/words.ts'
import type { Under } from '../../../../../../electron/core/rollout/explain/case.ts'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const canary: RolloutPlanInput['waves'] = [
  { size: { kind: 'count', devices: 1 }, gate: { verdict: 'pass' } },
  { size: { kind: 'percent', percent: 50 }, gate: { verdict: 'pass' } },
  { size: { kind: 'rest' } },
]

/** A rollout whose canary has got the version. */
function atCanary(more: Partial<RolloutPlanInput> = {}) {
  const world = new RolloutWorld({ waves: canary, abort: [], ...more }, 8)
  world.start()
  const [broken] = world.inState('offered')
  return { world, broken: broken! }
}
const known = (world: RolloutWorld) => ({ now: world.now, alert: null, evidence: () => null, shareOf: () => null })
function rescue(world: RolloutWorld, device: string): void {
  world.set(device, { takenBy: { order: 7, rollout: null } })
}
const stateOf = (world: RolloutWorld) => world.live.run.state

describe('a wave whose devices were all taken out after it began', () => {
  test.each([
    { how: 'a person rescued the canary with another order', isOrder: true },
    { how: 'the canary was taken out of the fleet', isOrder: false },
  ])('does not pass: $how', ({ isOrder }) => {
    const { world, broken } = atCanary()
    world.fail(broken)
    if (isOrder) rescue(world, broken)
    else world.devices.delete(broken)
    const { offers } = world.tick()
    expect([world.waves, offers, stateOf(world)]).toEqual([['at-gate', 'waiting', 'waiting'], [], 'running'])
    const words =
      'Wave 1 is at its gate: No device is left in the wave: nothing says that the next one may begin. Let it through, wait for devices that come back, or stop.'
    expect(gateView(world.live, 0, known(world)).sentence).toBe(words)
    expect(standingOf(world.live, known(world)).heldBy).toBe(words)
    expect(allowedActs(world.live.run)).toMatchObject({ letThrough: true, stop: true })
    const under = { run: world.live.run, tally: world.live.tally, facts: world.facts() } as Under
    expect(gateReason(under, 0)).toBe('no device is left in wave 1, which had begun')
    expect(world.tick().events).toEqual([])
  })

  test('goes on when a person lets it through', () => {
    const { world, broken } = atCanary()
    rescue(world, broken)
    world.tick()
    world.act({ kind: 'letThrough', wave: 0 })
    expect(world.tick().offers).toHaveLength(3)
    expect(world.waves).toEqual(['passed', 'open', 'waiting'])
  })

  test('goes on by its gate when a device comes back', () => {
    const { world, broken } = atCanary()
    rescue(world, broken)
    world.tick()
    world.set(broken, { takenBy: null })
    world.verdicts.set(0, 'pass')
    world.tick()
    expect(world.stateOf(broken)).toBe('offered')
    world.commit(broken)
    expect(world.waves).toEqual(['passed', 'open', 'waiting'])
  })

  test('waits also where the gate asks for no answers, and its patience ends', () => {
    const gate = { verdict: 'ignore', leastReached: 0, patienceSeconds: 600 } as const
    const { world, broken } = atCanary({ waves: [{ size: { kind: 'count', devices: 1 }, gate }, { size: { kind: 'rest' } }] })
    rescue(world, broken)
    world.tick()
    expect([world.waves, stateOf(world)]).toEqual([['at-gate', 'waiting'], 'running'])
    world.after(600)
    expect(stateOf(world)).toBe('paused')
  })

  test('of a shadow is let through once, not once more for its activation', () => {
    const { world, broken } = atCanary({ method: 'shadow' })
    rescue(world, broken)
    world.tick()
    world.act({ kind: 'letThrough', wave: 0 })
    world.tick()
    expect(world.waves).toEqual(['passed', 'open', 'waiting'])
  })
})

describe('a rollout of which nobody is left', () => {
  test('is not done: it waits, and is stopped once a person lets it through', () => {
    const world = new RolloutWorld({ waves: [{ size: { kind: 'rest' } }], abort: [] }, 3)
    world.start()
    for (const id of world.inState('offered')) rescue(world, id)
    world.tick()
    expect([world.waves, stateOf(world)]).toEqual([['at-gate'], 'running'])
    world.act({ kind: 'letThrough', wave: 0 })
    world.tick()
    expect(stateOf(world)).toBe('stopped')
    expect(standingOf(world.live, known(world)).sentence).toBe(
      'Stopped: 0 devices keep the version. Every device was taken out of the rollout; nobody has digits 1.1.0 by it.',
    )
    expect(world.tick().events).toEqual([])
  })

  test('a wave that never had devices passes at once', () => {
    const waves: RolloutPlanInput['waves'] = [{ size: { kind: 'query', query: 'tag:none' } }, { size: { kind: 'rest' } }]
    const world = new RolloutWorld({ waves, abort: [] }, 3)
    expect(world.start().offers).toHaveLength(3)
    expect(world.waves).toEqual(['passed', 'open'])
  })
})
