import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { canonicalEntry, devicesDigestOf } from '../../../shared/domain/audit/entry.ts'
import { exportLine, isWholeLog, type ExportEntry, type ExportHead } from '../../../shared/domain/audit/export.ts'
import type { AuditFinding, AuditVerdict } from '../../../shared/domain/audit/finding.ts'
import { isIncluded } from '../../../shared/domain/audit/merkle.ts'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { checkpoint, type Checkpoint } from '../../../shared/protocol/checkpoint.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { devicesDigest } from '../store/fleet/audit.ts'
import { personalRef } from '../store/fleet/audit-personal.ts'
import { leafOf, sha256 } from '../store/fleet/audit-tree.ts'
import { verifySignatures } from '../trust/keys.ts'
import { Auditor } from './auditor.ts'
import { MOST_DEVICES } from './export.ts'
import { verdictOf } from './verify.ts'

/** A verdict on a file, and what it rests on. */
export interface FileVerdict extends AuditVerdict {
  fleet: string
  /** True: the key was given; false: it is the one that the file itself names. */
  isKeyGiven: boolean
}

/**
 * Verifies an export without a console: the signature of its checkpoint, and that each entry is part of what was signed.
 * @param key raw public key of the fleet, base64; null: the keys that the file names are believed
 * @throws Problem `audit.file-invalid`, `store.missing` and others of the disk
 */
