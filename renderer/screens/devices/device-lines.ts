import { shellWord } from '../../components/copy.tsx'
import type { TableSort } from './devices-view.ts'
import type { Period } from './chart-data.ts'

const muster = 'npm run -s muster --'
const queryFlag = (query: string): string => (query === '' ? '' : ` --query ${shellWord(query)}`)

/** The list as a line of the command line. */
export function listLine(query: string, { column, descending }: TableSort): string {
  const sort = column === 'device' && !descending ? '' : ` --sort ${column}${descending ? ':desc' : ''}`
  return `${muster} devices list${queryFlag(query)}${sort}`
}

/** A change of labels as a line of the command line. There, a name with nothing behind `=` is cleared: a label without a value needs the method itself. */
export function labelLine(change: Readonly<Record<string, string | null>>, query: string): string {
  if (Object.values(change).includes('')) return `${muster} call devices.setLabels ${shellWord(JSON.stringify({ query, labels: change }))}`
  const words = Object.entries(change).map(([key, value]) => shellWord(`${key}=${value ?? ''}`))
  return `${muster} devices label ${words.join(' ')} --query ${shellWord(query)}`
}

/** Taking one device out of the fleet. */
export function removeLine(device: string): string {
  return `${muster} devices remove ${shellWord(device)} --yes`
}

/** Taking all devices that a query selects out of the fleet, if they are that many. */
export function removeManyLine(query: string, expect: number): string {
  return `${muster} devices remove --query ${shellWord(query)} --expect ${expect} --yes`
}

/** Setting, or with an empty text clearing, a note. */
export function noteLine(device: string, text: string): string {
  return `${muster} devices note ${shellWord(device)} ${text === '' ? '--clear' : shellWord(text)}`
}

/** What happened to a device. */
export function timelineLine(device: string, severity: string): string {
  return `${muster} devices timeline ${shellWord(device)}${severity === 'info' ? '' : ` --severity ${severity}`}`
}

/** Measures of a device over a period. */
export function seriesLine(device: string, period: Period, deployment: string): string {
  return `${muster} telemetry series --device ${shellWord(device)}${deployment === '' ? '' : ` --deployment ${shellWord(deployment)}`} --since ${period}`
}

/** Events of the fleet. */
export function eventsLine(query: string, severity: string): string {
  return `${muster} events${queryFlag(query)}${severity === 'info' ? '' : ` --severity ${severity}`}`
}

/** Saving a query under a name. */
export function saveLine(name: string, query: string): string {
  return `${muster} queries save ${shellWord(name)} ${shellWord(query)}`
}

/** Minutes that a code works where nobody says otherwise. */
export const DEFAULT_MINUTES = 10

/** Making a one-time code. */
export function enrolLine(device: string, labels: Readonly<Record<string, string>>, minutes: number): string {
  const words = Object.entries(labels).map(([key, value]) => shellWord(`${key}=${value}`))
  return [
    `${muster} devices enroll`,
    ...(device === '' ? [] : [`--id ${shellWord(device)}`]),
    ...(words.length === 0 ? [] : [`--label ${words.join(' ')}`]),
    ...(minutes === DEFAULT_MINUTES ? [] : [`--minutes ${minutes}`]),
  ].join(' ')
}
