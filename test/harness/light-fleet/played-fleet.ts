import { takeIn } from '../../../electron/core/devices/intake.ts'
import { resendDesired } from '../../../electron/core/deployments/assign.ts'
import { parseTopic } from '../../../shared/protocol/topics.ts'
import { slotContent, type SlotContent } from '../../../shared/protocol/reported.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../../shared/domain/rollout/plan.ts'
import { enrolled, report } from '../fleet.ts'
import { openDigitsDesk } from '../rollout-desk.ts'
import type { DeviceNote, RolloutHistory } from '../rollout-history/history.ts'
import { LightDevice, type Temper } from './light-device.ts'

type Desk = Awaited<ReturnType<typeof openDigitsDesk>>['desk']

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What the fleet of a history is like. */
export interface FleetOdds {
  devices: number
  bad: number
  offline: number
  flapping: number
  clones: number
  late: number
}

export const usualOdds: Omit<FleetOdds, 'devices'> = { bad: 0.05, offline: 0.1, flapping: 0.1, clones: 0.01, late: 0.1 }

/**
 * A fleet of light devices against the real core: real store, registry, signed orders, outbox, intake and rollouts; only the wire between is this class, and
 * the clock. Orders are retained by topic as a broker does, so that a device that connects hears the newest.
 */
export class PlayedFleet {
  readonly notes: DeviceNote[] = []
  readonly before = new Map<string, string | null>()
  readonly desk: Desk
  readonly #random: () => number
  readonly #old: SlotContent
  readonly #target: string
  readonly #devices = new Map<
    string,
    { light: LightDevice; temper: Temper; isOnline: boolean; since: number; isFlapping: boolean; isCloned: boolean }
  >()
  readonly #retained = new Map<string, string>()
  readonly #odds: FleetOdds
  #made = 0
  #cloneSequence = 0

  private constructor(desk: Desk, of: { random: () => number; old: SlotContent; target: string; odds: FleetOdds }) {
    this.desk = desk
    this.#random = of.random
    this.#old = of.old
    this.#target = of.target
    this.#odds = of.odds
  }

  static async open(seed: number, odds: FleetOdds): Promise<PlayedFleet> {
    const { desk, old, next } = await openDigitsDesk(['seed-device'])
    const content = slotContent.parse({ digest: old.digest, model: 'digits', version: old.version, since: desk.clock.at })
    const fleet = new PlayedFleet(desk, { random: randomOf(seed), old: content, target: next.digest, odds })
    for (let i = 0; i < odds.devices; i += 1) fleet.#add()
    await fleet.orderOld()
    desk.clock.at += 1000
    return fleet
  }

  get size(): number {
    return this.#devices.size
  }

  chance(share: number): boolean {
    return this.#random() < share
  }

