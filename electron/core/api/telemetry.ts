import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectDevices } from '../devices/summary.ts'
import type { ApiParts } from './parts.ts'

/** Handlers of `telemetry.*`. */
export function telemetryHandlers({ store, telemetry }: ApiParts): Pick<Handlers, 'telemetry.summary' | 'telemetry.ledger'> {
  return {
    'telemetry.summary': ({ query, from, through, by }) => ({
      rows: telemetry.summary({
        devices: query === '' ? null : new Set(selectDevices(store, query).map((row) => row.device)),
        from: from ?? 0,
        through: through ?? Number.MAX_SAFE_INTEGER,
        by,
      }),
    }),
    'telemetry.ledger': ({ device }) => ({ spools: telemetry.ledger(device ?? null) }),
  }
}
