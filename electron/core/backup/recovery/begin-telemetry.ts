import * as fs from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../../shared/domain/problem.ts'
import { syncDirectory } from '../../../../shared/store/durable-file.ts'
import { openFleetStore } from '../../store/fleet/fleet-store.ts'
import { openFleet } from '../../store/fleet/open.ts'
import { faultOf } from '../restore/damage.ts'

/**
 * Moves a damaged telemetry.db aside, so that the next start begins an empty one. A sound one stays.
 * @returns the folder that keeps it; null: it was gone already
 * @throws Problem `input.invalid` if it is sound, or fleet.db is damaged too
 */
export function beginTelemetry(dataDirectory: string, of: { actor: string; now: number }): string | null {
  const fault = faultOf(dataDirectory, 'telemetry.db')
  if (fault?.code !== 'store.corrupt' && fault?.code !== 'store.missing')
    throw new Problem('input.invalid', fault === null ? 'telemetry.db is sound; it stays.' : fault.message)
  const fleetFault = faultOf(dataDirectory, 'fleet.db')
  if (fleetFault !== null) throw new Problem('input.invalid', `${fleetFault.message} Restore it first.`)
  const aside = join(dataDirectory, `damaged-telemetry-${new Date(of.now).toISOString().slice(0, 19).replaceAll(':', '-')}`)
  const files = ['telemetry.db', 'telemetry.db-wal', 'telemetry.db-shm'].filter((name) => fs.existsSync(join(dataDirectory, name)))
  if (files.length > 0) fs.mkdirSync(aside, { mode: 0o700 })
  for (const name of files) fs.renameSync(join(dataDirectory, name), join(aside, name))
  syncDirectory(fs, dataDirectory)
  const db = openFleet(join(dataDirectory, 'fleet.db'))
  try {
    const store = openFleetStore(db)
    store.transact(() => {
      store.settings.set('hasTelemetry', false)
      // The new store does not know of whom nothing may be taken in any more.
      store.privacy.doAgain()
      store.audit.append({ at: of.now, actor: of.actor, action: 'telemetry.begunAnew', detail: { cause: fault.message } })
    })
  } finally {
    db.close()
  }
  return files.length > 0 ? aside : null
}
