import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { UnspooledRecord } from '../../../../agent/runtime/messages.ts'
import { openLedger, storedBytes } from '../../../../agent/telemetry/ledger.ts'
import { ledgerBody, type LedgerBody } from '../../../../shared/protocol/telemetry.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const T0 = Date.UTC(2026, 0, 1)
const own = 'muster/1/lab/device/cam-1'

function start(directory = temporaryDirectory()) {
  const time = { wall: T0, monotonic: 0, cpu: 0, runtime: 0 }
  const written: LedgerBody[] = []
  const spool = { isFull: false }
  const ledger = openLedger({
    ...{ fleet: 'lab', directory, ownCpuMicros: () => time.cpu, usage: () => ({ rssBytes: 0, cpuMicros: time.runtime }) },
    clock: { now: () => time.wall, monotonic: () => time.monotonic },
    append: ([record]) => {
      if (spool.isFull) throw new Error('no space')
      written.push(ledgerBody.parse(record!.body))
    },
  })
  return { ledger, time, written, spool }
}

const window = (requests: number, errors: Record<string, number>): UnspooledRecord => ({
  kind: 'window',
  measuredAt: T0,
  body: { requests, errors },
})

describe('the ledger', () => {
  it('names bytes by cause, inferences that were answered, and CPU of both processes, once each', () => {
    const { ledger, time, written } = start()
    ledger.traffic('in', `${own}/desired`, 100)
    ledger.traffic('in', `${own}/block/${'a'.repeat(64)}/0`, 20)
    ledger.traffic('in', `muster/1/lab/block/${'a'.repeat(64)}/1`, 5)
    ledger.traffic('in', `${own}/infer/reader`, 7)
    ledger.traffic('in', `${own}/telemetry/ack`, 3)
    ledger.traffic('in', 'elsewhere', 1)
    ledger.traffic('out', `${own}/telemetry`, 50)
    ledger.traffic('out', `${own}/reported`, 8)
    ledger.traffic('out', `${own}/presence`, 2)
    ledger.traffic('out', `${own}/block/want`, 4)
    ledger.traffic('out', `${own}/infer/reader/result`, 6)
    ledger.spooled([
      window(10, {}),
      window(5, { 'inference.failed': 1, 'inference.bad-input': 1 }),
      { kind: 'event', measuredAt: T0, body: {} },
    ])
    Object.assign(time, { wall: T0 + 60_000, cpu: 1_500_000, runtime: 500_000 })
    ledger.write()
    expect(written[0]).toEqual({
      startedAt: T0,
      endedAt: T0 + 60_000,
      bytesIn: { order: 100, model: 25, inference: 7, other: 4 },
      bytesOut: { telemetry: 50, report: 10, request: 4, inference: 6 },
      inferences: 13,
      cpuSeconds: 2,
      storedBytes: 0,
    })
    ledger.write()
    expect(written[1]).toMatchObject({ startedAt: T0 + 60_000, bytesIn: {}, bytesOut: {}, inferences: 0, cpuSeconds: 0 })
  })

  it('is due by the time that passed, whatever the wall clock does', () => {
    const { ledger, time, written } = start()
    ledger.writeIfDue()
    time.wall = T0 - 86_400_000
    ledger.writeIfDue()
    expect(written).toEqual([])
    time.monotonic = 300_000
    ledger.writeIfDue()
    ledger.writeIfDue()
    expect(written).toHaveLength(1)
    expect(written[0]!.startedAt).toBeLessThanOrEqual(written[0]!.endedAt)
  })

  it('keeps what the spool had no room for, and counts it once afterwards', () => {
    const { ledger, time, written, spool } = start()
    ledger.traffic('out', `${own}/telemetry`, 50)
    ledger.spooled([window(3, {})])
    time.cpu = 1_000_000
    spool.isFull = true
    expect(() => ledger.write()).toThrow('no space')
    ledger.traffic('out', `${own}/telemetry`, 1)
    spool.isFull = false
    ledger.write()
    expect(written).toMatchObject([{ startedAt: T0, bytesOut: { telemetry: 51 }, inferences: 3, cpuSeconds: 1 }])
  })

  it('of the next run begins with nothing of the one before', () => {
    const directory = temporaryDirectory()
    const first = start(directory)
    first.ledger.traffic('in', `${own}/desired`, 100)
    first.ledger.write()
    const second = start(directory)
    second.ledger.write()
    expect(second.written[0]).toMatchObject({ bytesIn: {}, inferences: 0 })
  })

  it('says what lies on the disk: artifacts, parts of them, and the spool', () => {
    const directory = temporaryDirectory()
    for (const folder of ['artifacts', 'partial', 'run']) mkdirSync(join(directory, folder))
    for (const [file, bytes] of [
      ['artifacts/a', 10],
      ['partial/b', 5],
      ['spool.db', 100],
      ['spool.db-wal', 7],
      ['journal.json', 1000],
      ['run/x', 1000],
    ] as const)
      writeFileSync(join(directory, file), 'x'.repeat(bytes))
    expect(storedBytes(directory)).toBe(122)
  })
})
