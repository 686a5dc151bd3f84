import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** First schema of fleet.db. Times are epoch ms of the console clock; JSON columns hold what the schemas of `shared/` describe. */
export const fleet0010: Migration = {
  id: 10,
  name: 'fleet',
  sql: `
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
  device TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL,
  labels TEXT NOT NULL DEFAULT '{}',
  enrolled_at INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'never-seen',
  boot TEXT,
  agent_version TEXT,
  last_seen_at INTEGER,
  reported TEXT,
  reported_boot TEXT,
  reported_sequence INTEGER,
  reported_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_code (
  code_id TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  device TEXT,
  labels TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  tries_left INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_answer (
  request TEXT PRIMARY KEY,
  code_id TEXT NOT NULL,
  proof TEXT NOT NULL,
  device TEXT NOT NULL,
  answer TEXT NOT NULL,
  answered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bundle (
  digest TEXT PRIMARY KEY,
  manifest BLOB NOT NULL,
  signatures TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE model_version (
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL REFERENCES bundle (digest),
  source_name TEXT NOT NULL,
  holdout_sha256 TEXT,
  holdout_name TEXT,
  imported_at INTEGER NOT NULL,
  PRIMARY KEY (model, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_version_by_digest ON model_version (digest);

CREATE TABLE evaluation (
  evaluation TEXT PRIMARY KEY,
  digest TEXT NOT NULL REFERENCES bundle (digest),
  evaluated_at INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evaluation_by_digest ON evaluation (digest, evaluated_at);

CREATE TABLE deployment (
  device TEXT NOT NULL REFERENCES device (device) ON DELETE CASCADE,
  deployment TEXT NOT NULL,
  digest TEXT NOT NULL REFERENCES bundle (digest),
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  ordered_at INTEGER NOT NULL,
  PRIMARY KEY (device, deployment)
) STRICT, WITHOUT ROWID;
CREATE INDEX deployment_by_digest ON deployment (digest);

CREATE TABLE assignment (
  device TEXT PRIMARY KEY REFERENCES device (device) ON DELETE CASCADE,
  counter INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  config TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL,
  payload BLOB NOT NULL,
  qos INTEGER NOT NULL,
  retain INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE command_result (
  command_id TEXT PRIMARY KEY,
  method TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  output TEXT NOT NULL,
  finished_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX command_result_by_time ON command_result (finished_at);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
`,
}
