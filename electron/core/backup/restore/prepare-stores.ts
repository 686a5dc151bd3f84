import { join } from 'node:path'
import { openBallast } from '../../ingest/ballast.ts'
import type { Log } from '../../log.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { checkStillThere, hasWorkedHere } from '../../store/check-place.ts'
import { carryOutPlan } from './planned.ts'
import { finishRestore, removeStages } from './swap.ts'

/**
 * What comes before the stores are opened: a restore that was cut off is finished, one that was planned is made, and a store that should be
 * there is. The caller holds the directory.
 * @throws Problem `store.missing`, `store.corrupt`
 */
export function prepareStores(dataDirectory: string, of: { now: number; log: Log }): void {
  giveUpBallast(dataDirectory, of.log)
  if (finishRestore(dataDirectory)) of.log('info', 'a restore that was cut off was finished')
  removeStages(dataDirectory)
  carryOutPlan(dataDirectory, of)
  const fleet = join(dataDirectory, 'fleet.db')
  checkStillThere(fleet, { hasBegun: hasWorkedHere(fleet) })
}

/** What is held back for a full disk is of use before the stores are opened, too: a console that was killed on one must start again. */
function giveUpBallast(dataDirectory: string, log: Log): void {
  const held = ['fleet.ballast', 'telemetry.ballast'].map((name) => openBallast(join(dataDirectory, name)))
  if (held[0]?.isDiskFull() !== true) return
  if (held.filter((ballast) => ballast.release()).length > 0) log('warn', 'the disk is full; what was held back for that was given up', {})
}

/** @throws Problem `store.missing`, `store.corrupt` if telemetry.db was begun and is not there any more */
export function checkTelemetryThere({ settings }: Pick<FleetStore, 'settings'>, dataDirectory: string): void {
  checkStillThere(join(dataDirectory, 'telemetry.db'), { hasBegun: settings.get('hasTelemetry') === true })
}

/** Notes that telemetry.db was begun. */
export function noteTelemetryBegun({ settings }: Pick<FleetStore, 'settings'>): void {
  if (settings.get('hasTelemetry') !== true) settings.set('hasTelemetry', true)
}
