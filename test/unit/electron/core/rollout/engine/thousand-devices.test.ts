import { expect, it } from 'vitest'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const DEVICES = 1000
const names = Array.from({ length: DEVICES }, (_, i) => `cam-${String(i).padStart(4, '0')}`)
/** One in twenty, spread evenly. */
const isBad = (device: string): boolean => Number(device.slice(4)) % 20 === 7

/** Answers for those that are on their way, fifty at a look, as long as the rollout goes on: the bad ones refuse. */
function answer(world: RolloutWorld): void {
  const way = world.inState('offered', 'fetching', 'staged', 'activating', 'probing')
  for (let from = 0; from < way.length; from += 50) {
    for (const device of way.slice(from, from + 50))
      world.set(
        device,
        isBad(device)
          ? { place: 'refused', problem: { code: 'probe.golden-mismatch', message: 'It answers differently.', isPassing: false } }
          : { place: 'active' },
      )
    world.tick()
  }
}

/** What the rollout says of its devices, and what the devices are. */
function counted(world: RolloutWorld): { said: Record<string, number>; are: Record<string, number> } {
  const said: Record<string, number> = { committed: 0, failed: 0 }
  for (const { state } of world.live.run.devices.values()) if (state in said) said[state]! += 1
  const are = { committed: 0, failed: 0 }
  for (const { place } of world.devices.values()) {
    if (place === 'active') are.committed += 1
    if (place === 'refused') are.failed += 1
  }
  return { said, are }
}

it('case 56: of 1,000 devices 5 % are bad: it halts beyond its threshold, counts what the devices are, and each act is done once', () => {
  const waves = [
    { name: 'first', size: { kind: 'percent' as const, percent: 30 }, gate: { verdict: 'ignore' as const, success: 0.9 } },
    { name: 'rest', size: { kind: 'rest' as const }, gate: { verdict: 'ignore' as const, success: 0.9 } },
  ]
  const world = new RolloutWorld({ waves, abort: [{ share: 0.03, least: 100, action: 'pause' }], retry: { attempts: 0 } }, names)
  world.start()
  answer(world)
  const halted = counted(world)
  expect([world.live.run.state, world.waves[1]]).toEqual(['paused', 'waiting'])
  expect(halted.said).toEqual(halted.are)
  expect([halted.are.committed! + halted.are.failed!, halted.are.failed! / 300 > 0.03]).toEqual([300, true])
  // Nothing more goes out while it is halted.
  world.after(3600)
  expect(world.inState('offered', 'fetching', 'staged', 'activating', 'probing')).toEqual([])

  expect(world.act({ kind: 'resume' }, 'ann').length).toBeGreaterThan(0)
  expect(world.act({ kind: 'resume' }, 'bob')).toEqual([])
  world.tick()
  answer(world)
  // The failures that a person has seen count no more: the new ones are again beyond the threshold.
  expect(world.live.run.state).toBe('paused')
  const all = counted(world)
  expect([all.said, all.are]).toEqual([{ committed: 950, failed: 50 }, all.said])
  expect(world.act({ kind: 'stop' }, 'ann').length).toBeGreaterThan(0)
  expect(world.act({ kind: 'stop' }, 'bob')).toEqual([])
})
