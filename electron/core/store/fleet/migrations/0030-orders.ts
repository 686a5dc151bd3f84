import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Orders that can be watched, cancelled and undone; aliases of models with their history; who imported a version, and its note.
 * An order keeps the names of its devices without a foreign key: history outlives a device that is taken out.
 * `left_*` say how a device left an order; at most one order per device and deployment is in force, which the unique index holds.
 */
export const fleet0030: Migration = {
  id: 30,
  name: 'orders',
  sql: `
CREATE TABLE deployment_order (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  deployment TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT,
  digest TEXT REFERENCES bundle (digest),
  alias TEXT,
  query TEXT NOT NULL,
  of_order INTEGER REFERENCES deployment_order (id),
  devices INTEGER NOT NULL,
  reached INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX deployment_order_by_state ON deployment_order (state, id);
CREATE INDEX deployment_order_by_deployment ON deployment_order (deployment, id);
CREATE INDEX deployment_order_by_model ON deployment_order (model, id);
CREATE INDEX deployment_order_by_origin ON deployment_order (of_order, id) WHERE of_order IS NOT NULL;

CREATE TABLE order_device (
  order_id INTEGER NOT NULL REFERENCES deployment_order (id) ON DELETE CASCADE,
  device TEXT NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT,
  model TEXT,
  version TEXT,
  previous_digest TEXT,
  previous_model TEXT,
  previous_version TEXT,
  counter INTEGER NOT NULL,
  reached_at INTEGER,
  left_how TEXT,
  left_by INTEGER,
  PRIMARY KEY (order_id, device)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX order_device_in_force ON order_device (device, deployment) WHERE left_how IS NULL;

CREATE TABLE model_alias (
  model TEXT NOT NULL,
  alias TEXT NOT NULL,
  version TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (model, alias),
  FOREIGN KEY (model, version) REFERENCES model_version (model, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_alias_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  alias TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  from_version TEXT,
  to_version TEXT
) STRICT;
CREATE INDEX model_alias_change_by_model ON model_alias_change (model, id);

ALTER TABLE model_version ADD COLUMN imported_by TEXT;
ALTER TABLE model_version ADD COLUMN note TEXT;
ALTER TABLE model_version ADD COLUMN noted_by TEXT;
ALTER TABLE model_version ADD COLUMN noted_at INTEGER;
`,
}
