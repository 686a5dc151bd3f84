import type { Clock } from '../../../shared/domain/clock.ts'
import { retentionOf, type Retention } from '../../../shared/domain/retention.ts'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import { isDiskFull, storeProblem } from '../../../shared/store/sqlite-rules.ts'
import type { WriteDb } from '../store/open.ts'
import { emptyLog, eraseFromTelemetry, noteErased, type ErasedSubjects } from '../privacy/erase-rows.ts'
import { isStoreError, prepareApply, type Applied } from './apply-batch.ts'
import type { Ballast } from './ballast.ts'
import { openTending, type Tending } from './tending.ts'
import { openGapWatch } from './gap-watch.ts'
import type { CarriedBatch, Committed, FromWriter, ToWriter } from './messages.ts'
import { readBatch } from './read-batch.ts'
import { openRollUp, type RollUp } from './roll-up.ts'

/** One transaction ends at the first of these; a sync to disk is shared by what came meanwhile. */
const GROUP = { records: 500, ms: 50 } as const
/** Delay before a failed transaction is tried again, doubled each time, ms. */
const RETRY = { first: 250, most: 5000 } as const
const BALLAST_EVERY_MS = 5000
/** Sums follow what was committed after a moment, so that a step finds some records to take together; what is old is looked for later. */
const TEND_MS = { soon: 2000, later: 30_000 } as const

type Batch = Extract<ToWriter, { type: 'batch' }>

export interface WriterOptions {
  file: string
  /** Opens telemetry.db; called again after an I/O error, because what SQLite holds in memory is not to be trusted then. */
  open(): WriteDb
  ballast: Ballast
  clock: Clock
  post(message: FromWriter): void
  /** Days that telemetry is kept; left out: the usual ones. */
  retention?: Partial<Retention>
}

/**
 * The only writer of telemetry.db.
 *
 * INVARIANTS
 * 1. A batch leaves the queue only after the transaction that holds it was committed with synchronous=FULL; `committed` is posted then.
 * 2. A transaction is whole or nothing: after an error of the store all batches of it stay in the queue, in order, and are tried again.
 * 3. An error that one record or one batch causes never stops the others: bad records are kept aside, unreadable batches refused.
 * 4. There is no timer that delays a commit: while one transaction is synced, the next batches gather.
 * 5. Sums and removal of what is old come after batches, in short steps; only sums that are far behind go between two batches.
 */
export class IngestWriter {
  readonly #options: WriterOptions
  readonly #gaps = openGapWatch()
  #db: WriteDb
  #rollUp: RollUp
  #apply: ReturnType<typeof prepareApply>
  #tending: Tending
  #retention: Retention
  #tendTimer: NodeJS.Timeout | null = null
  #tendMs = 0
  #newestArrival: number | null = null
  #queue: Batch[] = []
  #isScheduled = false
  #isStopped = false
  #retryTimer: NodeJS.Timeout | null = null
  #retryMs: number = RETRY.first
  #problem: ProblemReport | null = null
  #ballastTimer: NodeJS.Timeout | null = null

  constructor(options: WriterOptions) {
    this.#options = options
    this.#db = options.open()
    this.#rollUp = openRollUp(this.#db)
    this.#apply = prepareApply(this.#db, this.#gaps, this.#rollUp)
    this.#retention = retentionOf(options.retention)
    this.#tending = openTending(this.#db, options.clock)
    options.ballast.hold()
    this.#tendIn(TEND_MS.soon)
  }

