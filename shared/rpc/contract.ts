import type { z } from 'zod'
import { accessMethods } from './contract/access.ts'
import { alertsMethods } from './contract/alerts.ts'
import { approvalsMethods } from './contract/approvals.ts'
import { backupsMethods } from './contract/backups.ts'
import { auditMethods } from './contract/audit.ts'
import { benchMethods } from './contract/bench.ts'
import { brokerMethods } from './contract/broker.ts'
import { bundleFilesMethods } from './contract/bundle-files.ts'
import { carryMethods } from './contract/carry.ts'
import { configMethods } from './contract/config.ts'
import { costsMethods } from './contract/costs.ts'
import { deploymentsMethods } from './contract/deployments.ts'
import { deviceTrustMethods } from './contract/device-trust.ts'
import { deviceViewsMethods } from './contract/device-views.ts'
import { devicesMethods } from './contract/devices.ts'
import { forwardMethods } from './contract/forward.ts'
import { importsMethods } from './contract/imports.ts'
import { keysMethods } from './contract/keys.ts'
import { labellingMethods } from './contract/labelling.ts'
import { metricsMethods } from './contract/metrics.ts'
import { modelsMethods } from './contract/models.ts'
import { monitoringMethods } from './contract/monitoring.ts'
import { ordersMethods } from './contract/orders.ts'
import { overviewMethods } from './contract/overview.ts'
import { peopleMethods } from './contract/people.ts'
import { privacyMethods } from './contract/privacy.ts'
import { queriesMethods } from './contract/queries.ts'
import { reportsMethods } from './contract/reports.ts'
import { rolloutsMethods } from './contract/rollouts.ts'
import { sampleFleetMethods } from './contract/sample-fleet.ts'
import { searchMethods } from './contract/search.ts'
import { setupMethods } from './contract/setup.ts'
import { sourcesMethods } from './contract/sources.ts'
import { systemMethods } from './contract/system.ts'
import { tokensMethods } from './contract/tokens.ts'
import { telemetrySeriesMethods } from './contract/telemetry-series.ts'
import { telemetryStoreMethods } from './contract/telemetry-store.ts'
import { telemetryMethods } from './contract/telemetry.ts'

/** Every method between a user interface and the core. */
export const contract = {
  ...systemMethods,
  ...overviewMethods,
  ...devicesMethods,
  ...deviceTrustMethods,
  ...brokerMethods,
  ...deviceViewsMethods,
  ...queriesMethods,
  ...modelsMethods,
  ...importsMethods,
  ...bundleFilesMethods,
  ...sourcesMethods,
  ...benchMethods,
  ...deploymentsMethods,
  ...ordersMethods,
  ...rolloutsMethods,
  ...approvalsMethods,
  ...costsMethods,
  ...configMethods,
  ...telemetryMethods,
  ...telemetrySeriesMethods,
  ...telemetryStoreMethods,
  ...monitoringMethods,
  ...metricsMethods,
  ...alertsMethods,
  ...labellingMethods,
  ...auditMethods,
  ...searchMethods,
  ...keysMethods,
  ...setupMethods,
  ...sampleFleetMethods,
  ...backupsMethods,
  ...carryMethods,
  ...privacyMethods,
  ...forwardMethods,
  ...accessMethods,
  ...peopleMethods,
  ...tokensMethods,
  ...reportsMethods,
} as const

export type Contract = typeof contract
export type MethodName = keyof Contract
/** What a caller writes: fields with a default may be left out. */
export type InputOf<Name extends MethodName> = z.input<Contract[Name]['input']>
/** What a handler receives: parsed, with defaults filled in. */
export type ParsedInputOf<Name extends MethodName> = z.output<Contract[Name]['input']>
export type OutputOf<Name extends MethodName> = z.output<Contract[Name]['output']>
/** What a handler returns: plain values; brands are not asked of it. */
export type ResultOf<Name extends MethodName> = z.input<Contract[Name]['output']>

/** True if a text names a method. */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(contract, name)
}
