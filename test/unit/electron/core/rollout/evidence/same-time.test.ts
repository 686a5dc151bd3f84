import { describe, expect, test } from 'vitest'
import {
  CANDIDATE,
  canaryStore,
  INCUMBENT,
  memoryGiven,
  MINUTE,
  shadowGiven,
  START,
  windowGiven,
  type CanaryStore,
} from '../../../../../harness/canary-store.ts'
import type { Given } from '../../../../../harness/monitored-store.ts'

const minutes = (from: number, through: number, record: (minute: number) => Given): Given[] =>
  Array.from({ length: through - from }, (_, i) => record(from + i))

describe('what a shadow did at another time', () => {
  const agreeing = (minute: number): Given => shadowGiven({ minute, offered: 90, agreed: 90 })
  const differing = (minute: number): Given => shadowGiven({ minute, offered: 90, agreed: 0, pairs: [['barolo', 'barbera', 90]] })
  const period = (from: number, through: number) =>
    ({ method: 'shadow', from: START + from * MINUTE, through: START + through * MINUTE }) as const

  test('before the rollout does not count, though the same shadow went on into it', () => {
    const desk = canaryStore()
    desk.give('c1', [...minutes(0, 60, agreeing), differing(60)])
    expect(desk.metric('agreement', period(60, 120))).toMatchObject({ verdict: 'fail', candidate: { n: 90, events: 0 } })
    expect(desk.metric('agreement', period(61, 120)).candidate.n).toBe(0)
  })

  test('after the end does not count', () => {
    const desk = canaryStore()
    desk.give('c1', [...minutes(0, 10, agreeing), ...minutes(10, 20, differing)])
    expect(desk.metric('agreement', period(0, 10))).toMatchObject({ verdict: 'pass', candidate: { n: 900, events: 900 } })
    expect(desk.metric('agreement', period(0, 20))).toMatchObject({ candidate: { n: 1800, events: 900 } })
  })

  test('of very many records the newest are read', () => {
    const desk = canaryStore()
    const devices = Array.from({ length: 7 }, (_, i) => `c${i}`)
    for (const device of devices) desk.give(device, [agreeing(-1), ...minutes(0, 20, agreeing), ...minutes(20, 40, differing)])
    const ask = (most: number) =>
      desk.store.queries
        .shadowArms({ deployment: 'sensors', digest: CANDIDATE, devices, from: START, through: START + 40 * MINUTE, mostRecords: most })
        .map(({ sums }) => [sums.compared, sums.agreed])
    expect(ask(140)).toEqual(devices.map(() => [20 * 90, 0]))
    expect(ask(1400)).toEqual(devices.map(() => [40 * 90, 20 * 90]))
  })
})

