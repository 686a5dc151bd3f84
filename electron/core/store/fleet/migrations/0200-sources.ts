import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** Where models come from, what was found there, where versions came from, and what is told back. */
export const fleet0200: Migration = {
  id: 200,
  name: 'sources',
  sql: `
CREATE TABLE model_source (
  source TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  secret TEXT,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  looked_at INTEGER,
  problem TEXT,
  tag_attempts INTEGER NOT NULL DEFAULT 0,
  tag_next_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE source_offer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL REFERENCES model_source (source) ON DELETE CASCADE,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  remote TEXT,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'imported', 'failed')),
  model TEXT,
  version TEXT,
  notes TEXT NOT NULL DEFAULT '[]',
  problem TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  found_at INTEGER NOT NULL,
  ended_at INTEGER,
  UNIQUE (source, name)
) STRICT;
CREATE INDEX source_offer_due ON source_offer (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE version_origin (
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  source TEXT NOT NULL,
  origin TEXT NOT NULL,
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (model, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_tag (
  source TEXT NOT NULL REFERENCES model_source (source) ON DELETE CASCADE,
  remote_model TEXT NOT NULL,
  remote_version TEXT NOT NULL,
  key TEXT NOT NULL,
  wanted TEXT NOT NULL,
  written TEXT,
  PRIMARY KEY (source, remote_model, remote_version, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_tag_unwritten ON source_tag (source) WHERE written IS NOT wanted;
`,
}
