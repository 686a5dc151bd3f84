import { join } from 'node:path'
import type { Log } from '../../log.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { checkStillThere, hasWorkedHere } from '../../store/check-place.ts'
import { carryOutPlan } from './planned.ts'
import { finishRestore } from './swap.ts'

/**
 * What comes before the stores are opened: a restore that was cut off is finished, one that was planned is made, and a store that should be
 * there is. The caller holds the directory.
 * @throws Problem `store.missing`, `store.corrupt`
 */
export function prepareStores(dataDirectory: string, of: { now: number; log: Log }): void {
  if (finishRestore(dataDirectory)) of.log('info', 'a restore that was cut off was finished')
  carryOutPlan(dataDirectory, of)
  const fleet = join(dataDirectory, 'fleet.db')
  checkStillThere(fleet, { hasBegun: hasWorkedHere(fleet) })
}

/** @throws Problem `store.missing`, `store.corrupt` if telemetry.db was begun and is not there any more */
export function checkTelemetryThere({ settings }: Pick<FleetStore, 'settings'>, dataDirectory: string): void {
  checkStillThere(join(dataDirectory, 'telemetry.db'), { hasBegun: settings.get('hasTelemetry') === true })
}

/** Notes that telemetry.db was begun. */
export function noteTelemetryBegun({ settings }: Pick<FleetStore, 'settings'>): void {
  if (settings.get('hasTelemetry') !== true) settings.set('hasTelemetry', true)
}
