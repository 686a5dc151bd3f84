import type Database from 'better-sqlite3'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Clock } from '../../shared/domain/clock.ts'
import { spoolId, type BootId, type SpoolId } from '../../shared/domain/ids.ts'
import { Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import { firstIssue } from '../../shared/protocol/decode.ts'
import { batchLimits, recordBodies } from '../../shared/protocol/telemetry.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'
import { openBallast, type Ballast } from './ballast.ts'
import { diskSpace } from './resources.ts'
import { homeOf, moveAside, openSpoolFile, type OpenedSpoolFile } from './spool-file.ts'
import { eraseRows, withoutErased } from './spool-erase.ts'
import { declareDrop, dropExpired, makeRoom, type RoomStamp } from './spool-room.ts'
import { checksumOf, prepareRows, wireBytes, type SpoolRow, type SpoolRows, type SpoolSize } from './spool-rows.ts'

/**
 * INVARIANTS
 * 1. `append` returns only after its records are committed with synchronous=FULL; if it throws, none of them is kept.
 * 2. A number is issued once per spool id. Where that cannot be known (file damaged, or older than what the console acknowledged)
 *    the spool gets a new id.
 *    A copy of a spool (a restored or cloned folder) sends what came with it under the old id, which the console may have already, and
 *    everything of its own under a new one: two copies never issue the same number.
 * 3. A record leaves the spool only by an acknowledgement, or with a drop record that names its number in the same transaction.
 */
export interface Spool {
  readonly id: SpoolId
  /** Everything up to this number is on the console, as far as this agent knows. */
  readonly acked: number
  readonly backlog: SpoolSize
  /**
   * Commits records, and with them what the detectors remember now, by bundle (null: it is forgotten).
   * @throws Problem `message.malformed`, `store.disk-full`
   */
  append(records: readonly UnspooledRecord[], detectors?: ReadonlyMap<string, string | null>): void
  /** What the detectors remembered last, by bundle. */
  detectors(): ReadonlyMap<string, string>
  /** Records after `after`, as many as fit into a batch; `null` if there are none. */
  batch(after: number): SpoolBatch | null
  /** Notes that everything up to `through` may have reached the console. Call it before the bytes leave. */
  markSent(through: number): void
  /** Takes what is about subjects out for ever, also what comes later. @returns records that were changed or taken out */
  erase(subjects: readonly string[]): number
  /** Subjects that were taken out. */
  readonly erased: ReadonlySet<string>
  /** Deletes what the console has. @throws Problem `store.disk-full` if not even the ballast gave enough room */
  acknowledge(through: number): void
  /** Drops what is too old, and takes the ballast back when there is space. */
  tidy(): void
  close(): void
}

/** Part of a spool as it travels: every number of `from..through` is in it, or was dropped and declared. */
export interface SpoolBatch {
  from: number
  through: number
  records: Record<string, unknown>[] & { seq: number; kind: string }[]
}

export interface SpoolOptions {
  file: string
  boot: BootId
  clock: Clock
  /** Most bytes of records; samples and windows go beyond it. */
  maxBytes: number
  maxAgeMs: number
  /** Told when a damaged file was moved aside and a fresh one started. */
  onReplaced(movedAside: { file: string; problem: ProblemReport }): void
  /** Told when the file was found to be a copy of another one. */
  onCopied?(): void
}

/** What a full spool is brought down to, of its limit: room is made in few large acts, each with one drop record. */
const ROOM_SHARE = 0.9
const BALLAST_BYTES = 1024 * 1024
/** Head of a batch: ids, times and brackets. */
const HEAD_BYTES = 512

/** Opens the spool: the only queue of records, a SQLite file beside its ballast. @throws Problem `store.*`, `data-directory.read-only` */
export function openSpool(options: SpoolOptions): Spool {
  return new SqliteSpool(options)
}

class SqliteSpool implements Spool {
  readonly #options: SpoolOptions
  readonly #ballast: Ballast
  #db: Database.Database
  #rows: SpoolRows
  #id: SpoolId
  #acked = 0
  #sent = 0
  #fork: number | null = null
  #size: SpoolSize = { records: 0, bytes: 0 }
  #erased: ReadonlySet<string> = new Set()

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#ballast = openBallast(join(dirname(options.file), 'spool.ballast'), BALLAST_BYTES)
    const opened = this.#openFile()
    this.#db = opened.db
    this.#rows = prepareRows(opened.db)
    this.#id = this.#readHead()
    this.#comeHome()
    if (opened.movedAside !== null) options.onReplaced(opened.movedAside)
  }

  get id(): SpoolId {
    return this.#id
  }

  get acked(): number {
    return this.#acked
  }

  get erased(): ReadonlySet<string> {
    return this.#erased
  }

  get backlog(): SpoolSize {
    return { ...this.#size }
  }

  detectors(): ReadonlyMap<string, string> {
    return this.#guard(() => this.#rows.detectors())
  }

  append(records: readonly UnspooledRecord[], detectors?: ReadonlyMap<string, string | null>): void {
    const allowed = withoutErased(records, this.#erased)
    if (allowed.length === 0 && records.length > 0) return
    this.#append(allowed, detectors)
  }

  #append(records: readonly UnspooledRecord[], detectors?: ReadonlyMap<string, string | null>): void {
    if (records.length === 0) return
    const bodies = records.map(checkedBody)
    this.#write(() => {
      const stamp = this.#stamp()
      const tooLarge: number[] = []
      for (const [i, record] of records.entries()) {
        const body = bodies[i]!
        const isTooLarge = wireBytes(body) > batchLimits.bytes - HEAD_BYTES
        // It still takes a number, so that its loss can be named.
        const { seq } = this.#rows.insert({
          kind: record.kind,
          boot: stamp.boot,
          measured_at: Math.trunc(record.measuredAt),
          monotonic_ms: stamp.monotonicMs,
          body: isTooLarge ? '{}' : body,
        })
        if (isTooLarge) {
          this.#rows.remove(seq)
          tooLarge.push(seq)
        }
      }
      for (const [bundle, state] of detectors ?? []) this.#rows.setDetector(bundle, state)
      declareDrop(this.#rows, stamp, tooLarge, { reason: 'too-large' })
      const { bytes } = this.#rows.head()
      if (bytes > this.#options.maxBytes) makeRoom(this.#rows, stamp, bytes - Math.floor(this.#options.maxBytes * ROOM_SHARE), this.#sent)
    })
  }

  batch(after: number): SpoolBatch | null {
    return this.#guard(() => {
      const fork = this.#fork
      const rows = this.#rows.after(after, batchLimits.records).filter(({ seq }) => fork === null || seq <= fork)
      const damaged: number[] = []
      const records: SpoolBatch['records'] = []
      let bytes = HEAD_BYTES
      let through = after
      for (const row of rows) {
        const record = readRecord(row)
        if (record !== null && records.length > 0 && bytes + row.bytes > batchLimits.bytes) break
        through = row.seq
        if (record === null) damaged.push(row.seq)
        else {
          records.push(record)
          bytes += row.bytes
        }
      }
      if (damaged.length > 0) this.#quarantine(damaged)
      if (records.length > 0) return { from: after + 1, through, records }
      // Only damaged records were here; what tells of them lies further on.
      return damaged.length === 0 ? null : this.batch(after)
    })
  }

  markSent(through: number): void {
    if (through <= this.#sent) return
    this.#freeing(() => this.#rows.setSent(through))
    this.#sent = through
  }

  acknowledge(through: number): void {
    if (through <= this.#acked) return
    this.#freeing(() => {
      if (this.#fork !== null) {
        // Behind the fork the console names numbers of the other copy.
        const own = Math.min(through, this.#fork)
        this.#rows.removeThrough(own)
        this.#rows.setAcked(own)
      } else if (through > this.#rows.highestSeq()) {
        // The console has numbers that this file never issued: it is an older copy. Under the old id new records would be taken for known ones.
        this.#rows.renumber(randomUUID())
      } else {
        this.#rows.removeThrough(through)
        this.#rows.setAcked(through)
      }
    })
  }

  erase(subjects: readonly string[]): number {
    let count = 0
    const all = new Set([...this.#erased, ...subjects])
    this.#freeing(() => {
      for (const subject of subjects) this.#rows.addErased(subject)
      count = eraseRows(this.#rows, this.#stamp(), all)
    })
    // Deleted pages are overwritten in the file; the log of changes still has them as they were.
    this.#guard(() => this.#db.pragma('wal_checkpoint(TRUNCATE)'))
    return count
  }

  tidy(): void {
    this.#ballast.restore()
    this.#freeing(() => dropExpired(this.#rows, this.#stamp(), this.#options.maxAgeMs))
  }

  close(): void {
    this.#db.close()
  }

  /** Notes which file this is. A copy begins a spool of its own, as soon as what came with it is settled. */
  #comeHome(): void {
    const home = homeOf(this.#options.file)
    const known = this.#rows.head().home
    if (known === home) return
    this.#freeing(() => {
      this.#rows.setHome(home)
      if (known === null || this.#fork !== null) return
      const highest = this.#rows.highestSeq()
      this.#rows.setFork(highest)
      // All of it may lie on the console: none of it may be merged any more.
      this.#rows.setSent(highest)
    })
    if (known !== null) this.#options.onCopied?.()
  }

  #quarantine(seqs: readonly number[]): void {
    this.#freeing(() => {
      for (const seq of seqs) this.#rows.remove(seq)
      declareDrop(this.#rows, this.#stamp(), seqs, { reason: 'corrupt' })
    })
  }

  /** A write that makes room; on a full disk it is tried again with the space of the ballast. */
  #freeing(work: () => unknown): void {
    try {
      this.#write(work)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'store.disk-full' || !this.#ballast.release()) throw error
      this.#write(work)
      this.#ballast.restore()
    }
  }

  #write(work: () => unknown): void {
    this.#guard(() => {
      this.#db
        .transaction(() => {
          work()
          const { fork } = this.#rows.head()
          if (fork !== null && (this.#rows.after(0, 1)[0]?.seq ?? Infinity) > fork) this.#rows.renumber(randomUUID())
        })
        .immediate()
      this.#readHead()
    })
  }

  /** Runs a piece of work; if it finds the file damaged, that file is moved aside and the work is done once more on a fresh one. */
  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      const problem = storeProblem(error, this.#options.file)
      if (!(problem instanceof Problem) || problem.code !== 'store.corrupt') throw problem
      this.#startAfresh(problem)
      return work()
    }
  }

  /** Opening needs a little space itself; on a full disk the ballast has it. */
  #openFile(): OpenedSpoolFile {
    const { file, clock } = this.#options
    try {
      return openSpoolFile(file, clock.now())
    } catch (error) {
      if (!isOutOfSpace(error, dirname(file))) throw error
      if (this.#ballast.release()) return openSpoolFile(file, clock.now())
      throw new Problem('store.disk-full', `No space to open ${file}.`, { cause: error })
    }
  }

  #startAfresh(problem: Problem): void {
    this.#db.close()
    const kept = moveAside(this.#options.file, this.#options.clock.now())
    this.#db = openSpoolFile(this.#options.file, this.#options.clock.now()).db
    this.#rows = prepareRows(this.#db)
    this.#readHead()
    this.#comeHome()
    this.#options.onReplaced({ file: kept, problem: problem.toReport() })
  }

  #readHead(): SpoolId {
    const head = this.#rows.head()
    this.#id = spoolId.parse(head.id)
    this.#acked = head.acked
    this.#sent = head.sent
    this.#fork = head.fork
    this.#erased = this.#rows.erased()
    this.#size = { records: head.records, bytes: head.bytes }
    return this.#id
  }

  #stamp(): RoomStamp {
    const { boot, clock } = this.#options
    return { boot, measuredAt: Math.max(0, Math.trunc(clock.now())), monotonicMs: Math.max(0, Math.trunc(clock.monotonic())) }
  }
}

/** SQLite calls it an I/O error when the shared memory beside a WAL file finds no space. */
function isOutOfSpace(error: unknown, directory: string): boolean {
  const code = error instanceof Problem ? error.code : undefined
  return code === 'store.disk-full' || (code === 'store.io-error' && diskSpace(directory).freeBytes < BALLAST_BYTES / 4)
}

function checkedBody(record: UnspooledRecord): string {
  const parsed = recordBodies[record.kind].safeParse(record.body)
  if (!parsed.success)
    throw new Problem('message.malformed', `A ${record.kind} record does not fit its schema: ${firstIssue(parsed.error)}`)
  if (!Number.isFinite(record.measuredAt) || record.measuredAt < 0)
    throw new Problem('message.malformed', `A ${record.kind} record has no time.`)
  return JSON.stringify(parsed.data)
}

/** The record of a row in the form of the wire; `null` if it is damaged. */
function readRecord(row: SpoolRow): SpoolBatch['records'][number] | null {
  if (checksumOf(row) !== row.crc) return null
  const body: unknown = JSON.parse(row.body)
  return { seq: row.seq, boot: row.boot, measuredAt: row.measured_at, monotonicMs: row.monotonic_ms, kind: row.kind, body }
}
