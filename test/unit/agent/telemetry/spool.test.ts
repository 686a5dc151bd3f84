import Database from 'better-sqlite3'
import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { batchLimits, telemetryMessage, type WindowBody } from '../../../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { allRecords, eventRecord, handClock, sampleRecord, testSpool, windowRecord } from '../../../harness/spool.ts'

const spoolFile = (): string => join(temporaryDirectory(), 'spool.db')
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('append, batch, acknowledge', () => {
  it('gives records back in order, in the form of the wire, until they are acknowledged', () => {
    const spool = testSpool(spoolFile())
    spool.append([eventRecord('one'), eventRecord('two')])
    spool.append([eventRecord('three')])
    const batch = spool.batch(0)!
    expect(telemetryMessage.safeParse({ v: 1, sentAt: 1, device: 'cam-1', spool: spool.id, ...batch }).success).toBe(true)
    expect(batch.records.map(({ seq, body }) => [seq, (body as { message: string }).message])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ])
    expect(batch.records[0]).toMatchObject({ boot: 'boot-1', monotonicMs: 0, measuredAt: Date.UTC(2026, 0, 1), kind: 'event' })
    spool.acknowledge(2)
    expect([spool.acked, spool.backlog.records, spool.batch(2)?.records.map(({ seq }) => seq)]).toEqual([2, 1, [3]])
    spool.close()
  })

  it('never issues a number twice, not even after everything was acknowledged and the file was opened again', () => {
    const file = spoolFile()
    const first = testSpool(file)
    first.append([eventRecord('a'), eventRecord('b')])
    first.acknowledge(2)
    const id = first.id
    first.close()
    const second = testSpool(file, { bootText: 'boot-2' })
    second.append([eventRecord('c')])
    expect([second.id, second.acked, second.batch(2)?.records.map(({ seq }) => seq)]).toEqual([id, 2, [3]])
    second.close()
  })

  it('keeps batches within both limits', () => {
    const spool = testSpool(spoolFile())
    spool.append(range(1200).map((i) => eventRecord(`${i}`)))
    spool.append(range(40).map((i) => sampleRecord(`${i}`, 4096)))
    let after = 0
    const sizes: number[] = []
    for (let batch = spool.batch(after); batch !== null; batch = spool.batch(after)) {
      expect(batch.from).toBe(after + 1)
      expect(
        Buffer.byteLength(JSON.stringify({ v: 1, sentAt: Date.now(), device: 'd'.repeat(64), spool: spool.id, ...batch })),
      ).toBeLessThanOrEqual(batchLimits.bytes)
      sizes.push(batch.records.length)
      after = batch.through
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(batchLimits.records)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1240)
    spool.close()
  })

  it('refuses a record that does not fit its schema, and keeps nothing of that call', () => {
    const spool = testSpool(spoolFile())
    expect(() => spool.append([eventRecord('good'), { kind: 'window', measuredAt: 1, body: { requests: -1 } }])).toThrow(
      expect.objectContaining({ code: 'message.malformed' }),
    )
    expect(spool.batch(0)).toBeNull()
    spool.close()
  })

  it('drops what no batch can carry, and says so', () => {
    const spool = testSpool(spoolFile())
    const inputs = range(40).map((i) => ({ name: `x${i}`, datatype: 'BYTES', shape: [1], data: ['s'.repeat(4096)] }))
    const body = { ...(sampleRecord('huge').body as object), inputs }
    spool.append([{ kind: 'sample', measuredAt: 1, body }, eventRecord('after')])
    expect(allRecords(spool)).toMatchObject([
      { seq: 2, kind: 'event' },
      { seq: 3, kind: 'drop', body: { from: 1, through: 1, records: 1, reason: 'too-large' } },
    ])
    spool.close()
  })

  it('takes a new id when the console has more than this file ever issued: it is an older copy', () => {
    const spool = testSpool(spoolFile())
    const id = spool.id
    spool.append([eventRecord('a'), eventRecord('b'), eventRecord('c')])
    spool.acknowledge(1)
    spool.acknowledge(50)
    expect(spool.id).not.toBe(id)
    expect([spool.acked, allRecords(spool).map(({ seq, body }) => [seq, body['message']])]).toEqual([
      0,
      [
        [1, 'b'],
        [2, 'c'],
      ],
    ])
    spool.close()
  })
})

