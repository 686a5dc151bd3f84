import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** Where metrics and logs are exported to: one receiver or none. */
export const fleet0190: Migration = {
  id: 190,
  name: 'metrics',
  sql: `
CREATE TABLE otlp_export (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  settings TEXT NOT NULL,
  secret TEXT
) STRICT;
`,
}