  take(message: ToWriter): void {
    if (this.#isStopped) return
    if (message.type === 'dropped') this.#gaps.doubt(message.device)
    else if (message.type === 'stop') this.#stop()
    else if (message.type === 'erase') this.#erase(message.id, message)
    else if (message.type === 'retention') {
      this.#retention = retentionOf(message.days)
      this.#tending.look()
      this.#tendIn(TEND_MS.soon)
    } else {
      this.#newestArrival = Math.max(this.#newestArrival ?? 0, message.receivedAt)
      this.#queue.push(message)
      this.#schedule()
    }
  }

  /** Between two batches: nothing of a batch that waits is stored of whom is noted here. */
  #erase(id: number, erased: ErasedSubjects): void {
    try {
      const found = this.#db
        .transaction(() => {
          noteErased(this.#db, erased.subjects, this.#options.clock.now())
          return eraseFromTelemetry(this.#db, erased)
        })
        .immediate()
      this.#options.post({ type: 'erased', id, answer: { ...found, isLogEmpty: emptyLog(this.#db) } })
    } catch (error) {
      this.#options.post({ type: 'erased', id, answer: reportOf(storeProblem(error, this.#options.file)) })
    }
  }

  #schedule(): void {
    if (this.#isStopped || this.#isScheduled || this.#retryTimer !== null || this.#queue.length === 0) return
    this.#isScheduled = true
    // Behind the messages that wait already, so that they share the transaction.
    setImmediate(() => {
      this.#isScheduled = false
      // After the stop the file is closed: a commit would fail, and its repair would open the file anew.
      if (this.#isStopped) return
      this.#commitGroup()
      if (this.#queue.length > 0 && this.#retryTimer === null && this.#tending.isFarBehind()) this.#tend()
      this.#schedule()
      this.#tendIn(TEND_MS.soon)
    })
  }

  /** Goes on with sums and removal after a while, unless that is planned for sooner. */
  #tendIn(ms: number): void {
    if (this.#isStopped || (this.#tendTimer !== null && this.#tendMs <= ms)) return
    if (this.#tendTimer !== null) clearTimeout(this.#tendTimer)
    this.#tendMs = ms
    this.#tendTimer = setTimeout(() => {
      this.#tendTimer = null
      if (this.#isStopped) return
      const isMore = this.#retryTimer === null && this.#queue.length === 0 && this.#tend()
      this.#tendIn(isMore ? 0 : TEND_MS.later)
    }, ms)
    this.#tendTimer.unref()
  }

  /** @returns true if there is more to do */
  #tend(): boolean {
    try {
      const isMore = this.#tending.step(this.#retention, this.#newestArrival)
      if (this.#retryTimer === null) this.#onSuccess()
      return isMore
    } catch (error) {
      if (isStoreError(error)) this.#onFailure(error)
      else this.#report(new Problem('internal', `The sums of telemetry cannot be brought up: ${messageOf(error)}`).toReport())
      return false
    }
  }

  #commitGroup(): boolean {
    let committed: Committed
    try {
      committed = this.#db.transaction(() => this.#applyGroup()).immediate()
    } catch (error) {
      this.#onFailure(error)
      return false
    }
    this.#queue = this.#queue.slice(committed.batches)
    this.#options.post({ type: 'committed', ...committed })
    this.#onSuccess()
    return true
  }

  #applyGroup(): Committed {
    const group: Committed = { batches: 0, records: 0, duplicates: 0, quarantined: 0, refused: [], acks: [] }
    const acks = new Map<string, Committed['acks'][number]>()
    this.#rollUp.clear()
    const until = this.#options.clock.monotonic() + GROUP.ms
    for (const batch of this.#queue) {
      this.#applyOne(batch, group, acks)
      group.batches += 1
      if (group.records + group.duplicates >= GROUP.records || this.#options.clock.monotonic() >= until) break
    }
    this.#rollUp.write()
    group.acks = [...acks.values()]
    return group
  }

  #applyOne(batch: Batch, group: Committed, acks: Map<string, Committed['acks'][number]>): void {
    const { device, carried } = batch
    try {
      const read = { ...readBatch(device, batch.payload, batch.receivedAt), isCarried: carried !== undefined }
      // A transaction within a transaction is a savepoint: a batch that fails leaves nothing behind.
      const applied = this.#db.transaction(() => this.#apply(read, this.#options.clock.monotonic()))()
      group.records += applied.records
      group.duplicates += applied.duplicates
      group.quarantined += applied.quarantined
      if (carried !== undefined) (group.carried ??= []).push({ carried, settled: settledOf(applied), problem: null })
      acks.set(`${device} ${read.spool}`, { device, spool: read.spool, through: applied.through })
      if (applied.through >= read.through) this.#gaps.close(device, read.spool)
    } catch (error) {
      if (isStoreError(error)) throw error
      const { code, message } = reportOf(error)
      if (carried !== undefined) (group.carried ??= []).push({ carried, settled: null, problem: { code, message } })
      group.refused.push({ device, code, message })
      this.#gaps.doubt(device)
    }
  }

  #onSuccess(): void {
    this.#retryMs = RETRY.first
    if (this.#problem === null) return
    if (this.#ballastTimer === null) this.#report(null)
  }

  /** Nothing was committed. The queue stays as it is and is tried again. */
  #onFailure(error: unknown): void {
    const { ballast, file } = this.#options
    const isFull = isDiskFull(error) || ballast.isDiskFull()
    const problem = isFull ? new Problem('store.disk-full', `No space to write ${file}.`) : storeProblem(error, file)
    this.#report(
      (problem instanceof Problem ? problem : new Problem('store.io-error', `${file} cannot be written: ${messageOf(error)}`)).toReport(),
    )
    if (isFull && ballast.release()) this.#watchBallast()
    if (!isDiskFull(error)) this.#reopen()
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null
      this.#schedule()
    }, this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY.most)
  }

  #reopen(): void {
    try {
      this.#db.close()
      this.#db = this.#options.open()
      this.#rollUp = openRollUp(this.#db)
      this.#apply = prepareApply(this.#db, this.#gaps, this.#rollUp)
      this.#tending = openTending(this.#db, this.#options.clock)
    } catch (error) {
      // The handle is closed then: the next attempt fails at once and comes here again.
      this.#report(reportOf(storeProblem(error, this.#options.file)))
    }
  }

  /** The problem of a full disk is over only when the ballast is back: until then the next one would find no reserve. */
  #watchBallast(): void {
    this.#ballastTimer ??= setInterval(() => {
      if (!this.#options.ballast.hold()) return
      if (this.#ballastTimer !== null) clearInterval(this.#ballastTimer)
      this.#ballastTimer = null
      if (this.#retryTimer === null) this.#report(null)
    }, BALLAST_EVERY_MS)
  }

  #report(problem: ProblemReport | null): void {
    if (this.#problem?.code === problem?.code && this.#problem?.message === problem?.message) return
    this.#problem = problem
    this.#options.post({ type: 'problem', problem })
  }

  /** Commits what waits, once; what the store does not take was never acknowledged and comes again. */
  #stop(): void {
    this.#isStopped = true
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    if (this.#ballastTimer !== null) clearInterval(this.#ballastTimer)
    if (this.#tendTimer !== null) clearTimeout(this.#tendTimer)
    while (this.#queue.length > 0 && this.#commitGroup());
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    this.#queue = []
    try {
      this.#db.close()
    } catch (error) {
      this.#report(reportOf(storeProblem(error, this.#options.file)))
    }
    this.#options.post({ type: 'stopped' })
  }
}

function settledOf({ through, records, duplicates, quarantined }: Applied): CarriedBatch['settled'] {
  return { through, records, duplicates, quarantined }
}
