import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { alertChannelsHandlers } from '../../electron/core/api/alert-channels.ts'
import { alertRulesHandlers } from '../../electron/core/api/alert-rules.ts'
import { alertSilencesHandlers } from '../../electron/core/api/alert-silences.ts'
import { alertsHandlers } from '../../electron/core/api/alerts.ts'
import type { ApiParts } from '../../electron/core/api/parts.ts'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { startAlerts } from '../../electron/core/monitor/alerts/alerts.ts'
import type { DriftAnswer, Monitor, QualityAnswer, Rate, RatesAnswer, Subject, Verdict } from '../../electron/core/monitor/monitor.ts'
import type { FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import type { ArrivedEvent, ArrivedResources } from '../../electron/core/store/telemetry/arrivals.ts'
import type { CountedSubject, PartKey, Slice, TrafficState } from '../../electron/core/store/telemetry/slice.ts'
import { contract, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import type { CommandContext } from '../../shared/rpc/dispatch.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { bootId, deviceId } from '../../shared/domain/ids.ts'
import { enrolled, fleetStore, T0, temporaryDirectory } from './fleet.ts'

export const DIGEST = 'd'.repeat(64)
export const PLACE = { deployment: 'wine', digest: DIGEST, model: 'wine', version: '1.0.0' }
export const MINUTE = 60_000
export const HOUR = 3_600_000

/** What monitoring would say: verdicts are made by its own tests, alerts only read them. */
export interface ScriptedMonitor {
  subjects: CountedSubject[]
  devices: string[]
  /** @param isWithin asked of values within the range alone */
  verdicts(of: Subject, isWithin: boolean): Partial<Verdict>[]
  rates(of: Subject): Partial<Rate>[]
  through: number
  quality: Partial<QualityAnswer>
  traffic(slice: Slice): { key: PartKey; state: TrafficState }[]
}

export const traffic = (change: Partial<TrafficState> = {}): TrafficState => ({
  ...{ windows: 1, requests: 0, rows: 0, errors: 0, coveredMs: 60_000, causes: {}, validation: {}, notFinite: 0, cacheHits: 0, cpuMs: 0 },
  ...{ firstAt: T0, lastAt: T0 },
  latency: LatencySketch.empty(),
  ...change,
})

export const ofVersion: PartKey = { bucket: 0, device: null, deployment: 'wine', digest: DIGEST }

/** A score of a window at a level. */
export function scored(level: Verdict['windows'][number]['level'], effect: number, through: number): Verdict['windows'][number] {
  const p = level === 'none' ? 0.5 : 0.0001
  return {
    from: through - HOUR,
    through,
    level,
    n: 500,
    effective: 480,
    m: 110,
    effect,
    psi: effect,
    psiAdjusted: effect,
    jsDistance: 0.1,
    p,
    pAdjusted: p,
  }
}

const reference = { kind: 'training', id: 'training:x', name: 'training (110 rows)', rows: 110, state: 'ready', why: null } as const

function monitorOf(script: ScriptedMonitor): Monitor {
  const rule = { warn: 0.1, alarm: 0.2, q: 0.05, leastValues: 100, warnFrom: 200, windows: 2, of: 3, windowMs: HOUR }
  return {
    subjects: () => script.subjects,
    devicesOf: () => script.devices,
    verdicts: (of, { isWithin }): DriftAnswer => ({
      ...{ from: 0, through: of.through, reference, rule, omitted: 0, openWindow: null },
      features: script.verdicts(of, isWithin === true).map((one) => ({
        ...{ name: 'alcohol', role: 'feature', kind: 'numeric', state: 'ok', sentence: `${one.name ?? 'alcohol'} has drifted.` },
        ...{ last: one.windows?.at(-1) ?? null, warnings: 0, alarms: 0, windows: [] },
        ...one,
      })) as Verdict[],
    }),
    rates: (of): RatesAnswer => ({
      ...{ from: script.through - HOUR, through: script.through, reference },
      rates: script.rates(of).map((one) => ({
        ...{ name: 'ash', role: 'feature', cause: 'missing', state: 'ok', sentence: `${one.name ?? 'ash'}: ${one.cause ?? 'missing'}.` },
        ...{ current: { successes: 30, trials: 200, share: 0.15 }, reference: { successes: 0, trials: 110, share: 0 } },
        ...{ difference: 0.15, low: 0.1, high: 0.2, p: 0.0001 },
        ...one,
      })) as Rate[],
    }),
    quality: () => script.quality as QualityAnswer,
    traffic: (slice) => script.traffic(slice),
    reference: () => reference,
  }
}

type Handler = (input: unknown, context: unknown) => unknown

/** Rules, alerts and channels over a real store; the clock is the test's, and what monitoring says is scripted. */
export function openAlertDesk(of: { store?: FleetStore; clock?: { at: number } } = {}) {
  const store = of.store ?? fleetStore(temporaryDirectory())
  const clock = of.clock ?? { at: T0 }
  const world = {
    isListening: true,
    arrivals: new Map<string, number>(),
    events: [] as ArrivedEvent[],
    resources: [] as ArrivedResources[],
  }
  const script: ScriptedMonitor = {
    ...{ subjects: [], devices: [], verdicts: () => [], rates: () => [], through: T0, quality: {}, traffic: () => [] },
  }
  const now = (): number => clock.at
  const said: { message: string; detail: unknown }[] = []
  const changes: string[] = []
  const alerts = startAlerts({
    ...{ store, monitor: monitorOf(script), now, random: () => 0.5, changed: () => void changes.push('alerts') },
    telemetry: {
      lastArrivals: () => world.arrivals,
      arrivedEvents: ({ after }) => world.events.filter(({ place }) => place > after),
      arrivedResources: ({ after }) => world.resources.filter(({ place }) => place > after),
      newestArrival: (table) => world[table === 'event' ? 'events' : 'resources'].at(-1)?.place ?? 0,
    },
    fleet: () => ({ id: 'test', name: 'Test fleet' }),
    isListening: () => world.isListening,
    log: (_level, message, detail) => void said.push({ message, detail }),
  })
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (!isStopped) await alerts.stop()
    isStopped = true
  }
  onTestFinished(stop)
  const parts = { store, alerts, now, fleet: 'test', changed: () => undefined } as unknown as ApiParts
  const handlers: Partial<Record<MethodName, unknown>> = {
    ...{ ...alertsHandlers(parts), ...alertRulesHandlers(parts), ...alertSilencesHandlers(parts), ...alertChannelsHandlers(parts) },
  }
  const run = commandRunner(store, now)

  async function call<Name extends MethodName>(method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const parsed = contract[method].input.parse(input)
    const caller = { actor: 'kim', role: 'admin' as const }
    const work = (context: CommandContext): unknown => (handlers[method] as Handler)(parsed, context)
    const isQuery = contract[method].kind === 'query'
    const output = isQuery ? await work(caller as never) : run({ method, input: parsed, commandId: randomUUID(), caller }, work)
    return contract[method].output.parse(JSON.parse(JSON.stringify(output))) as OutputOf<Name>
  }

  /** Lets time pass as it does: in ticks. */
  async function pass(ms: number, stepMs = 15_000): Promise<void> {
    for (const end = clock.at + ms; clock.at < end;) {
      clock.at = Math.min(end, clock.at + stepMs)
      await alerts.tick()
    }
  }

  function connect(device: string, status: 'online' | 'offline' = 'online'): void {
    if (store.devices.find(device) === null) enrolled(store, device)
    const boot = bootId.parse('boot-1')
    store.devices.notePresence(
      { v: 1, sentAt: clock.at, device: deviceId.parse(device), boot, status, agentVersion: '0.1.0' } as never,
      clock.at,
    )
  }

  /** Orders the sample version on a device, so that it is a version in service. */
  function order(device: string): void {
    const known = store.db.prepare('SELECT 1 FROM bundle WHERE digest = ?').get(DIGEST)
    if (known === undefined)
      store.db
        .prepare(`INSERT INTO bundle (digest, manifest, signatures, created_at) VALUES (?, ?, '[]', 0)`)
        .run(DIGEST, Buffer.from('{}'))
    store.db
      .prepare('INSERT INTO deployment (device, deployment, digest, model, version, ordered_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(device, PLACE.deployment, DIGEST, PLACE.model, PLACE.version, T0)
  }

  const firing = async () => (await call('alerts.list', { state: 'firing' })).alerts
  return { store, clock, world, script, alerts, call, pass, connect, order, firing, said, changes, stop }
}
