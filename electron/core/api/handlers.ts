import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { accessHandlers } from './access.ts'
import { alertChannelsHandlers } from './alert-channels.ts'
import { alertRulesHandlers } from './alert-rules.ts'
import { alertSilencesHandlers } from './alert-silences.ts'
import { alertsHandlers } from './alerts.ts'
import { approvalsHandlers } from './approvals.ts'
import { auditHandlers } from './audit.ts'
import { backupsHandlers } from './backups.ts'
import { benchHandlers } from './bench.ts'
import { brokerHandlers } from './broker.ts'
import { bundleFilesHandlers } from './bundle-files.ts'
import { carryHandlers } from './carry.ts'
import { configHandlers } from './config.ts'
import { costsHandlers } from './costs.ts'
import { deploymentsHandlers } from './deployments.ts'
import { deviceTrustHandlers } from './device-trust.ts'
import { deviceViewsHandlers } from './device-views.ts'
import { devicesHandlers } from './devices.ts'
import { forwardHandlers } from './forward.ts'
import { importsHandlers } from './imports.ts'
import { keysHandlers } from './keys.ts'
import { labellingHandlers } from './labelling.ts'
import { metricsHandlers } from './metrics.ts'
import { modelsHandlers } from './models.ts'
import { monitoringHandlers } from './monitoring.ts'
import { ordersHandlers } from './orders.ts'
import { overviewHandlers } from './overview.ts'
import type { ApiParts } from './parts.ts'
import { peopleHandlers } from './people.ts'
import { privacyHandlers } from './privacy.ts'
import { queriesHandlers } from './queries.ts'
import { reportsHandlers } from './reports.ts'
import { rolloutActsHandlers } from './rollout-acts.ts'
import { rolloutsHandlers } from './rollouts.ts'
import { sampleFleetHandlers } from './sample-fleet.ts'
import { searchHandlers } from './search.ts'
import { setupHandlers } from './setup.ts'
import { sourcesHandlers } from './sources.ts'
import { systemHandlers } from './system.ts'
import { telemetryStoreHandlers } from './telemetry-store.ts'
import { telemetryHandlers } from './telemetry.ts'
import { tokensHandlers } from './tokens.ts'

/** A handler for every method of the contract. */
export function createHandlers(parts: ApiParts): Handlers {
  return {
    ...systemHandlers(parts),
    ...overviewHandlers(parts),
    ...devicesHandlers(parts),
    ...deviceTrustHandlers(parts),
    ...brokerHandlers(parts),
    ...deviceViewsHandlers(parts),
    ...queriesHandlers(parts),
    ...modelsHandlers(parts),
    ...importsHandlers(parts),
    ...bundleFilesHandlers(parts),
    ...sourcesHandlers(parts),
    ...benchHandlers(parts),
    ...approvalsHandlers(parts),
    ...costsHandlers(parts),
    ...deploymentsHandlers(parts),
    ...ordersHandlers(parts),
    ...rolloutsHandlers(parts),
    ...rolloutActsHandlers(parts),
    ...configHandlers(parts),
    ...telemetryHandlers(parts),
    ...telemetryStoreHandlers(parts),
    ...monitoringHandlers(parts),
    ...metricsHandlers(parts),
    ...labellingHandlers(parts),
    ...alertsHandlers(parts),
    ...alertRulesHandlers(parts),
    ...alertSilencesHandlers(parts),
    ...alertChannelsHandlers(parts),
    ...auditHandlers(parts),
    ...searchHandlers(parts),
    ...keysHandlers(parts),
    ...setupHandlers(parts),
    ...sampleFleetHandlers(parts),
    ...backupsHandlers(parts),
    ...carryHandlers(parts),
    ...privacyHandlers(parts),
    ...forwardHandlers(parts),
    ...accessHandlers(parts),
    ...peopleHandlers(parts),
    ...tokensHandlers(parts),
    ...reportsHandlers(parts),
  }
}
