import type { WriteDb } from '../open.ts'
import type { Roster } from './roster.ts'
import type { Terms, Wanted } from './terms.ts'

export interface DeploymentRow {
  device: string
  deployment: string
  digest: string
  model: string
  version: string
  orderedAt: number
  /** Counter of the assignment that asked for it; null: the next one does, or it is from before that was kept. */
  asked: number | null
  terms: Terms
  /** A second bundle of the deployment; null: none. */
  beside: OrderedBeside | null
}

/** A second bundle as it is ordered. */
export type OrderedBeside = Wanted & Pick<DeploymentRow, 'orderedAt' | 'asked'>

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
    db.prepare(`INSERT INTO deployment (device, deployment, digest, model, version, ordered_at, asked, terms) VALUES (@device, @deployment, @digest, @model, @version, @orderedAt, @asked, @terms)
    ON CONFLICT (device, deployment) DO UPDATE SET digest = excluded.digest, model = excluded.model, version = excluded.version, ordered_at = excluded.ordered_at, asked = excluded.asked, terms = excluded.terms`)
  const putBeside = db.prepare(`INSERT OR REPLACE INTO beside (device, deployment, digest, model, version, role, terms, ordered_at, asked)
    VALUES (@device, @deployment, @digest, @model, @version, @role, @terms, @orderedAt, @asked)`)
  const removeBeside = db.prepare('DELETE FROM beside WHERE device = ? AND deployment = ?')
  const signedConfig = db.prepare<[string], string>('SELECT config FROM assignment WHERE device = ?').pluck()
  const signedConfigs = db.prepare<[], { device: string; config: string }>('SELECT device, config FROM assignment')
  const assignment = db.prepare<[string], AssignmentRow>(`SELECT ${assignmentColumns} FROM assignment WHERE device = ?`)
  const newestIssuedAt = db.prepare<[], number | null>('SELECT max(issued_at) FROM assignment').pluck()
  const putAssignment =
    db.prepare(`INSERT INTO assignment (device, counter, issued_at, expires_at, config, message) VALUES (@device, @counter, @issuedAt, @expiresAt, @config, @message)
    ON CONFLICT (device) DO UPDATE SET counter = excluded.counter, issued_at = excluded.issued_at, expires_at = excluded.expires_at, config = excluded.config, message = excluded.message`)
  const remove = db.prepare('DELETE FROM deployment WHERE device = ? AND deployment = ?')
  return {
    /** By name. */
    ofDevice: (device: string): readonly DeploymentRow[] => roster.ordersOf(device),
    /** By device, then by name. */
    all: (): DeploymentRow[] => roster.all().flatMap((entry) => entry.orders),
    /** Writes the row and what stands beside it. */
    put({ beside, terms, ...row }: DeploymentRow): void {
      put.run({ ...row, terms: JSON.stringify(terms) })
      if (beside === null) removeBeside.run(row.device, row.deployment)
      else putBeside.run({ ...beside, device: row.device, deployment: row.deployment, terms: JSON.stringify(beside.terms) })
    },
    remove: (device: string, deployment: string): boolean => remove.run(device, deployment).changes > 0,
    /** The newest time that an order was signed with: to its device a lower bound of now; null: there are no orders. */
    newestIssuedAt: (): number | null => newestIssuedAt.get() ?? null,
    assignment: (device: string): AssignmentRow | null => assignment.get(device) ?? null,
    /** JSON of the runtime configuration that was signed last; null: nothing was. */
    signedConfig: (device: string): string | null => signedConfig.get(device) ?? null,
    /** The same of all devices. */
    signedConfigs: (): Map<string, string> => new Map(signedConfigs.all().map(({ device, config }) => [device, config])),
    putAssignment: (row: AssignmentRow): void => void putAssignment.run(row),
  }
}
