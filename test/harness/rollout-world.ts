import type { RolloutEvent } from '../../shared/domain/rollout/event.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../shared/domain/rollout/plan.ts'
import type { Verdict } from '../../shared/domain/rollout/judge.ts'
import type { GateEvidence } from '../../shared/rpc/contract/gate-evidence.ts'
import { act, type Act } from '../../electron/core/rollout/engine/acts.ts'
import { advance } from '../../electron/core/rollout/engine/advance.ts'
import { applyEvent, startLive } from '../../electron/core/rollout/engine/apply-event.ts'
import type { Decision, DeviceFacts, Facts, NewEvent } from '../../electron/core/rollout/engine/facts.ts'
import type { Live } from '../../electron/core/rollout/engine/live.ts'
import type { RolloutDeviceState } from '../../shared/domain/rollout/life.ts'

/** What a rollout of the tests is about. */
export const worldTarget = { digest: 'd'.repeat(64), model: 'digits', version: '1.1.0' }
const incumbent = { digest: 'c'.repeat(64), model: 'digits', version: '1.0.0', role: 'active' as const, terms: {} }

/** A device of the world: what the engine can know of it, and is changed by the test. */
export type WorldDevice = Omit<DeviceFacts, 'device'> & { isTarget: boolean }

/** A fleet without a wire: the engine decides over it, its decisions are applied as the runtime does it, and the test says what devices do. */
export class RolloutWorld {
  now = Date.UTC(2026, 0, 5, 12)
  readonly devices = new Map<string, WorldDevice>()
  readonly events: RolloutEvent[] = []
  readonly verdicts = new Map<number, Verdict>()
  alert: string | null = null
  isMonthSpent = false
  monthLeft: number | null = null
  patientUntil = 0
  live: Live
  /** Called before an event is applied. */
  onEvent: (event: RolloutEvent) => void = () => {}
  #order = 0

  constructor(plan: Partial<RolloutPlanInput>, devices: readonly string[] | number = 5) {
    const whole = rolloutPlan.parse({ deployment: 'main', model: 'digits', version: '1.1.0', ...plan })
    const created = this.#written({ ...blank, kind: 'created', actor: 'ann', sentence: 'Written down.', detail: { plan: whole } })
    this.events.push(created)
    this.live = startLive(created)
    const ids = typeof devices === 'number' ? Array.from({ length: devices }, (_, n) => `cam-${String(n + 1).padStart(2, '0')}`) : devices
    for (const id of ids) this.add(id)
  }

  add(id: string, of: Partial<WorldDevice> = {}): void {
    this.devices.set(id, {
      ...{ isOnline: true, isNeverSeen: false, lastSeenAt: this.now, queryWave: null, stratum: '', group: null, standing: incumbent },
      ...{ takenBy: null, unfit: null, place: 'not-taken', problem: null, penaltyUntil: null, quietUntil: null, downloadFrom: 0 },
      ...{ activationFrom: 0, isLocked: false, offer: { link: 'ethernet', bytes: 1000, money: 0.5, seconds: 10 }, isTarget: true },
      ...of,
    })
  }

  set(id: string, of: Partial<WorldDevice>): this {
    Object.assign(this.devices.get(id)!, of)
    return this
  }

  facts(changed: readonly string[] | null = null): Facts {
    return {
      ...{ now: this.now, alert: this.alert, isMonthSpent: this.isMonthSpent, monthLeft: this.monthLeft, changed },
      patientUntil: this.patientUntil,
      targets: [...this.devices].filter(([, { isTarget }]) => isTarget).map(([id]) => id),
      isTarget: (id) => this.devices.get(id)?.isTarget === true,
      of: (id) => {
        const known = this.devices.get(id)
        return known === undefined ? null : { device: id, ...known }
      },
      evidence: (wave) => {
        const verdict = this.verdicts.get(wave)
        return verdict === undefined ? null : evidenceOf(verdict, this.now)
      },
    }
  }

  /** One look of the engine, with what follows from it. */
  tick(changed: readonly string[] | null = null): Decision {
    const decision = advance(this.live, this.facts(changed))
    const ordered = new Map(decision.offers.map(({ device }) => [device, 'offer']))
    for (const device of decision.reverts) ordered.set(device, 'revert')
    for (const event of decision.events) this.record(this.#withOrder(event))
    for (const device of ordered.keys()) this.set(device, { place: 'not-taken', problem: null })
    return decision
  }

  /** Lets time pass, and looks. */
  after(seconds: number): Decision {
    this.now += seconds * 1000
    for (const device of this.devices.values()) if (device.isOnline) device.lastSeenAt = this.now
    return this.tick()
  }

  act(request: Omit<Act, 'actor' | 'now'> & Record<string, unknown>, actor = 'ann'): NewEvent[] {
    const events = act(this.live, { actor, now: this.now, ...request } as Act)
    for (const event of events) this.record(event)
    return events
  }

  start(needsApproval: string | null = null, despiteAlerts = false): Decision {
    this.act({ kind: 'start', target: worldTarget, despiteAlerts, needsApproval } as never)
    return this.tick()
  }

  /** All that are on their way serve the version. */
  commit(...ids: string[]): Decision {
    const way = ids.length > 0 ? ids : this.inState('offered', 'fetching', 'staged', 'activating', 'probing')
    for (const id of way) this.set(id, { place: 'active' })
    return this.tick()
  }

  fail(id: string, problem: { code?: string; isPassing?: boolean } = {}): Decision {
    this.set(id, {
      place: 'refused',
      problem: { code: 'probe.golden-mismatch', message: 'It answers differently.', isPassing: false, ...problem },
    })
    return this.tick()
  }

  inState(...states: RolloutDeviceState[]): string[] {
    return [...this.live.run.devices.values()].filter(({ state }) => states.includes(state)).map(({ device }) => device)
  }

  stateOf(id: string): RolloutDeviceState | undefined {
    return this.live.run.devices.get(id)?.state
  }

  get waves(): string[] {
    return this.live.run.waves.map(({ state }) => state)
  }

  /** As the log stores it. */
  record(event: NewEvent): RolloutEvent {
    const written = this.#written(event)
    this.onEvent(written)
    applyEvent(this.live, written)
    this.events.push(written)
    return written
  }

  #written(event: NewEvent): RolloutEvent {
    return JSON.parse(JSON.stringify({ ...event, seq: this.events.length + 1, rollout: 7, at: this.now })) as RolloutEvent
  }

  #withOrder(event: NewEvent): NewEvent {
    if (event.kind !== 'offer' && event.kind !== 'activate' && event.kind !== 'revert') return event
    if (event.device === null) return event
    this.#order += 1
    return { ...event, detail: { ...event.detail, order: this.#order, counter: 100 + this.#order } }
  }
}

const blank = { device: null, wave: null, from: null, to: 'draft', detail: {} }

/** Evidence with a verdict and nothing else of interest. */
export function evidenceOf(verdict: Verdict, at: number): GateEvidence {
  return {
    ...{ at, from: at, verdict, sentence: `It says ${verdict}.`, metrics: [], candidateDevices: 1, incumbentDevices: 1, incumbent: null },
    sizeBound: { failures: 0, devices: 1, high: 0.95 },
  }
}
