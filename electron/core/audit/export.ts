import { isWholeLog, type AuditFilterInput, type ExportEntry, type ExportHead } from '../../../shared/domain/audit/export.ts'
import { personalRefs, PERSONAL_KEY, personRefOf } from '../../../shared/domain/audit/entry.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { checkpointMessage } from '../../../shared/protocol/checkpoint.ts'
import type { Envelope } from '../../../shared/protocol/envelope.ts'
import type { StoredEntry } from '../store/fleet/audit.ts'
import type { TreeView } from '../store/fleet/audit-tree.ts'
import type { CheckpointRow } from '../store/fleet/audit-witnesses.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

type AuditStore = Pick<FleetStore, 'audit' | 'auditSearch' | 'auditWitnesses'>

/** Devices of an entry that an export lists. */
export const MOST_DEVICES = 100

/** The signed envelope of a stored checkpoint. */
export function envelopeOf({ message }: CheckpointRow): Envelope {
  return checkpointMessage.parse(JSON.parse(message)).envelope
}

/** The header of an export, over the newest checkpoint. @throws Problem `audit.no-checkpoint` */
export function headOfExport(
  { auditWitnesses }: AuditStore,
  of: { filter: AuditFilterInput; fleet: string; keys: readonly string[]; now: number },
): ExportHead {
  const newest = auditWitnesses.newest()
  if (newest === null) throw new Problem('audit.no-checkpoint', 'No checkpoint was signed yet: nothing would prove the entries.')
  return {
    ...{ kind: 'header', v: 1, fleet: of.fleet, exportedAt: of.now, filter: of.filter, size: newest.size },
    ...{ checkpoint: envelopeOf(newest), keys: [...of.keys] },
  }
}

/** The next entries of an export. @param place.size of the checkpoint that they are proven against */
export function pageOfExport(
  { audit, auditSearch }: AuditStore,
  filter: AuditFilterInput,
  { size, after, limit }: { size: number; after: number; limit: number },
): { entries: ExportEntry[]; next: number | null } {
  const { entries, next } = auditSearch.page(filter, { from: after, order: 'oldest', limit })
  const covered = entries.filter(({ seq }) => seq <= size)
  const view = isWholeLog(filter) ? null : audit.tree.view()
  const isDone = next === null || next >= size || covered.length < entries.length
  return { entries: covered.map((entry) => exported({ audit }, entry, { view, size })), next: isDone ? null : next }
}

function exported(
  { audit }: Pick<AuditStore, 'audit'>,
  entry: StoredEntry,
  { view, size }: { view: TreeView | null; size: number },
): ExportEntry {
  const person = personRefOf(entry.actor)
  const refs = [
    ...(person === null ? [] : [person]),
    ...(entry.detail.includes(PERSONAL_KEY) ? personalRefs(JSON.parse(entry.detail)) : []),
  ]
  const texts = refs.map((ref) => audit.personal.find(ref)).filter((one) => one !== null)
  const leaf = entry.redactedBy === null ? null : audit.tree.leaves(entry.seq - 1, entry.seq).get(entry.seq)
  return {
    kind: 'entry',
    ...entry,
    leaf: leaf === null || leaf === undefined ? null : Buffer.from(leaf).toString('base64'),
    devices: audit.devicesOf(entry.seq, MOST_DEVICES),
    personal: Object.fromEntries(texts.map(({ ref, salt, text }) => [ref, { salt: Buffer.from(salt).toString('base64'), text }])),
    proof: view === null ? null : view.inclusion(entry.seq, size).map((hash) => Buffer.from(hash).toString('base64')),
  }
}
