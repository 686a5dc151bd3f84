import type { ReadDb } from '../open.ts'
import { prepareLabelRows } from './label-rows.ts'
import { bucketOf, FLEET, LEVELS, segmentsOf, type Level, type Segment } from './levels.ts'
import { QualitySum, qualityColumns, type StoredQuality } from './quality-sum.ts'
import { keptOf, retainedSince } from './retained.ts'
import { rollUpRows } from './rollup-rows.ts'
import { fitOf, Parts, selectionOf, type InnerCut, type Part, type Selection } from './slice-parts.ts'
import type { Slice } from './slice.ts'

const [, HOUR, DAY] = LEVELS
const sums = { table: 'rollup_quality', columns: qualityColumns } as const

interface Owner {
  device: number
  subject: number
}

/** Labels of a slice, from the sums of hours and days, and from the labels themselves where a period ends within an hour or an hour is dirty. */
export function qualityParts(db: ReadDb, slice: Slice, cut: InnerCut): Part<QualitySum>[] {
  const selection = selectionOf(db, slice, cut.by)
  if (selection === null) return []
  const parts = new Parts({ slice, cut, selection }, () => new QualitySum())
  const segments = segmentsOf(slice, fitOf(cut), keptOf(retainedSince(db), 'quality'), [HOUR, DAY])
  new QualityReader(db, selection, parts).read(segments)
  return parts.finish(db).filter(({ sum }) => sum.state.rows > 0)
}

/** Hours whose labels changed since they were summed up. */
class QualityReader {
  readonly #db: ReadDb
  readonly #selection: Selection
  readonly #parts: Parts<QualitySum>
  readonly #labels: ReturnType<typeof prepareLabelRows>
  readonly #dirty = new Map<number, Owner[]>()

  constructor(db: ReadDb, selection: Selection, parts: Parts<QualitySum>) {
    this.#db = db
    this.#selection = selection
    this.#parts = parts
    this.#labels = prepareLabelRows(db)
  }

  read(segments: readonly Segment[]): void {
    this.#loadDirty(segments)
    for (const segment of segments) {
      const { level } = segment
      if (level === 0) this.#readLabels(segment)
      else this.#readSums({ ...segment, level })
    }
  }

  #loadDirty(segments: readonly Segment[]): void {
    const [first, last] = [segments[0], segments.at(-1)]
    if (first === undefined || last === undefined) return
    const rows = this.#db
      .prepare<[number, number], Owner & { hour: number }>('SELECT hour, device, subject FROM dirty_quality WHERE hour >= ? AND hour < ?')
      .all(bucketOf(HOUR, first.from), Math.ceil(last.through / HOUR))
    for (const { hour, ...owner } of rows) {
      if (!this.#isWanted(owner)) continue
      const known = this.#dirty.get(hour)
      if (known === undefined) this.#dirty.set(hour, [owner])
      else known.push(owner)
    }
  }

  #isWanted({ device, subject }: Owner): boolean {
    const { devices, subjects } = this.#selection
    return subjects.has(subject) && (devices.kind !== 'some' || devices.set.has(device))
  }

  /** Whole buckets: sums that are clean, and what stands for those that are not. */
  #readSums(segment: Segment & { level: Level }): void {
    const { level } = segment
    const dirty = [...this.#dirty].filter(([hour]) => hour * HOUR >= segment.from && hour * HOUR < segment.through)
    const nameOf = (bucket: number, { device, subject }: Owner): string =>
      `${bucket} ${this.#selection.devices.kind === 'fleet' ? FLEET : device} ${subject}`
    const unclean = new Set(dirty.flatMap(([hour, owners]) => owners.map((owner) => nameOf(Math.floor((hour * HOUR) / level), owner))))
    for (const row of rollUpRows<StoredQuality>(this.#db, sums, this.#selection, segment))
      if (!unclean.has(nameOf(row.bucket, row))) this.#parts.of(row.bucket * level, row.device, row.subject).add(row)
    if (unclean.size === 0) return
    const hours = new Set(
      level === DAY ? dirty.flatMap(([hour]) => hoursOfDay(Math.floor((hour * HOUR) / DAY))) : dirty.map(([hour]) => hour),
    )
    for (const hour of hours) this.#readHour(hour, (owner) => unclean.has(nameOf(Math.floor((hour * HOUR) / level), owner)))
  }

  /** One hour of owners whose sum is not to be had: their devices one by one, the dirty ones from their labels. */
  #readHour(hour: number, isAsked: (owner: Owner) => boolean): void {
    const at = hour * HOUR
    const dirty = this.#dirty.get(hour) ?? []
    const isDirty = new Set(dirty.map(({ device, subject }) => `${device} ${subject}`))
    for (const row of this.#hourRows(hour))
      if (isAsked(row) && !isDirty.has(`${row.device} ${row.subject}`)) this.#parts.of(at, row.device, row.subject).add(row)
    for (const owner of dirty) if (isAsked(owner)) this.#addLabels(owner, at, at + HOUR, () => at)
  }

  /** Parts of hours: the labels of whoever has labels in them. */
  #readLabels({ from, through }: Segment): void {
    const bounds = this.#db
      .prepare<[], { first: number | null; last: number | null }>(
        `SELECT min(hour) AS first, max(hour) AS last FROM (
          SELECT (SELECT min(bucket) FROM rollup_quality WHERE level = ${HOUR}) AS hour
          UNION ALL SELECT (SELECT max(bucket) FROM rollup_quality WHERE level = ${HOUR})
          UNION ALL SELECT (SELECT min(hour) FROM dirty_quality) UNION ALL SELECT (SELECT max(hour) FROM dirty_quality))`,
      )
      .get()!
    if (bounds.first === null || bounds.last === null) return
    const last = Math.min(bounds.last, Math.ceil(through / HOUR) - 1)
    for (let hour = Math.max(bounds.first, bucketOf(HOUR, from)); hour <= last; hour += 1) {
      const owners = new Map<string, Owner>()
      for (const owner of [...this.#hourRows(hour), ...(this.#dirty.get(hour) ?? [])])
        owners.set(`${owner.device} ${owner.subject}`, { device: owner.device, subject: owner.subject })
      const [start, end] = [Math.max(from, hour * HOUR), Math.min(through, (hour + 1) * HOUR)]
      for (const owner of owners.values()) this.#addLabels(owner, start, end, (at) => at)
    }
  }

  #hourRows(hour: number): Iterable<StoredQuality & Owner> {
    const { devices } = this.#selection
    const selection: Selection = { ...this.#selection, devices: devices.kind === 'fleet' ? { kind: 'each' } : devices }
    return rollUpRows<StoredQuality>(this.#db, sums, selection, { level: HOUR, from: hour * HOUR, through: (hour + 1) * HOUR })
  }

  #addLabels({ device, subject }: Owner, from: number, through: number, placeOf: (at: number) => number): void {
    for (const label of this.#labels({ device, subject, from, through }))
      this.#parts.of(placeOf(label.predictedAt), device, subject).addLabel(label)
  }
}

function hoursOfDay(day: number): number[] {
  const first = (day * DAY) / HOUR
  return Array.from({ length: DAY / HOUR }, (_, i) => first + i)
}
