import { join } from 'node:path'
import Database from 'better-sqlite3'
import { messageOf } from '../../shared/domain/problem.ts'
import { lockDirectory } from '../../shared/store/directory-lock.ts'
import { checkTelemetryThere, prepareStores } from './backup/restore/prepare-stores.ts'
import type { CoreOptions } from './core-options.ts'
import { watchDropping } from './devices/dropping.ts'
import { openLogQueue } from './metrics/log-queue.ts'
import { firstStart, prepareDirectory } from './setup/first-start.ts'
import { openFleetStore } from './store/fleet/fleet-store.ts'
import { openFleet } from './store/fleet/open.ts'
import { watchFleetWrites } from './store/fleet/watch-fleet-writes.ts'
import { openTelemetryQueries } from './store/telemetry/queries.ts'
import { openSecretBox } from './trust/secret-box.ts'
import { assemble, type Core } from './assemble.ts'

export type { Core } from './assemble.ts'

/**
 * Starts the product in plain Node: opens what every part needs, and closes it all again when the start fails.
 * @throws Problem `data-directory.in-use`, `data-directory.read-only`, `store.*`, `port.in-use`
 */
export async function startCore(given: CoreOptions): Promise<Core> {
  const logs = openLogQueue(() => given.clock.now())
  const options: CoreOptions = { ...given, log: logs.tap(given.log) }
  const { dataDirectory, log } = options
  const stops: (() => Promise<void> | void)[] = []
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  try {
    prepareDirectory(dataDirectory)
    stops.push(lockDirectory((file) => new Database(file), join(dataDirectory, 'console.lock'), dataDirectory))
    prepareStores(dataDirectory, { now: options.clock.now(), log })
    const db = openFleet(join(dataDirectory, 'fleet.db'))
    stops.push(() => void db.close())
    const telemetry = openTelemetryQueries(join(dataDirectory, 'telemetry.db'))
    stops.push(() => telemetry.close())
    const store = openFleetStore(
      db,
      watchDropping(telemetry, () => options.clock.now()),
      openSecretBox(options.secretKey ?? null),
    )
    stops.push(watchFleetWrites(store, { dataDirectory, clock: options.clock, log, end: stop, onFatal: options.onFatal }))
    checkTelemetryThere(store, dataDirectory)
    firstStart(store, options)
    return await assemble(options, { store, telemetry, logs, stops, stop })
  } catch (error) {
    await stop().catch((failure: unknown) => log('error', 'the console did not stop cleanly', { reason: messageOf(failure) }))
    throw error
  }
}
