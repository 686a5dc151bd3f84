import type { ForwardEventKind, WebhookForward } from '../../../../shared/domain/forward.ts'
import { withoutDevices } from '../../../../shared/domain/audit/entry.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { CopyReader } from '../../store/telemetry/copies.ts'

/** Something that happened, as it is told outside. */
export interface OutEvent {
  /** Stable for ever: receivers tell repetitions by it. */
  uid: string
  kind: ForwardEventKind
  /** What happened, without the name of the product. */
  type: string
  at: number
  subject: string | null
  title: string
  data: Record<string, unknown>
}

/** A part of a source: its events, and the place behind them. */
export interface SourcePage {
  events: OutEvent[]
  at: number
  record: string | null
  /** There is nothing behind it now. */
  isEnd: boolean
}

/** Where events come from, each with an order of its own. */
export const eventSources = ['audit', 'rollout', 'device'] as const
export type EventSource = (typeof eventSources)[number]

export interface SourceParts {
  store: FleetStore
  copies: CopyReader
}

/** Rows of a source that are read at once. */
const PAGE = 200
const MOST_TITLE = 200

/** The next events of a source that a webhook wants. @param after its place */
export const readSource: Record<EventSource, (parts: SourceParts, wanted: WebhookForward, after: number) => SourcePage> = {
  audit: ({ store }, { events, persons }, after) => {
    const entries = store.audit.after(after, PAGE)
    return {
      events: entries.flatMap((stored) => {
        const kind = kindOfAction(stored.action, events)
        if (kind === null) return []
        const { seq, at, action, actor, detail } = persons
          ? store.audit.readable(stored)
          : { ...stored, detail: withoutDevices(stored.detail) }
        const devices = store.audit.devicesOf(seq, 100)
        return {
          ...{ uid: `audit-${seq}-${stored.hash.slice(0, 16)}`, kind, type: `${kind}.${action}`, at },
          ...{ subject: devices.length === 1 ? devices[0]! : null, title: action },
          data: {
            ...{ seq, action, actor, devices, deviceCount: store.audit.deviceCount(seq) },
            detail: aboutSubjects.test(action) ? null : (JSON.parse(detail) as unknown),
          },
        }
      }),
      ...{ at: entries.at(-1)?.seq ?? after, record: entries.at(-1)?.hash ?? null, isEnd: entries.length < PAGE },
    }
  },
  rollout: ({ store }, { events }, after) => {
    const steps = store.rolloutEvents.after(after, PAGE)
    const isWanted = events.includes('rollout')
    return {
      // What happens to single devices is told by the devices themselves.
      events: steps
        .filter(({ device }) => isWanted && device === null)
        .map(({ seq, rollout, at, actor, kind, wave, from, to, sentence }) => ({
          ...{ uid: `rollout-${seq}-${at}`, kind: 'rollout' as const, type: `rollout.${kind}`, at, subject: String(rollout) },
          title: sentence.slice(0, MOST_TITLE),
          data: { rollout, kind, wave, from, to, sentence, byEngine: actor === 'muster' },
        })),
      ...{ at: steps.at(-1)?.seq ?? after, record: null, isEnd: steps.length < PAGE },
    }
  },
  device: ({ copies }, { events }, after) => {
    const page = copies.page('events', after, PAGE)
    return {
      events: page.rows.flatMap(({ device, spool, seq, at, name, severity, code, message, detail }) => {
        const kind = kindOfDeviceEvent(String(name))
        if (!events.includes(kind)) return []
        return {
          ...{ uid: `device-${device}-${spool}-${seq}`, kind, type: `${kind}.${String(name)}`, at: Number(at), subject: device },
          title: `${device}: ${String(message)}`.slice(0, MOST_TITLE),
          data: { device, name, severity, code, message, detail },
        }
      }),
      ...{ at: page.place, record: page.record, isEnd: page.rows.length < PAGE },
    }
  },
}

/** The end of a source now: what a webhook is told begins there. */
export const endOfSource: Record<EventSource, (parts: SourceParts) => number> = {
  audit: ({ store }) => store.audit.size(),
  rollout: ({ store }) => store.rolloutEvents.newest(),
  device: ({ copies }) => copies.newest('events'),
}

/** Entries that can tell of people whom data are about: what they did goes out, about whom does not. An erasure reaches no receiver. */
const aboutSubjects = /^(labelling|privacy)\./

const ofActions: readonly [RegExp, ForwardEventKind][] = [
  [/^(deployments|orders|carry)\./, 'deployment'],
  [/^(models|approvals)\./, 'model'],
  [/^(devices|enrolment)\./, 'device'],
]

/** The kind that an entry of the audit log goes out as; null: it is not wanted. Steps of rollouts have a source of their own. */
function kindOfAction(action: string, wanted: readonly ForwardEventKind[]): ForwardEventKind | null {
  const own = ofActions.find(([pattern]) => pattern.test(action))?.[1]
  if (own !== undefined && wanted.includes(own)) return own
  return wanted.includes('audit') ? 'audit' : null
}

/** What becomes of a model on a device is news of its deployment. */
function kindOfDeviceEvent(name: string): ForwardEventKind {
  return /^(model|deployment|transfer|probe|assignment|halt)\./.test(name) ? 'deployment' : 'device'
}
