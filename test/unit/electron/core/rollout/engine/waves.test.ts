import { describe, expect, it } from 'vitest'
import { rolloutPlan, type RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import {
  planWaves,
  waveHash,
  waveOfJoiner,
  waveSizeWords,
  type WaveCandidate,
} from '../../../../../../electron/core/rollout/engine/waves.ts'

type Waves = NonNullable<RolloutPlanInput['waves']>
const planOf = (waves: Waves) => rolloutPlan.parse({ deployment: 'main', model: 'm', version: '1', waves })
const devices = (count: number, of: Partial<WaveCandidate> = {}): WaveCandidate[] =>
  Array.from({ length: count }, (_, n) => ({ device: `d${n}`, stratum: '', queryWave: null, ...of }))
const rest = { size: { kind: 'rest' } } as const
const count = (n: number) => ({ size: { kind: 'count', devices: n } }) as const
const percent = (p: number) => ({ size: { kind: 'percent', percent: p } }) as const
const sizes = (waves: Waves, target: WaveCandidate[]): number[] => planWaves(7, planOf(waves), target).waves.map((one) => one.length)

describe('sizes of waves', () => {
  it.each([
    { name: 'sizes add up from the front', waves: [count(1), percent(10), percent(50), rest], target: 100, want: [1, 9, 40, 50] },
    { name: 'a percent is rounded up', waves: [percent(10), rest], target: 11, want: [2, 9] },
    { name: 'a whole percent is not rounded further', waves: [percent(7), rest], target: 100, want: [7, 93] },
    { name: 'a percent that is reached already is empty', waves: [count(1), percent(10), rest], target: 10, want: [1, 0, 9] },
    { name: 'a number takes so many more', waves: [count(5), count(20), rest], target: 100, want: [5, 20, 75] },
    { name: 'more than there are', waves: [count(5), rest], target: 3, want: [3, 0] },
    { name: 'without a rest some are in no wave', waves: [count(1), percent(10)], target: 100, want: [1, 9] },
    { name: 'no target', waves: [count(1), rest], target: 0, want: [0, 0] },
    { name: 'all at once', waves: [percent(100)], target: 9, want: [9] },
  ])('$name', ({ waves, target, want }) => expect(sizes(waves, devices(target))).toEqual(want))

  it('queries take those that match, in their order, and count towards a percent', () => {
    const lyon = devices(4, { queryWave: 1 })
    const target = [...lyon, ...devices(10).slice(4)]
    const waves: Waves = [count(1), { size: { kind: 'query', query: 'site = "lyon"' } }, percent(60), rest]
    const made = planWaves(7, planOf(waves), target)
    const first = made.waves[0]!
    expect(made.waves[1]!.toSorted()).toEqual(lyon.map(({ device }) => device).filter((id) => !first.includes(id)))
    expect(made.waves[0]!.length + made.waves[1]!.length + made.waves[2]!.length).toBe(6)
  })
})

describe('membership', () => {
  it('is the order of the hash, whatever the order of the target', () => {
    const target = devices(50)
    const made = planWaves(7, planOf([percent(20), rest]), target)
    expect(planWaves(7, planOf([percent(20), rest]), target.toReversed())).toEqual(made)
    const hashes = made.waves.flat().map((device) => waveHash(7, device))
    expect(hashes).toEqual(hashes.toSorted())
  })

  it('differs from rollout to rollout', () => {
    expect(planWaves(7, planOf([count(5), rest]), devices(50)).waves[0]).not.toEqual(
      planWaves(8, planOf([count(5), rest]), devices(50)).waves[0],
    )
  })

  it('is the first 8 bytes of SHA-256', () => expect(waveHash(7, 'cam-12')).toBe('842bd07ff4f7d5e4'))

  it('nobody is twice in it, and everybody once where there is a rest', () => {
    const made = planWaves(7, planOf([count(3), percent(30), rest]), devices(97))
    expect(new Set(made.waves.flat()).size).toBe(97)
    expect(made.waves.flat()).toHaveLength(97)
  })

  it('spreads a canary over its strata', () => {
    const target = ['lyon', 'nice', 'metz'].flatMap((site, n) =>
      Array.from({ length: n === 0 ? 90 : 5 }, (_, m) => ({ device: `${site}-${m}`, stratum: site, queryWave: null })),
    )
    const spread = { ...count(6), stratify: ['site'] }
    const [canary] = planWaves(7, planOf([spread, rest]), target).waves
    const bySite = Object.groupBy(canary!, (device) => device.slice(0, 4))
    expect(Object.values(bySite).map((one) => one!.length)).toEqual([2, 2, 2])
  })

  it('takes more of the others where a stratum runs out', () => {
    const target = [...devices(9, { stratum: 'a' }), { device: 'x', stratum: 'b', queryWave: null }]
    const [canary] = planWaves(7, planOf([{ ...count(5), stratify: ['site'] }, rest]), target).waves
    expect(canary).toHaveLength(5)
    expect(canary).toContain('x')
  })
})

describe('who joins later', () => {
  const plan = planOf([count(2), percent(50), rest])
  const made = planWaves(7, plan, devices(20))
  const join = (hash: string, queryWave: number | null = null, members = [2, 8, 10]): number | null =>
    waveOfJoiner({ hash, queryWave }, plan.waves, { boundaries: made.boundaries, members })

  it('enters the wave of its hash, and never a full one', () => {
    expect(made.boundaries[0]).toBeNull()
    expect(join('0'.repeat(16))).toBe(1)
    expect(join('f'.repeat(16))).toBe(2)
  })

  it('fills a number that was not reached', () => {
    const small = planWaves(7, plan, devices(1))
    const enter = (members: number[]) =>
      waveOfJoiner({ hash: '5'.repeat(16), queryWave: null }, plan.waves, { boundaries: small.boundaries, members })
    expect([enter([1, 0, 0]), enter([2, 0, 0])]).toEqual([0, 2])
  })

  it('nobody is moved by it', () => {
    const grown = devices(200)
    const waveNow = (device: string): number => made.waves.findIndex((wave) => wave.includes(device))
    const moved = grown.filter(({ device }) => waveNow(device) > 0 && join(waveHash(7, device)) !== waveNow(device))
    expect(moved).toEqual([])
  })

  it('enters the query that it matches', () => {
    const waves = planOf([{ size: { kind: 'query', query: 'site = "lyon"' } }, rest]).waves
    const enter = (queryWave: number | null) =>
      waveOfJoiner({ hash: '0'.repeat(16), queryWave }, waves, { boundaries: [null, 'f'.repeat(16)], members: [0, 0] })
    expect([enter(0), enter(null)]).toEqual([0, 1])
  })

  it('is in none where no wave takes the rest', () => {
    const waves = planOf([percent(10)]).waves
    expect(waveOfJoiner({ hash: 'f'.repeat(16), queryWave: null }, waves, { boundaries: ['1'.repeat(16)], members: [1] })).toBeNull()
  })
})

it('says sizes in words', () => {
  const words = planOf([count(1), count(5), percent(12.5), { size: { kind: 'query', query: 'tag:camera' } }, rest]).waves.map(({ size }) =>
    waveSizeWords(size),
  )
  expect(words).toEqual(['1 device', '5 devices', 'up to 12.5 %', 'devices with tag:camera', 'the rest'])
})
