import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import type { WriteDb } from '../open.ts'
import type { SecretBox } from '../../trust/secret-box.ts'
import { openAlertRuleTable } from './alert-rules.ts'
import { openAlertTable } from './alerts.ts'
import { openAuditTable } from './audit.ts'
import { openChannelTable } from './channels.ts'
import { openCommandTable } from './commands.ts'
import { openConfigRuleTable } from './config-rules.ts'
import { openDeploymentTable } from './deployments.ts'
import { openDeskTable } from './desk.ts'
import { openDeviceBaselineTable } from './device-baselines.ts'
import { openDeviceTable } from './devices.ts'
import { openEnrolmentTable } from './enrolment.ts'
import { openFallbackTable } from './fallbacks.ts'
import { openOrderTable } from './orders.ts'
import { openNoteTable } from './notes.ts'
import { openNoticeTable } from './notices.ts'
import { openOutboxTable } from './outbox.ts'
import { openPenaltyTable } from './penalties.ts'
import { openRolloutEventTable } from './rollout-events.ts'
import { openRolloutTable } from './rollouts.ts'
import { openRoster } from './roster.ts'
import { openSavedQueryTable } from './saved-queries.ts'
import { openSettingTable } from './settings.ts'
import { openSilenceTable } from './silences.ts'
import { openVersionDecisionTable } from './version-decisions.ts'
import { openVersionNames } from './version-names.ts'

export type FleetStore = ReturnType<typeof openFleetStore>

/**
 * All tables of fleet.db that the core writes; models have their own file, used by the registry.
 * @param droppingDevices devices that said of late that they gave records up: part of their state
 * @param box seals secret settings
 */
export function openFleetStore(db: WriteDb, droppingDevices?: () => ReadonlySet<string>, box?: SecretBox) {
  const roster = openRoster(db, droppingDevices)
  return {
    db,
    roster,
    settings: openSettingTable(db, box),
    devices: openDeviceTable(db, roster),
    deviceBaselines: openDeviceBaselineTable(db),
    notes: openNoteTable(db),
    savedQueries: openSavedQueryTable(db),
    versionNames: openVersionNames(db),
    versionDecisions: openVersionDecisionTable(db),
    fallbacks: openFallbackTable(db),
    enrolment: openEnrolmentTable(db),
    deployments: openDeploymentTable(db, roster),
    configRules: openConfigRuleTable(db),
    orders: openOrderTable(db),
    rollouts: openRolloutTable(db),
    rolloutEvents: openRolloutEventTable(db),
    penalties: openPenaltyTable(db),
    desk: openDeskTable(db),
    outbox: openOutboxTable(db),
    commands: openCommandTable(db),
    audit: openAuditTable(db),
    alertRules: openAlertRuleTable(db),
    alerts: openAlertTable(db),
    silences: openSilenceTable(db),
    channels: openChannelTable(db, box),
    notices: openNoticeTable(db),
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
