import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Bytes of the blocks of artifacts as they travel (compressed), in the order of their blocks: what forecasts of transfers are made of. They follow
 * from the artifact alone; a row that is missing is measured again.
 */
export const fleet0100: Migration = {
  id: 100,
  name: 'travel-sizes',
  sql: `
CREATE TABLE travel_size (
  artifact TEXT PRIMARY KEY,
  sizes TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