  /** A whole number from 0 to below `most`. */
  pick(most: number): number {
    return Math.floor(this.#random() * most)
  }

  /** Orders the version from before on whoever has nothing. */
  async orderOld(): Promise<void> {
    await this.desk.call('deployments.apply', { query: 'id = "dev-*"', model: 'digits', version: '1.0.0', deployment: 'digits' })
    this.#carry()
  }

  /** A device that was not there before. It joins the fleet and is no member of what was begun yet. */
  #add(before: SlotContent | null = this.#old): string {
    const device = `dev-${String(this.#made).padStart(4, '0')}`
    this.#made += 1
    const { bad, flapping, clones } = this.#odds
    const temper: Temper = this.chance(bad)
      ? (['bad', 'unfit', 'turncoat', 'silent'] as const)[this.pick(4)]!
      : this.chance(0.05)
        ? 'shaky'
        : 'good'
    const options = { device, deployment: 'digits', temper, before, stageMs: 1000 + this.pick(4000) }
    const light = new LightDevice({ ...options, note: (note) => void this.notes.push(note) })
    this.before.set(device, before?.digest ?? null)
    this.#devices.set(device, {
      light,
      temper,
      isOnline: false,
      since: this.desk.clock.at,
      isFlapping: this.chance(flapping),
      isCloned: this.chance(clones),
    })
    enrolled(this.desk.store, device, { site: `site-${this.#made % 5}` })
    if (!this.chance(this.#odds.offline)) this.#connect(device, true)
    return device
  }

  #connect(device: string, isOnline: boolean): void {
    const one = this.#devices.get(device)!
    one.isOnline = isOnline
    one.since = this.desk.clock.at
    this.#say(device, 'presence', {
      ...{ v: 1, sentAt: this.desk.clock.at, device, status: isOnline ? 'online' : 'offline', boot: one.light.boot, agentVersion: '0.1.0' },
    })
    if (!isOnline) return
    const order = this.#retained.get(device)
    if (order !== undefined) one.light.order(order, this.desk.clock.at)
    const { store, parts } = this.desk
    if (store.deployments.assignment(device) !== null) store.transact(() => resendDesired(parts, device, this.desk.clock.at))
    this.#report(device, true)
  }

  #say(device: string, name: 'presence' | 'reported', message: object): void {
    const { store, book, clock } = this.desk
    const { devices } = takeIn(store, [{ name, sender: device, json: JSON.stringify(message), receivedAt: clock.at }])
    book.settle([...devices])
    this.desk.rollouts.note([...devices])
  }

  #report(device: string, isAnyway: boolean): void {
    const one = this.#devices.get(device)!
    const said = one.isOnline ? one.light.report(this.desk.clock.at, isAnyway) : null
    if (said !== null) this.#say(device, 'reported', said)
  }

  /** Carries what waits in the outbox to the devices. */
  #carry(): void {
    const { outbox } = this.desk.store
    for (let rows = outbox.next(0, 1000); rows.length > 0; rows = outbox.next(0, 1000)) {
      for (const { id, topic, payload } of rows) {
        outbox.remove(id)
        const device = parseTopic('test', topic)?.parameters['device']
        if (device === undefined || !topic.endsWith('/desired')) continue
        this.#retained.set(device, payload.toString())
        const one = this.#devices.get(device)
        if (one?.isOnline === true) one.light.order(payload.toString(), this.desk.clock.at)
      }
    }
  }

  /** One step of time, with whatever happens to devices in it. */
  step(ms: number): void {
    for (const [device, one] of this.#devices) {
      if (one.isFlapping && this.chance(0.15)) this.#connect(device, !one.isOnline)
      else if (!one.isFlapping && !one.isOnline && this.chance(0.01)) this.#connect(device, true)
      if (one.isCloned && one.isOnline && this.chance(0.05)) this.#cloneSpeaks(device)
      one.light.tick(this.desk.clock.at)
      this.#report(device, false)
    }
    this.desk.tick(ms)
    this.#carry()
  }

  /** A copy of the device, as it was before the rollout, talks under the same id with a boot of its own. */
  #cloneSpeaks(device: string): void {
    this.#cloneSequence += 1
    const slots = { state: 'active' as const, active: this.#old, candidate: null, lastGood: null, progress: null, problem: null }
    this.#say(
      device,
      'reported',
      report(device, {
        ...{ sequence: this.#cloneSequence, boot: 'boot-clone' as never, assignmentCounter: 1 },
        deployments: { digits: { ...slots, watch: null, beside: null } } as never,
      }),
    )
    this.#report(device, true)
  }

  /** From now on no link flaps, and everybody is there. */
  calm(): void {
    for (const [device, one] of this.#devices) {
      one.isFlapping = false
      if (!one.isOnline) this.#connect(device, true)
    }
  }

  /** Some more devices join, with nothing on them. */
  joinLate(): void {
    const count = Math.ceil(this.#odds.devices * this.#odds.late)
    for (let i = 0; i < count; i += 1) this.#add(null)
  }

  #wellAndThere(): Set<string> {
    const longAgo = this.desk.clock.at - 20 * 60_000
    const isWell = ({ temper, isOnline, since }: { temper: Temper; isOnline: boolean; since: number }): boolean =>
      isOnline && since < longAgo && (temper === 'good' || temper === 'shaky')
    return new Set([...this.#devices].flatMap(([device, one]) => (isWell(one) ? [device] : [])))
  }

  /** Everything that is known of a rollout of this fleet. */
  async history(rollout: number, plan: Partial<RolloutPlanInput>): Promise<RolloutHistory> {
    const shown = await this.desk.call('rollouts.show', { rollout })
    return {
      rollout,
      plan: rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0', ...plan }),
      target: this.#target,
      ...{ before: this.before, notes: this.notes, wellAndThere: this.#wellAndThere() },
      events: [...this.desk.store.rolloutEvents.all(rollout)],
      end: { state: shown.state, counts: shown.counts, committed: shown.committed, reached: shown.reached },
    }
  }
}
