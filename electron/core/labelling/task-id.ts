import { Problem } from '../../../shared/domain/problem.ts'
import type { DeskKey } from '../store/fleet/desk.ts'

/** The stable name of a row: device, prediction, row. */
export function taskOf({ device, prediction, row }: DeskKey): string {
  return `${device}/${prediction}/${row}`
}

/** A prediction may hold slashes; device and row do not. @throws Problem `labelling.not-found` for a text that names no row */
export function keyOf(task: string): DeskKey {
  const first = task.indexOf('/')
  const last = task.lastIndexOf('/')
  const row = task.slice(last + 1)
  if (first < 1 || last <= first + 1 || !/^\d{1,9}$/.test(row))
    throw new Problem('labelling.not-found', `'${task.slice(0, 80)}' names no row.`, { hint: 'A row is named DEVICE/PREDICTION/ROW.' })
  return { device: task.slice(0, first), prediction: task.slice(first + 1, last), row: Number(row) }
}
