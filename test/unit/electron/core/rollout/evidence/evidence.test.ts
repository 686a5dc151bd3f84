import { describe, expect, test } from 'vitest'
import {
  CANDIDATE,
  canaryStore,
  INCUMBENT,
  labelsGiven,
  memoryGiven,
  onlyRule,
  START,
  MINUTE,
  shadowGiven,
  valuesGiven,
  windowGiven,
  type CanaryStore,
  type Minute,
} from '../../../../../harness/canary-store.ts'
import { labelsOf } from '../../../../../harness/counted-slices.ts'
import type { Slice } from '../../../../../../electron/core/store/telemetry/slice.ts'
import type { Given } from '../../../../../harness/monitored-store.ts'

const BASELINE = ['b1', 'b2', 'b3']

/** So many minutes of the candidate on c1 and of the incumbent on the three others. */
function serve(desk: CanaryStore, minutes: number, of: { candidate: Minute | null; incumbent: Minute | null }): void {
  const days = (digest: string, minute: Minute): Given[] => Array.from({ length: minutes }, (_, i) => windowGiven(digest, i, minute))
  if (of.candidate !== null) desk.give('c1', days(CANDIDATE, of.candidate))
  if (of.incumbent !== null) for (const device of BASELINE) desk.give(device, days(INCUMBENT, of.incumbent))
}

/** A request of each side: labels and counts are of bundles that had traffic. */
function open(desk: CanaryStore): CanaryStore {
  serve(desk, 1, { candidate: { requests: 1 }, incumbent: { requests: 1 } })
  return desk
}

describe('errors', () => {
  test('nothing at all, or one side only, is not enough evidence', () => {
    const empty = canaryStore()
    expect(empty.metric('errors')).toMatchObject({ verdict: 'not enough evidence', difference: null, eValue: null, needs: null })
    expect(empty.metric('errors').sentence).toBe('Errors: the version has had no request.')
    const alone = canaryStore()
    serve(alone, 30, { candidate: { requests: 100, errors: 100 }, incumbent: null })
    expect(alone.metric('errors')).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 0, value: null } })
    expect(alone.metric('errors').sentence).toBe('Errors: no device ran the incumbent at the same time.')
    const waiting = canaryStore()
    serve(waiting, 30, { candidate: null, incumbent: { requests: 100 } })
    expect(waiting.metric('errors').verdict).toBe('not enough evidence')
  })

  test('one request is no evidence, failed or not', () => {
    for (const errors of [0, 1]) {
      const desk = canaryStore()
      desk.give('c1', [windowGiven(CANDIDATE, 0, { requests: 1, errors })])
      desk.give('b1', [windowGiven(INCUMBENT, 0, { requests: 1 })])
      expect(desk.metric('errors')).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 1, events: errors, value: errors } })
    }
  })

  test('what always fails is stopped within minutes, and the sentence has its numbers', () => {
    const desk = canaryStore()
    serve(desk, 5, { candidate: { requests: 20, errors: 20 }, incumbent: { requests: 20 } })
    const said = desk.metric('errors')
    expect(said).toMatchObject({
      verdict: 'fail',
      candidate: { n: 100, events: 100, value: 1 },
      incumbent: { n: 300, events: 0, value: 0 },
    })
    expect(said.eValue).toBeGreaterThan(20)
    expect(said.sentence).toMatch(
      /^Errors: 100 % \(100 of 100\) of the requests failed against 0 % \(0 of 300\) of the incumbent at the same time; that is more than the 0\.5 points that are accepted, and beyond chance/,
    )
  })

  test('without errors it passes after some thousand requests, and says before how many are missing', () => {
    const desk = canaryStore()
    serve(desk, 5, { candidate: { requests: 100 }, incumbent: { requests: 100 } })
    const early = desk.metric('errors')
    expect(early.verdict).toBe('not enough evidence')
    expect(early.needs).toBeGreaterThan(500)
    const enough = Math.ceil((500 + early.needs!) / 100) + 1
    const later = canaryStore()
    serve(later, enough, { candidate: { requests: 100 }, incumbent: { requests: 100 } })
    expect(later.metric('errors')).toMatchObject({ verdict: 'pass', needs: null })
    const short = canaryStore()
    serve(short, Math.floor((500 + early.needs!) / 100) - 2, { candidate: { requests: 100 }, incumbent: { requests: 100 } })
    expect(short.metric('errors').verdict).toBe('not enough evidence')
  })

  test('a bad minute of one device is one event, not fifty', () => {
    const desk = canaryStore()
    desk.give(
      'c1',
      Array.from({ length: 10 }, (_, i) => windowGiven(CANDIDATE, i, { requests: 60, errors: i === 4 ? 50 : 0 })),
    )
    for (const device of BASELINE)
      desk.give(
        device,
        Array.from({ length: 10 }, (_, i) => windowGiven(INCUMBENT, i, { requests: 60 })),
      )
    const said = desk.metric('errors')
    expect(said.verdict).toBe('not enough evidence')
    expect(said.sentence).toContain('come together and count as one')
  })

  test('time without the candidate says nothing of the incumbent', () => {
    const desk = canaryStore()
    serve(desk, 10, { candidate: { requests: 50 }, incumbent: { requests: 50 } })
    for (const device of BASELINE)
      desk.give(
        device,
        Array.from({ length: 20 }, (_, i) => windowGiven(INCUMBENT, 20 + i, { requests: 50, errors: 50 })),
      )
    expect(desk.metric('errors')).toMatchObject({ incumbent: { n: 1500, events: 0 } })
  })

  test('a split compares each device with itself: one that always has errors is not the fault of the version', () => {
    const desk = canaryStore()
    for (const [device, errors] of [
      ['c1', 0],
      ['c2', 30],
    ] as const) {
      desk.give(
        device,
        Array.from({ length: 20 }, (_, i) => windowGiven(CANDIDATE, i, { requests: 10 + errors * 3, errors })),
      )
      desk.give(
        device,
        Array.from({ length: 20 }, (_, i) => windowGiven(INCUMBENT, i, { requests: 100, errors })),
      )
    }
    const said = desk.metric('errors', { method: 'split', devices: ['c1', 'c2'], baseline: [] })
    expect(said.verdict).toBe('not enough evidence')
    // Both together it would be 27 % against 15 %.
    expect(said.difference).toBeCloseTo(0)
    expect(said.candidate).toMatchObject({ n: 2200, events: 600 })
    expect(said.incumbent).toMatchObject({ n: 4000, events: 600 })
  })
})

