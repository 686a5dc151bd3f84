import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Notes of devices, saved queries, and which devices an audit entry is about: the history of a device is found without reading the log.
 * The history outlives the device, so it has no foreign key. What was done before is taken over as far as it can be told: entries that
 * name one device, and commands whose result (kept 30 days) lists the devices that they changed.
 */
export const fleet0020: Migration = {
  id: 20,
  name: 'devices',
  sql: `
CREATE TABLE device_note (
  device TEXT PRIMARY KEY REFERENCES device (device) ON DELETE CASCADE,
  text TEXT NOT NULL,
  noted_at INTEGER NOT NULL,
  noted_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE saved_query (
  view TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  columns TEXT NOT NULL,
  sort TEXT,
  saved_at INTEGER NOT NULL,
  saved_by TEXT NOT NULL,
  PRIMARY KEY (view, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_device (
  device TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES audit (seq),
  PRIMARY KEY (device, seq)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO audit_device (device, seq)
  SELECT coalesce(json_extract(detail, '$.device'), json_extract(detail, '$.input.device')), seq FROM audit
  WHERE json_type(detail, '$.device') = 'text' OR json_type(detail, '$.input.device') = 'text';
INSERT OR IGNORE INTO audit_device (device, seq)
  SELECT named.value, audit.seq FROM audit
    JOIN command_result ON command_result.command_id = json_extract(audit.detail, '$.commandId')
    JOIN json_each(command_result.output,
      iif(json_type(command_result.output, '$.changed') = 'array', '$.changed', '$.devices')) AS named
  WHERE named.type = 'text';
`,
}
