import type { WriteDb } from '../open.ts'

export interface EnrolmentCodeRow {
  codeId: string
  secret: string
  /** The id that the code is made for; null: the device chooses. */
  device: string | null
  labels: Record<string, string>
  expiresAt: number
  triesLeft: number
  /** Whether a person compares the fingerprint before the device joins; null: as the policy says. */
  confirm?: boolean | null
}

interface RawCode {
  code_id: string
  secret: string
  device: string | null
  labels: string
  expires_at: number
  tries_left: number
  confirm: number | null
}

export type EnrolmentTable = ReturnType<typeof openEnrolmentTable>

/** One-time codes that may be used now, and the answers that were given with used ones (a lost answer is repeated, not made anew). */
export function openEnrolmentTable(db: WriteDb) {
  const add = db.prepare(
    'INSERT INTO enrolment_code (code_id, secret, device, labels, expires_at, tries_left, confirm) VALUES (@codeId, @secret, @device, @labels, @expiresAt, @triesLeft, @confirm)',
  )
  const find = db.prepare<[string], RawCode>('SELECT * FROM enrolment_code WHERE code_id = ?')
  const live = db.prepare<[number], { code_id: string }>('SELECT code_id FROM enrolment_code WHERE expires_at > ? AND tries_left > 0')
  const spend = db.prepare('UPDATE enrolment_code SET tries_left = tries_left - 1 WHERE code_id = ?')
  const burn = db.prepare('DELETE FROM enrolment_code WHERE code_id = ?')
  const burnOf = db.prepare('DELETE FROM enrolment_code WHERE device = ?')
  const burnAll = db.prepare('DELETE FROM enrolment_code')
  const forget = db.prepare('DELETE FROM enrolment_code WHERE expires_at <= ? OR tries_left <= 0')
  const answerOf = db.prepare<[string], { proof: string; answer: string }>('SELECT proof, answer FROM enrolment_answer WHERE request = ?')
  const keep = db.prepare(
    'INSERT INTO enrolment_answer (request, code_id, proof, device, answer, answered_at) VALUES (@request, @codeId, @proof, @device, @answer, @answeredAt)',
  )
  const recent = db.prepare<[number], { code_id: string }>('SELECT code_id FROM enrolment_answer WHERE answered_at > ?')
  const forgetAnswers = db.prepare('DELETE FROM enrolment_answer WHERE answered_at <= ?')
  return {
    add: (row: EnrolmentCodeRow): void =>
      void add.run({ ...row, labels: JSON.stringify(row.labels), confirm: row.confirm == null ? null : Number(row.confirm) }),
    find(codeId: string): EnrolmentCodeRow | null {
      const raw = find.get(codeId)
      if (raw === undefined) return null
      return {
        codeId: raw.code_id,
        secret: raw.secret,
        device: raw.device,
        labels: JSON.parse(raw.labels) as Record<string, string>,
        expiresAt: raw.expires_at,
        triesLeft: raw.tries_left,
        confirm: raw.confirm === null ? null : raw.confirm === 1,
      }
    },
    /** Public parts that may open a guest connection now: live codes, and codes used within the last minute (for a repeated answer). */
    guests(now: number): string[] {
      return [...new Set([...live.all(now), ...recent.all(now - 60_000)].map((row) => row.code_id))]
    },
    spendTry: (codeId: string): void => void spend.run(codeId),
    burn: (codeId: string): void => void burn.run(codeId),
    /** Takes back the codes that were made for an id. */
    burnOf: (device: string): void => void burnOf.run(device),
    /** Takes back every code that was not used. */
    burnAll: (): void => void burnAll.run(),
    forgetExpired(now: number): void {
      forget.run(now)
      forgetAnswers.run(now - 24 * 3_600_000)
    },
    answerOf: (request: string): { proof: string; answer: string } | null => answerOf.get(request) ?? null,
    keepAnswer: (row: { request: string; codeId: string; proof: string; device: string; answer: string; answeredAt: number }): void =>
      void keep.run(row),
  }
}