describe('latency', () => {
  const spread = (factor: number): number[] => Array.from({ length: 60 }, (_, i) => factor * (5 + (i % 20)))

  test('twice as slow is found, equally fast passes, and one bin slower is no fault', () => {
    for (const [factor, verdict] of [
      [2, 'fail'],
      [1, 'pass'],
      [1.03, 'pass'],
    ] as const) {
      const desk = canaryStore()
      serve(desk, 30, { candidate: { requests: 60, latencies: spread(factor) }, incumbent: { requests: 60, latencies: spread(1) } })
      expect(desk.metric('latency').verdict, `times ${factor}`).toBe(verdict)
    }
  })

  test('the first half minute of a version on a device does not count: its caches are cold', () => {
    const desk = canaryStore()
    serve(desk, 1, { candidate: { requests: 400, latencies: spread(9) }, incumbent: { requests: 400, latencies: spread(1) } })
    expect(desk.metric('latency')).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 0 } })
    const later = canaryStore()
    serve(later, 30, { candidate: { requests: 60, latencies: spread(1) }, incumbent: { requests: 60, latencies: spread(1) } })
    later.give('c1', [windowGiven(CANDIDATE, 0, { requests: 400, latencies: spread(9) })])
    expect(later.metric('latency').verdict).toBe('pass')
  })

  test('failed requests have no latency: all failing is not enough evidence of it', () => {
    const desk = canaryStore()
    serve(desk, 10, { candidate: { requests: 60, errors: 60 }, incumbent: { requests: 60 } })
    expect(desk.metric('latency')).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 0 } })
    expect(desk.metric('latency').sentence).toBe('Latency: the version has answered nothing since it warmed up.')
  })
})

