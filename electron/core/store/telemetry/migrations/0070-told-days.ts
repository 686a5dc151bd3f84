import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * How long the agent of each device ran per day (UTC), from the entries of its ledger. An entry is written every five minutes: a report of a large
 * fleet over a quarter would read hundreds of millions of them. What is added up stays when the entries go.
 */
export const telemetry0070: Migration = {
  id: 70,
  name: 'told-days',
  sql: `
CREATE TABLE told_day (
  device TEXT NOT NULL,
  day INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;

INSERT INTO told_day (device, day, ms)
  WITH RECURSIVE part (device, started_at, ended_at, day) AS (
    SELECT device, max(started_at, ended_at - 2678400000), ended_at, ended_at / 86400000 FROM ledger WHERE ended_at > started_at
    UNION ALL
    SELECT device, started_at, ended_at, day - 1 FROM part WHERE day * 86400000 > started_at
  )
  SELECT device, day, sum(min(ended_at, (day + 1) * 86400000) - max(started_at, day * 86400000)) AS ms FROM part
  GROUP BY device, day HAVING ms > 0;
`,
}
