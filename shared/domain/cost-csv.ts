import { csvText } from './csv.ts'

/** A row of a report of costs. */
export interface CostRow {
  key: string
  devices: number
  transfer: number
  compute: number
  storage: number
  total: number
  bytesIn: number
  bytesOut: number
  cpuSeconds: number
  inferences: number
}

/** A report of costs as CSV: money as plain numbers of the currency that the names of the columns carry. */
export function costsCsv(by: string, currency: string, rows: readonly CostRow[]): string {
  const unit = currency.toLowerCase().replace(/[^a-z0-9]+/g, '_')
  const money = ['transfer', 'compute', 'storage', 'total'].map((name) => `${name}_${unit}`)
  return csvText(
    [by, 'devices', ...money, 'bytes_in', 'bytes_out', 'cpu_seconds', 'inferences'],
    rows.map((row) => [
      ...[row.key, row.devices, row.transfer, row.compute, row.storage, row.total],
      ...[row.bytesIn, row.bytesOut, row.cpuSeconds, row.inferences],
    ]),
  )
}
