import type { Family } from '../../../shared/metrics/family.ts'
import { expose } from '../../../shared/metrics/expose.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { openExporter, type Exporter } from './exporter.ts'
import { openFleetTraffic } from './fleet-traffic.ts'
import { openGathering, type GatherParts } from './gather.ts'
import type { LogQueue } from './log-queue.ts'
import type { PostOtlp } from './otlp-post.ts'

/** What the metrics and exports of a console are built on. */
export interface MetricsParts extends Pick<GatherParts, 'hub' | 'backups' | 'version' | 'startedAt' | 'now'> {
  store: FleetStore
  telemetry: Pick<TelemetryQueries, 'fleetSeries' | 'storeFacts' | 'arrivedWindows' | 'newestArrival'>
  fleet(): string
  /** Address of the interface; null: it does not serve yet. */
  url(): string | null
  logs: LogQueue
  log: Log
  random(): number
  changed(): void
  post?: PostOtlp
}

/** Metrics of the console: scraped, shown and exported. */
export interface Metrics {
  gather(): Family[]
  /** What a scraper is answered. */
  scrape(accept: string | undefined): ReturnType<typeof expose>
  /** Where it is scraped. */
  url(): string | null
  exporter: Exporter
  /** Telemetry was stored: it is counted soon. */
  noteIngest(): void
  /** Begins to count what devices tell, and the export, if there is one. */
  start(): void
  stop(): Promise<void>
}

/** Windows that arrive in one burst are counted together; a fleet that reports each minute leaves few for one reading. */
const COUNT_EVERY_MS = 5000
const MISSED_MS = 60_000
const MOST_MISSED = 1000
/** Between two steps of a long reading, so that calls are answered meanwhile. */
const NEXT_STEP_MS = 20

/** Opens the metrics of a console. */
export function openMetrics(parts: MetricsParts): Metrics {
  const { store, telemetry, version, startedAt, now } = parts
  const traffic = openFleetTraffic({ telemetry, nameOf: namesOf(store, now) })
  const gather = openGathering({ ...parts, traffic, otlp: () => exporter.counts() })
  const exporter: Exporter = openExporter({
    ...{ gather, now, logs: parts.logs, log: parts.log, random: parts.random, changed: parts.changed },
    ...(parts.post === undefined ? {} : { post: parts.post }),
    settings: () => store.otlpExport.get(),
    source: () => ({ fleet: parts.fleet(), version, startedAt }),
  })
  let timer: NodeJS.Timeout | null = null
  const countSoon = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = null
      if (!traffic.read()) countSoon(NEXT_STEP_MS)
    }, ms)
    timer.unref()
  }
  return {
    gather,
    scrape: (accept) => expose(gather(), accept),
    url: () => (parts.url() === null ? null : `${parts.url()}/metrics`),
    exporter,
    noteIngest: () => countSoon(COUNT_EVERY_MS),
    start() {
      traffic.begin()
      exporter.settle()
    },
    async stop() {
      if (timer !== null) clearTimeout(timer)
      await exporter.stop()
    },
  }
}

/** Names of bundles, read anew when one is asked for that is not among them: a version may have been imported since; one that nobody knows is asked for once a minute. */
function namesOf(
  store: Pick<FleetStore, 'versionNames'>,
  now: () => number,
): (digest: string) => { model: string; version: string } | null {
  let names = store.versionNames.byDigest()
  const missed = new Map<string, number>()
  return (digest) => {
    if (digest !== '' && !names.has(digest) && Math.abs(now() - (missed.get(digest) ?? -Infinity)) >= MISSED_MS) {
      names = store.versionNames.byDigest()
      if (missed.size >= MOST_MISSED) missed.clear()
      if (!names.has(digest)) missed.set(digest, now())
    }
    return names.get(digest) ?? null
  }
}
