import { openGapWatch } from '../../electron/core/ingest/gap-watch.ts'
import { prepareApply } from '../../electron/core/ingest/apply-batch.ts'
import { openRollUp } from '../../electron/core/ingest/roll-up.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { spoolRecord, type SpoolRecord } from '../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { hostileText } from './hostile-texts.ts'

const BOOT = 'boot-1'
/** Windows of one device, spread over the whole time; together the devices fill every minute. */
const WINDOWS = 6
/** Devices beside the first few, which have records of every kind in every minute, as charts need them. */
const BUSY_DEVICES = 3

interface Filling {
  devices: readonly string[]
  hostile: readonly string[]
  versions: readonly { version: string; digest: string }[]
  now: number
  minutes: number
}

/** Writes telemetry as the ingest writer does: records through `prepareApply`, with the sums of the fleet in the same transactions. */
export function fillTelemetry(file: string, filling: Filling): void {
  const db = openTelemetryWriter(file)
  try {
    const rollUp = openRollUp(db)
    const apply = prepareApply(db, openGapWatch(), rollUp)
    // Latency differs from window to window, but not more than a chart shows.
    const sketches = Array.from({ length: 16 }, (_, i) => sketchAround(2 + i / 4).state())
    for (let at = 0; at < filling.devices.length; at += 500) {
      db.transaction(() => {
        rollUp.clear()
        for (let i = at; i < Math.min(at + 500, filling.devices.length); i += 1) {
          const device = filling.devices[i]!
          const records = recordsOf(filling, i, sketches).map((record) => ({ record }))
          apply(
            { device, spool: `spool-${device}`, from: 1, through: records.length, receivedAt: filling.now, sentAt: filling.now, records },
            0,
          )
        }
        rollUp.write()
      })()
    }
  } finally {
    db.close()
  }
}

function sketchAround(ms: number): LatencySketch {
  const sketch = LatencySketch.empty()
  for (let i = 0; i < 60; i += 1) sketch.add(ms * (0.8 + ((i * 37) % 60) / 60))
  sketch.add(ms * 6)
  return sketch
}

function recordsOf({ devices, hostile, versions, now, minutes }: Filling, number: number, sketches: readonly object[]): SpoolRecord[] {
  const device = devices[number]!
  const { version, digest } = versions[number % 3 === 0 ? 0 : 1]!
  const subject = { deployment: 'digits', digest, model: 'digits', version }
  const bodies: { kind: SpoolRecord['kind']; at: number; body: object }[] = []
  const isBusy = number < BUSY_DEVICES
  const windows = isBusy ? minutes : WINDOWS
  for (let w = 0; w < windows; w += 1) {
    const minute = isBusy ? w : Math.floor(((number * 7919 + w * 104_729) % (minutes * 10)) / 10)
    const at = now - minute * 60_000 - 30_000
    const failed = (number + w) % 50 === 0 ? 1 : 0
    const window = { ...subject, startedAt: at, endedAt: at + 60_000, coveredMs: 60_000, requests: 61 + failed, rows: 61 }
    bodies.push({
      kind: 'window',
      at,
      body: { ...window, errors: failed === 0 ? {} : { 'inference.failed': 1 }, latencyMs: sketches[(number + w) % 16]! },
    })
    if (isBusy) bodies.push({ kind: 'resources', at, body: resources(number + w) })
    if (number % 10 === 0 || isBusy) {
      const items = Array.from({ length: 3 }, (_, row) => {
        const actual = String((w + row) % 10)
        return { id: `p-${w}`, row, predictedAt: at, predicted: (number + w + row) % 20 === 0 ? 'x' : actual, actual, confidence: 0.9 }
      })
      bodies.push({ kind: 'labels', at, body: { ...subject, items } })
    }
  }
  const message = hostile.includes(device) ? hostileText(number) : `digits ${version} is active in digits.`
  const at = now - ((number * 31) % (minutes * 60)) * 1000
  bodies.push({ kind: 'event', at, body: { name: 'model.activated', severity: 'info', message, code: null, detail: {} } })
  return bodies.map(({ kind, at: measuredAt, body }, i) =>
    spoolRecord.parse({ seq: i + 1, kind, boot: BOOT, measuredAt, monotonicMs: i, body }),
  )
}

function resources(step: number): object {
  return {
    ...{ cpuShare: 0.2 + (step % 10) / 20, agentRssBytes: 9e7 + (step % 7) * 1e6, memoryFreeBytes: 1e9, memoryTotalBytes: 4e9 },
    ...{ diskFreeBytes: 5e9, diskTotalBytes: 16e9, temperatureCelsius: 45 + (step % 12), spoolRecords: step % 5 },
  }
}
