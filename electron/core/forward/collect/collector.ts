import type { Client } from 'pg'
import { messageOf, Problem, reportOf } from '../../../../shared/domain/problem.ts'
import { readBatch } from '../../ingest/read-batch.ts'
import type { Log } from '../../log.ts'
import { closePostgres, connectPostgres, postgresProblem, type PostgresPlace } from '../postgres/connect.ts'
import { writeBatch } from '../postgres/write.ts'
import { rowsOfBatch } from './rows.ts'
import { joinGroup, type GroupMember, type GroupOptions } from './shared-group.ts'

/**
 * INVARIANTS
 * 1. A message is acknowledged to the broker after PostgreSQL has committed it; until then the broker keeps it for this collector.
 * 2. One message at a time is written, also over a change of connection.
 * 3. Without its database a collector leaves the broker, and takes nothing that it could not store.
 * 4. One collector of a name is connected to the broker at a time: two would throw each other out for ever. A second one waits for its turn.
 */
export interface Collector {
  readonly counts: Readonly<CollectCounts>
  /** Ends when it is stopped, has left the group, or cannot go on. @throws Problem `broker.no-shared`, `forward.schema` */
  readonly done: Promise<void>
  /** Lets the message under way come to its end. */
  stop(): Promise<void>
}

export interface CollectCounts {
  messages: number
  /** Records that were new in the database. */
  stored: number
  /** Messages that could not be read, and were left out. */
  unreadable: number
}

export interface CollectorOptions extends GroupOptions {
  postgres: PostgresPlace
  now(): number
  log: Log
  /** Told when it takes messages. */
  onReady?(): void
  /** Takes what waits for it, then gives its place up: to take a collector away for good. */
  isLeaving?: boolean
}

/** Delay before the next attempt, doubled after each, ms. */
const BACKOFF = { first: 500, most: 30_000 } as const
/** A session that took messages for so long owes nothing to the failures before it, ms. */
const CALM_MS = 60_000

/** How long to wait after a session that failed. @param waited before it, ms @param heldMs for how long it took messages; null: it took none */
export function delayAfter(waited: number | null, heldMs: number | null): number {
  if (waited === null || (heldMs !== null && heldMs >= CALM_MS)) return BACKOFF.first
  return Math.min(waited * 2, BACKOFF.most)
}
/** What cannot be mended by trying again. */
const FINAL = new Set(['broker.no-shared', 'forward.schema', 'input.invalid'])

/** Takes telemetry from a broker into PostgreSQL, beside the other members of its group. */
export function startCollector(options: CollectorOptions): Collector {
  const { log, now, fleet, postgres } = options
  const counts: CollectCounts = { messages: 0, stored: 0, unreadable: 0 }
  const ended = new AbortController()
  let member: GroupMember | null = null
  let working: Promise<void> = Promise.resolve()
  /** The last wait; null: none since a message was stored. */
  let waited: number | null = null
  let readySince: number | null = null

  async function take(client: Client, device: string, payload: Uint8Array): Promise<void> {
    counts.messages += 1
    const batch = readOrNull(device, payload)
    if (batch === null) return
    const { made } = await writeBatch(client, { schema: postgres.schema, fleet }, rowsOfBatch(batch))
    counts.stored += Object.values(made).reduce((sum, count) => sum + count, 0)
    waited = null
  }

  /** A message that nobody can read would come again for ever. */
  function readOrNull(device: string, payload: Uint8Array) {
    try {
      return readBatch(device, payload, now())
    } catch (error) {
      counts.unreadable += 1
      log('warn', 'a message could not be read and was left out', { device, reason: messageOf(error) })
      return null
    }
  }

  /** From a database that answers until either connection ends. */
  async function session(): Promise<void> {
    let isLost = false
    readySince = null
    const client = await connectPostgres(postgres, () => {
      isLost = true
      member?.abandon()
    })
    try {
      await holdName(client)
      let problem: unknown = null
      member = await joinGroup(options, (device, payload) => {
        const written = isLost ? Promise.reject(new Error('The connection to the database is lost.')) : take(client, device, payload)
        working = written.catch(() => undefined)
        return written.catch((error: unknown) => {
          problem ??= error
          // Without an acknowledgement: the broker keeps the message.
          member?.abandon()
          throw error
        })
      })
      if (ended.signal.aborted) await member.leave()
      else options.onReady?.()
      readySince = performance.now()
      await member.closed
      if (problem !== null) throw postgresProblem(problem, postgres)
      if (!ended.signal.aborted && options.isLeaving !== true)
        throw new Problem('broker.unreachable', `The connection to the broker at ${options.url} ended.`)
    } catch (error) {
      throw error instanceof Problem ? error : postgresProblem(error, postgres)
    } finally {
      member = null
      await working
      await closePostgres(client)
    }
  }

  /** Held by the connection to the database: whoever dies lets it go. @throws Problem `forward.name-taken` */
  async function holdName(client: Client): Promise<void> {
    const name = `${fleet}/${options.group}/${options.name}`
    const answer = await client.query(`SELECT pg_try_advisory_lock(hashtext('muster collect'), hashtext($1)) AS held`, [name])
    if (!(answer.rows[0] as { held: boolean }).held)
      throw new Problem('forward.name-taken', `Another collector of the group ${options.group} is called ${options.name}.`)
  }

  async function run(): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        await session()
        if (options.isLeaving === true) return
      } catch (error) {
        if (error instanceof Problem && FINAL.has(error.code)) throw error
        const { code, message } = reportOf(error)
        waited = delayAfter(waited, readySince === null ? null : performance.now() - readySince)
        log('warn', 'the collector waits', { code, reason: message, retryInMs: waited })
        await pause(waited, ended.signal)
      }
    }
  }

  const done = run()
  return {
    counts,
    done,
    async stop() {
      ended.abort()
      await member?.leave()
      await done.catch(() => undefined)
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
