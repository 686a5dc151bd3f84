import type { ApiParts } from '../api/parts.ts'
import { privacyRecord } from '../privacy/record.ts'
import { openReportClock, type ReportClock } from './report-clock.ts'
import { openReportDesk, type ReportDesk, type ReportDeskParts } from './report-desk.ts'

/** The reports of a console. */
export interface Reports {
  readonly desk: ReportDesk
  /** Looks from time to time which reports of schedules are due. @returns the end of it */
  start(): () => void
}

/** Opens the reports of a console. @param parts asked for at the first use: the console is built meanwhile */
export function openReports(parts: () => ApiParts): Reports {
  let opened: { desk: ReportDesk; clock: ReportClock } | null = null
  const open = (): NonNullable<typeof opened> => {
    if (opened === null) {
      const own = partsOf(parts())
      const desk = openReportDesk(own)
      opened = { desk, clock: openReportClock(own, desk) }
    }
    return opened
  }
  return {
    get desk() {
      return open().desk
    },
    start: () => open().clock.start(),
  }
}

function partsOf(parts: ApiParts): ReportDeskParts {
  const { store, telemetry, monitor, costs, version, now, keyring, jobs, dataDirectory, log } = parts
  return {
    ...{ store, telemetry, monitor, costs, version, now, keyring, jobs, dataDirectory, log },
    record: () => privacyRecord(parts),
    deskQuality: (slice, cut) => parts.desk.quality(slice, cut),
    // The fleet may get another name, or id, while the console runs.
    fleetName: () => store.settings.get('fleetName') ?? parts.fleet,
    changed: () => parts.changed('reports', 'jobs'),
  }
}
