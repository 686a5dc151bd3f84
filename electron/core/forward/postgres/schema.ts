import type { Client } from 'pg'
import { Problem } from '../../../../shared/domain/problem.ts'

/** A step of the schema in PostgreSQL; never edited after release. `S` stands for the name of the schema. */
interface Step {
  id: number
  sql: string
}

const head = 'fleet text NOT NULL, device text NOT NULL, spool text NOT NULL, seq bigint NOT NULL'
const tail = 'received_at timestamptz NOT NULL, PRIMARY KEY (fleet, device, spool, seq)'
const subject = 'deployment text NOT NULL, digest text NOT NULL, model text NOT NULL, version text NOT NULL'

const steps: readonly Step[] = [
  {
    id: 1,
    sql: `
CREATE TABLE S.windows (${head}, ${subject}, boot text NOT NULL, started_at timestamptz NOT NULL, ended_at timestamptz NOT NULL,
  claimed_at timestamptz, covered_ms bigint NOT NULL, requests bigint NOT NULL, rows bigint NOT NULL, errors bigint NOT NULL,
  errors_by_cause jsonb NOT NULL, validation jsonb NOT NULL, not_finite bigint NOT NULL, cache_hits bigint NOT NULL,
  cpu_ms double precision NOT NULL, latency_p50_ms double precision, latency_p95_ms double precision, latency_p99_ms double precision,
  latency jsonb NOT NULL, ${tail});
CREATE INDEX windows_by_time ON S.windows (fleet, started_at);
CREATE INDEX windows_by_subject ON S.windows (fleet, deployment, digest, started_at);
CREATE TABLE S.events (${head}, at timestamptz NOT NULL, name text NOT NULL, severity text NOT NULL, code text, message text NOT NULL,
  detail jsonb NOT NULL, ${tail});
CREATE INDEX events_by_time ON S.events (fleet, at);
CREATE TABLE S.resources (${head}, at timestamptz NOT NULL, body jsonb NOT NULL, ${tail});
CREATE INDEX resources_by_time ON S.resources (fleet, at);
CREATE TABLE S.ledgers (${head}, started_at timestamptz NOT NULL, ended_at timestamptz NOT NULL, bytes_in jsonb NOT NULL,
  bytes_out jsonb NOT NULL, inferences bigint NOT NULL, cpu_seconds double precision NOT NULL, stored_bytes bigint NOT NULL, ${tail});
CREATE INDEX ledgers_by_time ON S.ledgers (fleet, ended_at);
CREATE TABLE S.drops (${head}, from_seq bigint NOT NULL, through_seq bigint NOT NULL, records bigint NOT NULL, reason text NOT NULL,
  at timestamptz NOT NULL, ${tail});
CREATE TABLE S.shadows (${head}, deployment text NOT NULL, digest text NOT NULL, against text NOT NULL, started_at timestamptz NOT NULL,
  body jsonb NOT NULL, ${tail});
CREATE INDEX shadows_by_time ON S.shadows (fleet, started_at);
CREATE TABLE S.quarantine (${head}, reason text NOT NULL, ${tail});
`,
  },
]

/** The schema that this version writes to. */
export const newestSchema = steps.at(-1)!.id

/**
 * Makes the schema, or brings it to what this version writes: each step with its number in one transaction, one program at a time.
 * @param schema a checked name: letters, digits and underscores
 * @throws Problem `forward.schema` if a newer version of Muster has been here; errors of PostgreSQL
 */
export async function prepareSchema(client: Client, schema: string): Promise<void> {
  await client.query('BEGIN')
  try {
    // Several collectors start at once.
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`muster schema ${schema}`])
    const there = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
    // Asked first: who may only write to a schema that others made has no right to make one.
    if (there.rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`)
    const hasVersion = await client.query(`SELECT to_regclass($1) IS NOT NULL AS found`, [`"${schema}".muster_schema`])
    if (!(hasVersion.rows[0] as { found: boolean }).found)
      await client.query(`CREATE TABLE "${schema}".muster_schema (version integer PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now())`)
    const answer = await client.query(`SELECT coalesce(max(version), 0) AS version FROM "${schema}".muster_schema`)
    const current = (answer.rows[0] as { version: number }).version
    if (current > newestSchema)
      throw new Problem(
        'forward.schema',
        `The schema ${schema} has version ${current}; this version of Muster writes up to ${newestSchema}.`,
      )
    for (const step of steps) {
      if (step.id <= current) continue
      await client.query(step.sql.replaceAll(/\bS\./g, `"${schema}".`))
      await client.query(`INSERT INTO "${schema}".muster_schema (version) VALUES ($1)`, [step.id])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
