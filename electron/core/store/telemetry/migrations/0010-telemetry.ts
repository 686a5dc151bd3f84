import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * First schema of telemetry.db. A spool gets a small integer, so that the key (device, spool, seq) of every record costs two integers.
 * Rowid tables with an index in place of a clustered key: inserts in arrival order are 2.4 to 2.7 times faster.
 */
export const telemetry0010: Migration = {
  id: 10,
  name: 'telemetry',
  sql: `
CREATE TABLE spool (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  spool TEXT NOT NULL,
  through INTEGER NOT NULL DEFAULT 0,
  first_received_at INTEGER NOT NULL,
  last_received_at INTEGER NOT NULL,
  clock_offset_ms INTEGER,
  UNIQUE (device, spool)
) STRICT;

CREATE TABLE window (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  boot TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  errors_by_cause TEXT NOT NULL,
  latency TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX window_by_record ON window (spool, seq);
CREATE INDEX window_by_subject ON window (device, deployment, digest, started_at);
CREATE INDEX window_by_time ON window (started_at);

CREATE TABLE labels (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  items INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX labels_by_record ON labels (spool, seq);

CREATE TABLE label (
  device TEXT NOT NULL,
  prediction TEXT NOT NULL,
  row INTEGER NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  predicted_at INTEGER NOT NULL,
  predicted TEXT NOT NULL,
  actual TEXT NOT NULL,
  correct INTEGER,
  absolute_error REAL,
  confidence REAL,
  spool INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (device, prediction, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_by_subject ON label (device, deployment, digest, predicted_at);

CREATE TABLE sample (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  prediction TEXT NOT NULL,
  predicted_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sample_by_record ON sample (spool, seq);
CREATE INDEX sample_by_subject ON sample (device, deployment, predicted_at);

CREATE TABLE event (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  severity TEXT NOT NULL,
  code TEXT,
  message TEXT NOT NULL,
  detail TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_by_record ON event (spool, seq);
CREATE INDEX event_by_device ON event (device, at);

CREATE TABLE resources (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX resources_by_record ON resources (spool, seq);
CREATE INDEX resources_by_device ON resources (device, at);

CREATE TABLE dropped (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  from_seq INTEGER NOT NULL,
  through_seq INTEGER NOT NULL,
  records INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX dropped_by_record ON dropped (spool, seq);

CREATE TABLE quarantine (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX quarantine_by_record ON quarantine (spool, seq);
`,
}
