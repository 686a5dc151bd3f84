import type { WriteDb } from '../open.ts'

/** A device that waits after it failed too often with a version. */
export interface PenaltyRow {
  device: string
  model: string
  version: string
  digest: string
  failures: number
  until: number
  problem: { code: string; message: string } | null
  rollout: number | null
}

type RawPenalty = Omit<PenaltyRow, 'problem'> & { problem: string | null }

export type PenaltyTable = ReturnType<typeof openPenaltyTable>

const columns = 'device, model, version, digest, failures, until, problem, rollout'

/** Devices that wait, by version; they outlive the rollout that they failed in. */
export function openPenaltyTable(db: WriteDb) {
  const put = db.prepare(
    `INSERT OR REPLACE INTO device_penalty (${columns}) VALUES (@device, @model, @version, @digest, @failures, @until, @problem, @rollout)`,
  )
  const untilOf = db.prepare<[string, string], number>('SELECT until FROM device_penalty WHERE device = ? AND digest = ?').pluck()
  const pending = db.prepare<[number], RawPenalty>(`SELECT ${columns} FROM device_penalty WHERE until > ? ORDER BY until, device`)
  const ofDigest = db.prepare<[string], RawPenalty>(`SELECT ${columns} FROM device_penalty WHERE digest = ? ORDER BY device`)
  const lift = db.prepare('DELETE FROM device_penalty WHERE device = ? AND model = ? AND version = ?')
  return {
    put: (row: PenaltyRow): void => void put.run({ ...row, problem: row.problem === null ? null : JSON.stringify(row.problem) }),
    /** When it ends; null: there is none. */
    untilOf: (device: string, digest: string): number | null => untilOf.get(device, digest) ?? null,
    /** Those that are not over, the first to end first. */
    pending: (now: number): PenaltyRow[] => pending.all(now).map(fromRaw),
    ofDigest: (digest: string): PenaltyRow[] => ofDigest.all(digest).map(fromRaw),
    /** @returns true if there was one */
    lift: (device: string, model: string, version: string): boolean => lift.run(device, model, version).changes > 0,
  }
}

function fromRaw({ problem, ...row }: RawPenalty): PenaltyRow {
  return { ...row, problem: problem === null ? null : (JSON.parse(problem) as PenaltyRow['problem']) }
}
