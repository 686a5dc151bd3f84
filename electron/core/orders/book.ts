import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { OrderDeviceRow, OrderState } from '../store/fleet/orders.ts'
import { placeOf, type BundleSize, type DevicePlace } from './device-state.ts'
import { emptyCounts, eventOf, nextOrderState, type StateCounts } from './transitions.ts'

/** Orders of which the device rows are kept in memory: the few that somebody looks at. */
const KEPT_ORDERS = 8
/** Beyond so many devices, reading all at once is cheaper than one by one. */
const MANY_DEVICES = 64
const SAMPLE_EVERY_MS = 1000
const RATE_OVER_MS = 15_000

interface Tracked {
  row: OrderDeviceRow
  place: DevicePlace
}

interface Tally {
  counts: StateCounts
  present: number
}

/**
 * What is known in memory of the orders in force, so that a report of one device costs the work of one device.
 *
 * INVARIANTS
 * 1. fleet.db is the truth: all of this can be thrown away (`forget`) and is read again when it is needed.
 * 2. Whoever writes orders calls `forgetDevices` in that transaction, so that a roll-back leaves nothing that never was, and `catchUp` after it.
 * 3. A tally counts the devices whose newest order it is; devices that left an order do not move it any more.
 * 4. No order is judged while devices are forgotten: they are read again before anything else.
 */
export interface OrderBook {
  /** Devices of an order by id. */
  devicesOf(order: number): OrderDeviceRow[]
  createdAt(order: number): number
  /** Takes note of what devices reported, or that they came or went: activations are stored, orders that end, end. @returns true if an order changed its state */
  settle(devices: readonly string[]): boolean
  /** The same for every device, read again. */
  refresh(): boolean
  /** Orders of these devices are being written: what is known of them counts no more. */
  forgetDevices(devices: readonly string[]): void
  /** Reads what was forgotten again, and moves the orders on that it touches. @returns true if an order changed its state */
  catchUp(): boolean
  /** How many orders something is kept of, for tests and figures: those that a device has still. */
  remembered(): { tallies: number; samples: number }
  /** Growth of the bytes on the devices per second, over the last seconds; null while unknown. */
  bytesPerSecond(order: number): number | null
}

