import { hash as hashOf } from 'node:crypto'
import {
  actorWithoutPerson,
  actorWithPerson,
  canonicalEntry,
  withoutPersonal,
  withDevices,
  withoutDevices,
  withPersonal,
  PERSONAL_KEY,
} from '../../../../shared/domain/audit/entry.ts'
import type { WriteDb } from '../open.ts'
import { openPersonalTable } from './audit-personal.ts'
import { leafOf, openAuditTree } from './audit-tree.ts'

/** An entry as people read it: what is personal stands in its place. */
export interface AuditRow {
  seq: number
  at: number
  actor: string
  action: string
  /** JSON. */
  detail: string
}

/** An entry as it is stored and hashed. */
export interface StoredEntry extends AuditRow {
  previousHash: string
  hash: string
  /** Number of the entry that says why this one can no longer be read; null: it can. */
  redactedBy: number | null
}

/** An entry to be added. */
export interface NewEntry {
  at: number
  actor: string
  action: string
  detail: unknown
  /** The devices that it is about: it becomes part of their history. */
  devices?: readonly string[]
}

export type AuditTable = ReturnType<typeof openAuditTable>

const columns = 'audit.seq AS seq, at, actor, action, detail, previous_hash AS previousHash, hash, redacted_by AS redactedBy'
/** What the engine and the console do by themselves is done by this actor. */
const SYSTEM = 'muster'

/** What people and programs did, append-only; each entry carries the hash of the one before, and is a leaf of the tree of the log. */
export function openAuditTable(db: WriteDb) {
  const last = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
  const add = db.prepare(
    'INSERT INTO audit (seq, at, actor, action, detail, previous_hash, hash) VALUES (@seq, @at, @actor, @action, @detail, @previousHash, @hash)',
  )
  const name = db.prepare('INSERT OR IGNORE INTO audit_device (device, seq) VALUES (?, ?)')
  const redact = db.prepare(`UPDATE audit SET actor = ?, detail = '{"erased":true}', redacted_by = ? WHERE seq = ?`)
  const find = db.prepare<[number], StoredEntry>(`SELECT ${columns} FROM audit WHERE seq = ?`)
  const after = db.prepare<[number, number], StoredEntry>(`SELECT ${columns} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`)
  const devicesOf = db.prepare<[number, number], { device: string }>(
    'SELECT device FROM audit_device WHERE seq = ? ORDER BY device LIMIT ?',
  )
  const between = db.prepare<[number, number], { seq: number; device: string }>(
    'SELECT seq, device FROM audit_device WHERE seq > ? AND seq <= ? ORDER BY seq, device',
  )
  const deviceCount = db.prepare<[number], { count: number }>('SELECT count(*) AS count FROM audit_device WHERE seq = ?')
  const ofDevice = db.prepare<[string, number, number], StoredEntry>(`SELECT ${columns} FROM audit_device
    JOIN audit ON audit.seq = audit_device.seq WHERE audit_device.device = ? AND audit_device.seq < ? ORDER BY audit_device.seq DESC LIMIT ?`)
  const personal = openPersonalTable(db)
  const tree = openAuditTree(db)
  const listeners: ((size: number, at: number) => void)[] = []

  const append = (entry: NewEntry): number => {
    const before = last.get() ?? { seq: 0, hash: '' }
    const chained = {
      ...{ seq: before.seq + 1, at: entry.at, action: entry.action, previousHash: before.hash },
      actor: actorWithoutPerson(entry.actor, personal.refer),
      detail: JSON.stringify(withDevices(withoutPersonal(entry.detail, personal.refer), devicesDigest(entry.devices ?? []))),
    }
    const canonical = canonicalEntry(chained)
    add.run({ ...chained, hash: hashOf('sha256', canonical) })
    tree.append(chained.seq, leafOf(canonical))
    for (const device of entry.devices ?? []) name.run(device, chained.seq)
    for (const listener of listeners) listener(chained.seq, entry.at)
    return chained.seq
  }
  const given = (stored: string): string => {
    const detail = withoutDevices(stored)
    return detail.includes(PERSONAL_KEY) ? JSON.stringify(withPersonal(JSON.parse(detail), personal.textOf)) : detail
  }
  const readable = ({ seq, at, actor, action, detail }: AuditRow): AuditRow => ({
    ...{ seq, at, action },
    actor: actorWithPerson(actor, personal.textOf),
    detail: given(detail),
  })
  takeOverLeaves(db, tree, after)
  return {
    personal,
    tree,
    /** Adds an entry; call it in the transaction of the change that it tells of. @returns its number */
    append,
    /** Adds what the console, the engine or a device did: nobody called for it. */
    recordSystem: (entry: Omit<NewEntry, 'actor'> & { actor?: string }): number => append({ ...entry, actor: entry.actor ?? SYSTEM }),
    /** Told within the transaction of each entry, after it. */
    onAppended: (listener: (size: number, at: number) => void): void => void listeners.push(listener),
    /** Number of the newest entry, which is how many there are. */
    size: (): number => last.get()?.seq ?? 0,
    head: (): { seq: number; hash: string } => last.get() ?? { seq: 0, hash: '' },
    /** Entries about a device, the newest first. @param before only entries with a lower number */
    ofDevice: (device: string, before: number, limit: number): AuditRow[] => ofDevice.all(device, before, limit).map(readable),
    /** As stored, in their order. */
    after: (seq: number, limit: number): StoredEntry[] => after.all(seq, limit),
    find: (seq: number): StoredEntry | null => find.get(seq) ?? null,
    readable,
    devicesOf: (seq: number, limit: number): string[] => devicesOf.all(seq, limit).map(({ device }) => device),
    /** Devices of the entries after one number, through another, in their order. */
    devicesBetween: (after: number, through: number): Map<number, string[]> => devicesByEntry(between.all(after, through)),
    deviceCount: (seq: number): number => deviceCount.get(seq)!.count,
    /**
     * Makes entries unreadable for ever and keeps their hashes, so that the log still verifies: for what is personal in a place that has no
     * reference. In a transaction.
     * @param because adds the later entry that says so, with `redacted` in its detail: verification asks for it, word for word
     * @returns how many entries
     */
    redact(seqs: readonly number[], because: (redacted: Record<string, string>) => number): number {
      const left = seqs.flatMap((seq) => {
        const entry = find.get(seq)
        return entry === undefined || entry.redactedBy !== null ? [] : [{ ...entry, actor: wayOf(entry.actor) }]
      })
      if (left.length === 0) return 0
      const by = because(Object.fromEntries(left.map((entry) => [String(entry.seq), redactedMark(entry)])))
      for (const { seq, actor } of left) redact.run(actor, by, seq)
      return left.length
    },
  }
}