describe('agreement of a shadow', () => {
  const shadow = (desk: CanaryStore, minutes: number, agreed: number): void => {
    desk.give(
      'c1',
      Array.from({ length: minutes }, (_, i) =>
        shadowGiven({ minute: i, offered: 20, agreed, pairs: agreed < 20 ? [['barolo', 'barbera', 20 - agreed]] : [] }),
      ),
    )
  }

  test('a regressed one fails after a few rows, an equal one passes, and few rows near the limit stay open', () => {
    const regressed = canaryStore()
    shadow(regressed, 1, 8)
    expect(regressed.metric('agreement', { method: 'shadow' })).toMatchObject({ verdict: 'fail', candidate: { n: 20, value: 0.4 } })
    const equal = canaryStore()
    shadow(equal, 10, 20)
    expect(equal.metric('agreement', { method: 'shadow' }).verdict).toBe('pass')
    const few = canaryStore()
    shadow(few, 1, 19)
    const open = few.metric('agreement', { method: 'shadow' })
    expect(open.verdict).toBe('not enough evidence')
    expect(open.needs).toBeGreaterThan(79)
    const below = canaryStore()
    shadow(below, 1, 17)
    expect(below.metric('agreement', { method: 'shadow' })).toMatchObject({
      verdict: 'not enough evidence',
      candidate: { value: 0.85 },
      needs: null,
    })
  })

  test('of another method nothing is known, and no row is no evidence', () => {
    const desk = canaryStore()
    shadow(desk, 10, 8)
    expect(desk.metric('agreement').sentence).toBe('Agreement: only a shadow can be compared row by row.')
    expect(canaryStore().metric('agreement', { method: 'shadow' })).toMatchObject({
      verdict: 'not enough evidence',
      candidate: { value: null },
    })
  })

  test('what a shadow did before the rollout, or on other devices, does not count', () => {
    const desk = canaryStore()
    shadow(desk, 3, 8)
    expect(desk.metric('agreement', { method: 'shadow', from: START + 10 * MINUTE }).candidate.n).toBe(0)
    expect(desk.metric('agreement', { method: 'shadow', devices: ['c2'] }).candidate.n).toBe(0)
  })

  test('errors and latency of a shadow come from what it saw; inputs that never reached it do not count', () => {
    const desk = canaryStore()
    desk.give(
      'c1',
      Array.from({ length: 40 }, (_, i) => windowGiven(INCUMBENT, i, { requests: 120, badInputs: 20 })),
    )
    desk.give(
      'c1',
      Array.from({ length: 40 }, (_, i) => shadowGiven({ minute: i, offered: 100, failed: 10, agreed: 90, ms: 30, activeMs: 10 })),
    )
    const of = { method: 'shadow', baseline: [] } as const
    expect(desk.metric('errors', of)).toMatchObject({
      ...{ verdict: 'fail', candidate: { n: 4000, events: 400 }, incumbent: { n: 4000, events: 0 } },
    })
    expect(desk.metric('latency', of)).toMatchObject({ verdict: 'fail', candidate: { n: 3600, value: 1 } })
  })

  test('what a shadow says follows from the pairs in which it differs', () => {
    const desk = canaryStore()
    const said = [...Array.from({ length: 50 }, () => 'barolo'), ...Array.from({ length: 50 }, () => 'barbera')]
    desk.give(
      'c1',
      Array.from({ length: 5 }, (_, i) =>
        desk.counted(
          INCUMBENT,
          i,
          said.map(() => ({ x: 1 })),
          said,
        ),
      ),
    )
    desk.give(
      'c1',
      Array.from({ length: 5 }, (_, i) => shadowGiven({ minute: i, offered: 100, agreed: 55, pairs: [['barolo', 'barbera', 45]] })),
    )
    const shifted = desk.metric('outcomes', { method: 'shadow' })
    expect(shifted).toMatchObject({ verdict: 'fail', candidate: { n: 500 } })
    // 5 % against 50 % of one class, 95 % against 50 % of the other.
    expect(shifted.candidate.value).toBeCloseTo(0.45 * Math.log(10) + 0.45 * Math.log(1.9), 1)
  })
})

