import type { OrderRow } from '../store/fleet/orders.ts'
import type { Wanted } from '../store/fleet/terms.ts'
import type { Back } from './giving-back.ts'

/** Devices that get the same in place of the same. */
export interface BackGroup {
  how: Back['how']
  /** null: nothing. */
  to: Wanted | null
  /** What they had before. */
  had: Wanted | null
  devices: number
}

/** Groups that a sentence names. */
const MOST_NAMED = 5

/** What taking an order back does, in words. */
export function takeBackSentence(
  order: OrderRow,
  of: { action: 'cancel' | 'undo'; groups: readonly BackGroup[]; staying: number; offline: number },
): string {
  const changing = of.groups.filter(({ how }) => how !== 'refused')
  const parts = changing.slice(0, MOST_NAMED).map((group) => groupWords(order, group))
  if (changing.length > MOST_NAMED) parts.push(`${changing.length - MOST_NAMED} further groups get back what they had`)
  const doing = of.action === 'cancel' ? 'Cancelling' : 'Undoing'
  const first = parts.length === 0 ? `${doing} order ${order.id} changes no device.` : `${doing} order ${order.id}: ${parts.join('; ')}.`
  const one = of.staying === 1
  const staying =
    of.staying === 0
      ? ''
      : ` ${deviceCount(of.staying)} ${one ? 'has' : 'have'} done it already and ${one ? 'stays as it is' : 'stay as they are'}.`
  const away = of.offline === 1 ? 'is offline and hears of it when it connects' : 'are offline and hear of it when they connect'
  const offline = of.offline === 0 ? '' : ` Of these, ${of.offline} ${away}.`
  return first + offline + refusedWords(order, of.groups) + staying
}

/** `1 device`, `3 devices`. */
export function deviceCount(devices: number): string {
  return devices === 1 ? '1 device' : `${devices} devices`
}

/** A version by its names; nothing: empty. */
export function versionWords(version: { model: string; version: string } | null): string {
  return version === null ? '' : `${version.model} ${version.version}`
}

function groupWords({ slot, deployment }: OrderRow, { how, to, had, devices }: BackGroup): string {
  const [count, isOne] = [deviceCount(devices), devices === 1]
  const they = isOne ? 'it' : 'they'
  if (to === null && slot === 'beside') {
    const nothing = `${count} ${isOne ? 'has' : 'have'} nothing beside ${deployment} any more`
    return how === 'nothing' ? `${nothing}, as ${versionWords(had)}, which stood there, was withdrawn` : `${nothing}, as before`
  }
  if (to === null) return `${count} ${isOne ? 'stops' : 'stop'} serving ${deployment}, which ${they} did not have before`
  const gets = `${count} ${isOne ? 'gets' : 'get'} ${versionWords(to)}`
  if (how === 'fallback') return `${gets}, the fallback version, as ${versionWords(had)}, which ${they} had, was withdrawn`
  if (how === 'kept') return `${gets} back, which was withdrawn, as ${they} ${isOne ? 'has' : 'have'} nothing else`
  return `${gets} back${slot === 'beside' ? ' beside the active version' : ''}`
}

function refusedWords({ deployment }: OrderRow, groups: readonly BackGroup[]): string {
  const refused = groups.filter(({ how }) => how === 'refused')
  const devices = refused.reduce((sum, group) => sum + group.devices, 0)
  if (devices === 0) return ''
  const names = refused.slice(0, MOST_NAMED).map(({ had }) => versionWords(had))
  const keep = `${deviceCount(devices)} ${devices === 1 ? 'keeps' : 'keep'} what is ordered`
  return ` ${keep}: ${names.join(', ')}, which ${devices === 1 ? 'it' : 'they'} would get back, ${refused.length === 1 ? 'was' : 'were'} withdrawn, and ${deployment} has no fallback version.`
}
