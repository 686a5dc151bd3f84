import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * The trust metadata of the fleet, as the exact bytes that were signed; the keys of people by their public halves, and the rehearsals with them.
 * Roots are kept for ever (a device that was away follows them one by one), of the others the last few.
 */
export const fleet0110: Migration = {
  id: 110,
  name: 'trust',
  sql: `
CREATE TABLE trust_metadata (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  version INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX trust_metadata_by_role ON trust_metadata (role, version);

CREATE TABLE trust_key (
  key_id TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  label TEXT NOT NULL,
  public_key TEXT NOT NULL,
  kept TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE trust_drill (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  key_id TEXT NOT NULL,
  problem TEXT
) STRICT;
CREATE INDEX trust_drill_by_key ON trust_drill (key_id, id);
`,
}
