import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * What a shadow did in a period that its sum goes beyond is read from its records, by an index on the pair and the device. Sums get the run time of the
 * active bundle for the requests that the shadow saw; null: the agent does not tell it.
 */
export const telemetry0050: Migration = {
  id: 50,
  name: 'shadow-periods',
  sql: `
CREATE INDEX shadow_by_pair ON shadow (deployment, digest, device, against, started_at);
ALTER TABLE shadow_total ADD COLUMN active_latency TEXT;
`,
}
