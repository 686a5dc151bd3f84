import type { RateWindow } from '../../../../shared/stats/canary/design-effect.ts'
import type { Look } from './evidence-parts.ts'
import { readTraffic, type TrafficCell } from './traffic.ts'

/** So much of its past a device is compared with. */
const PAST_MS = 3_600_000

/**
 * What the one device of a version did with it, beside what it did with the incumbent in the hour before: devices differ, and the others cannot say
 * how much this one does. Null: the version is on several devices or beside the incumbent, which tells both apart already, or the device has no such past.
 */
export function ownPast({ parts, question, scope, windows }: Look): { candidate: TrafficCell[]; incumbent: TrafficCell[] } | null {
  const [device] = scope.devices
  if (scope.devices.length !== 1 || question.method === 'split' || question.method === 'shadow') return null
  const before = readTraffic(
    parts,
    { ...question, from: question.from - PAST_MS, through: question.from },
    { devices: [device!], baseline: [], isSampled: false, incumbents: scope.incumbents },
  )
  const incumbent = before.flatMap((window) => window.incumbent)
  return incumbent.length === 0 ? null : { candidate: windows.flatMap(({ candidate }) => candidate), incumbent }
}

/** One window of both: the past of a device is at no time of the version. */
export function asWindow(past: ReturnType<typeof ownPast>, cell: (of: TrafficCell) => RateWindow['canary'][number]): RateWindow | null {
  return past === null ? null : { canary: past.candidate.map(cell), baseline: past.incumbent.map(cell) }
}
