import { liveRolloutStates } from '../../../shared/domain/rollout/life.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { backupTrouble } from '../backup/sentence.ts'
import { countHealth } from '../devices/table.ts'
import { loudAlerts } from '../overview/alert-lines.ts'
import { needsAttention } from '../overview/attention.ts'
import { figuresOf } from '../overview/figures.ts'
import { fleetSentence } from '../overview/sentence.ts'
import { fieldVersions, versionsOverTime } from '../overview/versions.ts'
import { newestPlace } from '../store/telemetry/event-place.ts'
import { gridOf } from '../store/telemetry/grid.ts'
import { MINUTE_MS, minuteOf } from '../store/telemetry/minute-sums.ts'
import { nameOf } from './named-series.ts'
import type { ApiParts } from './parts.ts'

const periods = { '1h': 3_600_000, '24h': 86_400_000 } as const
const BUCKETS = 60
const RECENT_EVENTS = 20
/** Events of devices whose clock runs further ahead would stand in front of all others for ever. */
const CLOCK_AHEAD_MS = 300_000

/** Handler of `overview.show`. */
export function overviewHandlers(parts: ApiParts): Pick<Handlers, 'overview.show'> {
  const { store, telemetry } = parts
  return {
    'overview.show': ({ period }) => {
      const at = parts.now()
      const entries = store.roster.all()
      const counts = countHealth(entries)
      const versions = fieldVersions(entries)
      const hub = parts.hub()
      const alerts = loudAlerts(store.alerts.open())
      const { dataDirectory } = parts
      // Its alert tells it already.
      const isBackupTold = alerts.some(({ rule }) => rule === 'backup-failed')
      const backup = isBackupTold ? null : backupTrouble(parts.backups, { dataDirectory, now: at, devices: entries.length })
      const problems = { broker: hub.broker.problem, store: store.writeProblem() ?? hub.counters.problem, backup }
      const rollouts = liveRollouts(parts)
      const { shown, total, ofAlerts, ofRollouts } = needsAttention(entries, { problems, alerts, rollouts }, at)
      // The last bucket ends with the running minute.
      const through = (minuteOf(at) + 1) * MINUTE_MS
      const grid = gridOf({ from: through - periods[period], through, buckets: BUCKETS }, MINUTE_MS)
      const names = store.versionNames.byDigest()
      const requests = telemetry.versionRequests(grid).map((row) => ({ ...row, ...nameOf(names, row.digest) }))
      return {
        at,
        fleetName: store.settings.get('fleetName') ?? parts.fleet,
        sentence: fleetSentence({
          ...{ counts, versions, models: names.size, troubles: total - ofAlerts - ofRollouts, alerts: alerts.length, rollouts },
        }),
        devices: entries.length,
        online: entries.filter(({ row }) => row.status === 'online').length,
        models: names.size,
        counts,
        needsAttention: shown,
        attentionTotal: total,
        versions,
        versionsOverTime: versionsOverTime(requests, grid),
        figures: figuresOf(telemetry, at),
        recentEvents: telemetry
          .eventsOfFleet({
            ...{ devices: null, before: newestPlace, until: at + CLOCK_AHEAD_MS },
            ...{ severity: 'info', limit: RECENT_EVENTS },
          })
          .map(({ at: happenedAt, device, name, severity, message, code }) => ({ at: happenedAt, device, name, severity, message, code })),
      }
    },
  }
}

/** Rollouts that have devices in their hand, and those that wait for approval; the newest first. */
function liveRollouts({ store }: Pick<ApiParts, 'store'>): RolloutSummary[] {
  return store.rollouts
    .inStates(['awaiting-approval', ...liveRolloutStates])
    .map(({ summary }) => summary)
    .reverse()
}
