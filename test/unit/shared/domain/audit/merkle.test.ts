import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  rootOf,
  type SubtreeOf,
} from '../../../../../shared/domain/audit/merkle.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

/** The definition of RFC 6962, 2.1, word for word: what the fast way must agree with. */
function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return leafHash(sha256, leaves[0]!)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(sha256, plainRoot(leaves.slice(0, split)), plainRoot(leaves.slice(split)))
}

function subtreesOf(leaves: readonly Uint8Array[]): SubtreeOf {
  const subtree: SubtreeOf = (level, place) =>
    level === 0 ? leafHash(sha256, leaves[place]!) : nodeHash(sha256, subtree(level - 1, place * 2), subtree(level - 1, place * 2 + 1))
  return subtree
}

const numbered = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Buffer.from(`entry ${i}`))

/**
 * The leaves of the test data of Certificate Transparency, and four of the published cases over them
 * (transparency-dev/merkle, testdata/consistency/<n>/happy-path.json, Apache-2.0).
 */
const published = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) =>
  Buffer.from(hex, 'hex'),
)
const cases = [
  {
    from: 1,
    to: 1,
    fromRoot: 'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=',
    toRoot: 'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=',
    proof: [],
  },
  {
    ...{ from: 1, to: 8 },
    fromRoot: 'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=',
    toRoot: 'XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=',
    proof: [
      'lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=',
      'Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=',
      'a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=',
    ],
  },
  {
    ...{ from: 6, to: 8 },
    fromRoot: 'duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=',
    toRoot: 'XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=',
    proof: [
      'DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=',
      'yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=',
      '037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=',
    ],
  },
  {
    ...{ from: 2, to: 5 },
    fromRoot: '+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=',
    toRoot: 'Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=',
    proof: ['Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=', 'vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms='],
  },
  {
    ...{ from: 6, to: 7 },
    fromRoot: 'duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=',
    toRoot: '3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw=',
    proof: [
      'DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=',
      'sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=',
      '037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=',
    ],
  },
].map(({ from, to, fromRoot, toRoot, proof }) => ({
  ...{ from, to, fromRoot: bytesOf(fromRoot), toRoot: bytesOf(toRoot), proof: proof.map(bytesOf) },
}))
type Case = (typeof cases)[number]

function flipped(bytes: Uint8Array, bit = 4): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[0]! ^= 1 << bit
  return copy
}

/** The ways in which the published suite spoils each case, by the names that it gives them. */
const spoilt: Record<string, (one: Case) => Case | null> = {
  'size1 - 1': (one) => ({ ...one, from: one.from - 1 }),
  'size1 + 1': (one) => ({ ...one, from: one.from + 1 }),
  'size1 ^ 2': (one) => ({ ...one, from: one.from ^ 2 }),
  'size2 * 2': (one) => ({ ...one, to: one.to * 2 }),
  'size2 / 2': (one) => ({ ...one, to: Math.floor(one.to / 2) }),
  'wrong root1': (one) => ({ ...one, fromRoot: sha256(Buffer.from('wrong')) }),
  'wrong root2': (one) => ({ ...one, toRoot: sha256(Buffer.from('wrong')) }),
  'swapped roots': (one) => (one.from === one.to ? null : { ...one, fromRoot: one.toRoot, toRoot: one.fromRoot }),
  'empty proof': (one) => (one.proof.length === 0 ? null : { ...one, proof: [] }),
  'trailing garbage': (one) => ({ ...one, proof: [...one.proof, new Uint8Array(0)] }),
  'trailing root1': (one) => ({ ...one, proof: [...one.proof, one.fromRoot] }),
  'trailing root2': (one) => ({ ...one, proof: [...one.proof, one.toRoot] }),
  'preceding garbage': (one) => ({ ...one, proof: [new Uint8Array(0), ...one.proof] }),
  'preceding root1': (one) => ({ ...one, proof: [one.fromRoot, ...one.proof] }),
  'preceding root2': (one) => ({ ...one, proof: [one.toRoot, ...one.proof] }),
  'preceding proof[0]': (one) => (one.proof.length === 0 ? null : { ...one, proof: [one.proof[0]!, ...one.proof] }),
  'truncated proof': (one) => (one.proof.length === 0 ? null : { ...one, proof: one.proof.slice(0, -1) }),
  'modified proof[0] bit 4': (one) => (one.proof.length === 0 ? null : { ...one, proof: [flipped(one.proof[0]!), ...one.proof.slice(1)] }),
  'modified last bit 4': (one) =>
    one.proof.length === 0 ? null : { ...one, proof: [...one.proof.slice(0, -1), flipped(one.proof.at(-1)!)] },
}

