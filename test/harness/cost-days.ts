import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepareLedger } from '../../electron/core/ingest/records/ledger.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { enrolled } from './fleet.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Entries per day and device: enough for days to differ. */
const ENTRIES = 4

/**
 * Fills an empty data directory with devices on three kinds of links and the ledgers of their last days, while no console runs.
 * Every third day has a release. The same for every run, but for the moment.
 */
export function fillCostDays(directory: string, of: { devices: number; days: number; now: number }): string[] {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const devices = Array.from({ length: of.devices }, (_, i) => `cam-${String(i + 1).padStart(2, '0')}`)
  const db = openFleet(join(directory, 'fleet.db'))
  const store = openFleetStore(db)
  store.transact(() => {
    store.settings.set('fleet', 'costs')
    store.settings.set('fleetName', 'Plant Lyon')
    store.settings.set('isSetUp', true)
    for (const [i, device] of devices.entries())
      enrolled(store, device, { site: i % 3 === 0 ? 'paris' : 'lyon', ...(i % 2 === 0 ? { link: 'cellular' } : {}) })
  })
  db.close()
  const telemetry = openTelemetryWriter(join(directory, 'telemetry.db'))
  const put = prepareLedger(telemetry)
  const spool = telemetry.prepare('INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (?, ?, ?, 0, 0)')
  telemetry.transaction(() => {
    for (const [i, device] of devices.entries()) {
      spool.run(i + 1, device, 'spool')
      for (let seq = 0; seq < of.days * ENTRIES; seq += 1) {
        const day = Math.floor(seq / ENTRIES)
        const endedAt = of.now - (of.days - day) * DAY + (seq % ENTRIES) * 6 * HOUR + HOUR
        const isRelease = day % 3 === 2 && seq % ENTRIES === 1
        put(
          { spool: i + 1, device, deviceId: i + 1, receivedAt: endedAt },
          { seq, boot: 'boot-1', measuredAt: endedAt },
          {
            // Five minutes of each six hours are told of by nobody.
            startedAt: endedAt - 6 * HOUR + 300_000,
            endedAt,
            bytesIn: { order: 1500, inference: 20_000, ...(isRelease ? { model: 12_000_000 } : {}) },
            bytesOut: { telemetry: 900_000 + 20_000 * i, report: 4000 },
            inferences: 4000 + 100 * i,
            cpuSeconds: 180 + 5 * i,
            storedBytes: 40_000_000 + 1_000_000 * day,
          },
        )
      }
    }
  })()
  telemetry.close()
  return devices
}
