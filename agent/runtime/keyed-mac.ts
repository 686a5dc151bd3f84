import { createHash, createHmac } from 'node:crypto'

const BLOCK_BYTES = 64
/** Beyond it `node:crypto` is faster, whatever its objects cost. */
const SHORT_BYTES = 300

/** The constants of FIPS 180-4: fractional parts of the square and cube roots of the first primes. */
const initial = Int32Array.from({ length: 8 }, (_, i) => fraction(Math.sqrt(prime(i))))
const rounds = Int32Array.from({ length: 64 }, (_, i) => fraction(Math.cbrt(prime(i))))

/**
 * HMAC-SHA256 with one key. A short message costs two turns of the compression function here, where `node:crypto` spends several
 * microseconds on objects; longer ones go there.
 */
export class KeyedMac {
  readonly #key: string
  /** The state of the hash after the block of the key. */
  readonly #inner: Int32Array
  readonly #outer: Int32Array
  readonly #state = new Int32Array(8)
  readonly #words = new Int32Array(64)

  constructor(key: string) {
    this.#key = key
    const bytes = Buffer.from(key, 'utf8')
    const short = bytes.length > BLOCK_BYTES ? createHash('sha256').update(bytes).digest() : bytes
    this.#inner = this.#afterKey(short, 0x36)
    this.#outer = this.#afterKey(short, 0x5c)
  }

  /** Writes the first `length` bytes of the code of `bytes[0, end)` behind them; `length` is at most 32. */
  sign(bytes: Buffer, end: number, length: number): void {
    if (end > SHORT_BYTES) {
      createHmac('sha256', this.#key).update(bytes.subarray(0, end)).digest().copy(bytes, end, 0, length)
      return
    }
    const state = this.#state
    const words = this.#words
    state.set(this.#inner)
    // Whole blocks, then the rest with a marker and the length in bits, which may take one more block.
    const bits = (BLOCK_BYTES + end) * 8
    for (let from = 0; from <= end + 8; from += BLOCK_BYTES) {
      load(words, bytes, from, end)
      if (from + BLOCK_BYTES >= end + 9) words[15] = bits
      compress(state, words)
    }
    words.set(state)
    words.fill(0, 8, 16)
    words[8] = 0x80 << 24
    words[15] = (BLOCK_BYTES + 32) * 8
    state.set(this.#outer)
    compress(state, words)
    for (let i = 0; i < length; i += 1) bytes[end + i] = state[i >> 2]! >>> (24 - (i & 3) * 8)
  }

  #afterKey(key: Buffer, pad: number): Int32Array {
    const words = new Int32Array(64)
    for (let i = 0; i < BLOCK_BYTES; i += 1) words[i >> 2]! |= ((key[i] ?? 0) ^ pad) << (24 - (i & 3) * 8)
    const state = Int32Array.from(initial)
    compress(state, words)
    return state
  }
}

/** One block of `bytes[0, end)` as words, with the marker behind the last byte and zeros behind that. */
function load(words: Int32Array, bytes: Buffer, from: number, end: number): void {
  words.fill(0, 0, 16)
  const stop = Math.min(end, from + BLOCK_BYTES)
  for (let i = from; i < stop; i += 1) words[(i - from) >> 2]! |= bytes[i]! << (24 - (i & 3) * 8)
  if (end >= from && end < from + BLOCK_BYTES) words[(end - from) >> 2]! |= 0x80 << (24 - (end & 3) * 8)
}

/** One turn of SHA-256 over 16 words; the other 48 are scratch. */
function compress(state: Int32Array, words: Int32Array): void {
  for (let i = 16; i < 64; i += 1) {
    const x = words[i - 15]!
    const y = words[i - 2]!
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    words[i] = (words[i - 16]! + s0 + words[i - 7]! + s1) | 0
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + rounds[i]! + words[i]!) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

/** The first 32 bits behind the point. */
function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
}

function prime(index: number): number {
  let found = 0
  for (let candidate = 2; ; candidate += 1) {
    let divisor = 2
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 1
    if (divisor * divisor > candidate) {
      if (found === index) return candidate
      found += 1
    }
  }
}