export async function verifyFile(file: string, { key, now }: { key: string | null; now(): number }): Promise<FileVerdict> {
  const began = performance.now()
  const reading = new FileReading(file, key)
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const line of lines) if (line !== '') reading.take(line)
  } catch (error) {
    if (error instanceof Problem || errorCodeOf(error) === undefined) throw error
    throw new Problem('audit.file-invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  return reading.end({ at: now(), tookMs: () => Math.round(performance.now() - began) })
}

class FileReading {
  readonly #file: string
  readonly #key: string | null
  readonly #others: AuditFinding[] = []
  #head: ExportHead | null = null
  #signed: Checkpoint | null = null
  #keyId: string | null = null
  #auditor = new Auditor({ heads: [], hasLeaves: false })
  #entries = 0
  #redacted = 0
  #last = 0
  #erased = new Set<string>()
  #isEnded = false
  #line = 0

  constructor(file: string, key: string | null) {
    this.#file = file
    this.#key = key
  }

  take(text: string): void {
    this.#line += 1
    if (this.#isEnded) throw this.#invalid('something follows after its end')
    const line = exportLine.safeParse(this.#json(text))
    if (!line.success) throw this.#invalid(firstIssue(line.error))
    if (line.data.kind === 'header') this.#begin(line.data)
    else if (this.#head === null) throw this.#invalid('it has no header')
    else if (line.data.kind === 'entry') this.#entry(line.data, this.#head)
    else {
      this.#isEnded = true
      if (line.data.entries !== this.#entries)
        this.#cut(`The file says that it holds ${line.data.entries} entries; it holds ${this.#entries}.`)
    }
  }

  end({ at, tookMs }: { at: number; tookMs(): number }): FileVerdict {
    const head = this.#head
    if (head === null) throw this.#invalid('it is empty')
    if (!this.#isEnded) this.#cut('The file has no last line: it was cut off.')
    const isWhole = isWholeLog(head.filter)
    if (isWhole) this.#auditor.end(0)
    const verdict = verdictOf(this.#auditor, {
      ...{ others: this.#others, uncovered: 0, erased: this.#erased.size, keyId: this.#keyId, at, tookMs: tookMs() },
    })
    const sentence = verdict.isGood
      ? `${this.#entries} entries are what was signed on ${new Date(this.#signed?.issuedAt ?? 0).toISOString()} over ${head.size} entries.`
      : verdict.sentence
    const counts = isWhole ? {} : { entries: this.#entries, redacted: this.#redacted, checkpoints: 1, root: this.#signed?.root ?? '' }
    return { ...verdict, ...counts, sentence, fleet: head.fleet, isKeyGiven: this.#key !== null }
  }

  #begin(head: ExportHead): void {
    if (this.#head !== null) throw this.#invalid('it has two headers')
    this.#head = head
    const bytes = Buffer.from(head.checkpoint.payload, 'base64')
    const payload = checkpoint.safeParse(this.#json(bytes.toString('utf8')))
    if (!payload.success) throw this.#invalid(`its checkpoint is none: ${firstIssue(payload.error)}`)
    this.#signed = payload.data
    this.#keyId = head.checkpoint.signatures[0]?.keyid ?? null
    const keys = this.#key === null ? head.keys : [this.#key]
    const isRight =
      head.checkpoint.payloadType === payloadTypes.checkpoint && payload.data.size === head.size && payload.data.fleet === head.fleet
    if (!isRight || !verifySignatures(payloadTypes.checkpoint, bytes, head.checkpoint.signatures, keys)) {
      const sentence = `The checkpoint of the file is not signed by ${this.#key === null ? 'a key that it names' : 'the key that was given'}.`
      this.#others.push({ kind: 'signature', seq: 1, through: Math.max(1, head.size), sentence })
    }
    if (!isWholeLog(head.filter)) return
    const { size, root, issuedAt } = payload.data
    const source = `The checkpoint of ${new Date(issuedAt).toISOString()}`
    this.#auditor = new Auditor({ heads: [{ size, root, source, kind: 'checkpoint' }], hasLeaves: false })
  }

  #entry(entry: ExportEntry, head: ExportHead): void {
    this.#entries += 1
    if (entry.seq <= this.#last) throw this.#invalid(`entry ${entry.seq} stands after entry ${this.#last}`)
    this.#last = entry.seq
    this.#personal(entry)
    const given = entry.leaf === null ? null : Buffer.from(entry.leaf, 'base64')
    if (entry.redactedBy !== null) this.#redacted += 1
    if (isWholeLog(head.filter)) {
      this.#auditor.take(entry, entry.redactedBy === null ? null : given, entry.devices.length < MOST_DEVICES ? entry.devices : null)
      return
    }
    const leaf = entry.redactedBy === null ? leafOf(canonicalEntry(entry)) : given
    const proof = (entry.proof ?? []).map((hash) => new Uint8Array(Buffer.from(hash, 'base64')))
    const root = Buffer.from(this.#signed?.root ?? '', 'hex')
    const isProven = leaf !== null && isIncluded(sha256, { leaf, index: entry.seq - 1, size: head.size, proof, root })
    const digest = devicesDigestOf(entry.detail)
    if (isProven && digest !== null && entry.devices.length < MOST_DEVICES && digest !== devicesDigest(entry.devices)) {
      const sentence = `Entry ${entry.seq} is about other devices than were written.`
      this.#others.push({ kind: 'devices', seq: entry.seq, through: entry.seq, sentence })
    }
    if (isProven) return
    const sentence = `Entry ${entry.seq} is not what was signed: it was changed, moved, or put in.`
    this.#others.push({ kind: 'proof', seq: entry.seq, through: entry.seq, sentence })
  }

  #personal({ seq, actor, detail, personal }: ExportEntry): void {
    for (const [ref, { salt, text }] of Object.entries(personal)) {
      if (personalRef(Buffer.from(salt, 'base64'), text) === ref && (detail.includes(ref) || actor.includes(ref))) continue
      this.#others.push({
        kind: 'personal',
        seq,
        through: seq,
        sentence: `A personal text of entry ${seq} is not the one that was written.`,
      })
    }
    for (const [, ref] of `${actor} ${detail}`.matchAll(/(?:::|"\$personal":")([0-9a-f]{32})/g))
      if (personal[ref!] === undefined) this.#erased.add(ref!)
  }

  #cut(sentence: string): void {
    const seq = this.#last + 1
    this.#others.push({ kind: 'missing', seq, through: Math.max(seq, this.#head?.size ?? seq), sentence })
  }

  #json(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw this.#invalid(messageOf(error))
    }
  }

  #invalid(why: string): Problem {
    return new Problem('audit.file-invalid', `${this.#file}, line ${this.#line}: ${why}.`)
  }
}
