import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../../../../electron/core/monitor/monitor.ts'
import { DIGEST, HOUR, MINUTE, openAlertDesk, PLACE, scored } from '../../../../../harness/alert-desk.ts'

/** A desk with a version in service on one device that sends telemetry. */
function inService() {
  const desk = openAlertDesk()
  desk.connect('cam-1')
  desk.order('cam-1')
  desk.script.subjects = [PLACE]
  desk.script.devices = ['cam-1']
  /** An hour passes, and a verdict window closes with it. */
  const hour = async (): Promise<void> => {
    desk.world.arrivals.set('cam-1', desk.clock.at + HOUR)
    desk.script.through = Math.floor((desk.clock.at + HOUR) / HOUR) * HOUR
    await desk.pass(HOUR, 5 * MINUTE)
  }
  return { ...desk, hour }
}

const isFleet = ({ devices }: { devices: readonly string[] | null }): boolean => devices === null
const drifted = (name: string, through: number): Partial<Verdict> => ({
  ...{ name, state: 'alarm', alarms: 2 },
  windows: [scored('none', 0, through - 2 * HOUR), scored('alarm', 0.4, through - HOUR), scored('alarm', 0.5, through)],
})
const clean = (name: string, through: number, effect = 0.01): Partial<Verdict> => ({
  ...{ name, state: 'ok' },
  windows: [0, 1, 2].map((ago) => ({ ...scored('none', effect, through - ago * HOUR), pAdjusted: effect > 0.1 ? 0.001 : 0.5 })).reverse(),
})

