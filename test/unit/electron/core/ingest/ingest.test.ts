import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync, fork } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startIngest, type IngestOptions } from '../../../../../electron/core/ingest/ingest.ts'
import type { FromIngestChild, IngestFault, ToIngestChild } from '../../../../harness/ingest-child.ts'
import { telemetryBatch, telemetryRecord } from '../../../../harness/telemetry.ts'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-ingest-'))
  file = join(directory, 'telemetry.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function count(table: string, of = file): number {
  const db = new Database(of, { readonly: true })
  try {
    return (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n
  } finally {
    db.close()
  }
}

async function start(options: Partial<IngestOptions> = {}) {
  const acks: { device: string; spool: string; through: number }[] = []
  const ingest = await startIngest({
    ...{ file, clock: { now: () => 1000, monotonic: () => 0 }, log: () => undefined, onChange: () => undefined, ballastBytes: 64 * 1024 },
    publishAck(device, spool, through) {
      acks.push({ device, spool, through })
      return Promise.resolve()
    },
    onFatal: (problem) => {
      throw problem
    },
    ...options,
  })
  onTestFinished(() => ingest.stop())
  return { ingest, acks }
}

describe('ingest', () => {
  it('acknowledges what a reader of the file sees already', async () => {
    const seen: number[] = []
    const { ingest } = await start({
      publishAck: () => {
        seen.push(count('event'))
        return Promise.resolve()
      },
    })
    ingest.take('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 7 }))
    await vi.waitFor(() => expect(seen).toEqual([7]))
    expect(ingest.counters()).toEqual({ batches: 1, records: 7, duplicates: 0, quarantined: 0, refused: 0, pending: 0, problem: null })
  })

  it('stores carried batches once, passes the gap before them, and tells what became of each', async () => {
    const { ingest } = await start()
    const carry = (payload: Uint8Array) =>
      new Promise<Parameters<Parameters<typeof ingest.takeCarried>[2]>[0]>((resolve) => ingest.takeCarried('cam-1', payload, resolve))
    const batch = telemetryBatch({ device: 'cam-1', from: 11, through: 17 })
    expect(await carry(batch)).toEqual({ settled: { through: 17, records: 7, duplicates: 0, quarantined: 1 }, problem: null })
    expect(await carry(batch)).toMatchObject({ settled: { through: 17, records: 0, duplicates: 7 } })
    expect(await carry(telemetryBatch({ device: 'cam-2', from: 18, through: 18 }))).toMatchObject({
      settled: null,
      problem: { code: 'message.malformed' },
    })
    expect(count('event')).toBe(7)
  })

  it('commits and acknowledges what it took before it stops', async () => {
    const { ingest, acks } = await start()
    for (let from = 1; from <= 1000; from += 10) ingest.take('cam-1', telemetryBatch({ device: 'cam-1', from, through: from + 9 }))
    await ingest.stop()
    expect({ last: acks.at(-1), stored: count('event') }).toEqual({
      last: { device: 'cam-1', spool: 'spool-1', through: 1000 },
      stored: 1000,
    })
    ingest.take('cam-1', telemetryBatch({ device: 'cam-1', from: 1001, through: 1001 }))
    expect(count('event')).toBe(1000)
  })

  it('drops what does not fit into the queue, unacknowledged, and takes it when it comes again', async () => {
    const { ingest, acks } = await start()
    for (let seq = 1; seq <= 10_000; seq += 1) ingest.take('cam-1', telemetryBatch({ device: 'cam-1', from: seq, through: seq }))
    expect(ingest.counters().pending).toBe(4096)
    await vi.waitFor(() => expect(ingest.counters().pending).toBe(0), { timeout: 20_000 })
    expect(acks.at(-1)?.through).toBe(4096)
    ingest.take('cam-1', telemetryBatch({ device: 'cam-1', from: 4097, through: 4200 }))
    await vi.waitFor(() => expect(acks.at(-1)?.through).toBe(4200), { timeout: 20_000 })
    expect(count('event')).toBe(4200)
  })

  it('does not start on a file that is no database', async () => {
    writeFileSync(file, 'x'.repeat(8192))
    await expect(start()).rejects.toMatchObject({ code: 'store.corrupt' })
  })
})

/** Plays the agent against one life of the ingest process: sends from the acknowledged position until the process dies or all is acknowledged. */
async function liveOnce(
  from: number,
  last: number,
  fault: { at: IngestFault; after: number },
): Promise<{ acked: number; signal: string | null }> {
  const child = fork(join(import.meta.dirname, '../../../../harness/ingest-child.ts'), [file, fault.at, String(fault.after)], {
    serialization: 'advanced',
  })
  let acked = from
  let isOver = false
  const send = (first: number): void => {
    const message: ToIngestChild = { payload: telemetryBatch({ device: 'cam-1', from: first, through: Math.min(first + 4, last) }) }
    if (child.connected) child.send(message, () => undefined)
  }
  // Four batches in flight, as an agent has them.
  const sendFrom = (position: number): void => {
    for (let first = position + 1; first <= Math.min(position + 20, last); first += 5) send(first)
  }
  child.on('message', (message: FromIngestChild) => {
    if (message.type === 'ack') acked = Math.max(acked, message.through)
    if (acked < last) sendFrom(message.type === 'ack' ? message.through : acked)
    else if (!isOver) {
      isOver = true
      child.disconnect()
    }
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { acked, signal }
}

describe('kill -9', () => {
  it('cases 26 and 27: anywhere between receive, commit and ack loses nothing and stores nothing twice', async () => {
    const last = 2000
    const faults: { at: IngestFault; after: number }[] = (['after-receive', 'before-ack', 'after-ack'] as const).flatMap((at) =>
      [0, 1, 3, 7].map((after) => ({ at, after })),
    )
    let acked = 0
    const signals: (string | null)[] = []
    for (const fault of [...faults, { at: 'none' as const, after: 0 }]) {
      const life = await liveOnce(acked, last, fault)
      acked = life.acked
      signals.push(life.signal)
      // Whatever was acknowledged is in the store, at this very moment.
      expect(existsSync(file) ? count('event') : 0).toBeGreaterThanOrEqual(acked)
    }
    const db = new Database(file, { readonly: true })
    const stored = db
      .prepare('SELECT count(*) AS n, count(DISTINCT seq) AS different, min(seq) AS first, max(seq) AS last FROM event')
      .get()
    expect({ acked, stored, spool: db.prepare('SELECT through FROM spool').all() }).toEqual({
      ...{ acked: last, stored: { n: last, different: last, first: 1, last } },
      spool: [{ through: last }],
    })
    db.close()
    expect(signals).toEqual([...faults.map(() => 'SIGKILL'), null])
  }, 60_000)
})

/** A file system of 16 MiB, or `null` where the test may not mount one. */
function mountSmallDisk(): string | null {
  const at = mkdtempSync(join(tmpdir(), 'muster-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', at], { stdio: 'ignore' })
  } catch {
    rmSync(at, { recursive: true })
    return null
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', at])
    rmSync(at, { recursive: true })
  })
  return at
}

describe('a full disk', () => {
  it('case 33: is reported, nothing is acknowledged that is not stored, and ingest goes on by itself when there is space', async (context) => {
    const disk = mountSmallDisk()
    if (disk === null) {
      context.skip('no right to mount a tmpfs: the test of a full disk is skipped')
      return
    }
    const store = join(disk, 'telemetry.db')
    const ballast = join(disk, 'telemetry.ballast')
    const { ingest, acks } = await start({ file: store, ballastBytes: 512 * 1024 })
    expect(existsSync(ballast)).toBe(true)
    const last = 1000
    writeFileSync(join(disk, 'filler'), Buffer.alloc(14 * 1024 * 1024))
    for (let seq = 1; seq <= last; seq += 1) {
      const record = telemetryRecord({ seq, body: { message: 'x'.repeat(1900) } })
      ingest.take('cam-1', telemetryBatch({ device: 'cam-1', from: seq, through: seq, records: [record] }))
    }
    await vi.waitFor(() => expect(ingest.counters().problem?.code).toBe('store.disk-full'), { timeout: 10_000 })
    expect(existsSync(ballast)).toBe(false)
    const { records, pending } = ingest.counters()
    expect({ records: acks.at(-1)?.through ?? 0, pending: records + pending }).toEqual({ records, pending: last })
    rmSync(join(disk, 'filler'))
    await vi.waitFor(() => expect(ingest.counters()).toMatchObject({ records: last, duplicates: 0, pending: 0, problem: null }), {
      timeout: 20_000,
    })
    expect({ stored: count('event', store), acked: acks.at(-1)?.through, ballast: existsSync(ballast) }).toEqual({
      stored: last,
      acked: last,
      ballast: true,
    })
  }, 60_000)
})
