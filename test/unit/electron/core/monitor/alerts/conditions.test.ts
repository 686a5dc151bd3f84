import { describe, expect, it } from 'vitest'
import type { InputOf } from '../../../../../../shared/rpc/contract.ts'
import type { QualityAnswer } from '../../../../../../electron/core/monitor/monitor.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { DIGEST, HOUR, MINUTE, ofVersion, openAlertDesk, PLACE, traffic } from '../../../../../harness/alert-desk.ts'

type Condition = InputOf<'alerts.previewRule'>['set']['condition']

/** A desk with a version in service, and what a rule on it says now. */
function desk() {
  const made = openAlertDesk()
  made.connect('cam-1')
  made.order('cam-1')
  made.script.subjects = [PLACE]
  const says = async (condition: Condition, change: object = {}) => {
    const { wouldFire, looked, insufficient } = await made.call('alerts.previewRule', { set: { name: 'x', condition, ...change } })
    return { fires: wouldFire.length, looked, insufficient, first: wouldFire[0] }
  }
  return { ...made, says }
}

const sketchOf = (values: readonly number[]): LatencySketch => {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch
}

describe('a threshold', () => {
  const p95 = (value: number): Condition => ({ kind: 'threshold', metric: 'latency-p95', is: 'above', value })

  it('is compared with the merged latency of a version', async () => {
    const { script, says } = desk()
    const latency = sketchOf(Array.from({ length: 100 }, (_, i) => (i < 90 ? 10 : 80)))
    script.traffic = () => [{ key: ofVersion, state: traffic({ requests: 100, latency }) }]
    const { first, ...facts } = await says(p95(50))
    expect(facts).toEqual({ fires: 1, looked: 1, insufficient: 0 })
    expect(first).toMatchObject({ subject: { deployment: 'wine', digest: DIGEST }, evidence: { unit: 'ms', threshold: 50, n: 100 } })
    expect(first!.evidence.value).toBeGreaterThan(79)
    expect(await says(p95(90))).toMatchObject({ fires: 0, insufficient: 0 })
  })

  it('says nothing of a handful of requests, or of none', async () => {
    const { script, says } = desk()
    script.traffic = () => [{ key: ofVersion, state: traffic({ requests: 5, errors: 5, latency: sketchOf([900, 900, 900, 900, 900]) }) }]
    expect(await says(p95(50))).toMatchObject({ fires: 0, insufficient: 1 })
    expect(await says({ kind: 'threshold', metric: 'error-rate', is: 'above', value: 0.1 })).toMatchObject({ fires: 0, insufficient: 1 })
    script.traffic = () => [{ key: ofVersion, state: traffic({ windows: 0, coveredMs: 0 }) }]
    expect(await says({ kind: 'threshold', metric: 'throughput', is: 'below', value: 1 })).toMatchObject({ fires: 0, insufficient: 1 })
    expect(await says({ kind: 'threshold', metric: 'requests', is: 'below', value: 1 })).toMatchObject({ fires: 0, insufficient: 1 })
  })

  it('is compared with the mean of what a machine said in the time', async () => {
    const { world, clock, alerts, says } = desk()
    const body = (free: number) => ({
      ...{ cpuShare: 0.1, agentRssBytes: 1e8, memoryFreeBytes: 1e9, memoryTotalBytes: 4e9, diskFreeBytes: free, diskTotalBytes: 100 },
      ...{ temperatureCelsius: null, spoolRecords: 0 },
    })
    const disk: Condition = { kind: 'threshold', metric: 'disk-free', is: 'below', value: 0.05, overMs: 10 * MINUTE }
    world.resources.push({ place: 1, device: 'cam-1', at: clock.at - HOUR, body: body(90) })
    await alerts.tick()
    // What is older than the time says nothing.
    expect(await says(disk)).toMatchObject({ fires: 0, looked: 1, insufficient: 1 })
    world.resources.push(
      { place: 2, device: 'cam-1', at: clock.at - MINUTE, body: body(2) },
      { place: 3, device: 'cam-1', at: clock.at, body: body(4) },
    )
    await alerts.tick()
    expect(await says(disk)).toMatchObject({
      fires: 1,
      first: { subject: { device: 'cam-1' }, evidence: { value: 0.03, n: 2, unit: 'share' } },
    })
    // A sensor that is not there is no temperature of 0.
    expect(await says({ kind: 'threshold', metric: 'temperature', is: 'below', value: 5 })).toMatchObject({ fires: 0, insufficient: 1 })
  })
})

