/** SHA-256, given by whoever has one: this layer has neither Node nor a browser. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** Hash of the complete subtree of 2^level leaves, the `place`-th of its level, counted from 0. */
export type SubtreeOf = (level: number, place: number) => Uint8Array

/** The tree is larger than what numbers of entries ever are; beyond, arithmetic on doubles is no longer exact. */
export const MAX_TREE_SIZE = 2 ** 48
/** A proof is never longer: one hash for each level, and one more where a consistency proof begins within the old tree. */
export const MAX_PROOF_HASHES = 97

/** RFC 6962, 2.1: the hash of a leaf; the 0 in front keeps a leaf from passing for a node. */
export function leafHash(sha256: Sha256, entry: Uint8Array): Uint8Array {
  return sha256(joined([Uint8Array.of(0), entry]))
}

/** RFC 6962, 2.1: the hash of a node over its two children. */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(joined([Uint8Array.of(1), left, right]))
}

/** The root of the tree of the first `size` leaves. */
export function rootOf(sha256: Sha256, subtree: SubtreeOf, size: number): Uint8Array {
  return size === 0 ? sha256(new Uint8Array(0)) : rangeHash(sha256, subtree, { begin: 0, end: size })
}

/** RFC 6962, 2.1.1: the hashes that lead from the leaf `index` to the root of the first `size` leaves, the lowest first. */
export function inclusionProof(sha256: Sha256, subtree: SubtreeOf, { index, size }: { index: number; size: number }): Uint8Array[] {
  if (index < 0 || index >= size) throw new RangeError(`There is no leaf ${index} among ${size}.`)
  const proof: Uint8Array[] = []
  let range = { begin: 0, end: size }
  while (range.end - range.begin > 1) {
    const middle = range.begin + splitOf(range.end - range.begin)
    const [left, right] = [
      { begin: range.begin, end: middle },
      { begin: middle, end: range.end },
    ]
    proof.unshift(rangeHash(sha256, subtree, index < middle ? right : left))
    range = index < middle ? left : right
  }
  return proof
}

/** RFC 6962, 2.1.2: what shows that the tree of `to` leaves begins with the tree of `from` leaves. */
export function consistencyProof(sha256: Sha256, subtree: SubtreeOf, { from, to }: { from: number; to: number }): Uint8Array[] {
  if (from < 0 || from > to) throw new RangeError(`No tree of ${to} leaves begins with one of ${from}.`)
  if (from === 0 || from === to) return []
  const proof: Uint8Array[] = []
  let range = { begin: 0, end: to }
  // Whoever checks knows the root of the old tree; as long as it is a whole subtree here, it needs not be sent.
  let isWholeTree = true
  while (range.end !== from) {
    const middle = range.begin + splitOf(range.end - range.begin)
    if (from <= middle) {
      proof.unshift(rangeHash(sha256, subtree, { begin: middle, end: range.end }))
      range = { begin: range.begin, end: middle }
    } else {
      proof.unshift(rangeHash(sha256, subtree, { begin: range.begin, end: middle }))
      range = { begin: middle, end: range.end }
      isWholeTree = false
    }
  }
  return isWholeTree ? proof : [rangeHash(sha256, subtree, range), ...proof]
}

/** True if the proof leads from the leaf to the root. */
export function isIncluded(
  sha256: Sha256,
  { leaf, index, size, proof, root }: { leaf: Uint8Array; index: number; size: number; proof: readonly Uint8Array[]; root: Uint8Array },
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false
  let node = index
  let last = size - 1
  let hash = leaf
  for (const one of proof) {
    if (one.length !== 32 || last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sha256, one, hash)
      // A right edge without siblings goes up until there is one.
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
    } else hash = nodeHash(sha256, hash, one)
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && isEqual(hash, root)
}

interface TwoTrees {
  from: number
  to: number
  fromRoot: Uint8Array
  toRoot: Uint8Array
  proof: readonly Uint8Array[]
}

/** True if the proof shows that the larger tree begins with the smaller one. */
export function isConsistent(sha256: Sha256, { from, to, fromRoot, toRoot, proof }: TwoTrees): boolean {
  if (!isSize(from) || !isSize(to) || from > to) return false
  if (from === to) return proof.length === 0 && isEqual(fromRoot, toRoot)
  if (from === 0) return proof.length === 0 && isEqual(fromRoot, sha256(new Uint8Array(0)))
  const hashes = isPowerOfTwo(from) ? [fromRoot, ...proof] : [...proof]
  const first = hashes.shift()
  if (first === undefined || hashes.some((one) => one.length !== 32)) return false
  let node = from - 1
  let last = to - 1
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  let [old, fresh] = [first, first]
  for (const one of hashes) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sha256, one, old)
      fresh = nodeHash(sha256, one, fresh)
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
    } else fresh = nodeHash(sha256, fresh, one)
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && isEqual(old, fromRoot) && isEqual(fresh, toRoot)
}

/** True if two hashes are the same bytes. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** The hash over leaves [begin, end). Begin is a multiple of every subtree below, as all splits of this tree make it. */
function rangeHash(sha256: Sha256, subtree: SubtreeOf, { begin, end }: { begin: number; end: number }): Uint8Array {
  const size = end - begin
  if (isPowerOfTwo(size)) return subtree(Math.round(Math.log2(size)), begin / size)
  const middle = begin + splitOf(size)
  return nodeHash(sha256, rangeHash(sha256, subtree, { begin, end: middle }), rangeHash(sha256, subtree, { begin: middle, end }))
}

/** The largest power of two that is smaller than `size`. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

function isPowerOfTwo(size: number): boolean {
  let rest = size
  while (rest > 1 && rest % 2 === 0) rest /= 2
  return rest === 1
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= MAX_TREE_SIZE
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
