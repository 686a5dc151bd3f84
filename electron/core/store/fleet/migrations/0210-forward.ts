import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Where data goes out to, and how far each place has come. An event is in the outbox of its webhook from the transaction that moved the place on, so that
 * each goes out once per `uid` whatever happens in between.
 */
export const fleet0210: Migration = {
  id: 210,
  name: 'forward',
  sql: `
CREATE TABLE forward (
  forward TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  secret TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'paused')),
  places TEXT NOT NULL,
  restored TEXT,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  last_at INTEGER,
  problem TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE forward_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  forward TEXT NOT NULL REFERENCES forward (forward) ON DELETE CASCADE,
  uid TEXT NOT NULL,
  kind TEXT NOT NULL,
  type TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER,
  next_at INTEGER,
  created_at INTEGER NOT NULL,
  delivered_at INTEGER,
  problem TEXT,
  UNIQUE (forward, uid)
) STRICT;
CREATE INDEX forward_event_due ON forward_event (forward, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX forward_event_failed ON forward_event (forward) WHERE state = 'failed';
CREATE INDEX forward_event_by_forward ON forward_event (forward, id);
CREATE INDEX forward_event_by_age ON forward_event (created_at) WHERE state IN ('delivered', 'failed');
`,
}
