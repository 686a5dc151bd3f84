import { messageOf } from '../../shared/domain/problem.ts'
import type { DistributionBody, EventBody, WindowBody } from '../../shared/protocol/telemetry.ts'
import { unpackDistribution } from '../../shared/stats/reference/distribution.ts'
import type { MonitoredReferences } from '../../shared/stats/reference/monitored.ts'
import type { AgentStatus } from '../control/status.ts'
import type { Log } from '../log.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'
import { freshState, readState, textOfState, type DetectorName, type DetectorState } from './detector-state.ts'
import { eventOf } from './detector-event.ts'
import { watchDistribution } from './distribution-detectors.ts'
import { watchTraffic, type Alarm } from './traffic-detectors.ts'

/** What an examination found; it counts once `commit` was called. */
export interface Examined {
  events: { measuredAt: number; body: EventBody }[]
  /** Texts to keep by bundle; null: it is forgotten. */
  states: ReadonlyMap<string, string | null>
  commit(): void
}

/** What the detectors of a deployment say now: which know no baseline yet, and the changes that are not over, the oldest first. */
export type DetectorStatus = AgentStatus['detectors'][string]

/** Finds changes in what one device counts, as soon as a window closes and without the console. */
export interface Detectors {
  /**
   * Looks at records on their way to the spool. The events and the new states belong into the same transaction as the records: so the same
   * data never counts twice, whatever ends in between.
   */
  examine(records: readonly UnspooledRecord[]): Examined
  /** By deployment. */
  status(): Record<string, DetectorStatus>
}

/** What detectors work with. */
export interface DetectorOptions {
  /** What was kept, by bundle. */
  states: ReadonlyMap<string, string>
  /** Inferences between two false alarms; 0: there are no detectors. */
  between(): number
  /** The references of a bundle; null: they cannot be read, and nothing of its values is watched. */
  referencesOf(digest: string): MonitoredReferences | null
  log: Log
}

/** Bundles that are remembered: of more, those that were not seen for longest go. */
const MOST_BUNDLES = 32

interface Known {
  deployment: string
  version: string
  state: DetectorState
}

/** Opens the detectors of a device with what they remembered. */
export function openDetectors(options: DetectorOptions): Detectors {
  const known = new Map<string, Known>()
  for (const [key, text] of options.states) {
    const [deployment = '', version = ''] = key.split('\n')
    const state = readState(text)
    if (state !== null) known.set(key, { deployment, version, state })
  }
  return {
    examine(records) {
      const between = options.between()
      const touched = new Map<string, Known>()
      const events: Examined['events'] = []
      for (const record of between === 0 ? [] : records) {
        const body = watched(record)
        if (body === null) continue
        const one = stateFor(touched, known, body)
        one.state.at = Math.max(one.state.at, body.endedAt)
        const alarms = alarmsOf(record.kind, body, { one, between, options })
        events.push(...alarms.map((alarm) => ({ measuredAt: record.measuredAt, body: eventOf(body, alarm) })))
      }
      const forgotten = oldest(new Map([...known, ...touched]))
      const states = new Map<string, string | null>([...touched].map(([key, { state }]) => [key, textOfState(state)]))
      for (const key of forgotten) states.set(key, null)
      return {
        events,
        states,
        commit() {
          for (const [key, one] of touched) known.set(key, one)
          for (const key of forgotten) known.delete(key)
        },
      }
    },
    status: () => statusOf(known.values()),
  }
}

type Watched = WindowBody | DistributionBody

/** The body of a record that is watched: parsed where it came from. */
function watched({ kind, body }: UnspooledRecord): Watched | null {
  return kind === 'window' || kind === 'distribution' ? (body as Watched) : null
}

/** A copy to work on: what the spool refuses must not have counted. */
function stateFor(touched: Map<string, Known>, known: ReadonlyMap<string, Known>, { deployment, version, digest }: Watched): Known {
  const key = `${deployment}\n${version}\n${digest}`
  let one = touched.get(key)
  if (one === undefined) {
    one = { deployment, version, state: structuredClone(known.get(key)?.state ?? freshState()) }
    touched.set(key, one)
  }
  return one
}

function alarmsOf(
  kind: UnspooledRecord['kind'],
  body: Watched,
  { one, between, options }: { one: Known; between: number; options: DetectorOptions },
): Alarm[] {
  try {
    if (kind === 'window') return watchTraffic(one.state, body as WindowBody, between)
    const references = options.referencesOf(body.digest)
    if (references === null) return []
    const { endedAt, ...packed } = body as DistributionBody
    return watchDistribution(one.state, { counted: unpackDistribution(packed, references), endedAt }, { references, between })
  } catch (error) {
    // Records reach the spool whatever a detector makes of them.
    options.log('warn', 'a detector could not read a record', { kind, deployment: body.deployment, reason: messageOf(error) })
    return []
  }
}

function oldest(all: ReadonlyMap<string, Known>): string[] {
  return [...all]
    .sort(([, a], [, b]) => b.state.at - a.state.at)
    .slice(MOST_BUNDLES)
    .map(([key]) => key)
}

function statusOf(all: Iterable<Known>): Record<string, DetectorStatus> {
  const byDeployment = new Map<string, DetectorStatus & { at: number }>()
  for (const { deployment, version, state } of all) {
    const newest = byDeployment.get(deployment)
    // Of bundles that served before, nothing changes any more.
    if (newest !== undefined && newest.at >= state.at) continue
    byDeployment.set(deployment, { at: state.at, learning: learningOf(state), raised: raisedOf(version, state) })
  }
  return Object.fromEntries([...byDeployment].map(([name, { learning, raised }]) => [name, { learning, raised }]))
}

function learningOf({ errors, latency, confidence }: DetectorState): DetectorName[] {
  return [
    ...(errors.windows > 0 && latency.known === null ? (['errors', 'latency'] as const) : []),
    ...(confidence.learning === null ? [] : (['confidence'] as const)),
  ]
}

function raisedOf(version: string, { errors, latency, confidence, features }: DetectorState): DetectorStatus['raised'] {
  const own = [
    { detector: 'errors' as const, feature: null, rate: errors.rate },
    { detector: 'latency' as const, feature: null, rate: latency.rate },
    { detector: 'confidence' as const, feature: null, rate: confidence.rate },
  ]
  return [...own, ...features.values()]
    .flatMap(({ detector, feature, rate }) => (rate.raised === null ? [] : [{ detector, feature, version, since: rate.raised.at }]))
    .sort((a, b) => a.since - b.since)
}
