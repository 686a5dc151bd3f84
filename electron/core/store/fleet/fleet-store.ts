import { Problem, type ProblemReport } from '../../../../shared/domain/problem.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import type { WriteDb } from '../open.ts'
import type { SecretBox } from '../../trust/secret-box.ts'
import { openAccountTable } from './accounts.ts'
import { openAlertRuleTable } from './alert-rules.ts'
import { openAlertTable } from './alerts.ts'
import { openAuditTable } from './audit.ts'
import { openAuditSearch } from './audit-search.ts'
import { openWitnessTable } from './audit-witnesses.ts'
import { openCarryTable } from './carries.ts'
import { openCertificateTable } from './certificates.ts'
import { openChannelTable } from './channels.ts'
import { openCommandTable } from './commands.ts'
import { openConfigRuleTable } from './config-rules.ts'
import { openDeploymentTable } from './deployments.ts'
import { openDeskTable } from './desk.ts'
import { openDeviceBaselineTable } from './device-baselines.ts'
import { openDeviceTrustTable } from './device-trust.ts'
import { openDeviceTable } from './devices.ts'
import { openEnrolmentTable } from './enrolment.ts'
import { openFallbackTable } from './fallbacks.ts'
import { openForwardEventTable } from './forward-events.ts'
import { openForwardTable } from './forwards.ts'
import { openOrderTable } from './orders.ts'
import { openNoteTable } from './notes.ts'
import { openNoticeTable } from './notices.ts'
import { openOidcProviderTable } from './oidc-provider.ts'
import { openOtlpExportTable } from './otlp-export.ts'
import { openOutboxTable } from './outbox.ts'
import { openPasskeyTable } from './passkeys.ts'
import { openPenaltyTable } from './penalties.ts'
import { openPendingTable } from './pending-enrolments.ts'
import { openPrivacyTable } from './privacy.ts'
import { openFormerDevices } from './former-devices.ts'
import { openReportRows } from './report-rows.ts'
import { openReportTable } from './reports.ts'
import { openRolloutEventTable } from './rollout-events.ts'
import { openRolloutTable } from './rollouts.ts'
import { openRoster } from './roster.ts'
import { openSavedQueryTable } from './saved-queries.ts'
import { openSessionTable } from './sessions.ts'
import { openSettingTable } from './settings.ts'
import { openSilenceTable } from './silences.ts'
import { openOfferTable } from './source-offers.ts'
import { openSourceTagTable } from './source-tags.ts'
import { openSourceTable } from './sources.ts'
import { openTokenTable } from './tokens.ts'
import { openTrustTable } from './trust.ts'
import { openVersionDecisionTable } from './version-decisions.ts'
import { openVersionNames } from './version-names.ts'
import type { WriteWatch } from './write-watch.ts'

export type FleetStore = ReturnType<typeof openFleetStore>

/**
 * All tables of fleet.db that the core writes; models have their own file, used by the registry.
 * @param droppingDevices devices that said of late that they gave records up: part of their state
 * @param box seals secret settings
 */
export function openFleetStore(db: WriteDb, droppingDevices?: () => ReadonlySet<string>, box?: SecretBox) {
  const roster = openRoster(db, droppingDevices)
  let watch: WriteWatch | null = null
  const audit = openAuditTable(db)
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
    pending: openPendingTable(db),
    certificates: openCertificateTable(db),
    carries: openCarryTable(db),
    deviceTrust: openDeviceTrustTable(db),
    trust: openTrustTable(db),
    deployments: openDeploymentTable(db, roster),
    configRules: openConfigRuleTable(db),
    orders: openOrderTable(db),
    rollouts: openRolloutTable(db),
    rolloutEvents: openRolloutEventTable(db),
    penalties: openPenaltyTable(db),
    desk: openDeskTable(db),
    privacy: openPrivacyTable(db),
    outbox: openOutboxTable(db),
    commands: openCommandTable(db),
    audit,
    auditSearch: openAuditSearch(db, audit),
    auditWitnesses: openWitnessTable(db),
    alertRules: openAlertRuleTable(db),
    alerts: openAlertTable(db),
    silences: openSilenceTable(db),
    channels: openChannelTable(db, box),
    notices: openNoticeTable(db),
    forwards: openForwardTable(db, box),
    forwardEvents: openForwardEventTable(db),
    accounts: openAccountTable(db),
    passkeys: openPasskeyTable(db),
    sessions: openSessionTable(db),
    tokens: openTokenTable(db),
    oidcProvider: openOidcProviderTable(db, box),
    otlpExport: openOtlpExportTable(db, box),
    sources: openSourceTable(db, box),
    sourceOffers: openOfferTable(db),
    sourceTags: openSourceTagTable(db),
    reports: openReportTable(db),
    reportRows: openReportRows(db),
    formerDevices: openFormerDevices(db),
    /**
     * Runs `work` in one transaction; what it throws rolls everything back.
     * @throws Problem `store.disk-full`, `store.corrupt` or what `work` throws
     */
    transact<Result>(work: () => Result): Result {
      try {
        const result = db.transaction(work).immediate()
        watch?.good()
        return result
      } catch (error) {
        const problem = storeProblem(error, 'fleet.db')
        if (problem instanceof Problem) watch?.bad(problem)
        throw problem
      }
    },
    /** Who is told how transactions end. */
    watchWrites: (watcher: WriteWatch): void => void (watch = watcher),
    /** Why nothing can be written now; null: it can. */
    writeProblem: (): ProblemReport | null => watch?.problem ?? null,
  }
}
