import { z } from 'zod'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { severities } from '../../../shared/rpc/contract/devices.ts'
import { csvText } from '../../../shared/domain/csv.ts'

export type FleetEvent = OutputOf<'telemetry.events'>['events'][number]

/** What the address of the page of events holds. */
export const eventsView = z.object({
  query: z.string().max(4000).default(''),
  severity: z.enum(severities).default('info'),
  event: z.string().max(200).default(''),
})

/** The words for each severity in the filter. */
export const severityWords: Record<(typeof severities)[number], string> = {
  info: 'Everything',
  warning: 'Warnings and errors',
  error: 'Errors',
}

/** The key of an event: what it is told apart by in a list. */
export function eventKey({ at, device, name }: FleetEvent): string {
  return `${at}.${device}.${name}`
}

/** Events as CSV. */
export function eventsCsv(events: readonly FleetEvent[]): string {
  return csvText(
    ['at', 'device', 'severity', 'event', 'message', 'code'],
    events.map(({ at, device, severity, name, message, code }) => [new Date(at).toISOString(), device, severity, name, message, code]),
  )
}

/** More events than this are not written to one file: a spreadsheet holds about a million, and the page would hold them all. */
export const MOST_EXPORTED = 100_000

/** Asks for every event page by page. @returns the events, and whether there were more than fit */
export async function allEvents(
  ask: (before: string | null) => Promise<OutputOf<'telemetry.events'>>,
  { signal, onProgress }: { signal: AbortSignal; onProgress(share: number): void },
): Promise<{ events: FleetEvent[]; isCut: boolean }> {
  const events: FleetEvent[] = []
  let before: string | null = null
  do {
    signal.throwIfAborted()
    const page: OutputOf<'telemetry.events'> = await ask(before)
    events.push(...page.events)
    before = page.next
    // How many there are is not known before the end.
    onProgress(Math.min(0.99, events.length / (events.length + 1000)))
  } while (before !== null && events.length < MOST_EXPORTED)
  return { events, isCut: before !== null }
}
