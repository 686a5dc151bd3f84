import type { BrokerOptions } from '../hub/messages.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Guard } from '../trust/guards.ts'
import { lifeDays } from './authority.ts'

const DAY = 86_400_000
/** Nobody renews the papers of a broker that others run but a person: they are told this long before the end. */
const TELL_MS = 30 * DAY

/** Remembers until when the papers count that were just made for a broker that others run. */
export function noteBrokerPapers(store: FleetStore, certificateUntil: number, now: number): void {
  store.settings.set('brokerPapers', { certificateUntil, listUntil: now + lifeDays.list * DAY, listAt: now })
}

/** Remembers that the list of what was taken back was written anew for it. */
export function noteRevocationList(store: FleetStore, now: number): void {
  const papers = store.settings.get('brokerPapers')
  if (papers !== undefined) store.settings.set('brokerPapers', { ...papers, listUntil: now + lifeDays.list * DAY, listAt: now })
}

/** The row of a broker that others run, with a configuration of ours; null: there is none. */
export function brokerPapersGuard(store: FleetStore, broker: BrokerOptions, now: number): Guard | null {
  const papers = store.settings.get('brokerPapers')
  if (broker.kind !== 'external' || !broker.url.startsWith('mqtts:') || papers === undefined) return null
  const { certificateUntil, listUntil, listAt } = papers
  const head = { id: 'broker.papers', title: 'Certificates of the external broker' } as const
  const page = { label: 'Open the settings of the broker', path: '/settings?tab=broker' } as const
  const list = { ...page, command: 'muster broker revoked --out FILE' }
  const out = store.certificates.shutOutSince(listAt, now)
  if (out.length > 0)
    return {
      ...{ ...head, state: 'attention', action: list },
      sentence: `${namesOf(out)} shut out since the list of the broker was written: it lets them in until it has the new list and was restarted.`,
    }
  if (certificateUntil - now < TELL_MS)
    return {
      ...{ ...head, state: 'attention', action: { ...page, command: 'muster broker mosquitto-config --out FOLDER --name NAME' } },
      sentence: `The certificate of the broker ${endOf(certificateUntil, now)}; then no device reaches it. Write its configuration anew, and restart it.`,
    }
  if (listUntil - now < TELL_MS)
    return {
      ...{ ...head, state: 'attention', action: list },
      sentence: `The list of what was taken back ${endOf(listUntil, now)}; then the broker refuses every device. Write it anew, and restart the broker.`,
    }
  const until = Math.min(certificateUntil, listUntil)
  return {
    ...head,
    state: 'on',
    sentence: `What it shows, and its list of what was taken back, count until ${dateOf(until)}.`,
    action: null,
  }
}

const MOST_NAMED = 5

function namesOf(devices: readonly string[]): string {
  const named = devices.slice(0, MOST_NAMED).join(', ')
  const more = devices.length > MOST_NAMED ? ` and ${devices.length - MOST_NAMED} more` : ''
  return `${named}${more} ${devices.length === 1 ? 'was' : 'were'}`
}

function endOf(at: number, now: number): string {
  return `${at > now ? 'ends' : 'ended'} on ${dateOf(at)}`
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
