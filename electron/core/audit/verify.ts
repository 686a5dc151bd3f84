import { setImmediate as breathe } from 'node:timers/promises'
import { checkpoint, checkpointMessage } from '../../../shared/protocol/checkpoint.ts'
import { personalRefs, PERSONAL_KEY, personRefOf } from '../../../shared/domain/audit/entry.ts'
import type { AuditFinding, AuditVerdict } from '../../../shared/domain/audit/finding.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import type { StoredEntry } from '../store/fleet/audit.ts'
import { personalRef } from '../store/fleet/audit-personal.ts'
import type { CheckpointRow } from '../store/fleet/audit-witnesses.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { verifySignatures } from '../trust/keys.ts'
import { Auditor, type KnownHead } from './auditor.ts'

/** Entries that are read before others get their turn. */
const PAGE = 1000

interface VerifyParts {
  store: Pick<FleetStore, 'audit' | 'auditWitnesses'>
  /** Raw public keys, base64, that checkpoints may be signed with. */
  keys: readonly string[]
  now(): number
}

/** Reads the whole log and compares it with itself, with its signed checkpoints and with what devices keep. */
export async function verifyLog(
  { store, keys, now }: VerifyParts,
  { signal, progress }: { signal: AbortSignal; progress(fraction: number, note: string): void },
): Promise<AuditVerdict> {
  const began = performance.now()
  const { audit, auditWitnesses } = store
  const checkpoints = auditWitnesses.inOrder()
  const auditor = new Auditor({ heads: headsOf(store, checkpoints), hasLeaves: true })
  // What comes while we read belongs to the next time.
  const size = Math.max(audit.size(), audit.tree.size())
  const refs = new Set<string>()
  let place = 0
  while (place < size) {
    if (signal.aborted) throw new Error('cancelled')
    const page = audit.after(place, PAGE).filter(({ seq }) => seq <= size)
    const through = page.length < PAGE ? size : page.at(-1)!.seq
    readPage(auditor, {
      ...{ page, place, through, refs },
      leaves: audit.tree.leaves(place, through),
      devices: audit.devicesBetween(place, through),
    })
    place = through
    progress(place / size, `${place} of ${size} entries`)
    await breathe()
  }
  auditor.end(size)
  const others = [...signatureFindings(checkpoints, keys), ...personalFindings(store)]
  const covered = checkpoints.at(-1)?.size ?? 0
  const known = new Set(audit.personal.all().map(({ ref }) => ref))
  return verdictOf(auditor, {
    others,
    uncovered: Math.max(0, size - covered),
    erased: [...refs].filter((ref) => !known.has(ref)).length,
    keyId: checkpoints.at(-1)?.keyId ?? null,
    at: now(),
    tookMs: Math.round(performance.now() - began),
  })
}

function readPage(
  auditor: Auditor,
  of: {
    page: readonly StoredEntry[]
    leaves: ReadonlyMap<number, Uint8Array>
    devices: ReadonlyMap<number, readonly string[]>
    place: number
    through: number
    refs: Set<string>
  },
): void {
  const entries = new Map(of.page.map((entry) => [entry.seq, entry]))
  for (let seq = of.place + 1; seq <= of.through; seq += 1) {
    const entry = entries.get(seq)
    const leaf = of.leaves.get(seq) ?? null
    if (entry !== undefined) {
      auditor.take(entry, leaf, of.devices.get(seq) ?? [])
      for (const ref of refsOf(entry)) of.refs.add(ref)
      continue
    }
    if (leaf === null) continue
    if (seq === of.place + 1 || entries.has(seq - 1) || !of.leaves.has(seq - 1)) auditor.missing(lastMissing(seq, of.through, entries))
    auditor.takeMissing(seq, leaf)
  }
}

/** The last of the entries that are gone in a row. */
function lastMissing(seq: number, through: number, entries: ReadonlyMap<number, StoredEntry>): number {
  let last = seq
  while (last < through && !entries.has(last + 1)) last += 1
  return last
}

