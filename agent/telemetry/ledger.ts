import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../shared/domain/clock.ts'
import type { LedgerBody, WindowBody } from '../../shared/protocol/telemetry.ts'
import { parseTopic, type TopicName } from '../../shared/protocol/topics.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'
import type { RuntimeUsage } from './resources.ts'

/**
 * Counts what the device uses, by cause.
 *
 * INVARIANTS
 * 1. Entries are differences: what one entry has is in no other one, so that the console may add them up, also over restarts.
 * 2. What is not in the spool yet stays counted here. What a killed process had counted since its last entry is missing, never double.
 */
export interface Ledger {
  /** Payload bytes that came from, or were taken by, the broker. */
  traffic(direction: 'in' | 'out', topic: string, bytes: number): void
  /** Records that the spool has now: their windows tell of inferences. */
  spooled(records: readonly UnspooledRecord[]): void
  /** Writes an entry if one is due. @throws Problem of the spool: the entry is tried again */
  writeIfDue(): void
  /** Writes an entry now. @throws Problem of the spool */
  write(): void
}

interface LedgerOptions {
  fleet: string
  directory: string
  clock: Clock
  usage(): RuntimeUsage
  append(records: UnspooledRecord[]): void
  /** CPU of this process since its start, microseconds. */
  ownCpuMicros?(): number
  everyMs?: number
}

const EVERY_MS = 300_000

const causes: Partial<Record<TopicName, string>> = {
  desired: 'order',
  halt: 'order',
  deviceBlock: 'model',
  sharedBlock: 'model',
  infer: 'inference',
  inferResult: 'inference',
  telemetry: 'telemetry',
  reported: 'report',
  presence: 'report',
  blockWant: 'request',
}

/** Opens the ledger of this run. */
export function openLedger(options: LedgerOptions): Ledger {
  const { fleet, directory, clock, usage, append, everyMs = EVERY_MS, ownCpuMicros = ownCpu } = options
  const cpuNow = (): number => ownCpuMicros() + usage().cpuMicros
  let bytes: Record<'in' | 'out', Record<string, number>> = { in: {}, out: {} }
  let inferences = 0
  let since = { wall: clock.now(), monotonic: clock.monotonic(), cpuMicros: cpuNow() }

  const write = (): void => {
    const cpuMicros = cpuNow()
    const now = Math.max(0, Math.trunc(clock.now()))
    const body: LedgerBody = {
      // A wall clock that was set back must not make an interval end before it began.
      startedAt: Math.min(Math.max(0, Math.trunc(since.wall)), now),
      endedAt: now,
      bytesIn: { ...bytes.in },
      bytesOut: { ...bytes.out },
      inferences,
      cpuSeconds: Math.max(0, cpuMicros - since.cpuMicros) / 1e6,
      storedBytes: storedBytes(directory),
    }
    const before = { bytes, inferences, since }
    bytes = { in: {}, out: {} }
    inferences = 0
    since = { wall: now, monotonic: clock.monotonic(), cpuMicros }
    try {
      append([{ kind: 'ledger', measuredAt: now, body }])
    } catch (error) {
      bytes = { in: added(before.bytes.in, bytes.in), out: added(before.bytes.out, bytes.out) }
      inferences += before.inferences
      since = { ...before.since, monotonic: before.since.monotonic }
      throw error
    }
  }
  return {
    traffic(direction, topic, count) {
      const cause = causes[parseTopic(fleet, topic)?.name ?? 'telemetryAck'] ?? 'other'
      const of = bytes[direction]
      of[cause] = (of[cause] ?? 0) + count
    },
    spooled(records) {
      for (const { kind, body } of records) if (kind === 'window') inferences += answeredIn(body as WindowBody)
    },
    writeIfDue() {
      if (clock.monotonic() - since.monotonic >= everyMs) write()
    },
    write,
  }
}

/** Requests of a window that were answered. */
function answeredIn({ requests, errors }: WindowBody): number {
  return requests - Object.values(errors).reduce((sum, count) => sum + count, 0)
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a }
  for (const [cause, count] of Object.entries(b)) sum[cause] = (sum[cause] ?? 0) + count
  return sum
}

/** Bytes of artifacts, of what is being received, and of the spool. */
export function storedBytes(directory: string): number {
  const files = ['artifacts', 'partial'].flatMap((folder) => namesIn(join(directory, folder)).map((name) => join(folder, name)))
  const spool = namesIn(directory).filter((name) => name.startsWith('spool.'))
  return [...files, ...spool].reduce((sum, file) => sum + (statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0), 0)
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    // Not there yet: nothing is stored in it.
    return []
  }
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