describe('accuracy', () => {
  const label = (desk: CanaryStore, rows: number, wrong: { candidate: number; incumbent: number }): void => {
    desk.give('c1', [labelsGiven(CANDIDATE, 1, { right: rows - wrong.candidate, wrong: wrong.candidate })])
    desk.give('b1', [labelsGiven(INCUMBENT, 1, { right: rows - wrong.incumbent, wrong: wrong.incumbent })])
  }

  test('a regressed version fails as soon as some labels are there', () => {
    const desk = open(canaryStore())
    label(desk, 60, { candidate: 36, incumbent: 2 })
    // One record of a device is one cell: it takes three of them to tell a burst from a rate.
    for (const minute of [2, 3]) {
      desk.give('c1', [labelsGiven(CANDIDATE, minute, { right: 24, wrong: 36 })])
      desk.give('b1', [labelsGiven(INCUMBENT, minute, { right: 58, wrong: 2 })])
    }
    const said = desk.metric('accuracy')
    expect(said).toMatchObject({ verdict: 'fail', candidate: { n: 180, events: 72 }, incumbent: { n: 180, events: 174 } })
    expect(said.candidate.value).toBeCloseTo(0.4)
    expect(said.difference).toBeLessThan(-0.5)
    expect(said.high!).toBeGreaterThan(said.low!)
  })

  test('no labels, or labels of one side only, are not enough evidence', () => {
    expect(canaryStore().metric('accuracy').sentence).toBe('Accuracy: no row of the version has a label yet.')
    const desk = open(canaryStore())
    desk.give('c1', [labelsGiven(CANDIDATE, 1, { right: 0, wrong: 100 })])
    expect(desk.metric('accuracy')).toMatchObject({ verdict: 'not enough evidence' })
    expect(desk.metric('accuracy').sentence).toBe('Accuracy: no row of the incumbent from the same time has a label.')
  })

  test('labels of the desk stand against those of the desk, never against those of devices', () => {
    const deskOf = (incumbent: number) => ({
      quality: ({ digests }: Slice) => {
        const isCandidate = digests![0] === CANDIDATE
        const [right, wrong] = isCandidate ? [0, 50] : [incumbent, 0]
        const key = { bucket: START, device: isCandidate ? 'c1' : 'b1', deployment: 'sensors', digest: digests![0]! }
        return right + wrong === 0 ? [] : [{ key, state: labelsOf(right, wrong) }]
      },
    })
    const apart = open(canaryStore(undefined, deskOf(0)))
    apart.give('b1', [labelsGiven(INCUMBENT, 0, { right: 60, wrong: 0 })])
    expect(apart.metric('accuracy').sentence).toBe('Accuracy: no row of the incumbent from the same time has a label.')
    const both = open(canaryStore(undefined, deskOf(60)))
    both.give('b1', [labelsGiven(INCUMBENT, 0, { right: 60, wrong: 0 })])
    const said = both.metric('accuracy')
    expect(said).toMatchObject({ candidate: { n: 50, events: 0 }, incumbent: { n: 60, events: 60 } })
    expect(said.sentence).toContain('labels of the desk')
  })

  test('of values the mean absolute error counts', () => {
    const values = (size: number): number[] => Array.from({ length: 200 }, (_, i) => 10 * size * (0.5 + (i % 11) / 10))
    for (const [size, verdict] of [
      [2, 'fail'],
      [0.8, 'pass'],
      [1.02, 'not enough evidence'],
    ] as const) {
      const desk = open(canaryStore())
      desk.give('c1', [valuesGiven(CANDIDATE, 1, values(size))])
      desk.give('b1', [valuesGiven(INCUMBENT, 1, values(1))])
      const said = desk.metric('accuracy')
      expect(said.verdict, `errors times ${size}`).toBe(verdict)
      expect(said.margin).toBeCloseTo(0.02 * said.incumbent.value!)
    }
  })
})

describe('inputs, outcomes and memory', () => {
  const rows = (missing: number) => Array.from({ length: 100 }, (_, i) => ({ x: i < missing ? null : 1 + (i % 2) }))

  test('missing values of the candidate alone count against it, those of both do not', () => {
    for (const [missing, elsewhere, verdict] of [
      [40, 0, 'fail'],
      [40, 40, 'not enough evidence'],
      [0, 0, 'pass'],
    ] as const) {
      const desk = open(canaryStore())
      const minutes = verdict === 'pass' ? 30 : 5
      desk.give(
        'c1',
        Array.from({ length: minutes }, (_, i) => desk.counted(CANDIDATE, i, rows(missing))),
      )
      for (const device of BASELINE)
        desk.give(
          device,
          Array.from({ length: minutes }, (_, i) => desk.counted(INCUMBENT, i, rows(elsewhere))),
        )
      expect(desk.metric('inputs').verdict, `${missing} against ${elsewhere}`).toBe(verdict)
    }
  })

  test('outcomes of another distribution fail, of the same one pass', () => {
    const said = (barolo: number): string[] => Array.from({ length: 100 }, (_, i) => (i < barolo ? 'barolo' : 'barbera'))
    for (const [share, verdict] of [
      [90, 'fail'],
      [40, 'pass'],
    ] as const) {
      const desk = open(canaryStore())
      const day = (digest: string, barolo: number) => Array.from({ length: 8 }, (_, i) => desk.counted(digest, i, rows(0), said(barolo)))
      desk.give('c1', day(CANDIDATE, share))
      for (const device of BASELINE) desk.give(device, day(INCUMBENT, 40))
      expect(desk.metric('outcomes').verdict, `${share} %`).toBe(verdict)
    }
    expect(canaryStore().metric('outcomes')).toMatchObject({ verdict: 'not enough evidence', candidate: { value: null } })
  })

  test('memory is the median of devices: a few of them are no evidence', () => {
    const devices = Array.from({ length: 14 }, (_, i) => `c${i + 1}`)
    for (const [count, bytes, verdict] of [
      [14, 300e6, 'fail'],
      [14, 110e6, 'pass'],
      [2, 300e6, 'not enough evidence'],
    ] as const) {
      const desk = open(canaryStore())
      const used = devices.slice(0, count)
      for (const device of used) desk.give(device, [windowGiven(CANDIDATE, 1, { requests: 5 }), memoryGiven(2, bytes)])
      for (const device of BASELINE) desk.give(device, [windowGiven(INCUMBENT, 1, { requests: 5 }), memoryGiven(2, 100e6)])
      expect(desk.metric('memory', { devices: used }).verdict, `${count} of ${bytes}`).toBe(verdict)
    }
    expect(canaryStore().metric('memory')).toMatchObject({ verdict: 'not enough evidence' })
  })
})

