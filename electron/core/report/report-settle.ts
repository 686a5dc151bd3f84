import { messageOf } from '../../../shared/domain/problem.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { ReportDeskParts } from './report-desk.ts'
import type { ReportFiles } from './report-files.ts'

type Kept = Pick<ReportDeskParts, 'store' | 'log'>

/** Notes in the caller's transaction that files have no row any more: a file that is open now is removed later, and not forgotten. */
export function noteRemoved({ settings }: Pick<FleetStore, 'settings'>, reports: readonly number[]): void {
  settings.set('removedReports', [...new Set([...(settings.get('removedReports') ?? []), ...reports])])
}

/** Removes the files of a report that was not made, or of which no row is left. @returns false: the disk does not let go of them now */
export function dropFiles({ store, log }: Kept, files: ReportFiles, report: number): boolean {
  try {
    if (store.reports.find(report)?.state === 'made') return true
    files.remove(report)
    return true
  } catch (error) {
    log('warn', 'files of a report could not be removed yet', { report, reason: messageOf(error) })
    return false
  }
}

/** Notes that a report was not made, and takes away what there is of it. @returns false: the store takes no word now */
export function noteFailed({ store, log }: Kept, files: ReportFiles, { report, problem }: { report: number; problem: string }): boolean {
  try {
    // One that was made stays, whatever failed after it.
    if (store.reports.find(report)?.state !== 'making') return true
    store.transact(() => store.reports.failed(report, problem.slice(0, 2000)))
    return true
  } catch (error) {
    log('error', 'that a report could not be made was not noted yet', { report, reason: messageOf(error) })
    return false
  } finally {
    dropFiles({ store, log }, files, report)
  }
}

/**
 * Brings to an end what a full disk, an open file or a kill has left: rows that no job works on, files of what was not made or was removed.
 * A folder without any row is left alone: the store may have been restored to a day before it, and come back.
 */
export function settleReports(
  parts: ReportDeskParts,
  files: ReportFiles,
  { isBeingMade, unnoted }: { isBeingMade(report: number): boolean; unnoted: Map<number, string> },
): void {
  const { store, log } = parts
  try {
    for (const report of store.reports.inState('making')) {
      if (isBeingMade(report)) continue
      const problem = unnoted.get(report) ?? 'The console could not note how it ended.'
      if (noteFailed(parts, files, { report, problem })) unnoted.delete(report)
    }
    const failed = new Set(store.reports.inState('failed'))
    for (const report of files.numbers()) if (failed.has(report)) dropFiles(parts, files, report)
    const before = store.settings.get('removedReports') ?? []
    const left = before.filter((report) => !dropFiles(parts, files, report))
    if (left.length < before.length) store.transact(() => store.settings.set('removedReports', left))
  } catch (error) {
    log('error', 'what is left of reports was not taken away', { reason: messageOf(error) })
  }
}
