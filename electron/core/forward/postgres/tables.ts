import type { CopiedTable } from '../../../../shared/domain/forward.ts'

/** How a column travels in JSON: `time` is epoch ms. */
type ColumnKind = 'text' | 'whole' | 'number' | 'time' | 'json'

/** Columns that every copied record has in front: they are its identity, the same on whatever way it came. */
export const identity = { device: 'text', spool: 'text', seq: 'whole' } as const satisfies Record<string, ColumnKind>

const subject = { deployment: 'text', digest: 'text', model: 'text', version: 'text' } as const

/** Columns of each table besides the fleet, its identity and `received_at`, as schema 1 has them. */
export const tables: Record<CopiedTable, Record<string, ColumnKind>> = {
  windows: {
    ...subject,
    ...{ boot: 'text', started_at: 'time', ended_at: 'time', claimed_at: 'time', covered_ms: 'whole', requests: 'whole', rows: 'whole' },
    ...{ errors: 'whole', errors_by_cause: 'json', validation: 'json', not_finite: 'whole', cache_hits: 'whole', cpu_ms: 'number' },
    ...{ latency_p50_ms: 'number', latency_p95_ms: 'number', latency_p99_ms: 'number', latency: 'json' },
  },
  events: { at: 'time', name: 'text', severity: 'text', code: 'text', message: 'text', detail: 'json' },
  resources: { at: 'time', body: 'json' },
  ledgers: {
    ...{ started_at: 'time', ended_at: 'time', bytes_in: 'json', bytes_out: 'json' },
    ...{ inferences: 'whole', cpu_seconds: 'number', stored_bytes: 'whole' },
  },
  drops: { from_seq: 'whole', through_seq: 'whole', records: 'whole', reason: 'text', at: 'time' },
  shadows: { deployment: 'text', digest: 'text', against: 'text', started_at: 'time', body: 'json' },
  quarantine: { reason: 'text' },
}

const nullable = ['claimed_at', 'latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'code']

/** Whether our schema lets a column be empty; null: it is no column of ours. */
export function mayBeNull(table: string, column: string): boolean | null {
  if (!Object.hasOwn(tables, table)) return null
  const isOurs = ['fleet', 'received_at', ...Object.keys(identity), ...Object.keys(tables[table as CopiedTable])].includes(column)
  return isOurs ? nullable.includes(column) : null
}

const inJson: Record<ColumnKind, string> = {
  ...{ text: 'text', whole: 'bigint', number: 'double precision', time: 'double precision', json: 'jsonb' },
}

/** Inserts records that are not there yet: `$1` the fleet, `$2` the records as one JSON array. */
export function insertSql(schema: string, table: CopiedTable): string {
  const columns = Object.entries({ ...identity, ...tables[table], received_at: 'time' } as Record<string, ColumnKind>)
  const names = columns.map(([name]) => `"${name}"`).join(', ')
  const values = columns.map(([name, kind]) => (kind === 'time' ? `to_timestamp(r."${name}" / 1000)` : `r."${name}"`)).join(', ')
  const shape = columns.map(([name, kind]) => `"${name}" ${inJson[kind]}`).join(', ')
  return `INSERT INTO "${schema}"."${table}" (fleet, ${names}) SELECT $1, ${values} FROM json_to_recordset($2::json) AS r(${shape})
    ON CONFLICT (fleet, device, spool, seq) DO NOTHING`
}
