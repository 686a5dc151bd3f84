import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { benchHandlers } from './bench.ts'
import { configHandlers } from './config.ts'
import { deploymentsHandlers } from './deployments.ts'
import { deviceViewsHandlers } from './device-views.ts'
import { devicesHandlers } from './devices.ts'
import { importsHandlers } from './imports.ts'
import { modelsHandlers } from './models.ts'
import { ordersHandlers } from './orders.ts'
import { overviewHandlers } from './overview.ts'
import type { ApiParts } from './parts.ts'
import { queriesHandlers } from './queries.ts'
import { sampleFleetHandlers } from './sample-fleet.ts'
import { searchHandlers } from './search.ts'
import { setupHandlers } from './setup.ts'
import { systemHandlers } from './system.ts'
import { telemetryHandlers } from './telemetry.ts'

/** A handler for every method of the contract. */
export function createHandlers(parts: ApiParts): Handlers {
  return {
    ...systemHandlers(parts),
    ...overviewHandlers(parts),
    ...devicesHandlers(parts),
    ...deviceViewsHandlers(parts),
    ...queriesHandlers(parts),
    ...modelsHandlers(parts),
    ...importsHandlers(parts),
    ...benchHandlers(parts),
    ...deploymentsHandlers(parts),
    ...ordersHandlers(parts),
    ...configHandlers(parts),
    ...telemetryHandlers(parts),
    ...searchHandlers(parts),
    ...setupHandlers(parts),
    ...sampleFleetHandlers(parts),
  }
}
