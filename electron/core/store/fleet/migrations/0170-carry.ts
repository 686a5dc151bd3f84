import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** Folders that were written for devices without a network, and the receipts that came back. */
export const fleet0170: Migration = {
  id: 170,
  name: 'carry',
  sql: `
CREATE TABLE carry_export (
  number INTEGER PRIMARY KEY,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  folder TEXT NOT NULL,
  devices TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('writing', 'written', 'failed'))
) STRICT;

CREATE TABLE carry_receipt (
  device TEXT NOT NULL REFERENCES device (device) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  carry_number INTEGER NOT NULL,
  receipt_number INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  imported_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  applied TEXT,
  deployments TEXT NOT NULL,
  records INTEGER NOT NULL,
  PRIMARY KEY (device, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX carry_receipt_in_order ON carry_receipt (device, carry_number, receipt_number);
CREATE INDEX carry_receipt_by_export ON carry_receipt (carry_number, device);
`,
}
