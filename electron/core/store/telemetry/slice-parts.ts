import type { ReadDb } from '../open.ts'
import { FLEET } from './levels.ts'
import type { CountedSubject, Cut, PartKey, Slice } from './slice.ts'

/** Whose sums a question reads. */
export type Devices =
  | { kind: 'fleet' }
  /** Every device by itself. */
  | { kind: 'each' }
  | { kind: 'some'; ids: readonly number[]; set: ReadonlySet<number> }

/** A question with names as numbers. */
export interface Selection {
  devices: Devices
  subjects: ReadonlyMap<number, CountedSubject>
  /** Numbers of the subjects as JSON, for SQL; null: all. */
  wanted: string | null
}

/** Translates a question; null if nothing can answer it. */
export function selectionOf(db: ReadDb, slice: Slice, by: Grouping): Selection | null {
  const isFiltered = slice.deployment !== undefined || slice.digests !== undefined
  const subjects = new Map<number, CountedSubject>()
  const rows = db.prepare<[], CountedSubject & { id: number }>('SELECT id, deployment, digest, model, version FROM subject')
  for (const { id, ...subject } of rows.iterate()) {
    if (slice.deployment !== undefined && subject.deployment !== slice.deployment) continue
    if (slice.digests?.includes(subject.digest) === false) continue
    subjects.set(id, subject)
  }
  const devices = devicesOf(db, slice.devices, by)
  if (subjects.size === 0 || (devices.kind === 'some' && devices.ids.length === 0)) return null
  return { devices, subjects, wanted: isFiltered ? JSON.stringify([...subjects.keys()]) : null }
}

function devicesOf(db: ReadDb, names: readonly string[] | null, by: Grouping): Devices {
  if (names === null) return by === 'all' || by === 'version' ? { kind: 'fleet' } : { kind: 'each' }
  const ids = db
    .prepare<[string], number>('SELECT device.id FROM json_each(?) AS wanted JOIN device ON device.name = wanted.value ORDER BY device.id')
    .pluck()
    .all(JSON.stringify([...new Set(names)]))
  return { kind: 'some', ids, set: new Set(ids) }
}

/** How parts are told apart. */
export type Grouping = Cut['by'] | 'device and version'

/** A cut whose buckets begin at multiples of their length after `origin`. */
export interface InnerCut {
  bucketMs: number | null
  by: Grouping
  origin?: number
}

/** What every level that answers a cut must divide; null: nothing. */
export function fitOf({ bucketMs, origin = 0 }: InnerCut): number | null {
  if (bucketMs === null) return null
  let [a, b] = [bucketMs, Math.abs(origin)]
  while (b > 0) [a, b] = [b, a % b]
  return a
}

/** A part of an answer. */
export interface Part<Sum> {
  key: PartKey
  /** The subject, where parts are told apart by version. */
  subject: CountedSubject | null
  sum: Sum
}

/** Gathers sums by bucket, device and version. */
export class Parts<Sum> {
  readonly #slice: Slice
  readonly #cut: InnerCut
  readonly #selection: Selection
  readonly #empty: () => Sum
  readonly #parts = new Map<string, Part<Sum> & { device: number }>()

  constructor(of: { slice: Slice; cut: InnerCut; selection: Selection }, empty: () => Sum) {
    this.#slice = of.slice
    this.#cut = of.cut
    this.#selection = of.selection
    this.#empty = empty
  }

  /** The sum that something of a time, a device and a subject belongs to. */
  of(at: number, device: number, subjectId: number): Sum {
    const { bucketMs, by, origin = 0 } = this.#cut
    const bucket = bucketMs === null ? this.#slice.from : Math.floor((at - origin) / bucketMs) * bucketMs + origin
    const ofDevice = by === 'device' || by === 'device and version' ? device : FLEET
    const ofSubject = by === 'version' || by === 'device and version' ? this.#selection.subjects.get(subjectId)! : null
    const name = ofSubject === null ? `${bucket} ${ofDevice}` : `${bucket} ${ofDevice} ${ofSubject.deployment} ${ofSubject.digest}`
    let part = this.#parts.get(name)
    if (part === undefined) {
      const { deployment = null, digests } = this.#slice
      const digest = digests?.length === 1 ? digests[0]! : null
      const key = { bucket, device: null, deployment: ofSubject?.deployment ?? deployment, digest: ofSubject?.digest ?? digest }
      this.#parts.set(name, (part = { key, subject: ofSubject, device: ofDevice, sum: this.#empty() }))
    }
    return part.sum
  }

  /** All parts in the order of their buckets, with the names of their devices. */
  finish(db: ReadDb): Part<Sum>[] {
    const name = db.prepare<[number], string>('SELECT name FROM device WHERE id = ?').pluck()
    const names = new Map<number, string>()
    for (const { key, device } of this.#parts.values()) {
      if (device === FLEET) continue
      if (!names.has(device)) names.set(device, name.get(device)!)
      key.device = names.get(device)!
    }
    return [...this.#parts.values()].sort((a, b) => a.key.bucket - b.key.bucket)
  }
}
