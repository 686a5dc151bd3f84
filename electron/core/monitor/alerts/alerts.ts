import type { AlertRuleInput } from '../../../../shared/domain/alert.ts'
import { messageOf } from '../../../../shared/domain/problem.ts'
import type { Log } from '../../log.ts'
import { startDelivery } from '../channels/delivery.ts'
import type { Monitor } from '../monitor.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { TelemetryQueries } from '../../store/telemetry/queries.ts'
import { defaultBudget, thresholdsFor, type AlarmBudget, type Judged, type Thresholds } from './budget.ts'
import { openCensus } from './census.ts'
import type { DetectorCursor } from './evaluate-detector.ts'
import type { Sight } from './look.ts'
import type { Memory } from './looks.ts'
import { openPresence } from './presence.ts'
import type { Reading } from './reading.ts'
import { watchResources } from './resource-watch.ts'
import { allRules } from './rules.ts'
import { createScheduler, lookOnce } from './scheduler.ts'

/** What alerts work with. */
export interface AlertsParts {
  store: FleetStore
  monitor: Monitor
  telemetry: Pick<TelemetryQueries, 'lastArrivals' | 'arrivedEvents' | 'arrivedResources' | 'newestArrival'>
  fleet(): { id: string; name: string }
  /** True while the broker runs: else nobody can be heard. */
  isListening(): boolean
  now(): number
  log: Log
  changed(): void
  /** Draws the jitter of deliveries. */
  random(): number
}

/** Rules that look, alerts that live, channels that tell. */
export interface Alerts {
  /** The budget of false alarms that counts. */
  budget(): AlarmBudget
  judged(): Judged
  /** Levels that follow from the budget for the fleet as it is. */
  thresholds(): Thresholds
  /** What a rule would say now. @throws QueryProblem */
  preview(settings: AlertRuleInput): Reading[]
  /** A rule, a channel or a notice was changed: look soon, deliver now. */
  kick(): void
  /** Looks at everything that is due, now. */
  tick(): Promise<void>
  stop(): Promise<void>
}

/** Begins to watch. Looks come by themselves until it is stopped. */
export function startAlerts(parts: AlertsParts): Alerts {
  const { store, monitor, telemetry, log, now } = parts
  const presence = openPresence()
  const resources = watchResources(telemetry)
  const census = openCensus(monitor)
  const memory: Memory = { runs: new Map(), cursor: cursorIn(parts) }
  const budget = (): AlarmBudget => store.settings.get('alarmBudget') ?? defaultBudget
  const thresholds = (): Thresholds => thresholdsFor(budget(), census.judged())
  const sight = (): Sight => ({ store, monitor, telemetry, presence, resources, thresholds: thresholds(), now: now() })
  /** A preview leaves nothing behind. */
  const passing: Memory = { runs: new Map(), cursor: { place: () => telemetry.newestArrival('event'), advance: () => undefined } }
  const scheduler = createScheduler({
    ...{ store, log, memory, census, sight },
    onTick(everyMs) {
      presence.note({ isListening: parts.isListening(), entries: store.roster.all(), now: now(), everyMs })
      resources.refresh()
    },
  })
  const delivery = startDelivery({ store, fleet: parts.fleet, now, log, random: parts.random, onChange: parts.changed })

  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let isTicking = false
  let isSoon = false
  let stopped = false
  const tick = async (): Promise<void> => {
    if (stopped) return
    const hasChanged = await scheduler.tick().catch((error: unknown) => {
      log('error', 'the alerts could not be looked at', { reason: messageOf(error) })
      return false
    })
    if (hasChanged) parts.changed()
    delivery.kick()
  }
  const plan = (ms: number): void => {
    if (stopped) return
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      isTicking = true
      running = tick().finally(() => {
        isTicking = false
        plan(isSoon ? SOON_MS : scheduler.everyMs())
        isSoon = false
      })
    }, ms)
  }
  plan(SOON_MS)
  return {
    budget,
    thresholds,
    judged: () => census.judged(),
    preview: (settings) => {
      const rules = allRules(store.alertRules)
      return lookOnce({ ...settings, rule: 'preview', isBuiltIn: false, setAt: now(), setBy: '' }, rules, {
        sight: sight(),
        memory: passing,
      })
    },
    kick() {
      delivery.kick()
      if (isTicking) isSoon = true
      else plan(SOON_MS)
    },
    tick,
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
      await delivery.stop()
    },
  }
}

/** Several changes in a row are looked at together. */
const SOON_MS = 500

/** Where detector rules have read to. A rule that is new begins with what comes next. */
function cursorIn({ store, telemetry }: AlertsParts): DetectorCursor {
  return {
    place(rule) {
      const newest = telemetry.newestArrival('event')
      const known = store.settings.get('alertCursors')?.[rule]
      if (known !== undefined) return Math.min(known, newest)
      store.settings.set('alertCursors', { ...store.settings.get('alertCursors'), [rule]: newest })
      return newest
    },
    advance: (rule, place) => store.settings.set('alertCursors', { ...store.settings.get('alertCursors'), [rule]: place }),
  }
}
