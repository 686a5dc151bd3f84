import type { TimeWindow } from '../../../shared/domain/rollout/plan.ts'
import type { OfferForecast } from '../costs/costs.ts'
import { skipMessage, type SkipReason } from '../deployments/skipping.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { Wanted } from '../store/fleet/terms.ts'
import type { DeviceFacts } from './engine/facts.ts'
import type { Live } from './engine/live.ts'
import { waveHash } from './engine/waves.ts'
import { placeInRollout } from './place-in-rollout.ts'
import { shareOfHash } from './planning/windows.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RolloutDevice, RolloutRun } from './rollout-run.ts'
import type { RunBook } from './run-book.ts'
import { takenBy, type OrderInForce } from './taken-by.ts'
import type { KeptTargets } from './targets-kept.ts'
import { isOrderedByOther } from './what-stood.ts'

/** What the facts of a device are read from. */
export type DeviceSources = Pick<RolloutParts, 'store' | 'costs' | 'windows'> & {
  runs: RunBook
  listeningSince: number
}

/** One look at one rollout: what is read once for all of its devices. */
export interface Look {
  live: Live
  now: number
  targets: KeptTargets
  /** Newest orders of a device to the deployment. */
  ordersOf(device: string): readonly OrderInForce[]
  penaltyOf(device: string): number | null
  others: readonly RolloutRun[]
  refusal(entry: RosterEntry): SkipReason | null
  offerOf(entry: RosterEntry): OfferForecast
}

/** Reads a device. @returns null: it is not in the fleet, or knows nothing of what it was offered */
export function deviceFacts(sources: DeviceSources, look: Look, device: string): DeviceFacts | null {
  const entry = look.targets.entry(device)
  if (entry === null) return null
  const own = look.live.run.devices.get(device) ?? null
  const orders = look.ordersOf(device)
  const mine = own?.order == null || own.state === 'skipped' ? undefined : orders.find((one) => one.order === own.order)
  // A device that was taken out and joined again knows nothing of what it was offered before.
  if (mine !== undefined && mine.createdAt < entry.row.enrolledAt) return null
  return new ReadDevice(sources, look, { entry, own, orders })
}

/** What every look at a device needs is read at once; the rest, such as windows and forecasts, when somebody asks. */
class ReadDevice implements DeviceFacts {
  readonly #sources: DeviceSources
  readonly #look: Look
  readonly #entry: RosterEntry
  readonly #own: RolloutDevice | null
  readonly #orders: readonly OrderInForce[]
  readonly place: DeviceFacts['place']
  readonly problem: DeviceFacts['problem']
  readonly takenBy: DeviceFacts['takenBy']

  constructor(
    sources: DeviceSources,
    look: Look,
    { entry, own, orders }: { entry: RosterEntry; own: RolloutDevice | null; orders: readonly OrderInForce[] },
  ) {
    this.#sources = sources
    this.#look = look
    this.#entry = entry
    this.#own = own
    this.#orders = orders
    const { run } = look.live
    const { place, problem } = placeInRollout(entry.row, own, { deployment: run.plan.deployment, digest: run.target?.digest ?? '' })
    this.place = place
    this.problem = problem
    const runOf = (rollout: number): RolloutRun | null => sources.runs.find(rollout)?.run ?? null
    this.takenBy = takenBy({ run, own, device: entry.row.device }, { orders, others: look.others, runOf })
  }

  get device(): string {
    return this.#entry.row.device
  }

  get isOnline(): boolean {
    return this.#entry.row.status === 'online'
  }

  get isNeverSeen(): boolean {
    return this.#entry.row.status === 'never-seen'
  }

  get lastSeenAt(): number | null {
    return heardAt(this.#entry.row, this.#sources.listeningSince)
  }

  get queryWave(): number | null {
    return this.#look.targets.reader.queryWave(this.#entry)
  }

  get stratum(): string {
    return this.#look.targets.reader.stratum(this.#entry)
  }

  get group(): string | null {
    return this.#look.targets.reader.group(this.#entry)
  }

  get standing(): Wanted | null {
    return standingOf(this.#entry, this.#look.live.run.plan.deployment)
  }

  get isOrderedByOther(): boolean {
    return isKeptByOther(this.#sources, this.#look.live.run, this.#orders)
  }

  get unfit(): string | null {
    const refusal = (this.#own?.attempts ?? 0) > 0 ? null : this.#look.refusal(this.#entry)
    return refusal === null ? null : skipMessage(refusal)
  }

  get penaltyUntil(): number | null {
    return this.#look.penaltyOf(this.device)
  }

  get quietUntil(): number | null {
    return this.#sources.costs.quietUntil(this.#entry, this.#look.now)
  }

  get downloadFrom(): number {
    return this.#opensAt(this.#look.live.run.plan.windows.download)
  }

  get activationFrom(): number {
    return this.#opensAt(this.#look.live.run.plan.windows.activation)
  }

  get isLocked(): boolean {
    return (this.#entry.row.reported?.lock?.until ?? 0) > this.#look.now
  }

  get offer(): OfferForecast {
    return this.#look.offerOf(this.#entry)
  }

  /** When the device may begin in a window. */
  #opensAt(window: TimeWindow | null): number {
    if (window === null) return 0
    const { windows } = this.#sources
    const { live, now } = this.#look
    const hash = shareOfHash(waveHash(live.run.id, this.device))
    const place = { zone: windows.zoneOf(this.#entry.row.labels), hash, isSpread: live.run.plan.windows.isSpread }
    return windows.placeIn(window, place, now).opensAt
  }
}

/** Only a rollout that gives back asks. */
function isKeptByOther({ store }: DeviceSources, run: RolloutRun, orders: readonly OrderInForce[]): boolean {
  const isOver = run.state === 'stopped' || run.state === 'reverting' || run.state === 'reverted'
  return isOver && orders.some((one) => isOrderedByOther(store, run, one))
}

function standingOf({ orders }: RosterEntry, deployment: string): Wanted | null {
  const row = orders.find((one) => one.deployment === deployment)
  if (row === undefined) return null
  const { digest, model, version, terms } = row
  return { digest, model, version, role: 'active', terms }
}

/** Time in which the console did not listen is no time in which the device was away. */
function heardAt({ status, lastSeenAt }: DeviceRow, listeningSince: number): number | null {
  return status === 'online' || lastSeenAt === null ? lastSeenAt : Math.max(lastSeenAt, listeningSince)
}
