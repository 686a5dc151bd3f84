import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Sums of the fleet per minute, deployment and bundle, kept by the ingest writer in the transaction of the records: an overview reads
 * some thousand rows however many devices there are. `minute` counts from 1970 by the clock of the device. What is stored already is
 * summed up here; `merge_causes` and `merge_sketches` are functions of the writer's connection (see minute-sums.ts).
 * Latency comes last, so that a reader that does not ask for it does not read it.
 */
export const telemetry0020: Migration = {
  id: 20,
  name: 'minutes',
  sql: `
CREATE TABLE minute_traffic (
  minute INTEGER NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  windows INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  covered_ms INTEGER NOT NULL,
  errors_by_cause TEXT NOT NULL,
  latency TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX minute_traffic_by_subject ON minute_traffic (minute, deployment, digest);

CREATE TABLE minute_quality (
  minute INTEGER NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  labelled INTEGER NOT NULL,
  classified INTEGER NOT NULL,
  correct INTEGER NOT NULL,
  PRIMARY KEY (minute, deployment, digest)
) STRICT, WITHOUT ROWID;

INSERT INTO minute_traffic (minute, deployment, digest, model, version, windows, requests, rows, errors, covered_ms, errors_by_cause, latency)
  SELECT started_at / 60000 AS minute, deployment, digest, min(model), min(version), count(*),
    CAST(min(total(requests), 9007199254740991) AS INTEGER), CAST(min(total(rows), 9007199254740991) AS INTEGER),
    CAST(min(total(errors), 9007199254740991) AS INTEGER), CAST(min(total(covered_ms), 9007199254740991) AS INTEGER),
    merge_causes(errors_by_cause), merge_sketches(latency)
  FROM window GROUP BY minute, deployment, digest;

INSERT INTO minute_quality (minute, deployment, digest, model, version, labelled, classified, correct)
  SELECT predicted_at / 60000 AS minute, deployment, digest, min(model), min(version), count(*), count(correct), coalesce(sum(correct), 0)
  FROM label GROUP BY minute, deployment, digest;

CREATE INDEX event_by_time ON event (at);
CREATE INDEX dropped_by_time ON dropped (received_at, device);
`,
}
