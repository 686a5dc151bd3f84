import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Fields that are marked personal, and people who were erased. A subject is kept only as the hash that devices make of it.
 * `privacy_erasure_device` holds who has been told to take a subject out, and when it was: a device that is away keeps its row.
 */
export const fleet0150: Migration = {
  id: 150,
  name: 'privacy',
  sql: `
CREATE TABLE privacy_field (
  field TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  mask TEXT NOT NULL,
  reason TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE privacy_erasure (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  by TEXT NOT NULL,
  at INTEGER NOT NULL,
  done_at INTEGER,
  found TEXT NOT NULL DEFAULT '{}',
  problem TEXT
) STRICT;

CREATE TABLE privacy_erasure_device (
  erasure INTEGER NOT NULL REFERENCES privacy_erasure (id) ON DELETE CASCADE,
  device TEXT NOT NULL,
  confirmed_at INTEGER,
  PRIMARY KEY (erasure, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX privacy_erasure_pending ON privacy_erasure_device (device) WHERE confirmed_at IS NULL;

ALTER TABLE desk_row ADD COLUMN subject TEXT;
CREATE INDEX desk_row_of_subject ON desk_row (subject) WHERE subject IS NOT NULL;
`,
}
