import type { LinkClass, PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import { addCounts } from '../store/telemetry/minute-sums.ts'
import { exactPrice, microsOf, moneyOfCompute, moneyOfStorage, moneyOfTransfer } from './exact-money.ts'

/** Money by what it is for. */
export interface Amounts {
  transfer: number
  compute: number
  storage: number
  total: number
}

/** What was used, as whole numbers that add up in any order; it becomes money at the end. */
export class UseSum {
  bytesIn = 0
  bytesOut = 0
  inferences = 0
  #micros = 0
  /** Bytes by price. */
  readonly #transfer = new Map<number, number>()
  /** Bytes by the part that a day is of its month. */
  readonly #stored = new Map<number, number>()
  readonly #devices = new Set<string>()

  /** Counts the device as one that is in the sum. */
  note(device: string): void {
    this.#devices.add(device)
  }

  /** Adds bytes that went over a link. */
  addBytes(link: LinkClass, bytes: { in: number; out: number }): void {
    this.bytesIn = addCounts(this.bytesIn, bytes.in)
    this.bytesOut = addCounts(this.bytesOut, bytes.out)
    const price = link.pricePerGigabyte
    this.#transfer.set(price, addCounts(this.#transfer.get(price) ?? 0, bytes.in + bytes.out))
  }

  /** Takes bytes out that another sum gets. @returns how many there were to take: sums of made-up counts are cut off */
  takeBytesIn(link: LinkClass, bytes: number): number {
    const ofPrice = this.#transfer.get(link.pricePerGigabyte) ?? 0
    const taken = Math.min(bytes, this.bytesIn, ofPrice)
    this.bytesIn -= taken
    this.#transfer.set(link.pricePerGigabyte, ofPrice - taken)
    return taken
  }

  addCompute(use: { cpuSeconds: number; inferences: number }): void {
    this.#micros = addCounts(this.#micros, microsOf(use.cpuSeconds))
    this.inferences = addCounts(this.inferences, use.inferences)
  }

  /** Adds bytes that lay on disks for a day. @param parts what the day is of its month: `monthParts` */
  addStored(parts: number, bytes: number): void {
    this.#stored.set(parts, addCounts(this.#stored.get(parts) ?? 0, bytes))
  }

  /** Adds all that another sum has. */
  merge(other: UseSum): void {
    this.bytesIn = addCounts(this.bytesIn, other.bytesIn)
    this.bytesOut = addCounts(this.bytesOut, other.bytesOut)
    this.inferences = addCounts(this.inferences, other.inferences)
    this.#micros = addCounts(this.#micros, other.#micros)
    for (const [price, bytes] of other.#transfer) this.#transfer.set(price, addCounts(this.#transfer.get(price) ?? 0, bytes))
    for (const [parts, bytes] of other.#stored) this.#stored.set(parts, addCounts(this.#stored.get(parts) ?? 0, bytes))
  }

  get devices(): number {
    return this.#devices.size
  }

  get cpuSeconds(): number {
    return this.#micros / 1e6
  }

  amounts(sheet: PriceSheet): Amounts {
    let nanoBytes = 0n
    for (const [price, bytes] of this.#transfer) nanoBytes += BigInt(bytes) * exactPrice(price)
    let parts = 0n
    for (const [part, bytes] of this.#stored) parts += BigInt(bytes) * BigInt(part)
    const transfer = moneyOfTransfer(nanoBytes)
    const compute = moneyOfCompute(BigInt(this.#micros), sheet.computePerHour)
    const storage = moneyOfStorage(parts, sheet.storagePerGigabyteMonth)
    return { transfer, compute, storage, total: transfer + compute + storage }
  }
}
