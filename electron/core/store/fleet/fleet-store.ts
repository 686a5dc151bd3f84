import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import type { WriteDb } from '../open.ts'
import { openAuditTable } from './audit.ts'
import { openCommandTable } from './commands.ts'
import { openDeploymentTable } from './deployments.ts'
import { openDeviceTable } from './devices.ts'
import { openEnrolmentTable } from './enrolment.ts'
import { openOutboxTable } from './outbox.ts'
import { openSettingTable } from './settings.ts'

export type FleetStore = ReturnType<typeof openFleetStore>

/** All tables of fleet.db that the core writes; models have their own file, used by the registry. */
export function openFleetStore(db: WriteDb) {
  return {
    db,
    settings: openSettingTable(db),
    devices: openDeviceTable(db),
    enrolment: openEnrolmentTable(db),
    deployments: openDeploymentTable(db),
    outbox: openOutboxTable(db),
    commands: openCommandTable(db),
    audit: openAuditTable(db),
    /**
     * Runs `work` in one transaction; what it throws rolls everything back.
     * @throws Problem `store.disk-full`, `store.corrupt` or what `work` throws
     */
    transact<Result>(work: () => Result): Result {
      try {
        return db.transaction(work).immediate()
      } catch (error) {
        throw storeProblem(error, 'fleet.db')
      }
    },
  }
}