describe('a copy of a spool', () => {
  const copied = (): { original: string; copy: string; id: string } => {
    const original = spoolFile()
    const spool = testSpool(original)
    spool.append([eventRecord('a'), eventRecord('b'), eventRecord('c')])
    spool.acknowledge(1)
    const id = spool.id
    spool.close()
    const copy = spoolFile()
    copyFileSync(original, copy)
    return { original, copy, id }
  }
  const texts = (spool: ReturnType<typeof testSpool>): unknown[] => allRecords(spool).map(({ seq, body }) => [seq, body['message']])

  it('sends what came with it under the old id, and its own under a new one', () => {
    const { copy, id } = copied()
    const onCopied = vi.fn()
    let spool = testSpool(copy, { onCopied })
    expect(onCopied).toHaveBeenCalledOnce()
    spool.append([eventRecord('own 1')])
    expect([spool.id, texts(spool)]).toEqual([
      id,
      [
        [2, 'b'],
        [3, 'c'],
      ],
    ])
    // The console is far ahead: the original went on after it was copied.
    spool.close()
    spool = testSpool(copy, { onCopied })
    spool.append([eventRecord('own 2')])
    spool.acknowledge(50)
    expect(spool.id).not.toBe(id)
    expect([spool.acked, texts(spool)]).toEqual([
      0,
      [
        [1, 'own 1'],
        [2, 'own 2'],
      ],
    ])
    expect(onCopied).toHaveBeenCalledOnce()
    spool.close()
  })

  it('waits until all that came with it is acknowledged', () => {
    const { copy, id } = copied()
    const spool = testSpool(copy)
    spool.append([eventRecord('own')])
    spool.acknowledge(2)
    expect([spool.id, texts(spool)]).toEqual([id, [[3, 'c']]])
    spool.acknowledge(3)
    expect([spool.id === id, texts(spool)]).toEqual([false, [[1, 'own']]])
    spool.close()
  })

  it('has a new id at once if nothing came with it; the original, and one that was renamed, keep theirs', () => {
    const { original, copy, id } = copied()
    const first = testSpool(original)
    first.acknowledge(3)
    first.close()
    copyFileSync(original, copy)
    const second = testSpool(copy)
    expect(second.id).not.toBe(id)
    second.close()
    const moved = `${original}-moved`
    renameSync(original, moved)
    const third = testSpool(moved)
    expect(third.id).toBe(id)
    third.close()
  })
})

describe('damage', () => {
  it('case 34: leaves out damaged records, declares them, and goes on', () => {
    const file = spoolFile()
    const spool = testSpool(file)
    spool.append(range(5).map((i) => eventRecord(`number ${i}`)))
    spool.close()
    const db = new Database(file)
    db.exec(`UPDATE record SET body = replace(body, 'number', 'nvmber') WHERE seq IN (2, 3)`)
    db.exec('UPDATE record SET measured_at = measured_at + 1 WHERE seq = 5')
    db.close()
    const again = testSpool(file)
    expect(allRecords(again)).toMatchObject([
      { seq: 1, body: { message: 'number 0' } },
      { seq: 4, body: { message: 'number 3' } },
      { seq: 6, kind: 'drop', body: { from: 2, through: 5, records: 3, reason: 'corrupt' } },
    ])
    expect(again.backlog.records).toBe(3)
    again.close()
  })

  const damages: { name: string; damage(file: string): void }[] = [
    {
      name: 'header overwritten',
      damage: (file) => writeFileSync(file, Buffer.concat([Buffer.from('garbage, not sqlite'), readFileSync(file).subarray(19)])),
    },
    {
      name: 'a page overwritten',
      damage: (file) =>
        writeFileSync(
          file,
          Buffer.concat([readFileSync(file).subarray(0, 4096), Buffer.alloc(4096, 0xff), readFileSync(file).subarray(8192)]),
        ),
    },
    { name: 'cut in the middle', damage: (file) => truncateSync(file, Math.floor(statSync(file).size / 2) + 100) },
    {
      name: 'another kind of file',
      damage: (file) =>
        writeFileSync(
          file,
          'PK\u0003\u0004 this is a zip file, long enough to be read as a database header, which it is not at all.'.repeat(3),
        ),
    },
  ]
  it.each(damages)('moves a damaged file aside and starts afresh: $name', ({ damage }) => {
    const file = spoolFile()
    const first = testSpool(file)
    first.append(range(200).map((i) => eventRecord(`number ${i}`)))
    const id = first.id
    first.close()
    damage(file)
    const damaged = readFileSync(file)
    const told: { file: string; problem: { code: string } }[] = []
    const spool = testSpool(file, { onReplaced: (lost) => told.push(lost) })
    spool.append([eventRecord('new')])
    expect(told.map(({ problem }) => problem.code)).toEqual(['store.corrupt'])
    expect(readFileSync(told[0]!.file).equals(damaged)).toBe(true)
    expect(spool.id).not.toBe(id)
    expect(allRecords(spool)).toMatchObject([{ seq: 1, body: { message: 'new' } }])
    spool.close()
  })

  it('refuses a file of a newer version and leaves it alone', () => {
    const file = spoolFile()
    testSpool(file).close()
    const db = new Database(file)
    db.pragma('user_version = 99')
    db.close()
    expect(() => testSpool(file)).toThrow(expect.objectContaining({ code: 'store.newer' }))
    expect(readdirSync(dirname(file)).filter((name) => name.includes('damaged'))).toEqual([])
  })

  it('opens again and again (each open asserts synchronous=FULL), beside its ballast', () => {
    const file = spoolFile()
    for (let i = 0; i < 3; i += 1) testSpool(file).close()
    expect(existsSync(join(dirname(file), 'spool.ballast'))).toBe(true)
  })
})

