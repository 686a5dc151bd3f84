import type { UnspooledRecord } from '../runtime/messages.ts'
import { declareDrop, type RoomStamp } from './spool-room.ts'
import type { SpoolRow, SpoolRows } from './spool-rows.ts'

const PAGE = 64

/** The parts of a record that say whom it is about. */
interface AboutBody {
  subjects?: readonly (string | null)[]
  items?: readonly { subject?: string }[]
}

/**
 * A body without what is about erased subjects; null: nothing of it may stay. A sample of several rows goes as a whole: what its rows share
 * would tell of all of them.
 */
export function withoutSubjects<Body extends object>(body: Body, erased: ReadonlySet<string>): Body | null {
  const { subjects, items } = body as AboutBody
  if (subjects?.some((subject) => subject !== null && erased.has(subject)) === true) return null
  if (items === undefined || !items.some(({ subject }) => subject !== undefined && erased.has(subject))) return body
  const left = items.filter(({ subject }) => subject === undefined || !erased.has(subject))
  return left.length === 0 ? null : { ...body, items: left }
}

/** Records that may still be written. */
export function withoutErased(records: readonly UnspooledRecord[], erased: ReadonlySet<string>): UnspooledRecord[] {
  if (erased.size === 0) return [...records]
  return records.flatMap((record) => {
    const body = withoutSubjects(record.body as object, erased)
    return body === null ? [] : [{ ...record, body }]
  })
}

/**
 * Takes what is about subjects out of a spool, and declares the numbers that will never come. Labels of others that travel in one record are
 * written again. Call it in a transaction. @returns how many records were changed or taken out
 */
export function eraseRows(rows: SpoolRows, stamp: RoomStamp, erased: ReadonlySet<string>): number {
  let count = 0
  for (const kind of ['sample', 'labels'] as const) {
    // What is written again lies behind the end, and is clean.
    const end = rows.highestSeq()
    for (let after = 0; ;) {
      const page = rows.ofKind(kind, after, PAGE).filter(({ seq }) => seq <= end)
      if (page.length === 0) break
      after = page.at(-1)!.seq
      for (const row of page) if (eraseRow(rows, stamp, row, erased)) count += 1
    }
  }
  return count
}

function eraseRow(rows: SpoolRows, stamp: RoomStamp, row: SpoolRow, erased: ReadonlySet<string>): boolean {
  const body = readBody(row.body)
  const left = body === null ? null : withoutSubjects(body, erased)
  if (body !== null && left === body) return false
  rows.remove(row.seq)
  if (left === null) {
    // A damaged record may be about anybody.
    declareDrop(rows, stamp, [row.seq], { reason: body === null ? 'corrupt' : 'erased' })
    return true
  }
  const { kind, boot, measured_at, monotonic_ms } = row
  const added = rows.insert({ kind, boot, measured_at, monotonic_ms, body: JSON.stringify(left) })
  declareDrop(rows, stamp, [row.seq], { reason: 'erased', mergedInto: added.seq })
  return true
}

function readBody(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