describe('latency of a shadow', () => {
  const beside = (desk: CanaryStore, of: { ms: number; activeMs?: number }, served: number): void => {
    desk.give(
      'c1',
      minutes(0, 40, (minute) => windowGiven(INCUMBENT, minute, { requests: 100, latencies: Array.from({ length: 100 }, () => served) })),
    )
    desk.give(
      'c1',
      minutes(0, 40, (minute) => shadowGiven({ minute, offered: 100, agreed: 100, ...of })),
    )
  }
  const of = { method: 'shadow', baseline: [] } as const

  test('is its run time beside that of the active bundle: answers from the cache are no reason to fail it', () => {
    const desk = canaryStore()
    beside(desk, { ms: 10, activeMs: 10 }, 0.1)
    expect(desk.metric('latency', of)).toMatchObject({ verdict: 'pass', candidate: { n: 4000 }, incumbent: { n: 4000 } })
    expect(desk.metric('latency', of).sentence).toContain('slower than 11 ms of run time')
    const comparison = desk.evidence.compare(desk.question(of))
    expect(comparison.latency).toMatchObject({ candidate: { p50: expect.closeTo(10, 0) }, incumbent: { p50: expect.closeTo(10, 0) } })
  })

  test('and a queue in front of the active bundle is no reason to pass it', () => {
    const desk = canaryStore()
    beside(desk, { ms: 30, activeMs: 10 }, 80)
    expect(desk.metric('latency', of)).toMatchObject({ verdict: 'fail', candidate: { n: 4000, value: 1 } })
  })

  test('of agents that do not tell the run time of the active bundle, nothing is known', () => {
    const desk = canaryStore()
    beside(desk, { ms: 30 }, 10)
    expect(desk.metric('latency', of)).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 0 }, incumbent: { n: 0 } })
    expect(desk.metric('latency', of).sentence).toBe(
      'Latency: the agents beside the shadow tell no run time of the active bundle for the same requests.',
    )
    expect(desk.evidence.compare(desk.question(of)).latency).toMatchObject({ candidate: null, incumbent: null })
  })

  test('once it serves, its answers stand against answers', () => {
    const desk = canaryStore()
    beside(desk, { ms: 10, activeMs: 10 }, 80)
    const slow = Array.from({ length: 100 }, () => 80)
    desk.give(
      'c1',
      minutes(41, 60, (minute) => windowGiven(CANDIDATE, minute, { requests: 100, latencies: slow })),
    )
    desk.give(
      'b1',
      minutes(41, 60, (minute) => windowGiven(INCUMBENT, minute, { requests: 100, latencies: slow })),
    )
    const said = desk.metric('latency', { method: 'shadow', baseline: ['b1'] })
    expect(said).toMatchObject({ verdict: 'pass', candidate: { events: 0 } })
    expect(said.sentence).toContain('slower than 11 ms of run time or, serving, 88 ms')
  })
})

test('a pair of classes that the incumbent has no names for moves nothing of what it said by name', () => {
  const desk = canaryStore()
  const said = [...Array.from({ length: 50 }, () => 'barolo'), ...Array.from({ length: 50 }, () => 'unseen')]
  const inputs = said.map(() => ({ x: 1 }))
  desk.give('c1', [
    ...minutes(0, 5, (minute) => desk.counted(INCUMBENT, minute, inputs, said)),
    ...minutes(0, 5, (minute) => shadowGiven({ minute, offered: 100, agreed: 55, pairs: [['rare', 'scarce', 45]] })),
  ])
  expect(desk.metric('outcomes', { method: 'shadow' })).toMatchObject({
    verdict: 'pass',
    candidate: { n: 500, value: expect.closeTo(0, 1) },
  })
})

describe('memory', () => {
  test('counts from the first request of the version on each device', () => {
    const devices = Array.from({ length: 14 }, (_, i) => `c${i + 1}`)
    const desk = canaryStore()
    for (const device of devices)
      desk.give(device, [
        ...minutes(0, 90, (minute) => memoryGiven(minute, 100e6)),
        windowGiven(CANDIDATE, 90, { requests: 5 }),
        ...minutes(91, 100, (minute) => memoryGiven(minute, 300e6)),
      ])
    for (const device of ['b1', 'b2', 'b3'])
      desk.give(device, [...minutes(0, 100, (minute) => memoryGiven(minute, 100e6)), windowGiven(INCUMBENT, 90, { requests: 5 })])
    expect(desk.metric('memory', { devices })).toMatchObject({ verdict: 'fail', candidate: { value: 300e6 }, incumbent: { value: 100e6 } })
  })

  test('counts from the first record of a shadow', () => {
    const devices = Array.from({ length: 14 }, (_, i) => `c${i + 1}`)
    const desk = canaryStore()
    for (const device of devices)
      desk.give(device, [
        ...minutes(0, 90, (minute) => memoryGiven(minute, 100e6)),
        shadowGiven({ minute: 90, offered: 5, agreed: 5 }),
        ...minutes(91, 100, (minute) => memoryGiven(minute, 300e6)),
      ])
    for (const device of ['b1', 'b2', 'b3'])
      desk.give(
        device,
        minutes(0, 100, (minute) => memoryGiven(minute, 100e6)),
      )
    expect(desk.metric('memory', { devices, method: 'shadow' })).toMatchObject({ verdict: 'fail', candidate: { value: 300e6 } })
  })
})
