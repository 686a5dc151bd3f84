/** A set of block numbers as it travels in `want`: bit 0 of byte 0 is block 0, a set bit is a missing block. */
export class BlockSet {
  readonly size: number
  readonly bytes: Uint8Array
  #count = 0

  private constructor(size: number, bytes: Uint8Array) {
    this.size = size
    this.bytes = bytes
    for (const byte of bytes) this.#count += ones[byte]!
  }

  /** No block of `size`. */
  static none(size: number): BlockSet {
    return new BlockSet(size, new Uint8Array(Math.ceil(size / 8)))
  }

  /** Every block of `size`. */
  static all(size: number): BlockSet {
    const set = BlockSet.none(size)
    for (let block = 0; block < size; block += 1) set.add(block)
    return set
  }

  /** From the bytes of a message; `null` if their length does not fit `size` or a bit behind the end is set. */
  static from(size: number, bytes: Uint8Array): BlockSet | null {
    if (bytes.length !== Math.ceil(size / 8)) return null
    const spare = bytes.length * 8 - size
    if (spare > 0 && bytes[bytes.length - 1]! >> (8 - spare) !== 0) return null
    return new BlockSet(size, Uint8Array.from(bytes))
  }

  /** How many blocks are in the set. */
  get count(): number {
    return this.#count
  }

  has(block: number): boolean {
    return block >= 0 && block < this.size && (this.bytes[block >> 3]! & (1 << (block & 7))) !== 0
  }

  /** Puts a block in; false if it was in already. */
  add(block: number): boolean {
    if (block < 0 || block >= this.size || this.has(block)) return false
    this.bytes[block >> 3]! |= 1 << (block & 7)
    this.#count += 1
    return true
  }

  /** Takes a block out; false if it was not in. */
  delete(block: number): boolean {
    if (!this.has(block)) return false
    this.bytes[block >> 3]! &= ~(1 << (block & 7))
    this.#count -= 1
    return true
  }

  /** The first block at or after `from` that is in the set, or -1. */
  next(from: number): number {
    for (let block = Math.max(0, from); block < this.size; block += 1) {
      if ((block & 7) === 0 && this.bytes[block >> 3] === 0) block += 7
      else if (this.has(block)) return block
    }
    return -1
  }

  /** The blocks in ascending order. */
  *[Symbol.iterator](): Generator<number> {
    for (let block = this.next(0); block >= 0; block = this.next(block + 1)) yield block
  }

  clone(): BlockSet {
    return new BlockSet(this.size, Uint8Array.from(this.bytes))
  }
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0
  for (let rest = byte; rest > 0; rest >>= 1) bits += rest & 1
  return bits
})
