import { describe, expect, test } from 'vitest'
import { judgeRules, type JudgedMetric, type Verdict } from '../../../../../../shared/domain/rollout/judge.ts'
import { manifest as manifestSchema } from '../../../../../../shared/domain/bundle.ts'
import type { MetricEvidence } from '../../../../../../shared/rpc/contract/gate-evidence.ts'
import type { RateWindow } from '../../../../../../shared/stats/canary/design-effect.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import type { QualityState } from '../../../../../../shared/stats/quality/quality-state.ts'
import type { Distribution } from '../../../../../../shared/stats/reference/distribution.ts'
import { openWatchedBundles } from '../../../../../../electron/core/monitor/watched-bundle.ts'
import type { Look } from '../../../../../../electron/core/rollout/evidence/evidence-parts.ts'
import { judgeMetrics, metricRules, verdictOf } from '../../../../../../electron/core/rollout/evidence/judge-metrics.ts'
import { rateEvidence } from '../../../../../../electron/core/rollout/evidence/rate-evidence.ts'
import type { TrafficCell, TrafficWindow } from '../../../../../../electron/core/rollout/evidence/traffic.ts'
import type { PartKey, Slice } from '../../../../../../electron/core/store/telemetry/slice.ts'
import type { ShadowArm } from '../../../../../../electron/core/store/telemetry/shadow-arms.ts'
import { CANDIDATE, INCUMBENT, MINUTE, START } from '../../../../../harness/canary-store.ts'
import { baselineOf, countRows, labelsOf } from '../../../../../harness/counted-slices.ts'
import { samples, sampleManifest } from '../../../../../harness/manifest.ts'
import { normals, seeded } from '../../../../shared/stats/oracle.ts'

/** Full sizes take some minutes; the reduced ones seconds, with the same limits. */
const isFull = process.env['MUSTER_STATS_FULL'] === '1'
const sized = (full: number, reduced: number): number => (isFull ? full : reduced)
const report = (text: string): void => console.log(`evidence simulation: ${text}`)
const rules = judgeRules.parse({})
const WINDOWS = 30
const REQUESTS = 60

/** How one side behaves. */
interface Behaviour {
  /** Share of failed requests; or bursts: a share of the minutes in which many fail. */
  errors: number
  bursts: number
  /** Latencies are exp(normal / 2) times this. */
  ms: number
  accuracy: number
  missing: number
  /** Share of the first class. */
  first: number
}

const healthy: Behaviour = { errors: 0.01, bursts: 0, ms: 20, accuracy: 0.9, missing: 0.02, first: 0.4 }

const baseline = baselineOf(Array.from({ length: 200 }, (_, i) => ({ x: i / 10, y: (i * 7) % 31 })))
const manifest = manifestSchema.parse(sampleManifest(samples.wine100, { outcome: { label: 'label', probabilities: null, value: null } }))
const bundle = openWatchedBundles(() => ({ manifest, baseline }))
const watched = bundle(CANDIDATE)!
const outcome = watched.things.find(({ role }) => role === 'outcome')!

interface Minute {
  traffic: TrafficCell
  counts: Distribution
  labels: QualityState
}

function minuteOf(draw: () => number, normal: () => number, device: string, of: Behaviour & { digest: string }): Minute {
  const latency = LatencySketch.empty()
  let errors = 0
  const isBurst = draw() < of.bursts
  for (let i = 0; i < REQUESTS; i += 1) {
    if (draw() < (isBurst ? 0.4 : of.errors)) errors += 1
    else latency.add(of.ms * Math.exp(normal() / 2))
  }
  const rows = Array.from({ length: 20 }, () => ({ x: draw() < of.missing ? null : draw() * 20, y: Math.floor(draw() * 31) }))
  let [first, right] = [0, 0]
  for (let i = 0; i < 40; i += 1) if (draw() < of.first) first += 1
  for (let i = 0; i < 6; i += 1) if (draw() < of.accuracy) right += 1
  const bins = [first, 40 - first, 0, 0, 0]
  return {
    traffic: { device, digest: of.digest, firstAt: START, requests: REQUESTS, errors, badInputs: 0, latency },
    counts: {
      ...countRows(watched.references, rows),
      outcome: { v: 1, kind: 'categorical', key: outcome.key, bins, missing: 0, infinite: 0, wrongType: 0, pairs: 0, same: 0 },
    },
    labels: labelsOf(right, 6 - right),
  }
}