describe('bounds', () => {
  it('case 32: drops samples first, declares every number, and keeps events and windows', () => {
    const spool = testSpool(spoolFile(), { maxBytes: 100_000 })
    spool.append([eventRecord('first'), windowRecord(0, [1, 2])])
    for (const i of range(60)) spool.append([sampleRecord(`s${i}`, 4000)])
    const records = allRecords(spool)
    const seqs = new Set(records.map(({ seq }) => seq))
    const declared = records.filter(({ kind }) => kind === 'drop').reduce((sum, { body }) => sum + Number(body['records']), 0)
    expect(records.filter(({ kind }) => kind === 'event' || kind === 'window').map(({ seq }) => seq)).toEqual([1, 2])
    expect(spool.backlog.bytes).toBeLessThanOrEqual(100_000)
    expect(declared).toBe(Math.max(...seqs) - seqs.size)
    spool.close()
  })

  it('merges the oldest windows without losing a count, and never one that was sent', () => {
    const spool = testSpool(spoolFile(), { maxBytes: 60_000 })
    spool.append([windowRecord(0, [1, 2, 3])])
    spool.markSent(1)
    for (const i of range(300)) spool.append([windowRecord(i + 1, [1, 2, 3], i % 2 === 0 ? 'digits' : 'wine')])
    const windows = allRecords(spool).filter(({ kind }) => kind === 'window')
    const bodies = windows.map(({ body }) => body as unknown as WindowBody)
    const sum = (of: (body: WindowBody) => number): number => bodies.reduce((total, body) => total + of(body), 0)
    expect(spool.backlog.bytes).toBeLessThanOrEqual(60_000)
    expect(bodies.length).toBeLessThan(301)
    expect([sum((b) => b.requests), sum((b) => b.rows), sum((b) => b.coveredMs), sum((b) => b.errors['inference.bad-input'] ?? 0)]).toEqual(
      [1204, 903, 301 * 60_000, 301],
    )
    expect(sum((b) => LatencySketch.fromState(b.latencyMs).count)).toBe(903)
    expect(windows[0]).toMatchObject({ seq: 1, body: { requests: 4 } })
    spool.close()
  })

  it('case 32: never drops events, even beyond the limit', () => {
    const spool = testSpool(spoolFile(), { maxBytes: 20_000 })
    for (const i of range(200)) spool.append([eventRecord(`event ${i}`)])
    expect(allRecords(spool).filter(({ kind }) => kind === 'event')).toHaveLength(200)
    spool.close()
  })

  it.each([
    { name: 'monotonic age within a boot, whatever the clock says', jump: -10 * 365 * 86_400_000, boot: 'boot-1', expired: 2 },
    { name: 'wall age of an earlier boot', jump: 0, boot: 'boot-2', expired: 2 },
    { name: 'no age where the clock was never set', jump: 0, boot: 'boot-2', start: 1000, expired: 0 },
  ])('expires by $name', ({ jump, boot, start, expired }) => {
    const file = spoolFile()
    const clock = handClock(start)
    const measuredAt = clock.now()
    const first = testSpool(file, { clock, maxAgeMs: 1000 })
    first.append([eventRecord('stays', measuredAt), { ...sampleRecord('a'), measuredAt }, { ...sampleRecord('b'), measuredAt }])
    first.close()
    clock.pass(5000)
    clock.wall += jump + (start === undefined ? 0 : Date.UTC(2026, 0, 1))
    const spool = testSpool(file, { clock, bootText: boot, maxAgeMs: 1000 })
    spool.tidy()
    const kinds = allRecords(spool).map(({ kind }) => kind)
    expect(kinds).toEqual(expired === 0 ? ['event', 'sample', 'sample'] : ['event', 'drop'])
    spool.close()
  })
})
