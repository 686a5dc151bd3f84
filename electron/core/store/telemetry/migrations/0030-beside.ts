import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * What a window says beside its counts, comparisons of shadows, and the ledgers of devices.
 * A comparison is about one pair of bundles, so `shadow_total` sums it per device and pair for good: a fleet is read as one row per device.
 * `ledger_day` sums what a device used per day of its clock (UTC), for the fleet; one device is read from its own ledger.
 */
export const telemetry0030: Migration = {
  id: 30,
  name: 'beside',
  sql: `
ALTER TABLE window ADD COLUMN validation TEXT NOT NULL DEFAULT '{}';
ALTER TABLE window ADD COLUMN not_finite INTEGER NOT NULL DEFAULT 0;
ALTER TABLE window ADD COLUMN cache_hits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE window ADD COLUMN cpu_ms REAL NOT NULL DEFAULT 0;

ALTER TABLE minute_traffic ADD COLUMN validation TEXT NOT NULL DEFAULT '{}';
ALTER TABLE minute_traffic ADD COLUMN not_finite INTEGER NOT NULL DEFAULT 0;
ALTER TABLE minute_traffic ADD COLUMN cache_hits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE minute_traffic ADD COLUMN cpu_ms REAL NOT NULL DEFAULT 0;

CREATE TABLE shadow (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  against TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX shadow_by_record ON shadow (spool, seq);

CREATE TABLE shadow_total (
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  against TEXT NOT NULL,
  device TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  against_version TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  offered INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  compared INTEGER NOT NULL,
  agreed INTEGER NOT NULL,
  not_finite INTEGER NOT NULL,
  cpu_ms REAL NOT NULL,
  pairs TEXT NOT NULL,
  difference TEXT,
  latency TEXT NOT NULL,
  PRIMARY KEY (deployment, digest, against, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  spool INTEGER NOT NULL REFERENCES spool (id),
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  bytes_in TEXT NOT NULL,
  bytes_out TEXT NOT NULL,
  inferences INTEGER NOT NULL,
  cpu_seconds REAL NOT NULL,
  stored_bytes INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX ledger_by_record ON ledger (spool, seq);
CREATE INDEX ledger_by_device ON ledger (device, ended_at);

CREATE TABLE ledger_day (
  day INTEGER NOT NULL,
  device TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  bytes_in TEXT NOT NULL,
  bytes_out TEXT NOT NULL,
  inferences INTEGER NOT NULL,
  cpu_seconds REAL NOT NULL,
  stored_bytes INTEGER NOT NULL,
  PRIMARY KEY (day, device)
) STRICT, WITHOUT ROWID;
`,
}
