/** 64 bits of a hash as two unsigned words of 32. */
export interface Hash64 {
  high: number
  low: number
}

/** Odd constants: the golden ratio and the square roots of 3 and 5, as fractions of 2^32. */
const [GOLDEN, ROOT3, ROOT5] = [0x9e3779b1, 0xbb67ae85, 0x3c6ef373] as const

/**
 * A hash of text over its UTF-16 units, the same on every machine and in every version: two multiply-xorshift lanes that differ in constants,
 * each finished by an avalanche (multiply, shift, xor twice). For sketches and keys, not against an adversary.
 */
export function hash64(text: string): Hash64 {
  let a = GOLDEN ^ text.length
  let b = ROOT3 ^ text.length
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, GOLDEN)
    a ^= a >>> 15
    b = Math.imul(b + unit, ROOT5 | 1)
    b ^= b >>> 13
  }
  return { high: avalanche(a ^ (b >>> 7)), low: avalanche(b ^ Math.imul(a, ROOT3)) }
}

function avalanche(word: number): number {
  let mixed = word ^ (word >>> 16)
  mixed = Math.imul(mixed, 0x7feb352d)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0x846ca68b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
