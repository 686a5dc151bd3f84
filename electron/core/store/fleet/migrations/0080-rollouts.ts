import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Rollouts and their log. The log is the truth and only grows: what a rollout is follows from its events. `rollout` keeps what lists show and what is
 * searched by, as of the newest event. Neither has foreign keys to devices and versions: history outlives them.
 * `device_penalty` keeps devices from a version that failed on them too often, across rollouts.
 */
export const fleet0080: Migration = {
  id: 80,
  name: 'rollouts',
  sql: `
CREATE TABLE rollout (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  deployment TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  is_comparison INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  summary TEXT NOT NULL
) STRICT;
CREATE INDEX rollout_by_state ON rollout (state, id);
CREATE INDEX rollout_by_deployment ON rollout (deployment, id);
CREATE INDEX rollout_by_model ON rollout (model, id);

CREATE TABLE rollout_event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  rollout INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  device TEXT,
  wave INTEGER,
  from_state TEXT,
  to_state TEXT,
  sentence TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX rollout_event_by_rollout ON rollout_event (rollout, seq);
CREATE INDEX rollout_event_of_rollout ON rollout_event (rollout, seq) WHERE device IS NULL;
CREATE INDEX rollout_event_by_device ON rollout_event (device, seq) WHERE device IS NOT NULL;
CREATE INDEX rollout_event_offers ON rollout_event (at) WHERE kind = 'offer';
CREATE TRIGGER rollout_event_is_kept BEFORE DELETE ON rollout_event BEGIN SELECT RAISE(ABORT, 'events of rollouts are kept'); END;
CREATE TRIGGER rollout_event_is_final BEFORE UPDATE ON rollout_event BEGIN SELECT RAISE(ABORT, 'events of rollouts are final'); END;

CREATE TABLE device_penalty (
  device TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  failures INTEGER NOT NULL,
  until INTEGER NOT NULL,
  problem TEXT,
  rollout INTEGER,
  PRIMARY KEY (device, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_penalty_by_version ON device_penalty (model, version, device);

ALTER TABLE deployment_order ADD COLUMN rollout INTEGER;
CREATE INDEX deployment_order_by_rollout ON deployment_order (rollout, id) WHERE rollout IS NOT NULL;
`,
}
