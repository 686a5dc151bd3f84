import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** Whom a label is about, and subjects of whom nothing is stored any more, whenever it comes. */
export const telemetry0060: Migration = {
  id: 60,
  name: 'subjects',
  sql: `
ALTER TABLE label ADD COLUMN subject TEXT;
CREATE INDEX label_of_subject ON label (subject) WHERE subject IS NOT NULL;

CREATE TABLE erased_subject (
  subject TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
