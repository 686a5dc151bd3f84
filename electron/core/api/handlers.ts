import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { deploymentsHandlers } from './deployments.ts'
import { devicesHandlers } from './devices.ts'
import { modelsHandlers } from './models.ts'
import type { ApiParts } from './parts.ts'
import { systemHandlers } from './system.ts'
import { telemetryHandlers } from './telemetry.ts'

/** A handler for every method of the contract. */
export function createHandlers(parts: ApiParts): Handlers {
  return {
    ...systemHandlers(parts),
    ...devicesHandlers(parts),
    ...modelsHandlers(parts),
    ...deploymentsHandlers(parts),
    ...telemetryHandlers(parts),
  }
}
