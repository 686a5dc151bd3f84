import { csvRows } from '../../../shared/domain/csv.ts'
import { deviceId } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'

/** A device that is to join, as a line of a CSV names it. */
export interface WantedDevice {
  /** Of the file, from 1; the header is line 1. */
  line: number
  device: string
  labels: Record<string, string>
}

/** Codes of one file. More devices come in several files. */
const MOST_LINES = 10_000
/** A person corrects a file in one go, but reads no thousand complaints. */
const MOST_TOLD = 20
const labelKey = /^[a-z0-9][a-z0-9_-]{0,63}$/

/**
 * Reads a CSV of devices: a column `device`, and one column per label; an empty cell is no label.
 * @throws Problem `data.invalid` naming every line that is wrong (the first 20)
 */
export function readWantedDevices(csv: string, isEnrolled: (device: string) => boolean): WantedDevice[] {
  const [header, ...rows] = csvRows(csv, 'The list of devices')
  if (header === undefined || rows.length === 0) throw new Problem('data.invalid', 'The list of devices is empty.')
  if (rows.length > MOST_LINES)
    throw new Problem('data.invalid', `The list has ${rows.length} devices; at most ${MOST_LINES} are taken at once.`)
  const columns = header.map((name) => name.toLowerCase().trim())
  const at = columns.indexOf('device')
  if (at < 0) throw new Problem('data.invalid', `The list has no column 'device'; its columns are ${columns.join(', ')}.`)
  const wrong = columns.find((name, i) => i !== at && !labelKey.test(name))
  if (wrong !== undefined)
    throw new Problem('data.invalid', `'${wrong}' is no name of a label: a-z, 0-9, _ and -, and it starts with a letter or digit.`)
  const faults: string[] = []
  const seen = new Map<string, number>()
  const wanted = rows.map((cells, i): WantedDevice => {
    const line = i + 2
    const device = cells[at] ?? ''
    const fault = faultOf(cells, { device, columns: columns.length, first: seen.get(device) ?? null, isEnrolled })
    if (fault !== null) faults.push(`line ${line}: ${fault}`)
    seen.set(device, line)
    const labels = columns.flatMap((name, column) => (column === at || cells[column] === '' ? [] : [[name, cells[column] ?? ''] as const]))
    return { line, device, labels: Object.fromEntries(labels) }
  })
  if (faults.length === 0) return wanted
  const more = faults.length > MOST_TOLD ? `; and ${faults.length - MOST_TOLD} more` : ''
  throw new Problem('data.invalid', `No code was made: ${faults.slice(0, MOST_TOLD).join('; ')}${more}.`, {
    hint: 'Correct these lines and give the whole file again.',
  })
}

function faultOf(
  cells: readonly string[],
  at: { device: string; columns: number; first: number | null; isEnrolled(device: string): boolean },
): string | null {
  if (cells.length !== at.columns) return `it has ${cells.length} cells, the header ${at.columns}`
  if (!deviceId.safeParse(at.device).success) return `'${at.device.slice(0, 80)}' is no device id (1 to 64 of a-z, 0-9 and -)`
  if (at.first !== null) return `${at.device} stands in line ${at.first} already`
  if (at.isEnrolled(at.device)) return `${at.device} is enrolled already`
  if (cells.some((cell) => cell.length > 256)) return 'a label has more than 256 characters'
  return null
}
