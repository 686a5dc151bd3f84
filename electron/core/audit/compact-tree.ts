import { nodeHash } from '../../../shared/domain/audit/merkle.ts'
import { sha256 } from '../store/fleet/audit-tree.ts'

/** The root of a growing log from its right edge alone: one hash for each whole subtree, however long the log is. */
export class CompactTree {
  /** Whole subtrees from left to right, each with the number of its leaves. */
  readonly #edge: { leaves: number; hash: Uint8Array }[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  append(leaf: Uint8Array): void {
    let grown = { leaves: 1, hash: leaf }
    for (let left = this.#edge.at(-1); left?.leaves === grown.leaves; left = this.#edge.at(-1)) {
      this.#edge.pop()
      grown = { leaves: left.leaves * 2, hash: nodeHash(sha256, left.hash, grown.hash) }
    }
    this.#edge.push(grown)
    this.#size += 1
  }

  /** Hex. */
  root(): string {
    const hashes = this.#edge.map(({ hash }) => hash)
    const root = hashes.reduceRight<Uint8Array | null>((right, left) => (right === null ? left : nodeHash(sha256, left, right)), null)
    return Buffer.from(root ?? sha256(new Uint8Array(0))).toString('hex')
  }
}
