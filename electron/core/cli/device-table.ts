import { writeFileSync } from 'node:fs'
import { csvText, type CsvValue } from '../../../shared/domain/csv.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts'
import { sortOrder } from '../../../shared/rpc/contract/device-views.ts'
import { timeText } from './output.ts'

export type TableRow = OutputOf<'devices.table'>['rows'][number]
type Sort = NonNullable<ParsedInputOf<'devices.table'>['sort']>

const PAGE = 500

/** All devices that a query selects, in the order of a column, page by page. */
export async function allRows(rpc: RpcClient, query: string, sort: Sort | null): Promise<TableRow[]> {
  const rows: TableRow[] = []
  for (;;) {
    const page = await rpc.call('devices.table', { query, ...(sort === null ? {} : { sort }), offset: rows.length, limit: PAGE })
    rows.push(...page.rows)
    if (page.rows.length < PAGE || rows.length >= page.total) return rows
  }
}

/** Reads `health`, `label.line` or `lastSeenAt:desc`. @throws Problem `usage` */
export function sortOf(text: string): Sort {
  const [column, direction, ...rest] = text.split(':')
  const parsed = sortOrder.safeParse({ column, descending: direction === 'desc' })
  if (parsed.success && rest.length === 0 && (direction === undefined || direction === 'asc' || direction === 'desc')) return parsed.data
  throw new Problem('usage', `--sort: '${text}' is no order.`, {
    hint: `Write a column such as health, site, label.line or lastSeenAt, with :desc to turn it around.`,
  })
}

const time = (at: number | null): CsvValue => (at === null ? null : timeText(at))
const versions = (row: TableRow, read: (place: TableRow['deployments'][number]) => { model: string; version: string } | null): string =>
  row.deployments
    .map((place) => ({ place, version: read(place) }))
    .map(({ place, version }) => `${place.deployment}: ${version === null ? 'nothing' : `${version.model}@${version.version}`}`)
    .join('; ')

/** The columns of the CSV file, in order. */
const columns: Record<string, (row: TableRow) => CsvValue> = {
  device: (row) => row.device,
  health: (row) => row.health,
  why: (row) => row.sentence,
  status: (row) => row.status,
  site: (row) => row.site,
  labels: (row) => labelText(row.labels),
  ordered: (row) => versions(row, (place) => place.desired),
  active: (row) => versions(row, (place) => place.active),
  agentVersion: (row) => row.agentVersion,
  lastSeenAt: (row) => time(row.lastSeenAt),
  enrolledAt: (row) => time(row.enrolledAt),
  os: (row) => row.os,
  arch: (row) => row.arch,
  hostname: (row) => row.hostname,
  cpus: (row) => row.cpus,
  memoryBytes: (row) => row.memoryBytes,
  diskFreeBytes: (row) => row.diskFreeBytes,
  runtimeVersion: (row) => row.runtimeVersion,
}

/** Labels on one line; a label without a value is a tag. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(' ')
}

/** Writes the rows as CSV. @throws Problem `usage` for an unknown column, `data-directory.read-only` if the file cannot be written */
export function writeCsv(file: string, rows: readonly TableRow[], wanted: string | undefined): void {
  const names = wanted === undefined ? Object.keys(columns) : wanted.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !Object.hasOwn(columns, name))
  if (unknown !== undefined) {
    throw new Problem('usage', `--columns: there is no column '${unknown}'.`, { hint: `Columns are: ${Object.keys(columns).join(', ')}` })
  }
  const text = csvText(
    names,
    rows.map((row) => names.map((name) => columns[name]!(row))),
  )
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Problem('usage', `${file} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}
