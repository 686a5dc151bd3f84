import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { Spool } from '../../agent/telemetry/spool.ts'
import { startIngest } from '../../electron/core/ingest/ingest.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { eventRecord, handClock, sampleRecord, testSpool, windowRecord } from '../harness/spool.ts'

/** Hours that the devices live through; only waits are compressed, every commit is a real one. */
const HOURS = process.env['MUSTER_FULL'] === '1' ? 72 : 4
const DEVICES = ['cam-1', 'cam-2', 'cam-3']
const MiB = 1024 * 1024
/** SQLite moves the log into the database from 1,000 pages of 4 KiB on; one transaction may go beyond. */
const MOST_WAL_BYTES = 8 * MiB

interface Reading {
  files: number
  rssBytes: number
  /** Of the telemetry store and of the largest spool. */
  walBytes: number[]
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

test(
  `case 60: ${HOURS} h of ${DEVICES.length} devices: files, memory and write-ahead logs stay flat, also behind a reader that stays for an hour`,
  async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'telemetry.db')
    const clock = handClock()
    const waiting = new Map<string, (through: number) => void>()
    const ingest = await startIngest({
      ...{ file, clock, log: () => undefined, onChange: () => undefined, ballastBytes: 64 * 1024 },
      publishAck: (device, _spool, through) => Promise.resolve(waiting.get(device)?.(through)),
      onFatal: (problem) => {
        throw problem
      },
    })
    onTestFinished(() => ingest.stop())
    const spools = new Map<string, Spool>(
      DEVICES.map((device) => [device, testSpool(join(directory, `${device}.db`), { clock, bootText: `boot-${device}` })]),
    )
    onTestFinished(() => spools.forEach((spool) => spool.close()))

    /** Sends what a device has and waits for the word of the console, as its sender does. */
    const deliver = async (device: string): Promise<void> => {
      const spool = spools.get(device)!
      const batch = spool.batch(spool.acked)!
      const acknowledged = new Promise<number>((resolve) => waiting.set(device, resolve))
      ingest.take(device, Buffer.from(JSON.stringify({ v: 1, sentAt: clock.now(), device, spool: spool.id, ...batch })))
      spool.acknowledge(await acknowledged)
    }
    const read = (): Reading => ({
      files: readdirSync('/proc/self/fd').length,
      rssBytes: process.memoryUsage().rss,
      walBytes: [sizeOf(`${file}-wal`), Math.max(...DEVICES.map((device) => sizeOf(join(directory, `${device}.db-wal`))))],
    })

    const readings: Reading[] = []
    let reader: Database.Database | null = null
    let made = 0
    for (let minute = 0; minute < HOURS * 60; minute += 1) {
      clock.pass(60_000)
      // From the second hour to the third somebody looks at a report, in one long transaction.
      if (minute === 60) {
        reader = new Database(file, { readonly: true })
        reader.exec('BEGIN')
        reader.prepare('SELECT count(*) FROM window').get()
      }
      if (minute === 120) reader!.close()
      for (const device of DEVICES) {
        const records = [
          windowRecord(minute, [1, 2, 3]),
          sampleRecord(`${device}-${minute}`, 1500),
          eventRecord(`minute ${minute}`, clock.wall),
        ]
        spools.get(device)!.append(records)
        made += records.length
        await deliver(device)
      }
      if (minute % 60 === 59) readings.push(read())
    }
    const early = readings[2]!
    const late = readings.at(-1)!
    process.stdout.write(
      `${HOURS} h of ${DEVICES.length} devices: ${made} records; at the ends of the hours open files ${readings.map(({ files }) => files).join(', ')}; ` +
        `memory ${readings.map(({ rssBytes }) => Math.round(rssBytes / MiB)).join(', ')} MiB; log of the store ${readings.map(({ walBytes }) => (walBytes[0]! / MiB).toFixed(1)).join(', ')} MiB\n`,
    )
    const stored = new Database(file, { readonly: true })
    onTestFinished(() => void stored.close())
    const rows = ['window', 'sample', 'event'].map((table) => stored.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number)
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(made)
    // The reader has gone: what its hour had left in the log was moved, and the log grows no further.
    expect(late.walBytes[0]!).toBeLessThanOrEqual(Math.max(early.walBytes[0]!, MOST_WAL_BYTES))
    expect(Math.max(...readings.map(({ walBytes }) => walBytes[1]!))).toBeLessThanOrEqual(MOST_WAL_BYTES)
    expect(late.files).toBeLessThanOrEqual(early.files)
    expect(late.rssBytes).toBeLessThan(early.rssBytes * 1.25 + 64 * MiB)
  },
  HOURS * 20_000,
)
