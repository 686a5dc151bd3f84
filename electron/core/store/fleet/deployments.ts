import type { WriteDb } from '../open.ts'

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

const deploymentColumns = 'device, deployment, digest, model, version, ordered_at AS orderedAt'
const assignmentColumns = 'device, counter, issued_at AS issuedAt, expires_at AS expiresAt, config, message'

/** Desired state: what fills which deployment of which device, and the signed assignment that says so. */
export function openDeploymentTable(db: WriteDb) {
  const ofDevice = db.prepare<[string], DeploymentRow>(`SELECT ${deploymentColumns} FROM deployment WHERE device = ? ORDER BY deployment`)
  const all = db.prepare<[], DeploymentRow>(`SELECT ${deploymentColumns} FROM deployment ORDER BY device, deployment`)
  const put =
    db.prepare(`INSERT INTO deployment (device, deployment, digest, model, version, ordered_at) VALUES (@device, @deployment, @digest, @model, @version, @orderedAt)
    ON CONFLICT (device, deployment) DO UPDATE SET digest = excluded.digest, model = excluded.model, version = excluded.version, ordered_at = excluded.ordered_at`)
  const assignment = db.prepare<[string], AssignmentRow>(`SELECT ${assignmentColumns} FROM assignment WHERE device = ?`)
  const putAssignment =
    db.prepare(`INSERT INTO assignment (device, counter, issued_at, expires_at, config, message) VALUES (@device, @counter, @issuedAt, @expiresAt, @config, @message)
    ON CONFLICT (device) DO UPDATE SET counter = excluded.counter, issued_at = excluded.issued_at, expires_at = excluded.expires_at, config = excluded.config, message = excluded.message`)
  const remove = db.prepare('DELETE FROM deployment WHERE device = ? AND deployment = ?')
  return {
    ofDevice: (device: string): DeploymentRow[] => ofDevice.all(device),
    all: (): DeploymentRow[] => all.all(),
    put: (row: DeploymentRow): void => void put.run(row),
    remove: (device: string, deployment: string): boolean => remove.run(device, deployment).changes > 0,
    assignment: (device: string): AssignmentRow | null => assignment.get(device) ?? null,
    putAssignment: (row: AssignmentRow): void => void putAssignment.run(row),
  }
}
