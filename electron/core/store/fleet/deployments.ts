import type { WriteDb } from '../open.ts'
import type { Roster } from './roster.ts'

export interface DeploymentRow {
  device: string
  deployment: string
  digest: string
  model: string
  version: string
  orderedAt: number
}

export interface AssignmentRow {
  device: string
  counter: number
  issuedAt: number
  expiresAt: number
  /** JSON of the runtime configuration that was signed. */
  config: string
  /** JSON of the `desired` message that was signed and is re-sent as it is. */
  message: string
}

export type DeploymentTable = ReturnType<typeof openDeploymentTable>

const assignmentColumns = 'device, counter, issued_at AS issuedAt, expires_at AS expiresAt, config, message'

/** Desired state: what fills which deployment of which device, and the signed assignment that says so. */
export function openDeploymentTable(db: WriteDb, roster: Roster) {
  const put =
    db.prepare(`INSERT INTO deployment (device, deployment, digest, model, version, ordered_at) VALUES (@device, @deployment, @digest, @model, @version, @orderedAt)
    ON CONFLICT (device, deployment) DO UPDATE SET digest = excluded.digest, model = excluded.model, version = excluded.version, ordered_at = excluded.ordered_at`)
  const assignment = db.prepare<[string], AssignmentRow>(`SELECT ${assignmentColumns} FROM assignment WHERE device = ?`)
  const putAssignment =
    db.prepare(`INSERT INTO assignment (device, counter, issued_at, expires_at, config, message) VALUES (@device, @counter, @issuedAt, @expiresAt, @config, @message)
    ON CONFLICT (device) DO UPDATE SET counter = excluded.counter, issued_at = excluded.issued_at, expires_at = excluded.expires_at, config = excluded.config, message = excluded.message`)
  const remove = db.prepare('DELETE FROM deployment WHERE device = ? AND deployment = ?')
  return {
    /** By name. */
    ofDevice: (device: string): readonly DeploymentRow[] => roster.ordersOf(device),
    /** By device, then by name. */
    all: (): DeploymentRow[] => roster.all().flatMap((entry) => entry.orders),
    put: (row: DeploymentRow): void => void put.run(row),
    remove: (device: string, deployment: string): boolean => remove.run(device, deployment).changes > 0,
    assignment: (device: string): AssignmentRow | null => assignment.get(device) ?? null,
    putAssignment: (row: AssignmentRow): void => void putAssignment.run(row),
  }
}
