import type { ReportDocument } from '../../../shared/domain/report/document.ts'
import type { FactDifference } from '../../../shared/domain/report/facts.ts'
import type { ReportMove } from '../../../shared/rpc/contract/reports.ts'
import { counted } from './draft.ts'
import type { ReportSources } from './sources.ts'

const MINUTE_MS = 60_000
/** A large report takes a while: what came while it was being made may be in one half of it. */
const MAKING_MS = 5 * MINUTE_MS

/** What people do that changes what the store says of a time before. */
const acts: Partial<Record<string, { kind: ReportMove['kind']; what: [one: string, many: string] }>> = {
  'costs.setSheet': { kind: 'prices', what: ['change of the price sheet', 'changes of the price sheet'] },
  'privacy.erase': { kind: 'erased', what: ['person was erased', 'people were erased'] },
  'labelling.label': { kind: 'late', what: ['label was given at the desk', 'labels were given at the desk'] },
  'labelling.undo': { kind: 'late', what: ['label was taken back at the desk', 'labels were taken back at the desk'] },
  'labelling.settle': { kind: 'late', what: ['label was decided at the desk', 'labels were decided at the desk'] },
  'labelling.import': { kind: 'late', what: ['file of labels was imported', 'files of labels were imported'] },
}

/** What is known to have changed in the store since a report was made, and of which devices. */
export interface StoreMoves {
  moves: ReportMove[]
  /** Devices whose records came later; null: what moved may concern any device. */
  devices: ReadonlySet<string> | null
}

/** Looks what can have changed the values of a report since it was made. */
export function movesSince({ store, telemetry, now }: ReportSources, document: ReportDocument): StoreMoves {
  const { question, devices, madeAt } = document
  const late = telemetry.lateRecords({ devices, from: question.from, through: question.through, after: madeAt - MAKING_MS })
  const moves: ReportMove[] = []
  if (late.length > 0) {
    const records = late.reduce((sum, one) => sum + one.records, 0)
    moves.push({
      kind: 'late',
      note: `${counted(records, 'record', 'records')} of ${counted(late.length, 'device', 'devices')} came later`,
    })
  }
  for (const { action, entries } of store.reportRows.actionsWithin({ from: madeAt, through: now() + 1 })) {
    const act = acts[action]
    if (act !== undefined) moves.push({ kind: act.kind, note: counted(entries, ...act.what) })
  }
  return {
    moves,
    devices: moves.every(({ kind }) => kind === 'late') && late.length > 0 ? new Set(late.map(({ device }) => device)) : null,
  }
}

/** True if nothing that moved explains a difference: it stands at a device that nothing came of. */
export function isUnexplained(
  { place }: Pick<FactDifference, 'place'>,
  { moves, devices }: StoreMoves,
  known: ReadonlySet<string>,
): boolean {
  if (moves.length === 0) return true
  if (devices === null) return false
  const named = place.split('/').filter((part) => known.has(part))
  return named.length > 0 && !named.some((device) => devices.has(device))
}
