import { createHash, hash } from 'node:crypto'
import { consistencyProof, inclusionProof, nodeHash, rootOf, type Sha256, type SubtreeOf } from '../../../../shared/domain/audit/merkle.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { WriteDb } from '../open.ts'

/** A stored node stands for 256 of the level below. */
const TILE_LEVELS = 8
const TILE = 2 ** TILE_LEVELS
const LEAF_PREFIX = Buffer.from([0])

/** SHA-256 of Node, for the tree of the log. */
export const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer')

/** RFC 6962 hash of the canonical text of an entry. */
export function leafOf(canonical: string): Buffer {
  return createHash('sha256').update(LEAF_PREFIX).update(canonical).digest()
}

/** The tree as it stands: answers of one view agree with each other while nothing is appended. */
export interface TreeView {
  /** Hex. */
  root(size: number): string
  inclusion(seq: number, size: number): Uint8Array[]
  consistency(from: number, to: number): Uint8Array[]
}

export type AuditTree = ReturnType<typeof openAuditTree>

/** The Merkle tree over the audit log: leaves in order, and the roots of whole subtrees of 256 of them, of 256 of those, and so on. */
export function openAuditTree(db: WriteDb) {
  // A leaf that is there already belongs to an entry that was taken out behind our back: it stays, as the evidence of it.
  const addLeaf = db.prepare('INSERT OR IGNORE INTO audit_leaf (seq, hash) VALUES (?, ?)')
  const addNode = db.prepare('INSERT OR IGNORE INTO audit_node (level, place, hash) VALUES (?, ?, ?)')
  const leaves = db.prepare<[number, number], { hash: Buffer }>('SELECT hash FROM audit_leaf WHERE seq > ? AND seq <= ? ORDER BY seq')
  const nodes = db.prepare<[number, number, number], { hash: Buffer }>(
    'SELECT hash FROM audit_node WHERE level = ? AND place >= ? AND place < ? ORDER BY place',
  )
  const numbered = db.prepare<[number, number], { seq: number; hash: Buffer }>(
    'SELECT seq, hash FROM audit_leaf WHERE seq > ? AND seq <= ?',
  )
  const size = db.prepare<[], { size: number }>('SELECT coalesce(max(seq), 0) AS size FROM audit_leaf')

  const countOf = (tile: number, begin: number, end: number): number =>
    (tile === 0 ? leaves.all(begin, end) : nodes.all(tile, begin, end)).length
  /** Stored hashes of a level of tiles, [begin, end). @throws Problem `audit.damaged` */
  const stored = (tile: number, begin: number, end: number): Uint8Array[] => {
    const rows = tile === 0 ? leaves.all(begin, end) : nodes.all(tile, begin, end)
    if (rows.length !== end - begin)
      throw new Problem('audit.damaged', `The tree of the audit log lacks hashes between ${begin + 1} and ${end} of level ${tile}.`)
    return rows.map((row) => row.hash)
  }
  const subtrees = (): SubtreeOf => {
    // Proofs of neighbours share nearly all of their hashes.
    const known = new Map<string, Uint8Array>()
    return (level, place) => {
      const key = `${level} ${place}`
      const before = known.get(key)
      if (before !== undefined) return before
      const within = level % TILE_LEVELS
      const width = 2 ** within
      let row = stored(Math.floor(level / TILE_LEVELS), place * width, (place + 1) * width)
      for (let up = 1; row.length > 1; up += 1) {
        row = paired(row)
        row.forEach((one, i) => known.set(`${level - within + up} ${place * 2 ** (within - up) + i}`, one))
      }
      known.set(key, row[0]!)
      return row[0]!
    }
  }
  return {
    size: (): number => size.get()!.size,
    /** Adds the leaf of the next entry, and every node that it completes. A tree with a hole gets no node above it: work goes on, and verification tells. */
    append(seq: number, leaf: Uint8Array): void {
      addLeaf.run(seq, leaf)
      for (let tile = 1, count = seq; count % TILE === 0; tile += 1) {
        count /= TILE
        if (countOf(tile - 1, (count - 1) * TILE, count * TILE) !== TILE) return
        let row = stored(tile - 1, (count - 1) * TILE, count * TILE)
        while (row.length > 1) row = paired(row)
        addNode.run(tile, count - 1, row[0]!)
      }
    },
    leaves: (after: number, through: number): Map<number, Uint8Array> =>
      new Map(numbered.all(after, through).map((row) => [row.seq, row.hash])),
    view(): TreeView {
      const subtree = subtrees()
      return {
        root: (of) => Buffer.from(rootOf(sha256, subtree, of)).toString('hex'),
        inclusion: (seq, of) => inclusionProof(sha256, subtree, { index: seq - 1, size: of }),
        consistency: (from, to) => consistencyProof(sha256, subtree, { from, to }),
      }
    },
  }
}

function paired(row: readonly Uint8Array[]): Uint8Array[] {
  return Array.from({ length: row.length / 2 }, (_, i) => nodeHash(sha256, row[i * 2]!, row[i * 2 + 1]!))
}
