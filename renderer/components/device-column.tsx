import { Link as RouteLink } from 'wouter'
import { paths } from '../data/paths.ts'
import type { Column } from './grid/column.ts'

/** The column that names a device and leads to its page. */
export function deviceColumn<Row extends { device: string }>(): Column<Row> {
  return {
    id: 'device',
    title: 'Device',
    width: 150,
    cell: ({ device }) => (
      <RouteLink href={paths.device(device)} className="mono foreign" tabIndex={-1}>
        {device}
      </RouteLink>
    ),
    text: ({ device }) => device,
  }
}

/** A version by name; `null` is nothing. */
export function versionName(reference: { model: string; version: string } | null): string {
  return reference === null ? 'nothing' : `${reference.model} ${reference.version}`
}
