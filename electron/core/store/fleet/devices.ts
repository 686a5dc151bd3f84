import type { ReportedMessage } from '../../../../shared/protocol/reported.ts'
import type { PresenceMessage } from '../../../../shared/protocol/presence.ts'
import type { WriteDb } from '../open.ts'
import type { Roster } from './roster.ts'

export interface DeviceRow {
  device: string
  secretHash: string
  labels: Record<string, string>
  enrolledAt: number
  status: 'online' | 'offline' | 'never-seen'
  boot: string | null
  agentVersion: string | null
  lastSeenAt: number | null
  reported: ReportedMessage | null
  reportedAt: number | null
  /** Somebody has shut it out, or in; left out or null: neither. */
  shut?: 'revoked' | 'quarantined' | null
}

export type DeviceTable = ReturnType<typeof openDeviceTable>

/** The enrolled devices, with what they last said of themselves. */
export function openDeviceTable(db: WriteDb, roster: Roster) {
  const insert =
    db.prepare(`INSERT INTO device (device, secret_hash, labels, enrolled_at) VALUES (@device, @secretHash, @labels, @enrolledAt)
    ON CONFLICT (device) DO UPDATE SET secret_hash = excluded.secret_hash, labels = excluded.labels, status = 'never-seen', reported = NULL, reported_boot = NULL, reported_sequence = NULL`)
  const presence = db.prepare(
    'UPDATE device SET status = @status, boot = @boot, agent_version = @agentVersion, last_seen_at = @at WHERE device = @device',
  )
  const offlineIf = db.prepare(
    `UPDATE device SET status = 'offline', last_seen_at = @at WHERE device = @device AND boot = @boot AND status = 'online'`,
  )
  const cut = db.prepare(`UPDATE device SET status = 'offline', last_seen_at = ? WHERE device = ? AND status = 'online'`)
  const report =
    db.prepare(`UPDATE device SET reported = @reported, reported_boot = @boot, reported_sequence = @sequence, reported_at = @at, last_seen_at = @at, agent_version = @agentVersion
    WHERE device = @device AND (reported_boot IS NOT @boot OR reported_sequence < @sequence)`)
  const carried = db.prepare(`UPDATE device SET status = 'offline' WHERE device = ? AND status = 'never-seen'`)
  const setSecret = db.prepare('UPDATE device SET secret_hash = ? WHERE device = ?')
  const setLabels = db.prepare('UPDATE device SET labels = ? WHERE device = ?')
  const remove = db.prepare('DELETE FROM device WHERE device = ?')
  const allOffline = db.prepare(`UPDATE device SET status = 'offline' WHERE status = 'online'`)
  const counts = db.prepare<[], { enrolled: number; online: number }>(
    `SELECT count(*) AS enrolled, count(*) FILTER (WHERE status = 'online') AS online FROM device`,
  )

  return {
    /** By id. The rows are shared: they are read, never changed. */
    all: (): DeviceRow[] => roster.all().map((entry) => entry.row),
    find: (device: string): DeviceRow | null => roster.find(device),
    /** Adds a device, or gives an enrolled one a new secret. */
    enrol(row: { device: string; secretHash: string; labels: Record<string, string>; enrolledAt: number }): void {
      insert.run({ ...row, labels: JSON.stringify(row.labels) })
    },
    setSecret: (device: string, secretHash: string): void => void setSecret.run(secretHash, device),
    /** Notes a connection. An offline message counts only for the boot that is known as online: a late will of an older connection does not. */
    notePresence(message: PresenceMessage, at: number): boolean {
      if (message.status === 'offline') return offlineIf.run({ device: message.device, boot: message.boot, at }).changes > 0
      return (
        presence.run({ device: message.device, status: 'online', boot: message.boot, agentVersion: message.agentVersion, at }).changes > 0
      )
    },
    /** Stores a report unless it is older than the one that is known. */
    noteReport(message: ReportedMessage, at: number): boolean {
      const { device, boot, sequence } = message
      return (
        report.run({ device, boot, sequence, at, agentVersion: message.facts.agentVersion, reported: JSON.stringify(message) }).changes > 0
      )
    },
    /** Stores a report that a person carried here: the device was heard of, and is not connected. */
    noteCarriedReport(message: ReportedMessage, at: number): void {
      this.noteReport(message, at)
      carried.run(message.device)
    },
    setLabels: (device: string, labels: Record<string, string>): void => void setLabels.run(JSON.stringify(labels), device),
    remove: (device: string): boolean => remove.run(device).changes > 0,
    /** The connection of a device was cut, whatever it says itself. */
    noteCut: (device: string, at: number): void => void cut.run(at, device),
    /** At a start nobody is connected yet. */
    noteAllOffline: (): void => void allOffline.run(),
    counts: (): { enrolled: number; online: number } => counts.get()!,
  }
}
