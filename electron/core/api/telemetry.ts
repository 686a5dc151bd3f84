import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { requireDevice, selectDevices, selectEntries } from '../devices/summary.ts'
import { newestPlace, readPlace, writePlace } from '../store/telemetry/event-place.ts'
import { gridOf } from '../store/telemetry/grid.ts'
import { MINUTE_MS } from '../store/telemetry/minute-sums.ts'
import { wholeDays } from '../store/telemetry/usage.ts'
import { named } from './named-series.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'telemetry.summary'
  | 'telemetry.ledger'
  | 'telemetry.shadow'
  | 'telemetry.usage'
  | 'telemetry.series'
  | 'telemetry.fleetSeries'
  | 'telemetry.resources'
  | 'telemetry.events'

/** Windows may be as short as a second. */
const SHORTEST_BUCKET_MS = 1000
/** Events of devices whose clock runs further ahead would stand in front of all others for ever. */
const CLOCK_AHEAD_MS = 300_000

/** Handlers of `telemetry.*`. */
export function telemetryHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, telemetry, now } = parts
  const devicesOf = (query: string): ReadonlySet<string> | null =>
    query === '' ? null : new Set(selectDevices(store, query).map((row) => row.device))
  return {
    'telemetry.summary': ({ query, from, through, by }) => ({
      rows: telemetry.summary({ devices: devicesOf(query), from: from ?? 0, through: through ?? Number.MAX_SAFE_INTEGER, by }),
    }),
    'telemetry.ledger': ({ device }) => ({ spools: telemetry.ledger(device ?? null) }),
    'telemetry.shadow': ({ deployment, query }) => ({
      comparisons: telemetry.shadowComparisons({ deployment, devices: devicesOf(query) }).map((one) => withActive(parts, deployment, one)),
    }),
    'telemetry.usage': ({ device, query, from, through, limit }) => {
      if (through <= from) throw new Problem('input.invalid', 'The period ends before it begins.')
      if (device !== undefined) {
        requireDevice(store, device)
        return { from, through, ...telemetry.usageOfDevice(device, { from, through, limit }) }
      }
      const days = wholeDays({ from, through })
      return { ...days, ...telemetry.usageOfFleet({ ...days, limit, devices: devicesOf(query) }) }
    },
    'telemetry.series': ({ device, query, ...input }) => {
      const devices =
        device === undefined ? selectEntries(store, query).map(({ row }) => row.device) : [requireDevice(store, device).device]
      // All devices are the fleet, and its sums are kept; also those of devices that have left it.
      if (device === undefined && devices.length === store.roster.all().length) return fleet(parts, input)
      const grid = gridOf(input, telemetry.chartUnit({ ...input, devices: devices.length }, SHORTEST_BUCKET_MS))
      return {
        from: grid.from,
        bucketMs: grid.bucketMs,
        buckets: grid.buckets,
        series: telemetry.deviceSeries(grid, { ...input, devices }),
      }
    },
    'telemetry.fleetSeries': (input) => fleet(parts, input),
    'telemetry.resources': ({ device, ...input }) => {
      requireDevice(store, device)
      const grid = gridOf(input, SHORTEST_BUCKET_MS)
      return { from: grid.from, bucketMs: grid.bucketMs, buckets: grid.buckets, ...telemetry.resources(device, grid) }
    },
    'telemetry.events': ({ query, severity, before, limit }) => {
      const place = before === undefined ? newestPlace : readPlace(before)
      const found = telemetry.eventsOfFleet({
        ...{ devices: devicesOf(query), before: place, severity },
        ...{ until: now() + CLOCK_AHEAD_MS, limit: limit + 1 },
      })
      const events = found.slice(0, limit)
      return { events: events.map(plainEvent), next: found.length > limit ? writePlace(events.at(-1)!) : null }
    },
  }
}

type Comparison = ResultOf<'telemetry.shadow'>['comparisons'][number]

/** More minutes than this are not read for the latency of the active version: the last of them count. */
const LATENCY_OVER_MS = 7 * 86_400_000

/** A comparison with the names of this registry, and the latency of the active version in the same time. */
function withActive({ store, telemetry }: ApiParts, deployment: string, one: Comparison): Comparison {
  const names = store.versionNames.byDigest()
  const from = Math.max(one.firstAt - MINUTE_MS, one.lastAt - LATENCY_OVER_MS)
  const grid = gridOf({ from, through: one.lastAt + MINUTE_MS, buckets: 1 }, MINUTE_MS)
  const active = telemetry.fleetSeries(grid, { deployment, by: 'version' }).find(({ digest }) => digest === one.againstDigest)
  return {
    ...one,
    model: names.get(one.digest)?.model ?? one.model,
    version: names.get(one.digest)?.version ?? one.version,
    againstVersion: names.get(one.againstDigest)?.version ?? one.againstVersion,
    againstLatencyMs: active?.totals.latencyMs ?? null,
  }
}

type FleetInput = Parameters<Handlers['telemetry.fleetSeries']>[0]

function fleet({ store, telemetry }: ApiParts, input: FleetInput): ReturnType<Handlers['telemetry.fleetSeries']> {
  const grid = gridOf(input, telemetry.chartUnit({ ...input, devices: null }, MINUTE_MS))
  return {
    from: grid.from,
    bucketMs: grid.bucketMs,
    buckets: grid.buckets,
    series: named(telemetry.fleetSeries(grid, input), store.versionNames.byDigest()),
  }
}

type FleetEvent = ReturnType<ApiParts['telemetry']['eventsOfFleet']>[number]

function plainEvent({ at, device, name, severity, message, code }: FleetEvent): Omit<FleetEvent, 'spool' | 'seq'> {
  return { at, device, name, severity, message, code }
}