describe('alerts on drift and data quality', () => {
  it('makes one alert for each feature: what drifts within its range has drifted, what only lies outside is out of range', async () => {
    const desk = inService()
    const { script } = desk
    // Alcohol reaches beyond its range because all of it moved; of proline a few values are wrong, and the others stay.
    const all = ['alcohol', 'flavanoids', 'proline']
    script.verdicts = (of, isWithin) => (isFleet(of) ? (isWithin ? all.slice(0, 2) : all).map((name) => drifted(name, script.through)) : [])
    script.rates = (of) =>
      isFleet(of)
        ? [
            { name: 'ash', cause: 'missing', state: 'alarm' },
            { name: 'proline', cause: 'outlier', state: 'alarm' },
            { name: 'proline', cause: 'out-of-range', state: 'alarm' },
            { name: 'alcohol', cause: 'out-of-range', state: 'alarm' },
          ]
        : []
    await desk.hour()
    const firing = await desk.firing()
    expect(firing.map(({ rule, subject }) => `${rule} ${subject.feature}`).sort()).toEqual([
      ...['data-quality ash', 'data-quality proline', 'drift alcohol', 'drift flavanoids'],
    ])
    const proline = firing.find(({ subject }) => subject.feature === 'proline')!
    expect(proline.evidence.unit).toBe('share out of range')
    expect(proline.sentence).toContain('Also outlying 15.0 %.')
    expect(proline.sentence).toContain('Its distribution moved as well')
    expect(firing.find(({ subject }) => subject.feature === 'alcohol')).toMatchObject({
      ...{ subject: { deployment: 'wine', digest: DIGEST, device: null }, group: expect.stringMatching(/^drift\/wine\//) },
      evidence: {
        value: 0.5,
        threshold: 0.2,
        n: 500,
        effective: 480,
        m: 110,
        p: 0.0001,
        reference: 'training (110 rows)',
        basis: 'measured',
      },
    })
  })

  it('names missing values before drift of those that are there, and says so', async () => {
    const desk = inService()
    desk.script.verdicts = (of) => (isFleet(of) ? [drifted('ash', desk.script.through)] : [])
    desk.script.rates = (of) => (isFleet(of) ? [{ name: 'ash', cause: 'missing', state: 'alarm' }] : [])
    await desk.hour()
    const firing = await desk.firing()
    expect(firing.map(({ rule }) => rule)).toEqual(['data-quality'])
    expect(firing[0]!.sentence).toContain('Its distribution moved as well')
  })

  it('tells drift where the rule on bad values is off: a cause explains only what is told', async () => {
    const desk = inService()
    desk.script.verdicts = (of) => (isFleet(of) ? [drifted('proline', desk.script.through)] : [])
    desk.script.rates = (of) => (isFleet(of) ? [{ name: 'proline', cause: 'out-of-range', state: 'alarm' }] : [])
    await desk.call('alerts.enableRule', { rule: 'data-quality', isEnabled: false })
    await desk.call('alerts.enableRule', { rule: 'data-quality-of-device', isEnabled: false })
    await desk.hour()
    expect((await desk.firing()).map(({ rule }) => rule)).toEqual(['drift'])
  })

  it('does not tell of a device what its version shows as a whole', async () => {
    const desk = inService()
    desk.script.rates = () => [{ name: 'ash', cause: 'missing', state: 'alarm' }]
    await desk.hour()
    expect((await desk.firing()).map(({ rule, subject }) => [rule, subject.device])).toEqual([['data-quality', null]])
    // Once it is this device alone, it is told of the device.
    desk.script.rates = (of) => (isFleet(of) ? [{ name: 'ash', state: 'ok' }] : [{ name: 'ash', cause: 'missing', state: 'alarm' }])
    for (let i = 0; i < 3; i += 1) await desk.hour()
    expect((await desk.firing()).map(({ rule, subject }) => [rule, subject.device])).toEqual([['data-quality-of-device', 'cam-1']])
  })

  it('is resolved by three clean windows below 0.8 times the threshold, and not by fewer or higher ones', async () => {
    const desk = inService()
    const { script } = desk
    script.verdicts = (of) => (isFleet(of) ? [drifted('alcohol', script.through)] : [])
    await desk.hour()
    expect(await desk.firing()).toHaveLength(1)
    // 0.18 is no alarm, but more than 0.8 times 0.2, and it is no chance.
    script.verdicts = (of) => (isFleet(of) ? [clean('alcohol', script.through, 0.18)] : [])
    for (let i = 0; i < 4; i += 1) await desk.hour()
    expect(await desk.firing()).toHaveLength(1)
    script.verdicts = (of) => (isFleet(of) ? [clean('alcohol', script.through)] : [])
    await desk.hour()
    expect(await desk.firing()).toEqual([])
  })

  it('keeps firing without data, and says so; a rise of a window that nobody can judge fires nothing', async () => {
    const desk = inService()
    const { script } = desk
    script.verdicts = (of) => (isFleet(of) ? [{ name: 'alcohol', state: 'insufficient data' }] : [])
    await desk.hour()
    expect(await desk.firing()).toEqual([])
    script.verdicts = (of) => (isFleet(of) ? [drifted('alcohol', script.through)] : [])
    await desk.hour()
    script.verdicts = (of) => (isFleet(of) ? [{ name: 'alcohol', state: 'insufficient data' }] : [])
    for (let i = 0; i < 3; i += 1) await desk.hour()
    expect((await desk.firing())[0]?.sentence).toMatch(/alcohol has drifted\. Insufficient data since 2026-01-01T0/)
    // Nothing was counted for so long that it is not even looked at.
    script.subjects = []
    for (let i = 0; i < 3; i += 1) await desk.hour()
    expect(await desk.firing()).toHaveLength(1)
  })

  it('stays pending for six windows after it was resolved, then fires again', async () => {
    const desk = inService()
    const { script } = desk
    script.verdicts = (of) => (isFleet(of) ? [drifted('alcohol', script.through)] : [])
    await desk.hour()
    script.verdicts = (of) => (isFleet(of) ? [clean('alcohol', script.through)] : [])
    await desk.hour()
    script.verdicts = (of) => (isFleet(of) ? [drifted('alcohol', script.through)] : [])
    for (let i = 0; i < 5; i += 1) await desk.hour()
    expect((await desk.call('alerts.list', {})).alerts).toMatchObject([{ state: 'pending', firedAt: null }])
    for (let i = 0; i < 2; i += 1) await desk.hour()
    const [again] = await desk.firing()
    expect(again).toMatchObject({ occurrences: 2 })
    expect((await desk.call('alerts.show', { alert: again!.alert })).before).toHaveLength(1)
  })

  it('ends with its version, its device or its rule', async () => {
    const desk = inService()
    desk.script.verdicts = (of) => (isFleet(of) ? [drifted('alcohol', desk.script.through)] : [])
    await desk.hour()
    desk.store.db.prepare('DELETE FROM deployment').run()
    await desk.hour()
    const { alerts } = await desk.call('alerts.list', { state: 'resolved' })
    const { events } = await desk.call('alerts.show', { alert: alerts[0]!.alert })
    expect(events.at(-1)?.message).toBe('No device runs 1.0.0 in wine any more.')
  })

  it('judges at the level that the budget allows for so many slices', async () => {
    const desk = inService()
    desk.script.devices = Array.from({ length: 50 }, (_, i) => `cam-${i}`)
    await desk.hour()
    const budget = await desk.call('alerts.budget', {})
    // One version and fifty devices, each with 24 windows of drift and 24 of rates a day.
    expect(budget).toMatchObject({ families: 51 * 24 * 2, budget: { falseAlarms: 1, perDays: 30 } })
    expect(budget.q).toBeCloseTo(Math.sqrt(0.5 / 30 / (3 * 51 * 24)), 10)
    expect(budget.expected).toBeLessThanOrEqual(1)
    await desk.call('alerts.setBudget', { budget: { falseAlarms: 100, perDays: 1 } })
    expect((await desk.call('alerts.budget', {})).q).toBe(0.05)
  })
})

it('counts nothing twice: the first day of a stable fleet has no alert', async () => {
  const desk = inService()
  desk.script.verdicts = () => [clean('alcohol', desk.script.through), { name: 'ash', state: 'insufficient data' }]
  desk.script.rates = () => [{ name: 'ash', state: 'ok' }]
  for (let i = 0; i < 24; i += 1) await desk.hour()
  expect((await desk.call('alerts.list', { state: 'all' })).alerts).toEqual([])
})
