import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** Accounts of people, what they sign in with, and their sessions; tokens of programs. Secrets of sessions and tokens are kept as hashes only. */
export const fleet0130: Migration = {
  id: 130,
  name: 'people',
  sql: `
CREATE TABLE account (
  name TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
  handle TEXT NOT NULL UNIQUE,
  password TEXT,
  subject TEXT UNIQUE,
  is_disabled INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  signed_in_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE passkey (
  passkey TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account (name),
  title TEXT NOT NULL,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  transports TEXT NOT NULL,
  is_backed_up INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_by_account ON passkey (account);

CREATE TABLE session (
  session TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES account (name),
  way TEXT NOT NULL,
  client TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_account ON session (account);

CREATE TABLE token (
  token TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  account TEXT REFERENCES account (name),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
  methods TEXT,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE oidc_provider (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  settings TEXT NOT NULL,
  secret TEXT
) STRICT;
`,
}
