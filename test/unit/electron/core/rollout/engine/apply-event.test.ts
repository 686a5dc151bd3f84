import { describe, expect, it } from 'vitest'
import type { RolloutEvent } from '../../../../../../shared/domain/rollout/event.ts'
import { deviceTransitions, rolloutDeviceStates } from '../../../../../../shared/domain/rollout/life.ts'
import { applyEvent } from '../../../../../../electron/core/rollout/engine/apply-event.ts'
import { replay } from '../../../../../../electron/core/rollout/engine/replay.ts'
import { recount } from '../../../../../../electron/core/rollout/engine/tally.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const waves = [{ size: { kind: 'rest' as const }, gate: { verdict: 'ignore' as const } }]

function offered(): RolloutWorld {
  const world = new RolloutWorld({ waves }, 3)
  world.start()
  return world
}

const event = (world: RolloutWorld, of: Partial<RolloutEvent>): RolloutEvent => ({
  ...{
    seq: world.events.length + 1,
    rollout: 7,
    at: world.now,
    actor: 'muster',
    kind: 'note',
    device: null,
    wave: null,
    from: null,
    to: null,
  },
  ...{ sentence: 'Something.', detail: {} },
  ...of,
})

describe('a log that cannot be is refused, and changes nothing', () => {
  it.each<{ name: string; of: Partial<RolloutEvent>; says: string }>([
    { name: 'another rollout', of: { rollout: 8 }, says: 'is of rollout 8' },
    { name: 'an event twice', of: { seq: 3 }, says: 'comes after' },
    { name: 'an unknown kind', of: { kind: 'vanish' }, says: 'unknown kind' },
    { name: 'a pair that the table of rollouts lacks', of: { kind: 'resume' }, says: "'resume' is not allowed in 'running'" },
    {
      name: 'a pair that the table of devices lacks',
      of: { kind: 'activate', device: 'cam-01' },
      says: "'activate' is not allowed in 'offered'",
    },
    { name: 'a device that is not in it', of: { kind: 'fetch', device: 'cam-99' }, says: 'which is not in it' },
    { name: 'another state than the table', of: { kind: 'fetch', device: 'cam-01', to: 'staged' }, says: "says 'staged'" },
    { name: 'a wave that it does not have', of: { kind: 'wave-passed', wave: 4 }, says: 'which it does not have' },
    { name: 'a pair that the table of waves lacks', of: { kind: 'wave-opened', wave: 0 }, says: "'wave-opened' is not allowed in 'open'" },
    { name: 'waves a second time', of: { kind: 'target', detail: { waves: [[]], boundaries: [null] } }, says: 'a second time' },
    { name: 'a plan that is changed after the start', of: { kind: 'edited', detail: { plan: {} } }, says: 'has been started' },
    { name: 'a pause without a cause that is one', of: { kind: 'pause', detail: { held: { code: 'mood', sentence: '' } } }, says: 'mood' },
  ])('$name', ({ of, says }) => {
    const world = offered()
    const before = structuredClone(world.live)
    expect(() => applyEvent(world.live, event(world, of))).toThrow(says === 'mood' ? /code/ : says)
    expect(world.live).toEqual(before)
  })

  it('a log must begin with its beginning', () => {
    const world = offered()
    expect(() => replay(world.events.slice(1))).toThrow("not 'created'")
    expect(() => replay([])).toThrow('no events')
  })
})

describe('counts', () => {
  it('are those of a count of everything, after every happening of the table', () => {
    const details = {
      ...{
        slot: 'active',
        group: 'lyon',
        bytes: 1000,
        seconds: 3,
        money: 0.123456,
        problem: null,
        notBefore: 5,
        takenBy: { order: 1, rollout: null },
      },
      reason: 'left',
    }
    let applied = 0
    for (const state of rolloutDeviceStates) {
      for (const happening of Object.keys(deviceTransitions[state])) {
        const world = offered()
        const device = { ...world.live.run.devices.get('cam-01')!, state, notBefore: 7 }
        world.live.run.devices.set('cam-01', device)
        world.live.tally = recount(world.live.run)
        applyEvent(world.live, event(world, { kind: happening, device: 'cam-01', detail: details }))
        expect(world.live.tally, `${state} ${happening}`).toEqual(recount(world.live.run))
        applied += 1
      }
    }
    expect(applied).toBeGreaterThan(90)
  })

  it('keep what was spent when a device comes back and begins anew', () => {
    const world = offered()
    world.set('cam-01', { takenBy: { order: 1, rollout: null } }).tick()
    world.set('cam-01', { takenBy: null }).tick()
    expect(world.live.run.devices.get('cam-01')).toMatchObject({ state: 'offered', attempts: 1, bytes: 2000, takenBy: null })
    expect(world.live.tally).toMatchObject({ bytes: 4000, moneyMillionths: 2_000_000 })
  })
})

it('marks that change little: priority, note, alias, penalty lifted', () => {
  const world = offered()
  for (const kind of ['note', 'alias-moved', 'penalty-lifted'])
    applyEvent(world.live, event(world, { kind, seq: world.live.run.seq + 1, device: kind === 'penalty-lifted' ? 'cam-77' : null }))
  applyEvent(world.live, event(world, { kind: 'priority', seq: world.live.run.seq + 1, detail: { priority: 9 } }))
  expect(world.live.run.plan.priority).toBe(9)
})
