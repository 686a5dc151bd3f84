import type { AuditVerdict } from '../../../shared/domain/audit/finding.ts'
import { canonicalEntry } from '../../../shared/domain/audit/entry.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { JobWork } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import { leafOf } from '../store/fleet/audit-tree.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { keyIdOf, type Keyring } from '../trust/keys.ts'
import { envelopeOf } from './export.ts'
import { startCheckpoints, type CheckpointKeeper } from './keeper.ts'
import { openKnownKeys } from './known-keys.ts'
import { shownCheckpoint } from './show.ts'
import { verifyLog } from './verify.ts'
import { openWitnesses, standingSentence, type Witnesses } from './witnesses.ts'

interface AuditDeskParts {
  store: FleetStore
  readonly fleet: string
  keyring: Keyring
  /** Where the keys of the console lie. */
  keysDirectory: string
  now(): number
  onOutbox(): void
  changed(): void
  log: Log
}

/** The audit log as a whole: signed, kept by devices, verified. */
export interface AuditDesk {
  checkpoints: CheckpointKeeper
  /** Devices were heard: what they keep of the log is compared with it. */
  heard(devices: Iterable<string>): void
  /** Keys that checkpoints may be signed with, raw, base64: that of now, and those that signed before. */
  keys(): string[]
  status(): ResultOf<'audit.status'>
  /** Age of the oldest entry that no checkpoint covers; 0: there is none. */
  unsignedForMs(): number
  witnesses(limit: number): ResultOf<'audit.witnesses'>
  proof(seq: number): ResultOf<'audit.proof'>
  /** Devices that keep a checkpoint of this size. */
  keepersOf(size: number): number
  /** The work of a verification; its verdict is remembered. */
  verification: JobWork
  stop(): void
}

const MOST_CONTRADICTIONS = 100

/** Opens the desk of the audit log and begins to sign. */
export function openAuditDesk(parts: AuditDeskParts): AuditDesk {
  const { store, keyring, now } = parts
  const { audit, auditWitnesses: table } = store
  const witnesses: Witnesses = openWitnesses(store)
  let verdict: AuditVerdict | null = null
  const known = openKnownKeys(parts.keysDirectory, store)
  const keys = (): string[] => [...new Set([...keyring.roots().assignment, ...known.all()])]
  const rememberKeys = (): void => {
    try {
      known.add(keyring.roots().assignment)
    } catch (error) {
      parts.log('error', 'the keys that sign the audit log could not be noted', { reason: messageOf(error) })
    }
  }
  rememberKeys()
  const checkpoints = startCheckpoints({
    ...{ store, keyring, now, log: parts.log, onOutbox: parts.onOutbox, changed: parts.changed, onSigned: rememberKeys },
    get fleet() {
      return parts.fleet
    },
  })
  const keepersOf = (size: number): number => table.witnesses().filter((one) => one.size === size).length

  return {
    checkpoints,
    keys,
    keepersOf,
    heard(devices) {
      for (const device of devices) {
        const reported = store.devices.find(device)?.reported
        if (reported === null || reported === undefined || !witnesses.heard(device, reported, now())) continue
        parts.log('error', 'a device keeps a checkpoint that the audit log does not extend', { device, size: reported.witness?.size ?? 0 })
        parts.changed()
      }
    },
    status() {
      const newest = table.newest()
      const all = table.contradictions().toReversed()
      const [publicKey] = keyring.roots().assignment
      const held = table.witnesses()
      return {
        size: audit.size(),
        newest: newest === null ? null : shownCheckpoint(newest, keepersOf),
        checkpoints: table.count(),
        uncovered: audit.size() - (newest?.size ?? 0),
        key: { keyId: keyIdOf(Buffer.from(publicKey!, 'base64')), publicKey: publicKey! },
        witnesses: held.length,
        contradictions: all.slice(0, MOST_CONTRADICTIONS),
        open: all.filter(({ acceptedAt }) => acceptedAt === null).length,
        verdict,
      }
    },
    unsignedForMs: () => now() - (audit.find((table.newest()?.size ?? 0) + 1)?.at ?? now()),
    witnesses(limit) {
      const held = table.witnesses().map((one) => {
        const standing = witnesses.standing(one)
        return { ...one, standing, sentence: standingSentence(one, standing, audit.size()) }
      })
      const worstFirst = held.sort((a, b) => Number(a.standing === 'extends') - Number(b.standing === 'extends'))
      return { witnesses: worstFirst.slice(0, limit), total: held.length }
    },
    proof(seq) {
      const entry = audit.find(seq)
      if (entry === null) throw new Problem('audit.not-found', `There is no entry ${seq}; the log has ${audit.size()}.`)
      const covering = table.covering(seq)
      if (covering === null) throw new Problem('audit.no-checkpoint', `No checkpoint covers entry ${seq} yet.`)
      const canonical = canonicalEntry(entry)
      const leaf = entry.redactedBy === null ? leafOf(canonical) : audit.tree.leaves(seq - 1, seq).get(seq)!
      return {
        ...{ seq, canonical, index: seq - 1, size: covering.size, checkpoint: envelopeOf(covering) },
        leaf: Buffer.from(leaf).toString('base64'),
        root: Buffer.from(covering.root, 'hex').toString('base64'),
        proof: audit.tree
          .view()
          .inclusion(seq, covering.size)
          .map((hash) => Buffer.from(hash).toString('base64')),
      }
    },
    async verification(context) {
      verdict = await verifyLog({ store, keys: keys(), now }, context)
      parts.changed()
      return verdict
    },
    stop: () => checkpoints.stop(),
  }
}
