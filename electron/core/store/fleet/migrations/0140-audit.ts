import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * The audit log becomes a Merkle tree (RFC 6962) with signed checkpoints that devices keep, and the database itself refuses to change it.
 *
 * What is personal in an entry stands in `audit_personal` under the salted hash that the entry carries: taking it out there leaves every hash of
 * the log as it is. An entry as a whole can be made unreadable once, by an entry that comes later and says so; its hashes stay.
 * `audit_node` holds the roots of whole subtrees of 256, 65,536 … leaves, so that a root or a proof reads a few hundred hashes of any log.
 */
export const fleet0140: Migration = {
  id: 140,
  name: 'audit',
  sql: `
ALTER TABLE audit ADD COLUMN redacted_by INTEGER;
CREATE INDEX audit_by_actor ON audit (actor, seq);
CREATE INDEX audit_by_action ON audit (action, seq);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_device_by_entry ON audit_device (seq);

CREATE TABLE audit_personal (
  ref TEXT PRIMARY KEY,
  salt BLOB NOT NULL,
  text TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_leaf (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_node (
  level INTEGER NOT NULL,
  place INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_checkpoint (
  size INTEGER PRIMARY KEY,
  root TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;

CREATE TABLE audit_witness (
  device TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_contradiction (
  device TEXT NOT NULL,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  log_size INTEGER NOT NULL,
  found_at INTEGER NOT NULL,
  accepted_at INTEGER,
  accepted_by TEXT,
  PRIMARY KEY (device, size, root)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit) OR NEW.redacted_by IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the audit log grows at its end only'); END;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
WHEN NOT (OLD.redacted_by IS NULL AND NEW.redacted_by > OLD.seq AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.action = OLD.action
  AND NEW.detail = '{"erased":true}' AND (NEW.actor = OLD.actor OR OLD.actor LIKE NEW.actor || ':%')
  AND NEW.previous_hash = OLD.previous_hash AND NEW.hash = OLD.hash)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_device_never_changes BEFORE UPDATE ON audit_device
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_device_never_shrinks BEFORE DELETE ON audit_device
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_personal_never_changes BEFORE UPDATE ON audit_personal
BEGIN SELECT RAISE(ABORT, 'what is personal in the audit log is erased or kept, never changed'); END;
CREATE TRIGGER audit_leaf_never_changes BEFORE UPDATE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_leaf_never_shrinks BEFORE DELETE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_node_never_changes BEFORE UPDATE ON audit_node
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_node_never_shrinks BEFORE DELETE ON audit_node
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoint_never_changes BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoint_never_shrinks BEFORE DELETE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`,
}
