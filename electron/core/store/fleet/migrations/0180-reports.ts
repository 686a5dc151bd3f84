import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** Reports that were made, the files they were written as, and when they are made by themselves. */
export const fleet0180: Migration = {
  id: 180,
  name: 'reports',
  sql: `
CREATE TABLE report_schedule (
  name TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  plan TEXT NOT NULL,
  is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  done_through INTEGER NOT NULL,
  failed_at INTEGER,
  problem TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE report (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('making', 'made', 'failed')),
  kind TEXT NOT NULL,
  question TEXT NOT NULL,
  schedule TEXT,
  asked_at INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  made_at INTEGER,
  title TEXT NOT NULL,
  sentence TEXT NOT NULL,
  data_hash TEXT,
  facts INTEGER NOT NULL,
  problem TEXT
) STRICT;
CREATE INDEX report_by_schedule ON report (schedule, id) WHERE schedule IS NOT NULL;

CREATE TABLE report_file (
  report INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
  format TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  PRIMARY KEY (report, format, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_file_by_hash ON report_file (sha256);
`,
}
