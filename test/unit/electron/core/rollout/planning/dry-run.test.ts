import { describe, expect, it } from 'vitest'
import { failureBound, planRollout } from '../../../../../../electron/core/rollout/planning/dry-run.ts'
import { contract } from '../../../../../../shared/rpc/contract.ts'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { digitsPlan, enrolMany, openPlanningDesk } from '../../../../../harness/planning-desk.ts'

const HOUR = 3_600_000
const output = contract['rollouts.plan'].output

async function fleetOf(devices: number) {
  const made = openPlanningDesk()
  await made.desk.importSample('digits', '1.1.0')
  enrolMany(made.desk, devices)
  const { digest } = made.desk.registry.version('digits', '1.1.0')
  const { bytes } = made.parts.costs.offersOf(digest)(made.desk.store.roster.entry('cam-00001')!)
  const plan = (change: Partial<RolloutPlanInput>, limit = 100) =>
    output.parse(planRollout(made.parts, { plan: digitsPlan(change), limit }))
  return { ...made, bytes, plan }
}

describe('the dry run', () => {
  it('says who is in which wave, what it costs, and what each size can show', async () => {
    const { plan, bytes, setPrices } = await fleetOf(40)
    setPrices({
      currency: 'EUR',
      links: [
        { name: 'ethernet', megabitsPerSecond: 100 },
        { name: 'cellular', pricePerGigabyte: 10, megabitsPerSecond: 1 },
      ],
    })
    const made = plan({
      waves: [
        { name: 'canary', size: { kind: 'count', devices: 4 }, stratify: ['site'] },
        { size: { kind: 'percent', percent: 50 } },
        { size: { kind: 'rest' } },
      ],
    })
    expect(made.waves.map(({ devices, size }) => [devices, size])).toEqual([
      [4, '4 devices'],
      [16, 'up to 50 %'],
      [20, 'the rest'],
    ])
    expect(made.waves[0]!.groups).toEqual(['site-0', 'site-1', 'site-2', 'site-3'].map((value) => ({ value, devices: 1 })))
    const all = made.waves.flatMap(({ examples }) => examples)
    expect([all.length, new Set(all).size]).toEqual([40, 40])
    // Cents of waves add up to the forecast: four of forty devices are on a link with a price.
    expect(made.forecast).toMatchObject({ devices: 40, bytes: 40 * bytes, currency: 'EUR', seconds: null })
    expect(made.waves.reduce((sum, one) => sum + one.money, 0)).toBeCloseTo((4 * bytes * 10) / 1e9, 9)
    expect(made.forecast.money).toBeCloseTo((4 * bytes * 10) / 1e9, 6)
    expect(made.waves[0]!.sizeBound).toBeCloseTo(0.527, 3)
    expect(made.waves[0]!.gate).toBe(
      'Goes on when 1 device of the wave has answered, 90 % of those that answered have committed and the verdict is pass.',
    )
    expect(plan({}, 3).waves[0]!.examples).toHaveLength(3)
  }, 60_000)

  it('bounds what no failure in n devices can show, as the table of the design has it', () => {
    expect([5, 10, 30, 60, 100].map((n) => Math.round(failureBound(n) * 1000) / 10)).toEqual([45.1, 25.9, 9.5, 4.9, 3])
    expect(failureBound(0)).toBe(1)
  })

  it('reckons times from start, windows, pace and gates, and none after what a person or a verdict decides', async () => {
    const { plan, desk } = await fleetOf(40)
    const timed = (change: Partial<RolloutPlanInput>) => plan(change)
    const gate = (verdict: 'pass' | 'ignore', more = {}) => ({ gate: { verdict, ...more } })
    const now = desk.clock.at
    const two = (more = {}): RolloutPlanInput['waves'] => [
      { size: { kind: 'count', devices: 10 }, ...gate('ignore', more) },
      { size: { kind: 'rest' }, ...gate('ignore') },
    ]
    const from = (made: ReturnType<typeof plan>) =>
      made.waves.map(({ earliestStart, earliestEnd }) => [earliestStart, earliestEnd].map((at) => (at === null ? null : (at - now) / HOUR)))
    // Ten a minute, and half an hour of watching between.
    const paced = timed({ waves: two({ afterSeconds: 1800 }), pacing: { perMinute: { base: 10 } } })
    expect(from(paced)).toEqual([
      [0, expect.closeTo(1 / 60, 6)],
      [expect.closeTo(1 / 60 + 0.5, 6), expect.closeTo(4 / 60 + 0.5, 6)],
    ])
    expect(paced.forecast.seconds).toBe(4 * 60 + 1800)
    const judged = timed({ waves: [{ size: { kind: 'count', devices: 10 }, ...gate('pass') }, { size: { kind: 'rest' } }] })
    expect([judged.waves[0]!.earliestEnd !== null, judged.waves[1]!.earliestEnd, judged.forecast.seconds]).toEqual([true, null, null])
    const byHand = timed({ waves: two({ byPerson: true }) })
    expect([byHand.waves[1]!.earliestEnd, byHand.forecast.seconds]).toEqual([null, null])
    // The clock stands at midnight and some ms, the window is from two to four: one device a minute needs 40 minutes.
    const window = { cron: '0 2 * * *', minutes: 120, timeZone: 'UTC' }
    const windowed = timed({ waves: two(), windows: { download: window, isSpread: false }, pacing: { perMinute: { base: 1 } } })
    expect(
      from(windowed)
        .flat()
        .map((hours) => Math.round(hours! * 60)),
    ).toEqual([120, 130, 130, 160])
    const late = timed({
      waves: two(),
      windows: { startAt: now + 3 * HOUR, download: window, isSpread: false },
      pacing: { perMinute: { base: 0.1 } },
    })
    // Six an hour: what does not fit in one night goes on in the next. Ten need 100 minutes, of which 60 fit; then thirty need 80, 120 and 100.
    expect(
      from(late)
        .flat()
        .map((hours) => Math.round(hours! * 10) / 10),
    ).toEqual([3, 26.7, 26.7, 75.7])
  }, 60_000)

  it('of a plan that cannot be read says why, and nothing else', async () => {
    const { plan } = await fleetOf(3)
    const made = plan({ version: '9.9.9' })
    expect(made).toMatchObject({ version: null, targeted: 0, waves: [], forecast: { devices: 0, money: 0 } })
    expect(made.findings[0]).toMatchObject({ severity: 'error', code: 'model.not-found' })
  }, 60_000)

  it('plans 10,000 devices', async () => {
    const { plan } = await fleetOf(10_000)
    const change: Partial<RolloutPlanInput> = {
      waves: [
        { size: { kind: 'count', devices: 10 }, stratify: ['site', 'arch'] },
        { size: { kind: 'query', query: 'site = site-1' } },
        { size: { kind: 'percent', percent: 50 } },
        { size: { kind: 'rest' } },
      ],
      windows: { download: { cron: '0 2 * * *', minutes: 120 }, activation: { cron: '0 4 * * *', minutes: 60 } },
      pacing: { perMinute: { base: 10, factor: 1.5, max: 500 }, perGroup: { attribute: 'site' }, bytesPerSecond: 1e6 },
    }
    plan(change)
    const begun = performance.now()
    const made = plan(change)
    console.log(`planning of 10,000 devices: ${Math.round(performance.now() - begun)} ms`)
    expect(made.waves.reduce((sum, { devices }) => sum + devices, 0)).toBe(10_000)
    expect(made.waves[1]!.devices).toBeGreaterThan(2400)
  }, 120_000)
})
