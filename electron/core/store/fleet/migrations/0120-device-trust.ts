import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Certificates that the fleet issued (they outlive their device: a revoked one stays on the list), what is known of each device's keys, who is
 * shut in quarantine or was seen twice, and devices that wait until a person has compared their fingerprint.
 */
export const fleet0120: Migration = {
  id: 120,
  name: 'device-trust',
  sql: `
CREATE TABLE device_certificate (
  serial TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  certificate TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  first_used_at INTEGER,
  revoked_at INTEGER,
  revoked_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX device_certificate_by_device ON device_certificate (device, issued_at);
CREATE INDEX device_certificate_revoked ON device_certificate (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE device_trust (
  device TEXT PRIMARY KEY REFERENCES device (device) ON DELETE CASCADE,
  signing_key TEXT,
  revoked_at INTEGER,
  revoked_by TEXT,
  revoked_why TEXT,
  quarantined_at INTEGER,
  quarantined_by TEXT,
  quarantined_why TEXT,
  cloned_at INTEGER,
  cloned_why TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_pending (
  request TEXT PRIMARY KEY,
  code_id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  is_bound INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  message TEXT NOT NULL,
  secret TEXT NOT NULL,
  labels TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  confirmed_by TEXT,
  refused_at INTEGER
) STRICT, WITHOUT ROWID;

ALTER TABLE enrolment_code ADD COLUMN confirm INTEGER;
`,
}
