import { hash } from 'node:crypto'
import { canonicalEntry, devicesDigestOf } from '../../../shared/domain/audit/entry.ts'
import type { AuditFinding } from '../../../shared/domain/audit/finding.ts'
import { devicesDigest, redactedMark, type StoredEntry } from '../store/fleet/audit.ts'
import { leafOf } from '../store/fleet/audit-tree.ts'
import { CompactTree } from './compact-tree.ts'

/** A log that was signed or is kept by somebody, to be met on the way. */
export interface KnownHead {
  size: number
  root: string
  /** Who says so, for people. */
  source: string
  kind: 'checkpoint' | 'witness'
}

/** Findings that are told one by one; a log that is damaged everywhere is not worth more. */
const MOST_FINDINGS = 100

interface AuditorOptions {
  /** In the order of their sizes. */
  heads: readonly KnownHead[]
  /** Hashes of leaves that were stored beside the entries: what an entry was, if it is another one now. */
  hasLeaves: boolean
}

/**
 * Reads a log from its first entry and says what is wrong with it, the first bad entry first.
 *
 * INVARIANTS
 * 1. `take` gets entries in the order of their numbers; what is missing between two of them is found by that.
 * 2. The tree is made of the stored leaf where there is one: a changed entry is then told by itself, and what comes after it is still judged.
 */
