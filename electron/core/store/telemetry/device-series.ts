import { Problem } from '../../../../shared/domain/problem.ts'
import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'
import type { ReadDb } from '../open.ts'
import type { SubjectFilter } from './fleet-series.ts'
import { bucketAt, type Grid } from './grid.ts'
import { readFindings, readSketch, type Causes } from './minute-sums.ts'
import { openSeries, type RateOf } from './series.ts'

interface Subject {
  deployment: string
  digest: string
}

interface WindowRow {
  model: string
  version: string
  startedAt: number
  coveredMs: number
  requests: number
  errors: number
  causes: string
  latency: string
  validation: string
  notFinite: number
  cacheHits: number
  cpuMs: number
}

interface LabelRow {
  model: string
  version: string
  bucket: number
  labelled: number
  classified: number
  correct: number
}

/** Windows that one question may read: about a second of work. */
const MOST_WINDOWS = 60_000

/**
 * Series of some devices, from their windows and labels, by the indexes that begin with the device.
 * @throws Problem `input.too-large` where it would read too many windows
 */
export function deviceSeries(
  db: ReadDb,
  grid: Grid,
  options: SubjectFilter & { devices: readonly string[]; by: 'all' | 'version' },
): TelemetrySeries[] {
  const series = openSeries(grid, options.by)
  const windows = prepareWindows(db)
  const labels = prepareLabels(db)
  const isWanted = (one: { model: string; version: string }): boolean =>
    (options.model === undefined || one.model === options.model) && (options.version === undefined || one.version === options.version)
  let read = 0
  for (const device of options.devices) {
    for (const subject of windows.subjects(device)) {
      if (options.deployment !== undefined && subject.deployment !== options.deployment) continue
      for (const row of windows.of(device, subject, grid)) {
        read += 1
        if (read > MOST_WINDOWS) throw tooMuch()
        if (!isWanted(row)) continue
        const causes = row.errors === 0 ? {} : (JSON.parse(row.causes) as Causes)
        series.addTraffic({ ...row, ...subject }, bucketAt(grid, row.startedAt), {
          ...row,
          causes,
          validation: readFindings(row.validation),
          sketch: readSketch(row.latency),
        })
      }
    }
    for (const subject of labels.subjects(device)) {
      if (options.deployment !== undefined && subject.deployment !== options.deployment) continue
      for (const row of labels.of(device, subject, grid)) if (isWanted(row)) series.addQuality({ ...row, ...subject }, row.bucket, row)
    }
  }
  const rateOf: RateOf = options.devices.length === 1 ? 'covered' : 'elapsed'
  return series.finish(rateOf)
}

function tooMuch(): Problem {
  return new Problem('input.too-large', `The question would read more than ${MOST_WINDOWS} windows.`, {
    hint: 'Ask for a shorter time, for fewer devices, or for the whole fleet: its sums are kept.',
  })
}

/** What a device has records of, by leaps through an index that begins with device, deployment and digest. */
function prepareSubjects(db: ReadDb, table: 'window' | 'label'): (device: string) => Iterable<Subject> {
  const next = db.prepare<[string, string, string], Subject>(
    `SELECT deployment, digest FROM ${table} WHERE device = ? AND (deployment, digest) > (?, ?) ORDER BY deployment, digest LIMIT 1`,
  )
  return function* (device) {
    let subject = next.get(device, '', '')
    while (subject !== undefined) {
      yield subject
      subject = next.get(device, subject.deployment, subject.digest)
    }
  }
}

function prepareWindows(db: ReadDb) {
  const of = db.prepare<[string, string, string, number, number], WindowRow>(
    `SELECT model, version, started_at AS startedAt, covered_ms AS coveredMs, requests, errors, errors_by_cause AS causes, latency,
      validation, not_finite AS notFinite, cache_hits AS cacheHits, cpu_ms AS cpuMs
    FROM window WHERE device = ? AND deployment = ? AND digest = ? AND started_at >= ? AND started_at < ?`,
  )
  return {
    subjects: prepareSubjects(db, 'window'),
    of: (device: string, { deployment, digest }: Subject, { from, through }: Grid) => of.iterate(device, deployment, digest, from, through),
  }
}

function prepareLabels(db: ReadDb) {
  const of = db.prepare<[number, number, string, string, string, number, number], LabelRow>(
    `SELECT min(model) AS model, min(version) AS version, CAST((predicted_at - ?) / ? AS INTEGER) AS bucket, count(*) AS labelled,
      count(correct) AS classified, coalesce(sum(correct), 0) AS correct
    FROM label WHERE device = ? AND deployment = ? AND digest = ? AND predicted_at >= ? AND predicted_at < ? GROUP BY bucket`,
  )
  return {
    subjects: prepareSubjects(db, 'label'),
    of: (device: string, { deployment, digest }: Subject, { from, through, bucketMs }: Grid) =>
      of.iterate(from, bucketMs, device, deployment, digest, from, through),
  }
}
