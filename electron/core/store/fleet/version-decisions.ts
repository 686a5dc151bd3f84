import type { VersionAct, VersionStage } from '../../../../shared/domain/version-stage.ts'
import type { WriteDb } from '../open.ts'

export interface DecisionRow {
  model: string
  version: string
  at: number
  actor: string
  act: VersionAct
  from: VersionStage
  to: VersionStage
  why: string
  isDespiteGates: boolean
  /** JSON of how the gates stood when it was approved. */
  gates: string
}

/** What stages follow from, of one version. */
export interface StandingRow {
  model: string
  version: string
  digest: string
  importedAt: number
  importedBy: string | null
  /** When it was evaluated first; null: it never was. */
  evaluatedAt: number | null
  /** Stage that the newest decision made; null: there is none. */
  decided: VersionStage | null
  decidedAt: number | null
  /** What was decided last of approving it and withdrawing it; null: neither was. */
  verdict: 'approve' | 'withdraw' | null
}

export type VersionDecisionTable = ReturnType<typeof openVersionDecisionTable>

type StoredDecision = Omit<DecisionRow, 'isDespiteGates'> & { isDespiteGates: number }

const newest = 'FROM version_decision d WHERE d.model = v.model AND d.version = v.version'
const standing = `SELECT v.model, v.version, v.digest, v.imported_at AS importedAt, v.imported_by AS importedBy,
    (SELECT MIN(e.evaluated_at) FROM evaluation e WHERE e.digest = v.digest) AS evaluatedAt,
    (SELECT d.to_stage ${newest} ORDER BY d.id DESC LIMIT 1) AS decided,
    (SELECT d.at ${newest} ORDER BY d.id DESC LIMIT 1) AS decidedAt,
    (SELECT d.act ${newest} AND d.act IN ('approve', 'withdraw') ORDER BY d.id DESC LIMIT 1) AS verdict
  FROM model_version v`

/** Decisions about versions; they are only added. */
export function openVersionDecisionTable(db: WriteDb) {
  const add = db.prepare(`INSERT INTO version_decision (model, version, at, actor, act, from_stage, to_stage, why, is_despite_gates, gates)
    VALUES (@model, @version, @at, @actor, @act, @from, @to, @why, @isDespiteGates, @gates)`)
  const of = db.prepare<[string, string, number], StoredDecision>(`SELECT model, version, at, actor, act, from_stage AS "from",
    to_stage AS "to", why, is_despite_gates AS isDespiteGates, gates FROM version_decision WHERE model = ? AND version = ? ORDER BY id DESC LIMIT ?`)
  const one = db.prepare<[string, string], StandingRow>(`${standing} WHERE v.model = ? AND v.version = ?`)
  const all = db.prepare<[], StandingRow>(`${standing} ORDER BY v.model, v.imported_at, v.version`)
  return {
    add: (row: DecisionRow): void => void add.run({ ...row, isDespiteGates: row.isDespiteGates ? 1 : 0 }),
    /** The newest first. */
    of: (model: string, version: string, limit: number): DecisionRow[] =>
      of.all(model, version, limit).map((row) => ({ ...row, isDespiteGates: row.isDespiteGates !== 0 })),
    standing: (model: string, version: string): StandingRow | null => one.get(model, version) ?? null,
    standings: (): StandingRow[] => all.all(),
  }
}

/** The stage of a version: what its newest decision made, else what follows from whether it was evaluated. */
export function stageOfRow({ decided, evaluatedAt }: Pick<StandingRow, 'decided' | 'evaluatedAt'>): VersionStage {
  // A draft that was decided on and evaluated since stays where the decision put it.
  return decided ?? (evaluatedAt === null ? 'draft' : 'evaluated')
}
