import { duration } from '../../devices/why.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import { devicesOf, entriesOf, subjectWords, type Look, type RuleOf, type Sight } from './look.ts'
import { evidenceOf, noSubject, type Reading } from './reading.ts'
import { trafficBySubject } from './traffic.ts'

const TICK_MS = 15_000
/** How long before its silence a deployment must have answered to be missed. */
const BEFORE_MS = 7 * 86_400_000

/** Looks for what is not there: connections, telemetry, requests. */
export function absenceLooks(rule: RuleOf<'absence'>): Look[] {
  const { of, forMs } = rule.condition
  if (of === 'inference')
    return [{ key: of, everyMs: Math.min(300_000, forMs), see: (sight) => ({ readings: silentDeployments(rule, sight) }) }]
  const read = of === 'connection' ? connectionOf : telemetryOf
  return [
    {
      key: of,
      everyMs: Math.min(TICK_MS, forMs),
      see(sight) {
        const arrivals = of === 'telemetry' ? sight.telemetry.lastArrivals() : new Map<string, number>()
        const readings = watchedEntries(rule, sight).flatMap((entry) => read(entry, { forMs, sight, arrivals }) ?? [])
        return { readings: rule.per === 'device' ? readings : together(rule, readings, sight) }
      },
    },
  ]
}

interface Question {
  forMs: number
  sight: Sight
  arrivals: ReadonlyMap<string, number>
}

/** Devices of the rule; those of a sample fleet that somebody stopped are meant to be away. */
function watchedEntries(rule: RuleOf<'absence'>, sight: Sight): readonly RosterEntry[] {
  const samples = sight.store.settings.get('sampleFleet')
  const stopped = samples === undefined || samples.isWanted ? {} : samples.devices
  const { deployment } = rule
  return entriesOf(sight, rule).filter(
    ({ row, orders }) =>
      !Object.hasOwn(stopped, row.device) && (deployment === null || orders.some((order) => order.deployment === deployment)),
  )
}

function connectionOf({ row }: RosterEntry, { forMs, sight }: Question): Reading | null {
  if (row.status === 'never-seen') return null
  const subject = { ...noSubject, device: row.device }
  const since = sight.presence.listeningSince()
  if (row.status === 'online') {
    return {
      subject,
      state: 'clear',
      sentence: `${row.device} is connected.`,
      evidence: evidenceOf('s', { value: 0, threshold: forMs / 1000 }),
    }
  }
  const lastSeenAt = row.lastSeenAt ?? row.enrolledAt
  const evidence = evidenceOf('s', {
    value: (sight.now - lastSeenAt) / 1000,
    threshold: forMs / 1000,
    from: lastSeenAt,
    through: sight.now,
  })
  const sentence = `${row.device} has been offline for ${duration(sight.now - lastSeenAt)}.`
  if (since === null) return { subject, state: 'insufficient data', sentence, evidence }
  return { subject, state: sight.now - Math.max(lastSeenAt, since) >= forMs ? 'met' : 'easing', sentence, evidence }
}

function telemetryOf({ row, orders }: RosterEntry, { forMs, sight, arrivals }: Question): Reading | null {
  if (orders.length === 0 || row.status === 'never-seen') return null
  const subject = { ...noSubject, device: row.device }
  const onlineSince = sight.presence.onlineSince(row.device)
  const lastAt = arrivals.get(row.device) ?? null
  const sinceMs = sight.now - Math.max(lastAt ?? 0, onlineSince ?? sight.now)
  const evidence = evidenceOf('s', { value: sinceMs / 1000, threshold: forMs / 1000, from: lastAt, through: sight.now })
  const last = lastAt === null ? 'none has ever come' : `the last came ${duration(sight.now - lastAt)} ago`
  const sentence = `${row.device} is connected, but sends no telemetry: ${last}.`
  // Whether an offline device would send anything is another question, and another rule.
  if (onlineSince === null || sight.presence.listeningSince() === null) return { subject, state: 'insufficient data', sentence, evidence }
  if (sinceMs >= forMs) return { subject, state: 'met', sentence, evidence }
  const isHeard = lastAt !== null && lastAt >= onlineSince
  return { subject, state: isHeard ? 'clear' : 'easing', sentence: `${row.device} sends telemetry.`, evidence }
}

/** One reading for all devices, or for all of each deployment. */
function together(rule: RuleOf<'absence'>, readings: readonly Reading[], { now }: Sight): Reading[] {
  const met = readings.filter(({ state }) => state === 'met')
  const isBlind = readings.length > 0 && readings.every(({ state }) => state === 'insufficient data')
  const subject = { ...noSubject, deployment: rule.deployment }
  const names = met.slice(0, 5).map((one) => one.subject.device)
  const more = met.length > names.length ? ` and ${met.length - names.length} more` : ''
  const what = rule.condition.of === 'connection' ? 'offline' : 'without telemetry'
  return [
    {
      subject,
      state: met.length > 0 ? 'met' : isBlind ? 'insufficient data' : readings.some(({ state }) => state === 'easing') ? 'easing' : 'clear',
      sentence:
        met.length === 0 ? `No device is ${what}.` : `${met.length} of ${readings.length} devices are ${what}: ${names.join(', ')}${more}.`,
      evidence: evidenceOf('devices', { value: met.length, threshold: 1, n: readings.length, through: now }),
    },
  ]
}

/** Deployments that answered before and are not asked any more, although somebody could. */
function silentDeployments(rule: RuleOf<'absence'>, sight: Sight): Reading[] {
  const { forMs } = rule.condition
  const { now, presence } = sight
  const devices = devicesOf(sight, rule)
  const by = rule.per === 'device' ? 'device' : 'version'
  const slice = { devices, ...(rule.deployment === null ? {} : { deployment: rule.deployment }) }
  const before = trafficBySubject(sight, { ...slice, from: now - forMs - BEFORE_MS, through: now - forMs }, by)
  const recent = new Map(trafficBySubject(sight, { ...slice, from: now - forMs, through: now }, by).map((one) => [one.key, one]))
  const served = servingDevices(sight)
  return before.flatMap(({ key, subject, state }): Reading[] => {
    if (state.requests === 0) return []
    const online = served(subject).filter((device) => presence.onlineSince(device) !== null)
    const requests = recent.get(key)?.state.requests ?? 0
    // A console that came up just now has not seen the silence.
    const hasListened = presence.listeningSince() !== null && now - presence.listeningSince()! >= Math.min(forMs, 3_600_000)
    const isKnown = requests > 0 || (online.length > 0 && hasListened)
    return [
      {
        subject,
        state: !isKnown ? 'insufficient data' : requests > 0 ? 'clear' : 'met',
        sentence:
          requests > 0
            ? `${subjectWords(subject)} answers requests.`
            : `${subjectWords(subject)} has had no request for ${duration(forMs)} or more, although ${online.length} of its devices are connected.`,
        evidence: evidenceOf('requests', { value: requests, threshold: 1, n: state.requests, from: now - forMs, through: now }),
      },
    ]
  })
}

/** Devices that are ordered to serve a bundle, read once. */
function servingDevices({ store }: Sight): (subject: Reading['subject']) => string[] {
  const entries = store.roster.all()
  return ({ device, deployment, digest }) =>
    entries
      .filter(
        ({ row, orders }) =>
          (device === null || row.device === device) &&
          orders.some((order) => (deployment === null || order.deployment === deployment) && (digest === null || order.digest === digest)),
      )
      .map(({ row }) => row.device)
}
