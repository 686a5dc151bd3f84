import type { Client } from 'pg'
import { reportOf, messageOf } from '../../../../shared/domain/problem.ts'
import type { PostgresForward } from '../../../../shared/domain/forward.ts'
import type { Log } from '../../log.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { CopyReader } from '../../store/telemetry/copies.ts'
import { closePostgres, connectPostgres, postgresProblem } from './connect.ts'
import { copyRound, requireOpen } from './copy.ts'

/**
 * INVARIANTS
 * 1. A place moves on in fleet.db only after PostgreSQL has committed what lies before it.
 * 2. A copy has one connection and one round at a time.
 * 3. A connection serves the settings that it was made by: records never go to a database of before, nor do its places become those of another one.
 * 4. A database that is away delays its own copy only.
 */
export interface Copier {
  /** Something was set, paused, resumed or removed: what runs is brought to what is stored. */
  sync(): void
  stop(): Promise<void>
}

interface CopierParts {
  store: FleetStore
  copies: CopyReader
  fleet(): string
  now(): number
  log: Log
  /** Told after each round that moved something or failed. */
  onChange(): void
  connect?: typeof connectPostgres
  /** How long a copy that has everything waits before it looks again, ms. */
  idleMs?: number
}

const IDLE_MS = 5000
/** Delay before the next attempt, doubled after each, ms. */
const BACKOFF = { first: 1000, most: 60_000 } as const

interface Running {
  /** Settings as they were when it began: with others it begins anew. */
  setAt: number
  end(): void
  done: Promise<void>
}

/** Keeps the copies in PostgreSQL that are set and not paused. */
export function startCopier(parts: CopierParts): Copier {
  const running = new Map<string, Running>()
  const ending = new Set<Promise<void>>()
  let stopped = false

  function sync(): void {
    if (stopped) return
    const wanted = new Map(
      parts.store.forwards
        .all()
        .filter(({ settings, state }) => settings.kind === 'postgres' && state === 'running')
        .map((row) => [row.forward, row.setAt]),
    )
    for (const [forward, one] of running) {
      if (wanted.get(forward) === one.setAt) continue
      one.end()
      running.delete(forward)
      ending.add(one.done)
      void one.done.finally(() => ending.delete(one.done))
    }
    for (const [forward, setAt] of wanted) if (!running.has(forward)) running.set(forward, { setAt, ...run(parts, forward, setAt) })
  }

  sync()
  return {
    sync,
    async stop() {
      stopped = true
      for (const one of running.values()) one.end()
      await Promise.all([...ending, ...[...running.values()].map(({ done }) => done)])
    },
  }
}

/** Copies until it is ended, as it was set then. */
function run(parts: CopierParts, forward: string, setAt: number): Pick<Running, 'end' | 'done'> {
  const { store, log, now, onChange } = parts
  const ended = new AbortController()
  const { signal } = ended
  let client: Client | null = null
  let isLost = false
  let delayMs: number = BACKOFF.first

  async function drop(): Promise<void> {
    if (client !== null) await closePostgres(client)
    client = null
    isLost = false
  }

  /** @returns how long to wait, ms */
  async function turn(): Promise<number> {
    const row = store.forwards.find(forward)
    if (row === null || row.settings.kind !== 'postgres' || row.setAt !== setAt) return IDLE_MS
    const settings: PostgresForward = row.settings
    try {
      requireOpen(row)
      if (isLost) await drop()
      client ??= await (parts.connect ?? connectPostgres)(settings, () => void (isLost = true))
      // It may have taken seconds, and meanwhile somebody may have named another database.
      if (signal.aborted) return 0
      const { isMore, hasMoved } = await copyRound(parts, client, { forward, setAt })
      if (row.problem !== null) log('info', 'a copy goes on', { forward })
      delayMs = BACKOFF.first
      if (hasMoved) onChange()
      return isMore ? 0 : (parts.idleMs ?? IDLE_MS)
    } catch (error) {
      await drop()
      if (signal.aborted) return 0
      fail(postgresProblem(error, settings))
      const waitMs = delayMs
      delayMs = Math.min(delayMs * 2, BACKOFF.most)
      return waitMs
    }
  }

  function fail(problem: Error): void {
    const { code, message } = reportOf(problem)
    log('warn', 'a copy does not go on', { forward, code, reason: message, retryInMs: delayMs })
    try {
      store.transact(() => store.forwards.noteProblem(forward, { code, message: message.slice(0, 2000), at: now() }))
    } catch (error) {
      log('error', 'what is wrong with a copy could not be noted', { forward, reason: messageOf(error) })
    }
    onChange()
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) await pause(await turn(), signal)
    await drop()
  }

  function end(): void {
    ended.abort()
    // A statement that waits for a server which says nothing ends with its connection.
    if (client !== null) void closePostgres(client)
  }

  return { end, done: loop() }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