/** One rollout, looked at after every minute. @returns when it failed and by what; null: it never did */
function rollout(seed: number, candidate: Behaviour, incumbent: Behaviour): { minute: number | null; by: JudgedMetric[] } {
  const [draw, normal] = [seeded(seed), normals(seeded(seed + 7_000_000))]
  const parts: { digest: string; key: PartKey; minute: Minute }[] = []
  const windows: TrafficWindow[] = []
  const memory = new Map<string, number>()
  const sides = [
    { digest: CANDIDATE, devices: ['c1', 'c2'], of: candidate },
    { digest: INCUMBENT, devices: ['b1', 'b2', 'b3', 'b4'], of: incumbent },
  ]
  for (const device of sides.flatMap(({ devices }) => devices)) memory.set(device, 1e8 * Math.exp(normal() / 10))
  const read = <State>({ digests }: Slice, state: (minute: Minute) => State) =>
    parts.filter(({ digest }) => digest === digests![0]).map(({ key, minute }) => ({ key, state: state(minute) }))
  const question: Look['question'] = {
    ...{ deployment: 'sensors', candidate: { digest: CANDIDATE, model: 'wine', version: '1.1.0' }, method: 'replace', rules },
    ...{
      devices: sides[0]!.devices,
      baseline: sides[1]!.devices,
      answered: { devices: 2, failures: 0 },
      from: START,
      through: START + 60 * MINUTE,
    },
  }
  const look: Look = {
    ...{ question, windows, shadows: [] },
    scope: { devices: question.devices, baseline: question.baseline, isSampled: false, incumbents: [INCUMBENT] },
    parts: {
      slices: {
        ...{ traffic: () => [], subjects: () => [], devicesOf: () => [], hasLabel: () => false },
        distributions: (slice) => read(slice, ({ counts }) => counts),
        quality: (slice) => read(slice, ({ labels }) => labels),
      },
      ...{ shadowArms: () => [], deskQuality: () => [], bundle, nameOf: () => null },
      deviceMemory: ({ devices }) => new Map(devices.map((device) => [device, memory.get(device)!])),
    },
  }
  for (let i = 0; i < WINDOWS; i += 1) {
    const window: TrafficWindow = { at: START + i * MINUTE, candidate: [], incumbent: [] }
    for (const { digest, devices, of } of sides) {
      for (const device of devices) {
        const minute = minuteOf(draw, normal, device, { ...of, digest })
        window[digest === CANDIDATE ? 'candidate' : 'incumbent'].push(minute.traffic)
        parts.push({ digest, key: { bucket: window.at, device, deployment: 'sensors', digest }, minute })
      }
    }
    windows.push(window)
    const metrics = judgeMetrics({ ...look })
    if (verdictOf(metrics) === 'fail') return { minute: i + 1, by: failedOf(metrics) }
  }
  return { minute: null, by: [] }
}

function failedOf(metrics: readonly MetricEvidence[]): JudgedMetric[] {
  return metrics.filter(({ verdict }) => verdict === 'fail').map(({ metric }) => metric)
}

describe('a healthy canary, all metrics together, looked at after every minute', () => {
  test.each([
    ['independent errors', healthy],
    ['errors in bursts', { ...healthy, errors: 0, bursts: 0.03 }],
  ] as const)('%s: stopped in at most alpha of the rollouts', (name, behaviour) => {
    const runs = sized(1000, 6)
    const stopped = Array.from({ length: runs }, (_, run) => rollout(run + 1, behaviour, behaviour)).filter(({ minute }) => minute !== null)
    const causes = stopped.flatMap(({ by }) => by)
    report(`healthy, ${name}: stopped ${stopped.length} of ${runs} (alpha ${rules.alpha}) ${causes.join(' ')}`)
    expect(stopped.length / runs).toBeLessThanOrEqual(Math.max(rules.alpha, 1 / runs))
  })
})

describe('a canary of one device among devices that differ', () => {
  type Cell = RateWindow['canary'][number]
  const rule = metricRules(rules).find(({ metric }) => metric === 'errors')!
  const words = { title: '', events: '', trials: '', noCandidate: '', noIncumbent: '', note: '' }

  /** Looks after every minute, with an hour of its own past or without. @returns true if it was ever stopped */
  function isStopped(seed: number, of: { hasPast: boolean; rise: number }): boolean {
    const draw = seeded(seed)
    const ownRates = Array.from({ length: 10 }, () => (draw() < 1 / 9 ? 0.08 : 0.005))
    const cell = (i: number, rate: number): Cell => {
      let events = 0
      for (let k = 0; k < REQUESTS; k += 1) if (draw() < rate) events += 1
      return { device: `d${i}`, trials: REQUESTS, events }
    }
    const before = Array.from({ length: 60 }, () => cell(0, ownRates[0]!))
    const windows: RateWindow[] = []
    for (let i = 0; i < WINDOWS; i += 1) {
      windows.push({
        canary: [cell(0, ownRates[0]! + of.rise)],
        baseline: ownRates.slice(1).map((rate, other) => cell(other + 1, rate)),
      })
      const past = () => (of.hasPast ? { canary: windows.flatMap(({ canary }) => canary), baseline: before } : null)
      if (rateEvidence({ rule, windows, relativeMargin: 0.25, words, past }).verdict === 'fail') return true
    }
    return false
  }

  test('is stopped in at most alpha of the rollouts where it has a past, and still where the version is bad', () => {
    const runs = sized(1000, 20)
    const stopped = (hasPast: boolean, rise: number): number =>
      Array.from({ length: runs }, (_, run) => isStopped(run + 1, { hasPast, rise })).filter(Boolean).length
    const [none, healthy, bad] = [stopped(false, 0), stopped(true, 0), stopped(true, 0.1)]
    report(`one device, rates of their own: stopped ${none} of ${runs} without a past, ${healthy} with it; ${bad} with 10 points more`)
    expect(healthy / runs).toBeLessThanOrEqual(Math.max(rule.alpha, 1 / runs))
    expect(bad / runs).toBeGreaterThanOrEqual(0.2)
  })
})

