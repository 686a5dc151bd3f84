import * as fs from 'node:fs'
import { slug } from '../../../shared/domain/ids.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import type { BrokerOptions } from '../hub/messages.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

const DEFAULT_NAME = 'fleet'

/** Makes the data directory if need be. @throws Problem `data-directory.read-only`, `store.*` */
export function prepareDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    fs.accessSync(directory, fs.constants.W_OK)
  } catch (error) {
    const problem = storeProblem(error, directory)
    if (problem instanceof Problem) throw problem
    throw new Problem('data-directory.read-only', `${directory} cannot be made: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * The fleet's id: made from its name at the first start, and again by the setup while no device is enrolled. Whoever names the fleet or an
 * external broker by flags has answered what the first run asks.
 */
export function firstStart(store: FleetStore, flags: { fleetName: string | null; broker: BrokerOptions | null }): string {
  const known = store.settings.get('fleet')
  if (known !== undefined) return known
  const fleetName = flags.fleetName ?? DEFAULT_NAME
  const fleet = slug(fleetName, DEFAULT_NAME)
  store.transact(() => {
    store.settings.set('fleet', fleet)
    store.settings.set('fleetName', fleetName)
    store.settings.set('isSetUp', flags.fleetName !== null || flags.broker?.kind === 'external')
  })
  return fleet
}

/** True when nobody needs to be asked any more; a fleet of an older version that has devices was never asked. */
export function isSetUp(store: FleetStore): boolean {
  return store.settings.get('isSetUp') ?? store.devices.counts().enrolled > 0
}