export class Auditor {
  readonly #options: AuditorOptions
  readonly #tree = new CompactTree()
  readonly #findings: AuditFinding[] = []
  /** Unreadable entries with what is left of them, by the number of the later entry that must name them. */
  readonly #redactions = new Map<number, Map<number, string>>()
  #found = 0
  /** The entry in front; null: it is gone, and its hash is not known. */
  #before: StoredEntry | null = nothing
  #isTreeWhole = true
  #lastGood = 0
  #nextHead = 0
  #entries = 0
  #isBound = false
  #redacted = 0
  #headsMet = { checkpoint: 0, witness: 0 }

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  /** @param devices those that the entry is about, as they stand now; null: not all are known */
  take(entry: StoredEntry, storedLeaf: Uint8Array | null, devices: readonly string[] | null): void {
    const { seq } = entry
    if (seq > this.#tree.size + 1) this.#gap(seq - 1)
    this.#entries += 1
    const isRedacted = entry.redactedBy !== null
    if (isRedacted) this.#noteRedaction(entry, entry.redactedBy!)
    this.#answerRedactions(entry)
    const leaf = isRedacted ? null : leafOf(canonicalEntry(entry))
    if (storedLeaf === null && this.#options.hasLeaves) {
      this.#tell('added', { seq, through: seq }, `Entry ${seq} has no leaf in the tree of the log: it was put in past the log.`)
    } else if (leaf !== null && storedLeaf !== null && !leaf.equals(storedLeaf)) {
      this.#tell('changed', { seq, through: seq }, `Entry ${seq} is not what was written: it was changed, or put in the place of another.`)
    } else if (this.#before !== null && entry.previousHash !== this.#before.hash) this.#tellChain(this.#before, entry)
    this.#checkDevices(entry, devices)
    this.#before = entry
    this.#append(storedLeaf ?? leaf)
    if (leaf === null && storedLeaf === null) this.#isTreeWhole = false
  }

  /** Leaves of entries that are no more. */
  takeMissing(seq: number, storedLeaf: Uint8Array): void {
    if (seq !== this.#tree.size + 1) return
    this.#append(storedLeaf)
    this.#before = null
  }

  /** @param logSize entries that there should be, by the leaves; none are counted from the entries */
  end(logSize: number): void {
    if (logSize > this.#tree.size) this.#gap(logSize)
    if (this.#before !== null && !isOwnHash(this.#before))
      this.#tell(
        'changed',
        { seq: this.#before.seq, through: this.#before.seq },
        `The chain hash of entry ${this.#before.seq} was changed.`,
      )
    for (const [by, claims] of this.#redactions)
      for (const seq of claims.keys())
        this.#tell('redaction', { seq, through: seq }, `Entry ${seq} was made unreadable, and no entry ${by} says why.`)
    const size = this.#tree.size
    for (const { size: known, source, kind } of this.#options.heads.slice(this.#nextHead)) {
      this.#headsMet[kind] += 1
      this.#tell(
        'missing',
        { seq: size + 1, through: known },
        `${source} is over ${known} entries, and the log ends at ${size}: entries from ${size + 1} on are gone.`,
      )
    }
  }

  get findings(): readonly AuditFinding[] {
    return [...this.#findings].sort((a, b) => a.seq - b.seq)
  }

  get counts() {
    const { checkpoint, witness } = this.#headsMet
    return { entries: this.#entries, redacted: this.#redacted, findings: this.#found, checkpoints: checkpoint, witnesses: witness }
  }

  get root(): string {
    return this.#tree.root()
  }

  /** Tells entries from the next one through `through` as missing. Their leaves, where they are kept, came by `takeMissing`. */
  missing(through: number): void {
    const seq = this.#tree.size + 1
    const which = seq === through ? `Entry ${seq} is gone.` : `Entries ${seq} to ${through} are gone.`
    this.#tell('missing', { seq, through }, which)
  }

  #gap(through: number): void {
    this.missing(through)
    this.#isTreeWhole = false
    this.#before = null
    while (this.#tree.size < through) this.#append(null)
  }

  #append(leaf: Uint8Array | null): void {
    this.#tree.append(leaf ?? NO_LEAF)
    for (let head = this.#options.heads[this.#nextHead]; head?.size === this.#tree.size; head = this.#options.heads[this.#nextHead]) {
      this.#nextHead += 1
      this.#meet(head)
    }
  }

  #meet({ size, root, source, kind }: KnownHead): void {
    this.#headsMet[kind] += 1
    // Without its leaves the tree of what is gone cannot be made; that it is gone has been told.
    if (!this.#isTreeWhole) return
    if (this.#tree.root() === root) {
      this.#lastGood = Math.max(this.#lastGood, size)
      return
    }
    const seq = this.#lastGood + 1
    const between = seq === size ? `entry ${seq}` : `an entry from ${seq} to ${size}`
    this.#tell('rewritten', { seq, through: size }, `${source} is over other entries: ${between} was rewritten together with its hashes.`)
  }

  #tellChain(before: StoredEntry, entry: StoredEntry): void {
    // Which of the two was touched, the content of the earlier one tells.
    const isBefore = before.seq > 0 && !isOwnHash(before)
    const seq = isBefore ? before.seq : entry.seq
    const sentence = isBefore
      ? `The chain hash of entry ${seq} was changed.`
      : `Entry ${seq} does not continue entry ${before.seq}: one of the two was replaced.`
    this.#tell('chain', { seq, through: seq }, sentence)
  }

  /** Entries of a version that did not bind their devices come first, if there are any. */
  #checkDevices({ seq, detail, redactedBy }: StoredEntry, devices: readonly string[] | null): void {
    const digest = devicesDigestOf(detail)
    this.#isBound ||= digest !== null
    if (devices === null || redactedBy !== null || !this.#isBound || digest === devicesDigest(devices)) return
    this.#tell('devices', { seq, through: seq }, `Entry ${seq} is about other devices than were written.`)
  }

  #noteRedaction(entry: StoredEntry, by: number): void {
    const { seq } = entry
    this.#redacted += 1
    if (by > seq) {
      const claims = this.#redactions.get(by) ?? new Map<number, string>()
      this.#redactions.set(by, claims.set(seq, redactedMark(entry)))
    } else this.#tell('redaction', { seq, through: seq }, `Entry ${seq} was made unreadable by an entry that is older than it.`)
  }

  /** The entry that made others unreadable is of privacy, and says of each what is left of it: nothing else takes the word from an entry. */
  #answerRedactions(entry: StoredEntry): void {
    const claims = this.#redactions.get(entry.seq)
    if (claims === undefined) return
    this.#redactions.delete(entry.seq)
    const said = entry.redactedBy === null && entry.action.startsWith('privacy.') ? redactedOf(entry.detail) : {}
    for (const [seq, mark] of claims) {
      if (said[String(seq)] === mark) continue
      const sentence =
        said[String(seq)] === undefined
          ? `Entry ${seq} was made unreadable, and entry ${entry.seq}, which it names, does not say so.`
          : `What is left of entry ${seq}, which was made unreadable, was changed.`
      this.#tell('redaction', { seq, through: seq }, sentence)
    }
  }

  #tell(kind: AuditFinding['kind'], { seq, through }: { seq: number; through: number }, sentence: string): void {
    this.#found += 1
    if (this.#findings.length < MOST_FINDINGS) this.#findings.push({ kind, seq, through, sentence })
  }
}

/** What stands before the first entry. */
const nothing: StoredEntry = { seq: 0, at: 0, actor: '', action: '', detail: '', previousHash: '', hash: '', redactedBy: null }
const NO_LEAF = new Uint8Array(32)

/** What an entry says that it made unreadable: marks by number. */
function redactedOf(detail: string): Record<string, unknown> {
  const { redacted } = JSON.parse(detail) as { redacted?: unknown }
  return typeof redacted === 'object' && redacted !== null ? (redacted as Record<string, unknown>) : {}
}

/** Of what can no longer be read, the hash is taken at its word: its leaf is not. */
function isOwnHash(entry: StoredEntry): boolean {
  return entry.seq === 0 || entry.redactedBy !== null || hash('sha256', canonicalEntry(entry)) === entry.hash
}
