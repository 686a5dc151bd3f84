import type { WriteDb } from '../open.ts'

/** A device whose code was right and whose fingerprint nobody has compared yet. */
export interface PendingRow {
  request: string
  codeId: string
  device: string
  /** The code was made for this id: a device that has it already gets new keys. */
  isBound: boolean
  /** SHA-256 of its public key, hex. */
  fingerprint: string
  /** The request as it came, JSON. */
  message: string
  /** Secret part of the code: the answer is proven with it. */
  secret: string
  labels: Record<string, string>
  askedAt: number
  /** Who has compared the fingerprint; null: nobody yet. */
  confirmedBy: string | null
  /** When a person refused it; null: it waits. */
  refusedAt: number | null
}

interface Raw {
  request: string
  code_id: string
  device: string
  is_bound: number
  fingerprint: string
  message: string
  secret: string
  labels: string
  asked_at: number
  confirmed_by: string | null
  refused_at: number | null
}

export type PendingTable = ReturnType<typeof openPendingTable>

/** Devices that wait for a person. */
export function openPendingTable(db: WriteDb) {
  const add = db.prepare(`INSERT INTO enrolment_pending (request, code_id, device, is_bound, fingerprint, message, secret, labels, asked_at)
    VALUES (@request, @codeId, @device, @isBound, @fingerprint, @message, @secret, @labels, @askedAt)`)
  const find = db.prepare<[string], Raw>('SELECT * FROM enrolment_pending WHERE request = ?')
  const waiting = db.prepare<[], Raw>(
    'SELECT * FROM enrolment_pending WHERE refused_at IS NULL AND confirmed_by IS NULL ORDER BY asked_at, request',
  )
  const codes = db.prepare<[], { code_id: string }>('SELECT code_id FROM enrolment_pending')
  const confirm = db.prepare('UPDATE enrolment_pending SET confirmed_by = ? WHERE request = ?')
  const refuse = db.prepare('UPDATE enrolment_pending SET refused_at = ? WHERE request = ?')
  const refuseOf = db.prepare('UPDATE enrolment_pending SET refused_at = ? WHERE device = ? AND refused_at IS NULL')
  const remove = db.prepare('DELETE FROM enrolment_pending WHERE request = ?')
  const forget = db.prepare('DELETE FROM enrolment_pending WHERE asked_at <= ?')
  return {
    add: ({
      request,
      codeId,
      device,
      isBound,
      fingerprint,
      message,
      secret,
      labels,
      askedAt,
    }: Omit<PendingRow, 'refusedAt' | 'confirmedBy'>): void =>
      void add.run({
        request,
        codeId,
        device,
        isBound: Number(isBound),
        fingerprint,
        message,
        secret,
        labels: JSON.stringify(labels),
        askedAt,
      }),
    find(request: string): PendingRow | null {
      const raw = find.get(request)
      return raw === undefined ? null : rowOf(raw)
    },
    waiting: (): PendingRow[] => waiting.all().map(rowOf),
    /** Public parts of the codes of those that wait, or have not heard yet that they were refused. */
    codes: (): string[] => codes.all().map((row) => row.code_id),
    confirm: (request: string, by: string): void => void confirm.run(by, request),
    refuse: (request: string, at: number): void => void refuse.run(at, request),
    /** Refuses all that wait for an id, also one that was confirmed and has not heard it yet. */
    refuseOf: (device: string, at: number): void => void refuseOf.run(at, device),
    remove: (request: string): void => void remove.run(request),
    /** Forgets those that asked before a time. */
    forgetBefore: (at: number): number => forget.run(at).changes,
  }
}

function rowOf(raw: Raw): PendingRow {
  return {
    ...{
      request: raw.request,
      codeId: raw.code_id,
      device: raw.device,
      isBound: raw.is_bound === 1,
      fingerprint: raw.fingerprint,
      message: raw.message,
    },
    ...{ secret: raw.secret, labels: JSON.parse(raw.labels) as Record<string, string>, askedAt: raw.asked_at },
    ...{ confirmedBy: raw.confirmed_by, refusedAt: raw.refused_at },
  }
}