/** Opens the book; call `refresh` once before it is relied on. */
export function openOrderBook(options: { store: FleetStore; now(): number; sizeOf(digest: string): BundleSize }): OrderBook {
  const { store, now, sizeOf } = options
  const kept = new Map<number, OrderDeviceRow[]>()
  const created = new Map<number, number>()
  const samples = new Map<number, { at: number; present: number }[]>()
  let tracked: Map<string, Tracked[]> | null = null
  let tallies = new Map<number, Tally>()
  const forgotten = new Set<string>()
  /** Orders that a forgotten device was counted in. */
  const left = new Set<number>()

  const createdAt = (order: number): number => {
    const known = created.get(order) ?? store.orders.find(order)?.createdAt ?? 0
    created.set(order, known)
    return known
  }
  const tallyOf = (order: number): Tally => {
    const known = tallies.get(order) ?? { counts: emptyCounts(), present: 0 }
    tallies.set(order, known)
    return known
  }
  const count = (order: number, place: DevicePlace, by: 1 | -1): void => {
    const tally = tallyOf(order)
    tally.counts[place.state] += by
    tally.present += by * place.bytesPresent
  }
  const placeNow = (row: OrderDeviceRow, device: DeviceRow | null): DevicePlace =>
    placeOf(row, device, { createdAt: createdAt(row.order), sizeOf })

  const read = (): Map<string, Tracked[]> => {
    const devices = devicesById(store)
    const byDevice = new Map<string, Tracked[]>()
    tallies = new Map()
    for (const row of store.orders.inForce()) {
      const place = placeNow(row, devices.get(row.device) ?? null)
      count(row.order, place, 1)
      const of = byDevice.get(row.device)
      if (of === undefined) byDevice.set(row.device, [{ row, place }])
      else of.push({ row, place })
    }
    return byDevice
  }

  const sample = (order: number): void => {
    const at = now()
    const known = (samples.get(order) ?? []).filter((one) => at - one.at <= RATE_OVER_MS)
    if (at - (known.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= SAMPLE_EVERY_MS) known.push({ at, present: tallyOf(order).present })
    samples.set(order, known)
  }

  const forget = (): void => {
    tracked = null
    kept.clear()
    created.clear()
    forgotten.clear()
    left.clear()
  }

  const forgetDevices = (devices: readonly string[]): void => {
    // What a roll-back takes back may come again under the same number.
    kept.clear()
    created.clear()
    for (const device of devices) {
      for (const one of tracked?.get(device) ?? []) {
        count(one.row.order, one.place, -1)
        left.add(one.row.order)
      }
      tracked?.delete(device)
      forgotten.add(device)
    }
  }

  const catchUp = (): boolean => {
    if (tracked === null) return refresh()
    if (forgotten.size === 0) return false
    const find = deviceFinder([...forgotten])
    const touched = new Set(left)
    const reached: Tracked[] = []
    // All is read before anything is counted: a read that fails leaves the whole to the next time.
    const known = [...forgotten].map((device) => {
      const row = find(device)
      return { device, mine: store.orders.inForceOnDevice(device).map((one): Tracked => ({ row: one, place: placeNow(one, row) })) }
    })
    for (const { device, mine } of known) {
      for (const one of mine) {
        count(one.row.order, one.place, 1)
        touched.add(one.row.order)
        if (hasJustReached(one)) reached.push(one)
      }
      if (mine.length > 0) tracked.set(device, mine)
    }
    forgotten.clear()
    left.clear()
    return write(reached, touched)
  }

  /** Stores activations and moves the orders that are touched on. */
  const write = (reached: readonly Tracked[], touched: ReadonlySet<number>): boolean => {
    if (reached.length === 0 && touched.size === 0) return false
    const at = now()
    let isChanged = false
    try {
      store.transact(() => {
        for (const { row } of reached) store.orders.reach(row.order, row.device, at)
        for (const id of touched) if (advance(store, { id, counts: tallies.get(id)?.counts ?? emptyCounts(), at })) isChanged = true
      })
    } catch (error) {
      // What could not be written would not be noticed a second time: on a full disk the next report makes it read everything anew.
      forget()
      throw error
    }
    for (const id of touched) dropEmpty(id)
    for (const one of reached) {
      one.row.reachedAt = at
      const row = kept.get(one.row.order)?.find(({ device }) => device === one.row.device)
      if (row !== undefined) row.reachedAt = at
    }
    return isChanged
  }

  /** An order whose devices all have a newer one moves no more: nothing of it is kept. */
  const dropEmpty = (order: number): void => {
    const counts = tallies.get(order)?.counts
    if (counts !== undefined && Object.values(counts).some((devices) => devices > 0)) return
    tallies.delete(order)
    samples.delete(order)
  }

  const refresh = (): boolean => {
    forgotten.clear()
    left.clear()
    tracked = read()
    const all = [...tracked.values()].flat()
    const unended = store.orders.unended().map(({ id }) => id)
    for (const id of samples.keys()) if (!unended.includes(id)) samples.delete(id)
    return write(all.filter(hasJustReached), new Set(unended))
  }

  const deviceFinder = (devices: readonly string[]): ((device: string) => DeviceRow | null) => {
    if (devices.length < MANY_DEVICES) return (device) => store.devices.find(device)
    const all = devicesById(store)
    return (device) => all.get(device) ?? null
  }

  return {
    createdAt,
    remembered: () => ({ tallies: tallies.size, samples: samples.size }),
    refresh,
    forgetDevices,
    catchUp,
    devicesOf(order) {
      const rows = kept.get(order) ?? store.orders.devices(order)
      kept.delete(order)
      kept.set(order, rows)
      const oldest = kept.keys().next()
      if (kept.size > KEPT_ORDERS && oldest.done !== true) kept.delete(oldest.value)
      return rows
    },
    settle(devices) {
      if (tracked === null) return refresh()
      const isCaughtUp = catchUp()
      const find = deviceFinder(devices)
      const reached: Tracked[] = []
      const touched = new Set<number>()
      for (const device of devices) {
        const mine = tracked.get(device)
        if (mine === undefined) continue
        const row = find(device)
        for (const one of mine) {
          const { order } = one.row
          const place = placeNow(one.row, row)
          if (place.state !== one.place.state) touched.add(order)
          count(order, one.place, -1)
          count(order, place, 1)
          one.place = place
          if (hasJustReached(one)) reached.push(one)
          sample(order)
        }
      }
      return write(reached, touched) || isCaughtUp
    },
    bytesPerSecond(order) {
      const first = samples.get(order)?.[0]
      const last = samples.get(order)?.at(-1)
      const seconds = first === undefined ? 0 : (now() - first.at) / 1000
      if (first === undefined || last === undefined || first === last || seconds * 1000 > 2 * RATE_OVER_MS) return null
      return Math.max(0, (last.present - first.present) / seconds)
    },
  }
}

/** All devices of the fleet by id. */
export function devicesById(store: Pick<FleetStore, 'devices'>): Map<string, DeviceRow> {
  return new Map(store.devices.all().map((row) => [row.device, row]))
}

function hasJustReached({ row, place }: Tracked): boolean {
  return row.reachedAt === null && (place.state === 'active' || place.state === 'removed')
}

/** Moves an order to the state that its devices say. @returns true if it changed */
function advance(store: FleetStore, of: { id: number; counts: StateCounts; at: number }): boolean {
  const order = store.orders.find(of.id)
  if (order === null) return false
  const next: OrderState = nextOrderState(order.state, eventOf(of.counts, order.reached))
  if (next === order.state) return false
  store.orders.setState(of.id, next, next === 'running' ? null : of.at)
  return true
}
