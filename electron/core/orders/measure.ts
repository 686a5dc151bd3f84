import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { OrderDeviceRow, OrderRow } from '../store/fleet/orders.ts'
import { devicesById, type OrderBook } from './book.ts'
import { placeOf, type BundleSize, type DevicePlace } from './device-state.ts'
import { emptyCounts, type StateCounts } from './transitions.ts'

/** A device of an order with what is known of it now. */
export interface MeasuredDevice {
  row: OrderDeviceRow
  device: DeviceRow | null
  place: DevicePlace
}

/** An order as its devices report it at this moment. */
export interface Measured {
  order: OrderRow
  devices: MeasuredDevice[]
  counts: StateCounts
  bytes: { planned: number; present: number; perSecond: number | null; remainingSeconds: number | null }
}

/** What measuring needs from around it. */
export interface MeasureParts {
  store: FleetStore
  book: OrderBook
  sizeOf(digest: string): BundleSize
}

/** Reads every device of an order: one pass in memory, no question to the database per device. */
export function measure({ store, book, sizeOf }: MeasureParts, order: OrderRow): Measured {
  const byId = devicesById(store)
  const counts = emptyCounts()
  let planned = 0
  let present = 0
  let missing = 0
  const devices = book.devicesOf(order.id).map((row) => {
    const device = byId.get(row.device) ?? null
    const place = placeOf(row, device, { createdAt: order.createdAt, sizeOf })
    counts[place.state] += 1
    planned += place.bytesPlanned
    present += place.bytesPresent
    if (place.state === 'fetching') missing += place.bytesPlanned - place.bytesPresent
    return { row, device, place }
  })
  const perSecond = order.state === 'running' ? book.bytesPerSecond(order.id) : null
  const remainingSeconds = missing > 0 && perSecond !== null && perSecond > 0 ? missing / perSecond : null
  return { order, devices, counts, bytes: { planned, present, perSecond, remainingSeconds } }
}