function refsOf({ actor, detail }: StoredEntry): string[] {
  const person = personRefOf(actor)
  return [...(person === null ? [] : [person]), ...(detail.includes(PERSONAL_KEY) ? personalRefs(parsed(detail)) : [])]
}

function parsed(detail: string): unknown {
  try {
    return JSON.parse(detail)
  } catch {
    // A changed entry may be no JSON any more; that it was changed, its hash says.
    return null
  }
}

function headsOf({ auditWitnesses }: VerifyParts['store'], checkpoints: readonly CheckpointRow[]): KnownHead[] {
  const signed = checkpoints.map(({ size, root, at }): KnownHead => {
    return { size, root, kind: 'checkpoint', source: `The checkpoint of ${new Date(at).toISOString()}` }
  })
  // What an admin has accepted is on record, and no longer evidence against the log.
  const accepted = new Set(
    auditWitnesses
      .contradictions()
      .filter(({ acceptedAt }) => acceptedAt !== null)
      .map(({ size, root }) => `${size} ${root}`),
  )
  const open = auditWitnesses.witnesses().filter(({ size, root }) => !accepted.has(`${size} ${root}`))
  const kept = open.map(({ size, root, device }): KnownHead => {
    return { size, root, kind: 'witness', source: `The checkpoint that ${device} keeps` }
  })
  return [...signed, ...kept].sort((a, b) => a.size - b.size)
}

/** Checkpoints that no key of the fleet has signed, or that were signed over something else than they say. */
function signatureFindings(checkpoints: readonly CheckpointRow[], keys: readonly string[]): AuditFinding[] {
  return checkpoints.flatMap((row) => {
    if (isSigned(row, keys)) return []
    const sentence = `The checkpoint over ${row.size} entries is not signed by a key of this fleet.`
    return [{ kind: 'signature' as const, seq: row.size, through: row.size, sentence }]
  })
}

function isSigned({ message, size, root }: CheckpointRow, keys: readonly string[]): boolean {
  try {
    const { envelope } = checkpointMessage.parse(JSON.parse(message))
    const bytes = Buffer.from(envelope.payload, 'base64')
    const payload = checkpoint.parse(JSON.parse(bytes.toString('utf8')))
    const isSame = envelope.payloadType === payloadTypes.checkpoint && payload.size === size && payload.root === root
    return isSame && verifySignatures(payloadTypes.checkpoint, bytes, envelope.signatures, keys)
  } catch {
    return false
  }
}

function personalFindings({ audit }: VerifyParts['store']): AuditFinding[] {
  return audit.personal
    .all()
    .filter(({ ref, salt, text }) => personalRef(salt, text) !== ref)
    .map(({ ref }) => ({
      kind: 'personal' as const,
      seq: 1,
      through: Math.max(1, audit.size()),
      sentence: `The personal text ${ref} is not the one that was written.`,
    }))
}

/** A verdict from what was found. */
export function verdictOf(
  auditor: Auditor,
  of: Pick<AuditVerdict, 'uncovered' | 'erased' | 'keyId' | 'at' | 'tookMs'> & { others: readonly AuditFinding[] },
): AuditVerdict {
  const { others, ...rest } = of
  const findings = [...auditor.findings, ...others].sort((a, b) => a.seq - b.seq)
  const { findings: found, ...counts } = auditor.counts
  const first = findings[0] ?? null
  const all = found + others.length
  const more = all > 1 ? ` ${all - 1} more ${all === 2 ? 'finding follows' : 'findings follow'} from it or stand beside it.` : ''
  return {
    ...{ isGood: first === null, first, findings: findings.slice(0, 100), found: all, ...counts, ...rest, root: auditor.root },
    sentence:
      first === null
        ? `${counts.entries} entries are whole and in order; ${counts.checkpoints} checkpoints and ${counts.witnesses} witnesses agree.`
        : `${first.sentence}${more}`.slice(0, 600),
  }
}
