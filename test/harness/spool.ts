import { openSpool, type Spool, type SpoolOptions } from '../../agent/telemetry/spool.ts'
import type { UnspooledRecord } from '../../agent/runtime/messages.ts'
import { bootId } from '../../shared/domain/ids.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'

/** A clock that only tests move. */
export function handClock(start = Date.UTC(2026, 0, 1)) {
  return {
    wall: start,
    ran: 0,
    now() {
      return this.wall
    },
    monotonic() {
      return this.ran
    },
    pass(ms: number) {
      this.wall += ms
      this.ran += ms
    },
  }
}

/** Opens a spool for a test; what is not given is large and young. */
export function testSpool(file: string, options: Partial<SpoolOptions> & { bootText?: string } = {}): Spool {
  const { bootText, ...rest } = options
  return openSpool({
    file,
    boot: bootId.parse(bootText ?? 'boot-1'),
    clock: handClock(),
    maxBytes: 64 * 1024 * 1024,
    maxAgeMs: 30 * 86_400_000,
    onReplaced: () => undefined,
    ...rest,
  })
}

export function eventRecord(message: string, measuredAt = Date.UTC(2026, 0, 1)): UnspooledRecord {
  return { kind: 'event', measuredAt, body: { name: 'test.event', severity: 'info', message, code: null, detail: {} } }
}

export function sampleRecord(id: string, bytes = 200): UnspooledRecord {
  const inputs = [{ name: 'x', datatype: 'BYTES', shape: [1], data: ['s'.repeat(Math.min(4096, bytes))] }]
  const subject = { deployment: 'digits', digest: 'd'.repeat(64), model: 'digits', version: '1.0.0' }
  return { kind: 'sample', measuredAt: Date.UTC(2026, 0, 1), body: { ...subject, id, predictedAt: 1, weight: 1, inputs, outputs: [] } }
}

/** A window of one minute with the given latencies, ms. */
export function windowRecord(minute: number, latencies: readonly number[], deployment = 'digits'): UnspooledRecord {
  const sketch = LatencySketch.empty()
  for (const latency of latencies) sketch.add(latency)
  const startedAt = Date.UTC(2026, 0, 1) + minute * 60_000
  const subject = { deployment, digest: 'd'.repeat(64), model: 'digits', version: '1.0.0' }
  const counts = { requests: latencies.length + 1, rows: latencies.length, errors: { 'inference.bad-input': 1 } }
  return {
    kind: 'window',
    measuredAt: startedAt + 60_000,
    body: { ...subject, startedAt, endedAt: startedAt + 60_000, coveredMs: 60_000, ...counts, latencyMs: sketch.state() },
  }
}

/** Everything in a spool, read batch by batch. */
export function allRecords(spool: Spool): { seq: number; kind: string; body: Record<string, unknown> }[] {
  const all = []
  let after = 0
  for (let batch = spool.batch(after); batch !== null; batch = spool.batch(after)) {
    all.push(...batch.records)
    after = batch.through
  }
  return all as never
}
