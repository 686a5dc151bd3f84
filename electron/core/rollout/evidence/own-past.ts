import type { RateWindow } from '../../../../shared/stats/canary/design-effect.ts'
import type { Look } from './evidence-parts.ts'
import { isTwoSided, readTraffic, type TrafficCell } from './traffic.ts'

/** So much of its past a device is compared with at least. */
const LEAST_PAST_MS = 3_600_000

/**
 * What the one device of a version did with it, beside what it did with the incumbent before: devices differ, and the others cannot say how much this one
 * does. Of several devices with the version, those count that answer. The past is as long as the time of the version, an hour at least: of a shorter one
 * the evidence would stay as weak as it is, however long one waits. Null: the version answers on several devices or beside the incumbent, which tells both
 * apart already, or the device has no such past.
 */
export function ownPast({ parts, question, scope, windows }: Look): { candidate: TrafficCell[]; incumbent: TrafficCell[] } | null {
  if (question.method === 'split' || question.method === 'shadow') return null
  const answering = new Set(
    windows.filter(isTwoSided).flatMap(({ candidate }) => candidate.filter(hasAnswered).map(({ device }) => device)),
  )
  const [device] = answering
  if (device === undefined || answering.size > 1) return null
  const span = Math.max(LEAST_PAST_MS, question.through - question.from)
  const before = readTraffic(
    parts,
    { ...question, from: question.from - span, through: question.from },
    { devices: [device], baseline: [], isSampled: false, incumbents: scope.incumbents },
  )
  const incumbent = before.flatMap((window) => window.incumbent)
  const candidate = windows.flatMap((window) => window.candidate).filter((cell) => cell.device === device)
  return incumbent.length === 0 ? null : { candidate, incumbent }
}

function hasAnswered({ requests }: TrafficCell): boolean {
  return requests > 0
}

/** One window of both: the past of a device is at no time of the version. */
export function asWindow(past: ReturnType<typeof ownPast>, cell: (of: TrafficCell) => RateWindow['canary'][number]): RateWindow | null {
  return past === null ? null : { canary: past.candidate.map(cell), baseline: past.incumbent.map(cell) }
}
