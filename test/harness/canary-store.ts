import { manifest as manifestSchema } from '../../shared/domain/bundle.ts'
import { judgeRules, type JudgedMetric, type JudgeRules } from '../../shared/domain/rollout/judge.ts'
import { gateEvidence, type MetricEvidence } from '../../shared/rpc/contract/gate-evidence.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { openWatchedBundles, type WatchedBundle } from '../../electron/core/monitor/watched-bundle.ts'
import type { EvidenceQuestion, EvidenceReader } from '../../electron/core/rollout/evidence/evidence.ts'
import { openEvidence, type EvidenceOptions } from '../../electron/core/rollout/evidence/open-evidence.ts'
import { baselineOf, countRows, type Row } from './counted-slices.ts'
import { samples, sampleManifest } from './manifest.ts'
import { distributionGiven, monitoredStore, type Given, type MonitoredStore } from './monitored-store.ts'

export const CANDIDATE = 'c'.repeat(64)
export const INCUMBENT = 'a'.repeat(64)
export const START = Date.UTC(2026, 2, 2, 12)
export const MINUTE = 60_000
const names: Record<string, { model: string; version: string }> = {
  [CANDIDATE]: { model: 'wine', version: '1.1.0' },
  [INCUMBENT]: { model: 'wine', version: '1.0.0' },
}

const subjectOf = (digest: string) => ({ deployment: 'sensors', digest, ...names[digest]! })

/** One minute of a device with a bundle. */
export interface Minute {
  requests: number
  errors?: number
  badInputs?: number
  /** Latencies of the answers, ms; left out: all 10. */
  latencies?: readonly number[]
}

/** A window of traffic that began so many minutes after the start. */
export function windowGiven(digest: string, minute: number, { requests, errors = 0, badInputs = 0, latencies }: Minute): Given {
  const sketch = LatencySketch.empty()
  const answered = requests - errors - badInputs
  if (latencies === undefined && answered > 0) sketch.add(10, answered)
  for (const ms of latencies ?? []) sketch.add(ms)
  const at = START + minute * MINUTE
  return {
    kind: 'window',
    at: at + MINUTE,
    body: {
      ...subjectOf(digest),
      ...{ startedAt: at, endedAt: at + MINUTE, coveredMs: MINUTE, requests, rows: answered },
      errors: { ...(errors > 0 ? { 'inference.failed': errors } : {}), ...(badInputs > 0 ? { 'inference.bad-input': badInputs } : {}) },
      latencyMs: sketch.state(),
    },
  }
}

/** Labels of rows, so many of them right. */
export function labelsGiven(digest: string, minute: number, of: { right: number; wrong: number }): Given {
  const at = START + minute * MINUTE
  const item = (i: number) => ({
    ...{ id: `${digest[0]}-${minute}-${i}`, row: 0, predictedAt: at, predicted: 'barolo', confidence: 0.9 },
    actual: i < of.right ? 'barolo' : 'barbera',
  })
  return {
    kind: 'labels',
    at: at + MINUTE,
    body: { ...subjectOf(digest), items: Array.from({ length: of.right + of.wrong }, (_, i) => item(i)) },
  }
}

/** Labels of values, each as its absolute error. */
export function valuesGiven(digest: string, minute: number, errors: readonly number[]): Given {
  const at = START + minute * MINUTE
  const items = errors.map((error, i) => ({
    ...{ id: `${digest[0]}-${minute}-${i}`, row: 0, predictedAt: at, predicted: 100 + error, actual: 100, confidence: null },
  }))
  return { kind: 'labels', at: at + MINUTE, body: { ...subjectOf(digest), items } }
}

/** What a shadow saw beside the incumbent. */
export function shadowGiven(of: {
  minute: number
  offered: number
  failed?: number
  agreed: number
  pairs?: [string, string, number][]
  ms?: number
  /** Run time of the active bundle for the same requests; left out: the agent does not tell it. */
  activeMs?: number
}): Given {
  const { minute, offered, failed = 0, agreed, pairs = [], ms = 10, activeMs } = of
  const at = START + minute * MINUTE
  const [sketch, active] = [LatencySketch.empty(), LatencySketch.empty()]
  if (offered > failed) sketch.add(ms, offered - failed)
  if (offered > failed && activeMs !== undefined) active.add(activeMs, offered - failed)
  return {
    kind: 'shadow',
    at: at + MINUTE,
    body: {
      ...subjectOf(CANDIDATE),
      ...{ against: INCUMBENT, againstVersion: '1.0.0', startedAt: at, endedAt: at + MINUTE, offered, skipped: 0, failed },
      ...{ compared: offered - failed, agreed, notFinite: 0, pairs, difference: null, latencyMs: sketch.state(), cpuMs: 1 },
      ...(activeMs === undefined ? {} : { activeLatencyMs: active.state() }),
    },
  }
}

