import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * A second bundle beside the active one of a deployment, the terms that a bundle is served and proved under, and configuration rules.
 * An order is in force per device, deployment and slot, so that a shadow and the active version are ordered apart from each other.
 * What an order set of the configuration of a device stood in its signed assignment alone: it becomes a rule of that device, so that a
 * rule of the fleet that is made later does not take it away unsaid.
 */
export const fleet0040: Migration = {
  id: 40,
  name: 'beside',
  sql: `
ALTER TABLE deployment ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';
ALTER TABLE deployment ADD COLUMN asked INTEGER;

CREATE TABLE beside (
  device TEXT NOT NULL,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL REFERENCES bundle (digest),
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  role TEXT NOT NULL,
  terms TEXT NOT NULL,
  ordered_at INTEGER NOT NULL,
  asked INTEGER,
  PRIMARY KEY (device, deployment),
  FOREIGN KEY (device, deployment) REFERENCES deployment (device, deployment) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX beside_by_digest ON beside (digest);

ALTER TABLE deployment_order ADD COLUMN slot TEXT NOT NULL DEFAULT 'active';
ALTER TABLE deployment_order ADD COLUMN role TEXT NOT NULL DEFAULT 'active';
ALTER TABLE deployment_order ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';

ALTER TABLE order_device ADD COLUMN slot TEXT NOT NULL DEFAULT 'active';
ALTER TABLE order_device ADD COLUMN role TEXT NOT NULL DEFAULT 'active';
ALTER TABLE order_device ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';
ALTER TABLE order_device ADD COLUMN previous_role TEXT NOT NULL DEFAULT 'active';
ALTER TABLE order_device ADD COLUMN previous_terms TEXT NOT NULL DEFAULT '{}';
ALTER TABLE order_device ADD COLUMN ended_beside TEXT;
DROP INDEX order_device_in_force;
CREATE UNIQUE INDEX order_device_in_force ON order_device (device, deployment, slot) WHERE left_how IS NULL;

CREATE TABLE config_rule (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT,
  priority INTEGER NOT NULL DEFAULT 0,
  settings TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER config_rule_of_device AFTER DELETE ON device BEGIN
  DELETE FROM config_rule WHERE scope = 'device' AND name = OLD.device;
END;

INSERT INTO config_rule (scope, name, settings, set_at, set_by)
  SELECT 'device', device, json_patch('{}', json_object(
      'windowSeconds', iif(json_extract(config, '$.windowSeconds') = 60, NULL, json_extract(config, '$.windowSeconds')),
      'samplesPerWindow', iif(json_extract(config, '$.samplesPerWindow') = 0, NULL, json_extract(config, '$.samplesPerWindow')))),
    issued_at, 'an order'
  FROM assignment
  WHERE json_extract(config, '$.windowSeconds') <> 60 OR json_extract(config, '$.samplesPerWindow') <> 0;
`,
}
