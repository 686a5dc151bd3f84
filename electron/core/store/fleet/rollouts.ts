import type { RolloutState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'
import type { WriteDb } from '../open.ts'

/** What lists show of a rollout, as of its newest event. */
export interface RolloutRow {
  id: number
  name: string
  deployment: string
  model: string
  version: string
  isComparison: boolean
  state: RolloutState
  createdAt: number
  createdBy: string
  startedAt: number | null
  endedAt: number | null
  summary: RolloutSummary
}

type RawRollout = Omit<RolloutRow, 'isComparison' | 'summary'> & { isComparison: 0 | 1; summary: string }

/** Which rollouts a list shows. */
export interface RolloutFilter {
  states: readonly RolloutState[] | null
  deployment: string | null
  model: string | null
  isComparison: boolean | null
}

export type RolloutTable = ReturnType<typeof openRolloutTable>

const columns = `id, name, deployment, model, version, is_comparison AS isComparison, state, created_at AS createdAt, created_by AS createdBy,
  started_at AS startedAt, ended_at AS endedAt, summary`

/** Rollouts as lists show them; what they are follows from their events. */
export function openRolloutTable(db: WriteDb) {
  const one = db.prepare<[number], RawRollout>(`SELECT ${columns} FROM rollout WHERE id = ?`)
  const inStates = db.prepare<[string], RawRollout>(
    `SELECT ${columns} FROM rollout WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id`,
  )
  const watched = db
    .prepare<{ states: string; since: number }, number>(
      `SELECT id FROM rollout WHERE state IN (SELECT value FROM json_each(@states))
      UNION SELECT id FROM rollout WHERE state IN ('stopped', 'reverted') AND ended_at >= @since
      UNION SELECT id FROM rollout AS one WHERE state IN ('completed', 'stopped', 'reverted') AND NOT EXISTS (
        SELECT 1 FROM rollout AS later WHERE later.deployment = one.deployment AND (later.started_at, later.id) > (one.started_at, one.id)
          AND later.state NOT IN ('draft', 'awaiting-approval', 'reverted'))
      ORDER BY id`,
    )
    .pluck()
  const newestId = db.prepare<[], number | null>("SELECT seq FROM sqlite_sequence WHERE name = 'rollout'").pluck()
  const add = db.prepare(
    `INSERT INTO rollout (name, deployment, model, version, is_comparison, state, created_at, created_by, summary)
    VALUES ('', '', '', '', 0, 'draft', @createdAt, @createdBy, '{}')`,
  )
  const put = db.prepare(
    `UPDATE rollout SET name = @name, deployment = @deployment, model = @model, version = @version, is_comparison = @isComparison, state = @state,
      started_at = @startedAt, ended_at = @endedAt, summary = @summary WHERE id = @id`,
  )
  const remove = db.prepare('DELETE FROM rollout WHERE id = ?')
  return {
    find(id: number): RolloutRow | null {
      const raw = one.get(id)
      return raw === undefined ? null : fromRaw(raw)
    },
    /** By number. */
    inStates: (states: readonly RolloutState[]): RolloutRow[] => inStates.all(JSON.stringify(states)).map(fromRaw),
    /** Numbers of those in the states, of those that ended since a moment and may still give back, and of the last ones of each deployment. */
    watched: (states: readonly RolloutState[], since: number): number[] => watched.all({ states: JSON.stringify(states), since }),
    /** A page, the newest first, with the number of all that fit. */
    page(filter: RolloutFilter, page: { before: number | null; limit: number }): { rollouts: RolloutRow[]; total: number } {
      const conditions = [
        ...(filter.states === null ? [] : ['state IN (SELECT value FROM json_each(@states))']),
        ...(filter.deployment === null ? [] : ['deployment = @deployment']),
        ...(filter.model === null ? [] : ['model = @model']),
        ...(filter.isComparison === null ? [] : ['is_comparison = @isComparison']),
      ]
      const where = conditions.length === 0 ? 'TRUE' : conditions.join(' AND ')
      const values = { ...filter, states: JSON.stringify(filter.states), isComparison: filter.isComparison === true ? 1 : 0 }
      const before = page.before === null ? '' : ' AND id < @before'
      return {
        rollouts: db
          .prepare<[object], RawRollout>(`SELECT ${columns} FROM rollout WHERE ${where}${before} ORDER BY id DESC LIMIT @limit`)
          .all({ ...values, ...page })
          .map(fromRaw),
        total: db.prepare<[object], { total: number }>(`SELECT count(*) AS total FROM rollout WHERE ${where}`).get(values)!.total,
      }
    },
    /** The number that the next one gets. */
    next: (): number => (newestId.get() ?? 0) + 1,
    /** Makes an empty row. @returns its number */
    add: (of: { createdAt: number; createdBy: string }): number => Number(add.run(of).lastInsertRowid),
    put(row: Omit<RolloutRow, 'createdAt' | 'createdBy'>): void {
      put.run({ ...row, isComparison: row.isComparison ? 1 : 0, summary: JSON.stringify(row.summary) })
    },
    remove: (id: number): void => void remove.run(id),
  }
}

function fromRaw({ isComparison, summary, ...row }: RawRollout): RolloutRow {
  return { ...row, isComparison: isComparison === 1, summary: JSON.parse(summary) as RolloutSummary }
}
