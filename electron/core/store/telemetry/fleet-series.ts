import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'
import type { ReadDb } from '../open.ts'
import { sumLevelOf } from './chart-unit.ts'
import { addParts } from './device-series.ts'
import { bucketAt, type Grid } from './grid.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { addCounts, mergeSketch, MINUTE_MS, minuteOf, readFindings, readSketch, type Causes } from './minute-sums.ts'
import { retainedSince } from './retained.ts'
import { openSeries } from './series.ts'

/** Which part of the records a series is about; what is left out does not matter. */
export interface SubjectFilter {
  deployment?: string | undefined
  model?: string | undefined
  version?: string | undefined
}

interface TrafficRow {
  minute: number
  deployment: string
  digest: string
  model: string
  version: string
  requests: number
  errors: number
  coveredMs: number
  causes: string
  latency: string
  validation: string
  notFinite: number
  cacheHits: number
  cpuMs: number
}

interface QualityRow {
  minute: number
  deployment: string
  digest: string
  model: string
  version: string
  labelled: number
  classified: number
  correct: number
}

/** SQL of a filter on the columns of a subject, with its values. */
export function subjectFilter(filter: SubjectFilter): { sql: string; values: string[] } {
  const parts = Object.entries({ deployment: filter.deployment, model: filter.model, version: filter.version })
  const used = parts.filter((part): part is [string, string] => part[1] !== undefined)
  return { sql: used.map(([column]) => ` AND ${column} = ?`).join(''), values: used.map(([, value]) => value) }
}

/**
 * Series of the whole fleet: of a grid that the sums of slices fit from these, else from the sums per minute. Labels are read per minute as long
 * as that is kept.
 */
export function fleetSeries(db: ReadDb, grid: Grid, options: SubjectFilter & { by: 'all' | 'version' }): TelemetrySeries[] {
  const series = openSeries(grid, options.by)
  if (sumLevelOf(grid) === null) addTrafficOfMinutes(db, grid, { series, filter: options })
  const hasMinutes = grid.from >= (retainedSince(db).get('minute') ?? Number.NEGATIVE_INFINITY)
  if (sumLevelOf(grid) !== null) addParts(db, grid, { series, filter: options, devices: null }, { quality: !hasMinutes })
  if (hasMinutes) addQualityOfMinutes(db, grid, { series, filter: options })
  return series.finish('elapsed')
}

interface Into {
  series: ReturnType<typeof openSeries>
  filter: SubjectFilter
}

function addTrafficOfMinutes(db: ReadDb, grid: Grid, { series, filter: options }: Into): void {
  const filter = subjectFilter(options)
  const range = [minuteOf(grid.from), minuteOf(grid.through - 1)]
  const traffic = db.prepare<unknown[], TrafficRow>(
    `SELECT minute, deployment, digest, model, version, requests, errors, covered_ms AS coveredMs, errors_by_cause AS causes, latency,
      validation, not_finite AS notFinite, cache_hits AS cacheHits, cpu_ms AS cpuMs
    FROM minute_traffic WHERE minute >= ? AND minute <= ?${filter.sql}`,
  )
  for (const row of traffic.iterate(...range, ...filter.values)) {
    const causes = row.errors === 0 ? {} : (JSON.parse(row.causes) as Causes)
    series.addTraffic(row, bucketAt(grid, row.minute * MINUTE_MS), {
      ...row,
      causes,
      validation: readFindings(row.validation),
      sketch: readSketch(row.latency),
    })
  }
}

function addQualityOfMinutes(db: ReadDb, grid: Grid, { series, filter: options }: Into): void {
  const filter = subjectFilter(options)
  const range = [minuteOf(grid.from), minuteOf(grid.through - 1)]
  const quality = db.prepare<unknown[], QualityRow>(
    `SELECT minute, deployment, digest, model, version, labelled, classified, correct
    FROM minute_quality WHERE minute >= ? AND minute <= ?${filter.sql}`,
  )
  for (const row of quality.iterate(...range, ...filter.values)) series.addQuality(row, bucketAt(grid, row.minute * MINUTE_MS), row)
}

/** Requests of one deployment and bundle in one bucket. */
export interface VersionRequests {
  deployment: string
  digest: string
  model: string
  version: string
  bucket: number
  requests: number
}

/** How many requests each version answered over time: without latency, so that a day costs some milliseconds. */
export function versionRequests(db: ReadDb, grid: Grid): VersionRequests[] {
  return db
    .prepare<unknown[], VersionRequests>(
      `SELECT deployment, digest, min(model) AS model, min(version) AS version, CAST((minute * 60000 - ?) / ? AS INTEGER) AS bucket,
        CAST(min(total(requests), 9007199254740991) AS INTEGER) AS requests
      FROM minute_traffic WHERE minute >= ? AND minute <= ? GROUP BY deployment, digest, bucket`,
    )
    .all(grid.from, grid.bucketMs, minuteOf(grid.from), minuteOf(grid.through - 1))
}

/** Sums of the whole fleet in one minute. */
export interface MinuteSum {
  /** False: only labels are known. */
  hasTraffic: boolean
  requests: number
  errors: number
  sketch: LatencySketch
  classified: number
  correct: number
}

/** Sums of the whole fleet for every bucket of a grid; undefined where nothing was measured. */
export function fleetMinutes(db: ReadDb, grid: Grid): (MinuteSum | undefined)[] {
  const sums: (MinuteSum | undefined)[] = Array.from({ length: grid.buckets })
  const sumAt = (minute: number): MinuteSum =>
    (sums[bucketAt(grid, minute * MINUTE_MS)] ??= {
      ...{ hasTraffic: false, requests: 0, errors: 0, sketch: LatencySketch.empty(), classified: 0, correct: 0 },
    })
  const range: [number, number] = [minuteOf(grid.from), minuteOf(grid.through - 1)]
  const traffic = db.prepare<[number, number], Pick<TrafficRow, 'minute' | 'requests' | 'errors' | 'latency'>>(
    'SELECT minute, requests, errors, latency FROM minute_traffic WHERE minute >= ? AND minute <= ?',
  )
  for (const row of traffic.iterate(...range)) {
    const sum = sumAt(row.minute)
    sum.hasTraffic = true
    sum.requests = addCounts(sum.requests, row.requests)
    sum.errors = addCounts(sum.errors, row.errors)
    mergeSketch(sum.sketch, readSketch(row.latency))
  }
  const quality = db.prepare<[number, number], Pick<QualityRow, 'minute' | 'classified' | 'correct'>>(
    'SELECT minute, classified, correct FROM minute_quality WHERE minute >= ? AND minute <= ?',
  )
  for (const row of quality.iterate(...range)) {
    const sum = sumAt(row.minute)
    sum.classified = addCounts(sum.classified, row.classified)
    sum.correct = addCounts(sum.correct, row.correct)
  }
  return sums
}