/** Memory of agent and runtime. */
export function memoryGiven(minute: number, bytes: number): Given {
  const machine = { cpuShare: 0.1, memoryFreeBytes: 1e9, memoryTotalBytes: 2e9, diskFreeBytes: 1e9, diskTotalBytes: 2e9 }
  const body = { ...machine, agentRssBytes: bytes, temperatureCelsius: null, spoolRecords: 0 }
  return { kind: 'resources', at: START + minute * MINUTE, body }
}

export interface CanaryStore {
  store: MonitoredStore
  evidence: EvidenceReader
  give(device: string, records: readonly Given[]): void
  /** Counts rows of inputs, and what was said about them. */
  counted(digest: string, minute: number, rows: readonly Row[], said?: readonly string[]): Given
  question(more?: Partial<EvidenceQuestion>): EvidenceQuestion
  /** One metric, the others off, so that alpha is not shared. */
  metric(metric: JudgedMetric, more?: Partial<EvidenceQuestion>): MetricEvidence
}

/** Rules with one metric that must pass and the others off. */
export function onlyRule(metric: JudgedMetric, more: Partial<JudgeRules> = {}): JudgeRules {
  const off = Object.fromEntries(
    Object.keys(judgeRules.parse({}))
      .filter(isMetric)
      .map((name) => [name, { role: 'off' }]),
  )
  return { ...judgeRules.parse({ ...off, [metric]: { role: 'required' } }), ...more }
}

function isMetric(name: string): boolean {
  return !['alpha', 'onFail', 'leastRequests'].includes(name)
}

/** A store of telemetry, a registry with both versions, and evidence on top. */
export function canaryStore(
  training: readonly Row[] = [{ x: 1 }, { x: 2 }],
  desk: EvidenceOptions['desk'] = { quality: () => [] },
): CanaryStore {
  const store = monitoredStore()
  const baseline = baselineOf(training)
  const manifest = sampleManifest(samples.wine100, { outcome: { label: 'label', probabilities: null, value: null } })
  const known = (digest: string) => (names[digest] === undefined ? null : manifestSchema.parse({ ...manifest, ...names[digest] }))
  const evidence = openEvidence({
    ...{ telemetry: store.queries, desk, now: () => START + 1000 * MINUTE },
    registry: { manifest: known, contents: { baseline: () => baseline } },
  })
  const watched = openWatchedBundles((digest) => ({ manifest: known(digest)!, baseline }))
  const question = (more: Partial<EvidenceQuestion> = {}): EvidenceQuestion => ({
    ...{ deployment: 'sensors', candidate: { digest: CANDIDATE, model: 'wine', version: '1.1.0' }, method: 'replace' },
    ...{ devices: ['c1'], baseline: ['b1', 'b2', 'b3'], answered: { devices: 1, failures: 0 } },
    ...{ from: START, through: START + 120 * MINUTE, rules: judgeRules.parse({}) },
    ...more,
  })
  return {
    ...{ store, evidence, question },
    give: (device, records) => {
      const given = store.give(device, records, START + 1000 * MINUTE)
      if (given.quarantined > 0) throw new Error(`${given.quarantined} records of ${device} were kept aside`)
    },
    counted: (digest, minute, rows, said = []) =>
      distributionGiven({
        subject: subjectOf(digest),
        at: START + minute * MINUTE,
        lengthMs: MINUTE,
        counts: { ...countRows(watched(digest)!.references, rows), outcome: outcomeOf(watched(digest)!, said) },
      }),
    metric(metric, more = {}) {
      const read = evidence.read(question({ rules: onlyRule(metric), ...more }))
      return gateEvidence.parse(read).metrics[0]!
    },
  }
}

function outcomeOf({ references, things }: WatchedBundle, said: readonly string[]) {
  const { outcome } = references
  if (outcome === null || outcome.kind !== 'categorical') throw new Error('no classes')
  const classes = outcome.categories.map(([name]) => name)
  const bins = [...classes, 'other', 'unseen'].map((name) => said.filter((one) => one === name).length)
  const { key } = things.find(({ role }) => role === 'outcome')!
  return { v: 1 as const, kind: 'categorical' as const, key, bins, missing: 0, infinite: 0, wrongType: 0, pairs: 0, same: 0 }
}
