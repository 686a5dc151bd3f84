import { changeLines } from '../../../shared/domain/audit/change.ts'
import { canonicalEntry } from '../../../shared/domain/audit/entry.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { AuditRow, StoredEntry } from '../store/fleet/audit.ts'
import { leafOf } from '../store/fleet/audit-tree.ts'
import type { CheckpointRow } from '../store/fleet/audit-witnesses.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

type Listed = ResultOf<'audit.list'>['entries'][number]
type ShownCheckpoint = ResultOf<'audit.checkpoints'>['checkpoints'][number]
type AuditStore = Pick<FleetStore, 'audit' | 'auditSearch' | 'auditWitnesses'>

const MOST_SUMMARY = 300
/** Entries of the same kind among which the one before is looked for. */
const MOST_COMPARED = 500
/** Fields that say what an entry is about: two entries with the same ones are about the same thing. */
const aboutFields = [
  ...['device', 'rule', 'channel', 'rollout', 'order', 'model', 'version', 'alias', 'deployment', 'alert', 'silence', 'query', 'view'],
  ...['target', 'name', 'account', 'key', 'backup', 'kind'],
] as const

/** An entry as a row of the list. */
export function listedEntry({ audit }: AuditStore, stored: StoredEntry): Listed {
  const row = audit.readable(stored)
  return {
    ...{ seq: row.seq, at: row.at, actor: row.actor, action: row.action, summary: summaryOf(row) },
    ...{ devices: audit.deviceCount(row.seq), device: audit.devicesOf(row.seq, 1)[0] ?? null, isRedacted: stored.redactedBy !== null },
  }
}

/** One entry in full. @throws Problem `audit.not-found` */
export function shownEntry(store: AuditStore, seq: number, isKept: (size: number) => number): ResultOf<'audit.show'> {
  const { audit, auditWitnesses } = store
  const stored = audit.find(seq)
  if (stored === null) throw new Problem('audit.not-found', `There is no entry ${seq}; the log has ${audit.size()}.`)
  const detail = detailOf(audit.readable(stored))
  const before = entryBefore(store, stored)
  const covering = auditWitnesses.covering(seq)
  return {
    ...listedEntry(store, stored),
    detail,
    changes: changeLines(before === null ? null : askedFor(detailOf(audit.readable(before))), askedFor(detail)),
    comparedWith: before?.seq ?? null,
    deviceList: audit.devicesOf(seq, 100),
    ...{ hash: stored.hash, previousHash: stored.previousHash, redactedBy: stored.redactedBy },
    leaf: Buffer.from(audit.tree.leaves(seq - 1, seq).get(seq) ?? leafOf(canonicalEntry(stored))).toString('hex'),
    checkpoint: covering === null ? null : shownCheckpoint(covering, isKept),
  }
}

/** A checkpoint as people see it. @param isKept devices that keep the checkpoint of a size */
export function shownCheckpoint({ size, root, at, keyId }: CheckpointRow, isKept: (size: number) => number): ShownCheckpoint {
  return { size, root, at, keyId, witnesses: isKept(size) }
}

/** The newest earlier entry of the same action about the same thing; null: none among the latest. */
function entryBefore({ audit, auditSearch }: AuditStore, entry: StoredEntry): StoredEntry | null {
  const about = aboutOf(entry)
  if (about === null) return null
  const { entries } = auditSearch.page({ action: entry.action }, { from: entry.seq, order: 'newest', limit: MOST_COMPARED })
  return (
    entries.find(
      (one) =>
        one.action === entry.action &&
        one.redactedBy === null &&
        aboutOf(one) === about &&
        one.seq < entry.seq &&
        audit.find(one.seq) !== null,
    ) ?? null
  )
}

function aboutOf(entry: AuditRow): string | null {
  const input = askedFor(detailOf(entry))
  if (typeof input !== 'object' || input === null) return null
  const given = input as Record<string, unknown>
  const named = aboutFields.filter((field) => given[field] !== undefined)
  return named.length === 0 ? null : JSON.stringify(named.map((field) => [field, given[field]]))
}

/** What a person typed is under `input`; of what the console did itself, the whole detail. */
function askedFor(detail: unknown): unknown {
  return typeof detail === 'object' && detail !== null && 'input' in detail ? detail.input : detail
}

function detailOf({ detail }: Pick<AuditRow, 'detail'>): unknown {
  try {
    return JSON.parse(detail)
  } catch {
    // Of a log that somebody changed; that it is not what was written, verification tells.
    return { unreadable: detail.slice(0, MOST_SUMMARY) }
  }
}

function summaryOf(row: AuditRow): string {
  const words = wordsOf(askedFor(detailOf(row)))
  return words.length > MOST_SUMMARY ? `${words.slice(0, MOST_SUMMARY - 1)}…` : words
}

function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (Array.isArray(value))
    return value.length > 3 ? `${value.slice(0, 3).map(wordsOf).join(', ')} and ${value.length - 3} more` : value.map(wordsOf).join(', ')
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  return Object.entries(value)
    .filter(([, one]) => one !== null && one !== undefined && one !== '')
    .map(([key, one]) => (typeof one === 'object' && !Array.isArray(one) ? `${key} { ${wordsOf(one)} }` : `${key} ${wordsOf(one)}`))
    .join(' · ')
}
