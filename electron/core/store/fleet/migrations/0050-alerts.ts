import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Alerts: rules, what they see, what happened, who is told. A built-in rule has a row only where somebody changed it.
 * An alert keeps names without foreign keys: history outlives its device, its rule and its version. At most one alert of a rule and
 * subject is open, which the unique index holds. A notice is the outbox of a channel; `uid` is what a receiver tells repetitions by.
 */
export const fleet0050: Migration = {
  id: 50,
  name: 'alerts',
  sql: `
CREATE TABLE alert_rule (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  built_in TEXT UNIQUE,
  settings TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL
) STRICT;

CREATE TABLE alert (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  rule_name TEXT NOT NULL,
  severity TEXT NOT NULL,
  state TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  device TEXT,
  deployment TEXT,
  alert_group TEXT NOT NULL,
  sentence TEXT NOT NULL,
  evidence TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  fired_at INTEGER,
  resolved_at INTEGER,
  last_seen_at INTEGER NOT NULL,
  clear_since INTEGER,
  blind_since INTEGER,
  not_before INTEGER NOT NULL DEFAULT 0,
  told_at INTEGER,
  silenced_until INTEGER,
  occurrences INTEGER NOT NULL,
  acknowledged TEXT,
  holds_releases INTEGER NOT NULL,
  runbook TEXT
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (rule, subject_key) WHERE state <> 'resolved';
CREATE INDEX alert_by_subject ON alert (rule, subject_key, id);
CREATE INDEX alert_by_state ON alert (state, id);
CREATE INDEX alert_by_device ON alert (device, id) WHERE device IS NOT NULL;
CREATE INDEX alert_holding ON alert (deployment) WHERE holds_releases = 1 AND state = 'firing';

CREATE TABLE alert_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  by TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX alert_event_by_alert ON alert_event (alert, id);

CREATE TABLE alert_reading (
  alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  value REAL,
  state TEXT NOT NULL,
  PRIMARY KEY (alert, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE silence (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT,
  query TEXT NOT NULL,
  deployment TEXT,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  by TEXT NOT NULL
) STRICT;
CREATE INDEX silence_by_end ON silence (until_at);

CREATE TABLE channel (
  channel TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  secret TEXT,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  last_delivered_at INTEGER,
  problem TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL REFERENCES channel (channel) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  alert_group TEXT NOT NULL,
  alert INTEGER,
  title TEXT NOT NULL,
  message TEXT,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  created_at INTEGER NOT NULL,
  delivered_at INTEGER,
  problem TEXT
) STRICT;
CREATE INDEX notice_due ON notice (channel, next_at, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX notice_by_group ON notice (channel, alert_group, id);
CREATE INDEX notice_by_alert ON notice (alert, id) WHERE alert IS NOT NULL;

CREATE TABLE notice_alert (
  notice INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  alert INTEGER NOT NULL,
  PRIMARY KEY (notice, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_alert_by_alert ON notice_alert (alert, notice);

INSERT INTO channel (channel, settings, set_at, set_by) VALUES ('desktop',
  '{"kind":"desktop","name":"Desktop","isEnabled":true,"leastSeverity":"warning","tellsResolved":true}', 0, 'Muster');
`,
}
