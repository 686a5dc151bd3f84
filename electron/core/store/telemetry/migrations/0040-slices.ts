import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Small windows, distributions, and sums of both per 5 minutes, hour and day.
 *
 * `window` and `distribution` are only appended to: `id` grows with arrival, so "everything above the cursor of `fold`" is what no sum has
 * counted. It is a declared key, because SQLite may renumber a rowid without one. Names are small numbers here; `device` 0 of a sum is the fleet.
 * Sums and labels are brought up by the writer afterwards, in small steps: until then questions read the rows themselves.
 * `pack_sketch` is a function of the writer's connection (see minute-sums.ts).
 */
export const telemetry0040: Migration = {
  id: 40,
  name: 'slices',
  sql: `
CREATE TABLE device (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE boot (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE subject (
  id INTEGER PRIMARY KEY,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  UNIQUE (deployment, digest, model, version)
) STRICT;

INSERT INTO device (name) SELECT DISTINCT device FROM spool ORDER BY device;
INSERT OR IGNORE INTO device (name) SELECT DISTINCT device FROM window UNION SELECT DISTINCT device FROM label;
INSERT INTO boot (name) SELECT DISTINCT boot FROM window;
INSERT INTO subject (deployment, digest, model, version)
  SELECT deployment, digest, model, version FROM window UNION SELECT deployment, digest, model, version FROM label;

DROP INDEX window_by_record;
DROP INDEX window_by_subject;
DROP INDEX window_by_time;
ALTER TABLE window RENAME TO wide_window;
CREATE TABLE window (
  id INTEGER PRIMARY KEY,
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  boot INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  claimed_at INTEGER,
  covered_ms INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  not_finite INTEGER NOT NULL,
  cache_hits INTEGER NOT NULL,
  cpu_ms REAL NOT NULL,
  received_at INTEGER NOT NULL,
  errors_by_cause TEXT NOT NULL,
  validation TEXT NOT NULL,
  latency BLOB NOT NULL
) STRICT;
INSERT INTO window (spool, seq, device, subject, boot, started_at, ended_at, covered_ms, requests, rows, errors, not_finite, cache_hits,
    cpu_ms, received_at, errors_by_cause, validation, latency)
  SELECT wide.spool, wide.seq, device.id, subject.id, boot.id, started_at, ended_at, covered_ms, requests, rows, errors, not_finite,
    cache_hits, cpu_ms, received_at, errors_by_cause, validation, pack_sketch(latency)
  FROM wide_window AS wide JOIN device ON device.name = wide.device JOIN boot ON boot.name = wide.boot
    JOIN subject ON subject.deployment = wide.deployment AND subject.digest = wide.digest AND subject.model = wide.model
      AND subject.version = wide.version
  ORDER BY wide.rowid;
DROP TABLE wide_window;
CREATE UNIQUE INDEX window_by_record ON window (spool, seq);
CREATE INDEX window_by_subject ON window (device, subject, started_at);
CREATE INDEX window_by_time ON window (started_at);

CREATE TABLE distribution (
  id INTEGER PRIMARY KEY,
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  claimed_at INTEGER,
  rows INTEGER NOT NULL,
  every INTEGER NOT NULL,
  omitted INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX distribution_by_record ON distribution (spool, seq);
CREATE INDEX distribution_by_subject ON distribution (subject, device, started_at);
CREATE INDEX distribution_by_time ON distribution (subject, started_at);

CREATE TABLE rollup_traffic (
  id INTEGER PRIMARY KEY,
  level INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  device INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  windows INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  not_finite INTEGER NOT NULL,
  cache_hits INTEGER NOT NULL,
  cpu_ms REAL NOT NULL,
  errors_by_cause TEXT NOT NULL,
  validation TEXT NOT NULL,
  latency BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX rollup_traffic_by_subject ON rollup_traffic (level, bucket, device, subject);

CREATE TABLE rollup_distribution (
  id INTEGER PRIMARY KEY,
  level INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  device INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX rollup_distribution_by_subject ON rollup_distribution (level, bucket, device, subject);

CREATE TABLE rollup_quality (
  id INTEGER PRIMARY KEY,
  level INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  device INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX rollup_quality_by_subject ON rollup_quality (level, bucket, device, subject);

CREATE TABLE dirty_quality (
  hour INTEGER NOT NULL,
  device INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  PRIMARY KEY (hour, device, subject)
) STRICT, WITHOUT ROWID;
INSERT INTO dirty_quality (hour, device, subject)
  SELECT DISTINCT predicted_at / 3600000, device.id, subject.id
  FROM label JOIN device ON device.name = label.device
    JOIN subject ON subject.deployment = label.deployment AND subject.digest = label.digest AND subject.model = label.model
      AND subject.version = label.version;

CREATE TABLE fold (name TEXT PRIMARY KEY, cursor INTEGER NOT NULL) STRICT;
INSERT INTO fold (name, cursor) VALUES ('window', 0), ('distribution', 0);

CREATE TABLE retained (name TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;

ALTER TABLE spool ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spool ADD COLUMN late_windows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spool ADD COLUMN clock_jumps INTEGER NOT NULL DEFAULT 0;
UPDATE spool SET stored = (SELECT count(*) FROM window WHERE window.spool = spool.id)
  + (SELECT count(*) FROM labels WHERE labels.spool = spool.id) + (SELECT count(*) FROM sample WHERE sample.spool = spool.id)
  + (SELECT count(*) FROM event WHERE event.spool = spool.id) + (SELECT count(*) FROM resources WHERE resources.spool = spool.id)
  + (SELECT count(*) FROM dropped WHERE dropped.spool = spool.id) + (SELECT count(*) FROM shadow WHERE shadow.spool = spool.id)
  + (SELECT count(*) FROM ledger WHERE ledger.spool = spool.id);
`,
}
