import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/** When devices that were removed belonged to the fleet: a report of that time counts them for as long, and no longer. */
export const fleet0230: Migration = {
  id: 230,
  name: 'former-devices',
  sql: `
CREATE TABLE former_device (
  device TEXT NOT NULL,
  enrolled_at INTEGER NOT NULL,
  left_at INTEGER NOT NULL,
  PRIMARY KEY (device, left_at)
) STRICT, WITHOUT ROWID;
`,
}
