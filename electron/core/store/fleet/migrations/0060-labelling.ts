import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * The labelling desk. A row that somebody has looked at is kept with all that a measure needs of it: samples in telemetry.db age and are
 * taken away, labels stay. Its state follows from the votes and a decision; it is stored, so that lists and sums do not read the votes.
 * `desk_act` is what each person did, for undo: `before` holds what stood there, as JSON, null where nothing did.
 * The input of a row is large and rarely read, so it has a table of its own.
 */
export const fleet0060: Migration = {
  id: 60,
  name: 'labelling',
  sql: `
CREATE TABLE desk_row (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  prediction TEXT NOT NULL,
  row INTEGER NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  predicted_at INTEGER NOT NULL,
  predicted TEXT,
  confidence REAL,
  weight REAL NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  actual TEXT,
  source TEXT,
  settled_at INTEGER,
  decision TEXT,
  decided_by TEXT,
  decided_at INTEGER
) STRICT;
CREATE UNIQUE INDEX desk_row_by_prediction ON desk_row (prediction, row, device);
CREATE INDEX desk_row_by_state ON desk_row (state, predicted_at);
CREATE INDEX desk_row_by_bundle ON desk_row (digest, predicted_at);

CREATE TABLE desk_input (
  desk_row INTEGER PRIMARY KEY REFERENCES desk_row (id) ON DELETE CASCADE,
  fields TEXT NOT NULL
) STRICT;

CREATE TABLE desk_vote (
  desk_row INTEGER NOT NULL REFERENCES desk_row (id) ON DELETE CASCADE,
  by TEXT NOT NULL,
  label TEXT,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (desk_row, by)
) STRICT, WITHOUT ROWID;

CREATE TABLE desk_act (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  by TEXT NOT NULL,
  desk_row INTEGER NOT NULL REFERENCES desk_row (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  before TEXT
) STRICT;
CREATE INDEX desk_act_by_person ON desk_act (by, id);
`,
}
