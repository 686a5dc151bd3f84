import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Baselines of devices: what a device counted in its first healthy time with a bundle, frozen. Without counts a row says from when on the
 * next one may be taken, because somebody forgot the one before.
 */
export const fleet0070: Migration = {
  id: 70,
  name: 'device-baselines',
  sql: `
CREATE TABLE device_baseline (
  device TEXT NOT NULL REFERENCES device (device) ON DELETE CASCADE,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  through_at INTEGER,
  counts TEXT,
  set_at INTEGER NOT NULL,
  set_by TEXT,
  PRIMARY KEY (device, deployment, digest)
) STRICT, WITHOUT ROWID;
`,
}