describe('consistency, by the published cases', () => {
  test.each(cases)('$from to $to: roots and proof come out as published, and hold', (one) => {
    const subtree = subtreesOf(published)
    expect(Buffer.from(rootOf(sha256, subtree, one.from))).toEqual(Buffer.from(one.fromRoot))
    expect(Buffer.from(rootOf(sha256, subtree, one.to))).toEqual(Buffer.from(one.toRoot))
    expect(consistencyProof(sha256, subtree, one).map((hash) => Buffer.from(hash))).toEqual(one.proof.map((hash) => Buffer.from(hash)))
    expect(isConsistent(sha256, one)).toBe(true)
  })
  test.each(Object.keys(spoilt))('%s does not hold', (name) => {
    const held = cases.flatMap((one) => {
      const bad = spoilt[name]!(one)
      return bad !== null && isConsistent(sha256, bad) ? [`${one.from} to ${one.to}`] : []
    })
    expect(held).toEqual([])
  })
})

describe('inclusion', () => {
  test('a leaf alone is its own root', () => {
    const leaf = leafHash(sha256, published[0]!)
    expect(isIncluded(sha256, { leaf, index: 0, size: 1, proof: [], root: leaf })).toBe(true)
    expect(isIncluded(sha256, { leaf, index: 0, size: 1, proof: [leaf], root: leaf })).toBe(false)
    expect(isIncluded(sha256, { leaf, index: 1, size: 1, proof: [], root: leaf })).toBe(false)
  })

  test('every leaf of every tree of up to 70 is proven, and at no other place', () => {
    const leaves = numbered(70)
    const subtree = subtreesOf(leaves)
    for (let size = 1; size <= 70; size += 1) {
      const root = rootOf(sha256, subtree, size)
      expect(Buffer.from(root)).toEqual(Buffer.from(plainRoot(leaves.slice(0, size))))
      for (let index = 0; index < size; index += size > 20 ? 7 : 1) {
        const leaf = leafHash(sha256, leaves[index]!)
        const proof = inclusionProof(sha256, subtree, { index, size })
        expect(isIncluded(sha256, { leaf, index, size, proof, root })).toBe(true)
        expect(isIncluded(sha256, { leaf, index: index + 1, size, proof, root })).toBe(false)
        expect(isIncluded(sha256, { leaf: flipped(leaf), index, size, proof, root })).toBe(false)
        expect(isIncluded(sha256, { leaf, index, size, proof: [...proof, root], root })).toBe(false)
      }
    }
  })
})

describe('properties', () => {
  const sizes = fc.integer({ min: 1, max: 300 })
  const leaves = numbered(300)
  const known = new Map<string, Uint8Array>()
  const plain = subtreesOf(leaves)
  const subtree: SubtreeOf = (level, place) => {
    const key = `${level} ${place}`
    const hash = known.get(key) ?? plain(level, place)
    known.set(key, hash)
    return hash
  }

  test('a longer log is proven to begin with a shorter one', () => {
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const proof = consistencyProof(sha256, subtree, { from, to })
        const [fromRoot, toRoot] = [rootOf(sha256, subtree, from), rootOf(sha256, subtree, to)]
        expect(isConsistent(sha256, { from, to, proof, fromRoot, toRoot })).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('a log with one changed leaf is not proven to begin with the one before, whatever the proof is of', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (a, b, where) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const changed = leaves.with(where % from, Buffer.from('changed'))
        const other = subtreesOf(changed)
        const fromRoot = rootOf(sha256, subtree, from)
        const toRoot = rootOf(sha256, other, to)
        for (const tree of [subtree, other]) {
          const proof = consistencyProof(sha256, tree, { from, to })
          expect(isConsistent(sha256, { from, to, fromRoot, toRoot, proof })).toBe(false)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('sizes that are no sizes prove nothing', () => {
    const leaf = leafHash(sha256, leaves[0]!)
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(isIncluded(sha256, { leaf, index: 0, size: bad, proof: [], root: leaf })).toBe(false)
      expect(isConsistent(sha256, { from: bad, to: 4, fromRoot: leaf, toRoot: leaf, proof: [] })).toBe(false)
    }
  })
})