describe('an error budget', () => {
  const fast: Condition = { kind: 'budget', objective: 0.999, burn: 14.4, longMs: HOUR }
  const errors = (long: [number, number], short: [number, number]) => (of: { from: number; through: number }) => {
    const [failed, requests] = of.through - of.from > 10 * MINUTE ? long : short
    return requests === 0 ? [] : [{ key: ofVersion, state: traffic({ requests, errors: failed }) }]
  }

  it('burns if both looks exceed the rate, the long one by its lower bound', async () => {
    const { script, says } = desk()
    script.traffic = errors([60, 1000], [10, 100])
    expect(await says(fast)).toMatchObject({
      fires: 1,
      first: { evidence: { value: 0.06, threshold: expect.closeTo(0.0144, 10), n: 1000 } },
    })
    // Errors that have ended, and a single failure of fifty.
    script.traffic = errors([60, 1000], [0, 100])
    expect(await says(fast)).toMatchObject({ fires: 0, insufficient: 0 })
    script.traffic = errors([1, 50], [1, 5])
    expect(await says(fast)).toMatchObject({ fires: 0, insufficient: 0 })
  })

  it('is not known without requests', async () => {
    const { script, says } = desk()
    script.traffic = errors([60, 1000], [0, 0])
    expect(await says(fast)).toMatchObject({ fires: 0, insufficient: 1 })
  })
})

describe('a fall of accuracy', () => {
  const drop: Condition = { kind: 'quality', drop: 0.05, leastLabels: 50 }
  const figure = (value: number, n: number) => ({ state: 'measured' as const, value, low: value - 0.03, high: value + 0.03, n })
  const quality = (change: Partial<QualityAnswer>): Partial<QualityAnswer> => ({
    ...{ accuracy: figure(0.95, 400), weighted: figure(0.95, 300), sources: { feedback: 400, desk: 0 }, labelled: 400, coverage: 0.1 },
    ...{ reference: { from: 'holdout', rows: 600, accuracy: 0.96 }, regression: null },
    ...change,
  })

  it('fires by labels, if it is large enough and no chance', async () => {
    const { script, says } = desk()
    script.quality = quality({})
    expect(await says(drop)).toMatchObject({ fires: 0, looked: 1, insufficient: 0 })
    script.quality = quality({ accuracy: figure(0.8, 400) })
    const { first } = await says(drop)
    expect(first).toMatchObject({ evidence: { value: 0.8, n: 400, m: 600, threshold: expect.closeTo(0.91, 10), basis: 'measured' } })
    expect(first!.evidence.p).toBeLessThan(0.01)
    // The same fall in few labels is chance.
    script.quality = quality({ accuracy: figure(0.9, 60) })
    expect(await says(drop)).toMatchObject({ fires: 0, insufficient: 0 })
    script.quality = quality({ accuracy: figure(0.5, 49) })
    expect(await says(drop)).toMatchObject({ fires: 0, insufficient: 1 })
  })

  it('judges by weights where people chose what to label: what is doubtful is wrong more often', async () => {
    const { script, says } = desk()
    script.quality = quality({ accuracy: figure(0.6, 400), weighted: figure(0.95, 300), sources: { feedback: 0, desk: 400 } })
    expect(await says(drop)).toMatchObject({ fires: 0, insufficient: 0 })
  })

  it('is not known without the accuracy on reference rows', async () => {
    const { script, says } = desk()
    script.quality = quality({ reference: null, accuracy: figure(0.2, 400) })
    expect(await says(drop)).toMatchObject({ fires: 0, insufficient: 1 })
  })

  it('passes a limit that a person set only with the bound that speaks for it', async () => {
    const { script, says } = desk()
    script.quality = quality({ accuracy: figure(0.88, 400) })
    const below = (value: number): Condition => ({ kind: 'threshold', metric: 'accuracy', is: 'below', value })
    expect([(await says(below(0.9))).fires, (await says(below(0.92))).fires]).toEqual([0, 1])
  })
})

describe('detectors on devices', () => {
  const event = (place: number, name: string, at: number) => ({
    ...{ place, device: 'cam-1', at, name, severity: 'warning', message: `${name} said so` },
    detail: { deployment: 'wine', digest: DIGEST, model: 'wine', version: '1.0.0', value: 0.2 },
  })

  it('are told once for each event, and are over when they have been quiet', async () => {
    const { world, clock, alerts, firing, pass, call } = desk()
    world.events.push(event(1, 'detector.errors', clock.at - HOUR))
    await alerts.tick()
    // What was said before the console watched is history.
    expect(await firing()).toEqual([])
    world.events.push(event(2, 'detector.errors', clock.at), event(3, 'model.activated', clock.at), event(4, 'detector.errors', clock.at))
    world.arrivals.set('cam-1', clock.at + 2 * HOUR)
    await pass(MINUTE)
    const [alert] = await firing()
    expect(alert).toMatchObject({
      rule: 'detector',
      subject: { device: 'cam-1', deployment: 'wine', feature: 'errors' },
      evidence: { value: 0.2 },
    })
    await pass(59 * MINUTE)
    expect(await firing()).toHaveLength(1)
    await pass(5 * MINUTE)
    expect(await firing()).toEqual([])
    expect((await call('alerts.list', { state: 'all' })).alerts).toMatchObject([{ occurrences: 1 }])
  })
})
