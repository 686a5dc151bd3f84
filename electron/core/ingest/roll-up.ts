import type { WindowBody } from '../../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../../shared/stats/latency-sketch.ts'
import type { WriteDb } from '../store/open.ts'
import { addCauses, addCounts, mergeSketch, minuteOf, readSketch, type Causes } from '../store/telemetry/minute-sums.ts'

/** What a label says for the sums: its minute and whether it was right; null for a regression. */
export interface LabelMark {
  deployment: string
  digest: string
  model: string
  version: string
  predictedAt: number
  correct: number | null
}

interface Subject {
  minute: number
  deployment: string
  digest: string
  model: string
  version: string
}

interface Traffic extends Subject {
  windows: number
  requests: number
  rows: number
  errors: number
  coveredMs: number
  causes: Causes
  validation: Causes
  notFinite: number
  cacheHits: number
  cpuMs: number
  sketch: LatencySketch
}

/** Changes, which may be negative. */
interface Quality extends Subject {
  labelled: number
  classified: number
  correct: number
}

/**
 * Sums of the fleet per minute, of the records of one transaction.
 *
 * INVARIANTS
 * 1. A record counts once: only those that were newly stored are noted, and the sums are written in the transaction of the records.
 * 2. What a batch notes counts only when the batch is kept: one that is refused half way leaves nothing.
 * 3. A label that replaces another is taken out of the minute where the other counted.
 */
export interface RollUp {
  /** Forgets everything: a new transaction begins. */
  clear(): void
  /** Forgets what was noted since the last batch was kept. */
  beginBatch(): void
  window(body: WindowBody): void
  /** @param before the label that it replaces, or null */
  label(now: LabelMark, before: LabelMark | null): void
  keepBatch(): void
  /** Adds everything that was kept to the tables. */
  write(): void
}

export function openRollUp(db: WriteDb): RollUp {
  const writeTraffic = prepareTraffic(db)
  const writeQuality = prepareQuality(db)
  const traffic = new Map<string, Traffic>()
  const quality = new Map<string, Quality>()
  let windows: WindowBody[] = []
  let labels: { mark: LabelMark; weight: 1 | -1 }[] = []

  const beginBatch = (): void => {
    windows = []
    labels = []
  }
  return {
    clear() {
      beginBatch()
      traffic.clear()
      quality.clear()
    },
    beginBatch,
    window: (body) => void windows.push(body),
    label(now, before) {
      if (before !== null) labels.push({ mark: before, weight: -1 })
      labels.push({ mark: now, weight: 1 })
    },
    keepBatch() {
      for (const body of windows) addWindow(traffic, body)
      for (const { mark, weight } of labels) addLabel(quality, mark, weight)
      beginBatch()
    },
    write() {
      for (const sum of traffic.values()) writeTraffic(sum)
      for (const change of quality.values()) writeQuality(change)
    },
  }
}

function keyOf({ minute, deployment, digest }: Pick<Subject, 'minute' | 'deployment' | 'digest'>): string {
  return `${minute} ${deployment} ${digest}`
}

function addWindow(sums: Map<string, Traffic>, body: WindowBody): void {
  const { deployment, digest, model, version } = body
  const subject: Subject = { minute: minuteOf(body.startedAt), deployment, digest, model, version }
  let sum = sums.get(keyOf(subject))
  if (sum === undefined) {
    const nothing = { windows: 0, requests: 0, rows: 0, errors: 0, coveredMs: 0, notFinite: 0, cacheHits: 0, cpuMs: 0 }
    sum = { ...subject, ...nothing, causes: {}, validation: {}, sketch: LatencySketch.empty() }
    sums.set(keyOf(subject), sum)
  }
  sum.windows += 1
  sum.requests = addCounts(sum.requests, body.requests)
  sum.rows = addCounts(sum.rows, body.rows)
  sum.errors = Object.values(body.errors).reduce(addCounts, sum.errors)
  sum.coveredMs = addCounts(sum.coveredMs, body.coveredMs)
  sum.causes = addCauses(sum.causes, body.errors)
  sum.validation = addCauses(sum.validation, body.validation ?? {})
  sum.notFinite = addCounts(sum.notFinite, body.notFinite ?? 0)
  sum.cacheHits = addCounts(sum.cacheHits, body.cacheHits ?? 0)
  sum.cpuMs += body.cpuMs ?? 0
  mergeSketch(sum.sketch, body.latencyMs)
}

