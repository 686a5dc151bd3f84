import { expect, it } from 'vitest'
import { advance } from '../../../../../../electron/core/rollout/engine/advance.ts'
import { replay } from '../../../../../../electron/core/rollout/engine/replay.ts'
import { planWaves } from '../../../../../../electron/core/rollout/engine/waves.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const gate = { verdict: 'ignore' as const, success: 0.9 }
const waves = [
  { size: { kind: 'count' as const, devices: 10 }, gate, stratify: ['site'] },
  { size: { kind: 'percent' as const, percent: 10 }, gate },
  { size: { kind: 'rest' as const }, gate },
]

/** Printed, never asserted: another machine is another speed. @param times the median of so many */
function timed<Result>(name: string, work: () => Result, times = 1): Result {
  let result: Result
  const spans: number[] = []
  do {
    const from = performance.now()
    result = work()
    spans.push(performance.now() - from)
  } while (spans.length < times)
  console.log(`${name}: ${spans.toSorted((a, b) => a - b)[Math.floor(times / 2)]!.toFixed(1)} ms`)
  return result
}

it('10,000 devices: the times of one look', () => {
  const devices = Array.from({ length: 10_000 }, (_, n) => `cam-${n}`)
  const world = new RolloutWorld({ waves, pacing: { maxInFlight: 500 } }, devices)
  const candidates = devices.map((device, n) => ({ device, stratum: `site-${n % 40}`, queryWave: null }))
  const made = timed('planning 10,000 devices into 3 waves', () => planWaves(7, world.live.run.plan, candidates))
  expect(made.waves.map((wave) => wave.length)).toEqual([10, 990, 9000])
  timed('begin, with the facts of 10,000 devices', () => world.start())
  for (let n = 0; n < 6; n++) world.commit()
  expect(world.inState('committed').length).toBeGreaterThan(1000)
  expect(world.inState('pending').length).toBeGreaterThan(1000)
  const changed = world.inState('offered').slice(0, 20)
  for (const id of changed) world.set(id, { place: 'active' })
  const facts = world.facts(changed)
  const decision = timed('one look with 20 changed devices', () => advance(world.live, facts), 9)
  expect(decision.events.filter(({ kind }) => kind === 'commit')).toHaveLength(20)
  expect(decision.offers).toHaveLength(20)
  world.tick(changed)
  const nothing = world.facts([])
  expect(timed('one look at nothing new', () => advance(world.live, nothing), 9).events).toEqual([])
  const all = world.facts()
  expect(timed('one look at all devices', () => advance(world.live, all), 9).events).toEqual([])
  expect(timed(`replay of ${world.events.length} events`, () => replay(world.events)).run.seq).toBe(world.events.length)
}, 60_000)