describe('the verdict of all', () => {
  test('without data it is neither pass nor fail, and the number of devices still bounds the failure rate', () => {
    const desk = canaryStore()
    const read = desk.evidence.read(desk.question({ answered: { devices: 5, failures: 0 } }))
    expect(read).toMatchObject({ verdict: 'not enough evidence', candidateDevices: 0, incumbentDevices: 0, incumbent: null })
    expect(read.metrics.map(({ alpha }) => alpha)).toEqual([0.025, ...Array.from({ length: 6 }, () => 0.025 / 6)])
    expect(read.sizeBound.high).toBeCloseTo(0.4507, 3)
    expect(read.sentence).toContain('No failure in 5 devices bound the failure rate at 45.1 % (95 %).')
  })

  test('required ones must pass, guards without data do not hold it, and a guard that fails counts', () => {
    const desk = canaryStore()
    serve(desk, 90, { candidate: { requests: 100 }, incumbent: { requests: 100 } })
    const passed = desk.evidence.read(desk.question())
    expect(passed).toMatchObject({
      verdict: 'pass',
      candidateDevices: 1,
      incumbentDevices: 3,
      incumbent: { model: 'wine', version: '1.0.0' },
    })
    expect(passed.sentence).toMatch(/^Pass: not worse than wine 1\.0\.0 by more than is accepted in errors and latency\./)
    for (const minute of [1, 2, 3]) {
      desk.give('c1', [labelsGiven(CANDIDATE, minute, { right: 10, wrong: 50 })])
      desk.give('b1', [labelsGiven(INCUMBENT, minute, { right: 60, wrong: 0 })])
    }
    expect(desk.evidence.read(desk.question())).toMatchObject({ verdict: 'fail' })
    expect(desk.evidence.read(desk.question()).sentence).toMatch(/^Fail, worse than wine 1\.0\.0\. Accuracy: 16\.7 %/)
  })

  test('where none is required, one guard must pass; all off is not enough evidence', () => {
    const desk = canaryStore()
    serve(desk, 90, { candidate: { requests: 100 }, incumbent: { requests: 100 } })
    const guard = { ...onlyRule('errors'), errors: { role: 'guard' as const, margin: 0.005 } }
    expect(desk.evidence.read(desk.question({ rules: guard })).verdict).toBe('pass')
    const off = { ...guard, errors: { role: 'off' as const, margin: 0.005 } }
    expect(desk.evidence.read(desk.question({ rules: off }))).toMatchObject({ verdict: 'not enough evidence', metrics: [] })
  })

  test('of a large fleet some devices are read, the same ones at every look, and the sentence says so', () => {
    const desk = canaryStore()
    const baseline = Array.from({ length: 505 }, (_, i) => `d${i}`)
    for (const [i, device] of baseline.entries()) desk.give(device, [windowGiven(INCUMBENT, 1, { requests: 1 + i })])
    desk.give('c1', [windowGiven(CANDIDATE, 1, { requests: 5 })])
    const read = desk.evidence.read(desk.question({ baseline, through: START + 20 * MINUTE }))
    expect(read.incumbentDevices).toBe(500)
    expect(read.metrics[0]!.sentence).toContain('read from at most 500 devices of each side, drawn by hash')
    const turned = desk.evidence.read(desk.question({ baseline: baseline.toReversed(), through: START + 20 * MINUTE }))
    expect(turned).toEqual(read)
  })
})