/** An actor without the person. */
function wayOf(actor: string): string {
  const at = actor.indexOf(':')
  return at < 0 || actor.startsWith('code:') ? actor : actor.slice(0, at)
}

/** What binds that which is left of an unreadable entry to the entry which made it so. */
export function redactedMark({ seq, at, action, actor, hash }: Pick<StoredEntry, 'seq' | 'at' | 'action' | 'actor' | 'hash'>): string {
  return hashOf('sha256', JSON.stringify([seq, at, action, actor, hash])).slice(0, 32)
}

/** What binds devices to their entry, whatever their order; null: there are none. */
export function devicesDigest(devices: readonly string[]): string | null {
  return devices.length === 0 ? null : hashOf('sha256', [...new Set(devices)].sort().join('\n')).slice(0, 32)
}

function devicesByEntry(rows: readonly { seq: number; device: string }[]): Map<number, string[]> {
  const devices = new Map<number, string[]>()
  for (const { seq, device } of rows) {
    const known = devices.get(seq)
    if (known === undefined) devices.set(seq, [device])
    else known.push(device)
  }
  return devices
}

/** Entries of a version that had no tree get their leaves, once. */
function takeOverLeaves(
  db: WriteDb,
  tree: ReturnType<typeof openAuditTree>,
  after: { all(seq: number, limit: number): StoredEntry[] },
): void {
  if (tree.size() > 0) return
  db.transaction(() => {
    for (let page = after.all(0, 1000); page.length > 0; page = after.all(page.at(-1)!.seq, 1000)) {
      for (const entry of page) tree.append(entry.seq, leafOf(canonicalEntry(entry)))
    }
  }).immediate()
}