function addLabel(sums: Map<string, Quality>, mark: LabelMark, weight: 1 | -1): void {
  const { deployment, digest, model, version } = mark
  const subject: Subject = { minute: minuteOf(mark.predictedAt), deployment, digest, model, version }
  let sum = sums.get(keyOf(subject))
  if (sum === undefined) sums.set(keyOf(subject), (sum = { ...subject, labelled: 0, classified: 0, correct: 0 }))
  sum.labelled += weight
  sum.classified += mark.correct === null ? 0 : weight
  sum.correct += mark.correct === 1 ? weight : 0
}

interface StoredTraffic {
  id: number
  windows: number
  requests: number
  rows: number
  errors: number
  coveredMs: number
  causes: string
  validation: string
  notFinite: number
  cacheHits: number
  cpuMs: number
  latency: string
}

function prepareTraffic(db: WriteDb): (sum: Traffic) => void {
  const find = db.prepare<[number, string, string], StoredTraffic>(
    `SELECT rowid AS id, windows, requests, rows, errors, covered_ms AS coveredMs, errors_by_cause AS causes, latency,
      validation, not_finite AS notFinite, cache_hits AS cacheHits, cpu_ms AS cpuMs
    FROM minute_traffic WHERE minute = ? AND deployment = ? AND digest = ?`,
  )
  const insert =
    db.prepare(`INSERT INTO minute_traffic (minute, deployment, digest, model, version, windows, requests, rows, errors, covered_ms, errors_by_cause, latency,
      validation, not_finite, cache_hits, cpu_ms)
    VALUES (@minute, @deployment, @digest, @model, @version, @windows, @requests, @rows, @errors, @coveredMs, @causes, @latency,
      @validation, @notFinite, @cacheHits, @cpuMs)`)
  const update = db.prepare(`UPDATE minute_traffic SET windows = @windows, requests = @requests, rows = @rows, errors = @errors,
    covered_ms = @coveredMs, errors_by_cause = @causes, latency = @latency, validation = @validation, not_finite = @notFinite,
    cache_hits = @cacheHits, cpu_ms = @cpuMs WHERE rowid = @id`)
  return ({ causes, validation, sketch, ...sum }) => {
    const before = find.get(sum.minute, sum.deployment, sum.digest)
    if (before === undefined) {
      const texts = { causes: JSON.stringify(causes), validation: JSON.stringify(validation), latency: JSON.stringify(sketch.state()) }
      insert.run({ ...sum, ...texts })
      return
    }
    mergeSketch(sketch, readSketch(before.latency))
    update.run({
      id: before.id,
      windows: addCounts(before.windows, sum.windows),
      requests: addCounts(before.requests, sum.requests),
      rows: addCounts(before.rows, sum.rows),
      errors: addCounts(before.errors, sum.errors),
      coveredMs: addCounts(before.coveredMs, sum.coveredMs),
      causes: JSON.stringify(addCauses(JSON.parse(before.causes) as Causes, causes)),
      validation: JSON.stringify(addCauses(JSON.parse(before.validation) as Causes, validation)),
      notFinite: addCounts(before.notFinite, sum.notFinite),
      cacheHits: addCounts(before.cacheHits, sum.cacheHits),
      cpuMs: before.cpuMs + sum.cpuMs,
      latency: JSON.stringify(sketch.state()),
    })
  }
}

function prepareQuality(db: WriteDb): (change: Quality) => void {
  const add = db.prepare(`INSERT INTO minute_quality (minute, deployment, digest, model, version, labelled, classified, correct)
    VALUES (@minute, @deployment, @digest, @model, @version, max(0, @labelled), max(0, @classified), max(0, @correct))
    ON CONFLICT (minute, deployment, digest) DO UPDATE SET labelled = max(0, labelled + @labelled),
      classified = max(0, classified + @classified), correct = max(0, correct + @correct)`)
  return (change) => void add.run(change)
}