describe('a bad canary is found', () => {
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

  test.each([
    ['latency x 2', { ...healthy, ms: 40 }, 'latency'],
    ['errors of 20 %', { ...healthy, errors: 0.2 }, 'errors'],
    ['accuracy of 40 %', { ...healthy, accuracy: 0.4 }, 'accuracy'],
    ['a third of a feature missing', { ...healthy, missing: 0.35 }, 'inputs'],
    ['other outcomes', { ...healthy, first: 0.85 }, 'outcomes'],
  ] as const)('%s', (name, behaviour, metric) => {
    const runs = sized(200, 3)
    const found = Array.from({ length: runs }, (_, run) => rollout(run + 1, behaviour, healthy))
    const minutes = found.flatMap(({ minute }) => (minute === null ? [] : [minute]))
    const by = found.filter(({ by }) => by.includes(metric)).length
    report(
      `${name}: found ${minutes.length} of ${runs}, ${by} by ${metric}, median after ${median(minutes) * 2 * REQUESTS} requests of the version`,
    )
    expect(minutes.length / runs).toBeGreaterThanOrEqual(0.95)
  })
})

describe('a shadow', () => {
  const latency = LatencySketch.empty()
  const none = { pairs: [], difference: null, latency, activeLatency: null }
  const sums = { firstAt: START, lastAt: START, skipped: 0, failed: 0, notFinite: 0, cpuMs: 0, ...none }

  /** Looks after every `step` rows of each device. @returns rows until a verdict */
  function shadowed(seed: number, agreement: number, of: { rows: number; step: number }): { verdict: Verdict; rows: number } {
    const draw = seeded(seed)
    const arms: ShadowArm[] = ['c1', 'c2'].map((device) => ({
      device,
      against: INCUMBENT,
      sums: { ...sums, offered: 0, compared: 0, agreed: 0 },
    }))
    const none = {
      traffic: () => [],
      distributions: () => [],
      quality: () => [],
      subjects: () => [],
      devicesOf: () => [],
      hasLabel: () => false,
    }
    const look: Look = {
      question: {
        ...{ deployment: 'sensors', candidate: { digest: CANDIDATE, model: 'wine', version: '1.1.0' }, method: 'shadow', rules },
        ...{ devices: ['c1', 'c2'], baseline: [], answered: { devices: 2, failures: 0 }, from: START, through: START + MINUTE },
      },
      ...{ windows: [], shadows: arms, scope: { devices: ['c1', 'c2'], baseline: [], isSampled: false, incumbents: [INCUMBENT] } },
      parts: {
        slices: none,
        shadowArms: () => [],
        deviceMemory: () => new Map(),
        deskQuality: () => [],
        bundle: () => null,
        nameOf: () => null,
      },
    }
    let rows = 0
    for (; rows < of.rows; rows += of.step * arms.length) {
      for (const { sums: own } of arms) {
        own.compared += of.step
        for (let i = 0; i < of.step; i += 1) if (draw() < agreement) own.agreed += 1
      }
      const { verdict } = judgeMetrics(look).find(({ metric }) => metric === 'agreement')!
      if (verdict !== 'not enough evidence') return { verdict, rows: rows + of.step * arms.length }
    }
    return { verdict: 'not enough evidence', rows }
  }

  test('one that agrees with .4 of the rows fails, one with .97 passes, and one at .9 is hardly ever called worse', () => {
    const runs = sized(1000, 100)
    for (const [agreement, verdict, step] of [
      [0.4, 'fail', 5],
      [0.97, 'pass', 25],
    ] as const) {
      const ends = Array.from({ length: runs }, (_, run) => shadowed(run + 1, agreement, { rows: 6000, step }))
      const right = ends.filter((end) => end.verdict === verdict)
      const rows = right.map((end) => end.rows).toSorted((a, b) => a - b)
      report(
        `shadow at ${agreement}: ${verdict} in ${right.length} of ${runs}, median after ${rows[rows.length >> 1]} rows, 95 % after ${rows[Math.floor(0.95 * (rows.length - 1))]}`,
      )
      expect(right.length / runs).toBeGreaterThanOrEqual(0.95)
    }
    const edge = Array.from({ length: runs }, (_, run) => shadowed(run + 1, 0.9, { rows: 3000, step: 25 }))
    const failed = edge.filter(({ verdict }) => verdict === 'fail').length
    report(`shadow at .9, which is just accepted: fail in ${failed} of ${runs}`)
    expect(failed / runs).toBeLessThanOrEqual(rules.alpha)
  })
})
