import { offlineGate, type OfflineGate } from '../../../shared/rpc/contract/approvals.ts'

/** A gate as it stands in the editor: its number may be half written. */
export interface GateDraft {
  metric: string
  kind: OfflineGate['kind']
  value: number | ''
}

/** Kinds of gates, in words. */
export const gateKinds: readonly { value: OfflineGate['kind']; label: string }[] = [
  { value: 'at-least', label: 'at least' },
  { value: 'at-most', label: 'at most' },
  { value: 'not-worse', label: 'not worse than the incumbent by more than' },
]

/** Metrics that evaluations have, for the list of suggestions. */
export const gateMetrics = ['accuracy', 'macroF1', 'weightedF1', 'balancedAccuracy', 'mcc', 'kappa', 'logLoss', 'r2', 'mae', 'rmse', 'mape']

export const freshGate: GateDraft = { metric: 'accuracy', kind: 'not-worse', value: 0.02 }

/** A gate for the editor. */
export function draftOf({ metric, kind, value }: OfflineGate): GateDraft {
  return { metric, kind, value }
}

/** The gates as the core takes them; null: one of them is not complete. */
export function gatesOf(drafts: readonly GateDraft[]): OfflineGate[] | null {
  const parsed = drafts.map((draft) => offlineGate.safeParse({ ...draft, metric: draft.metric.trim() }))
  const gates = parsed.flatMap(({ data }) => (data === undefined || data.metric === '' ? [] : [data]))
  return gates.length === drafts.length ? gates : null
}

/** True if both say the same, in the same order. */
export function isSameGates(a: readonly OfflineGate[], b: readonly OfflineGate[]): boolean {
  const told = (gates: readonly OfflineGate[]): string => JSON.stringify(gates.map(({ metric, kind, value }) => [metric, kind, value]))
  return told(a) === told(b)
}
