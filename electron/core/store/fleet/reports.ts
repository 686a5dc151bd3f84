import type { ReportFormat, ReportKind, ReportQuestion, ReportSubject } from '../../../../shared/domain/report/kinds.ts'
import type { ReportPlan } from '../../../../shared/domain/report/schedule.ts'
import type { WriteDb } from '../open.ts'

/** A report as it is stored; its content lies in a file beside. */
export interface ReportRow {
  id: number
  state: 'making' | 'made' | 'failed'
  kind: ReportKind
  question: ReportQuestion
  /** The schedule that asked for it; null: a person did. */
  schedule: string | null
  askedAt: number
  askedBy: string
  madeAt: number | null
  title: string
  sentence: string
  dataHash: string | null
  facts: number
  problem: string | null
}

/** A file that a report was written as. Files are made anew when asked for, and may differ: each hash that was handed out is kept. */
export interface ReportFileRow {
  report: number
  format: ReportFormat
  sha256: string
  bytes: number
  writtenAt: number
}

/** A report that is made by itself. */
export interface ReportScheduleRow {
  name: string
  subject: ReportSubject
  plan: ReportPlan
  isOn: boolean
  setAt: number
  setBy: string
  /** End of the last period that was reported, or passed before there was a schedule. */
  doneThrough: number
  failedAt: number | null
  problem: string | null
}

type RawReport = Omit<ReportRow, 'question'> & { question: string }
type RawSchedule = Omit<ReportScheduleRow, 'subject' | 'plan' | 'isOn'> & { subject: string; plan: string; isOn: 0 | 1 }

const columns = `id, state, kind, question, schedule, asked_at AS askedAt, asked_by AS askedBy, made_at AS madeAt, title, sentence,
  data_hash AS dataHash, facts, problem`
const fileColumns = 'report, format, sha256, bytes, written_at AS writtenAt'

export type ReportTable = ReturnType<typeof openReportTable>

/** Reports, their files and their schedules. */
export function openReportTable(db: WriteDb) {
  // What a console that was killed was making is not finished by anybody.
  db.prepare(`UPDATE report SET state = 'failed', problem = 'The console ended before it was made.' WHERE state = 'making'`).run()
  return { ...openReports(db), ...openFiles(db), ...openSchedules(db) }
}

function openReports(db: WriteDb) {
  const add = db.prepare(`INSERT INTO report (state, kind, question, schedule, asked_at, asked_by, title, sentence, facts)
    VALUES ('making', @kind, @question, @schedule, @askedAt, @askedBy, @title, '', 0)`)
  const made = db.prepare(`UPDATE report SET state = 'made', made_at = @madeAt, title = @title, sentence = @sentence, data_hash = @dataHash,
    facts = @facts, problem = NULL WHERE id = @id`)
  const failed = db.prepare(`UPDATE report SET state = 'failed', problem = ? WHERE id = ? AND state = 'making'`)
  const one = db.prepare<[number], RawReport>(`SELECT ${columns} FROM report WHERE id = ?`)
  const page = db.prepare<[number, number], RawReport>(`SELECT ${columns} FROM report WHERE id < ? ORDER BY id DESC LIMIT ?`)
  const ofSchedule = db.prepare<[string], RawReport>(`SELECT ${columns} FROM report WHERE schedule = ? AND state = 'made' ORDER BY id DESC`)
  const askedBefore = db
    .prepare<[number], number>(`SELECT id FROM report WHERE schedule IS NULL AND state <> 'making' AND asked_at < ? ORDER BY id LIMIT 100`)
    .pluck()
  const inState = db.prepare<[string], number>('SELECT id FROM report WHERE state = ? ORDER BY id').pluck()
  const failedOf = db.prepare<[string], number>(`SELECT id FROM report WHERE schedule = ? AND state = 'failed' ORDER BY id DESC`).pluck()
  const release = db.prepare(`UPDATE report SET schedule = NULL, asked_by = ? WHERE schedule = ?`)
  const lift = db.prepare(`UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'report'`)
  const begin = db.prepare(`INSERT INTO sqlite_sequence (name, seq) VALUES ('report', ?)`)
  const total = db.prepare<[], number>('SELECT count(*) FROM report').pluck()
  const remove = db.prepare('DELETE FROM report WHERE id = ?')
  return {
    /** Notes that a report is being made. @returns its number */
    add: ({ question, ...row }: Pick<ReportRow, 'kind' | 'question' | 'schedule' | 'askedAt' | 'askedBy' | 'title'>): number =>
      Number(add.run({ ...row, question: JSON.stringify(question) }).lastInsertRowid),
    made: (row: Pick<ReportRow, 'id' | 'title' | 'sentence' | 'facts'> & { madeAt: number; dataHash: string }): void => void made.run(row),
    failed: (id: number, problem: string): void => void failed.run(problem, id),
    find: (id: number): ReportRow | null => reportOf(one.get(id)),
    /** The newest first. */
    page: (before: number, limit: number): ReportRow[] => page.all(before, limit).map((raw) => reportOf(raw)!),
    /** Made ones of a schedule, the newest first. */
    ofSchedule: (name: string): ReportRow[] => ofSchedule.all(name).map((raw) => reportOf(raw)!),
    /** The oldest that a person asked for before a moment; not those that are being made. */
    askedBefore: (at: number): number[] => askedBefore.all(at),
    /** The numbers of those in a state, the oldest first. */
    inState: (state: ReportRow['state']): number[] => inState.all(state),
    /** Attempts of a schedule that failed, the newest first. */
    failedOf: (name: string): number[] => failedOf.all(name),
    /** Reports of a schedule that ends become those of whoever is named: another schedule of the name has nothing to do with them. */
    release: (name: string, to: string): void => void release.run(to, name),
    /** The next report has a higher number than this one. */
    countFrom(last: number): void {
      if (lift.run(last).changes === 0 && last > 0) begin.run(last)
    },
    total: (): number => total.get()!,
    remove: (id: number): boolean => remove.run(id).changes > 0,
  }
}

function openFiles(db: WriteDb) {
  const put = db.prepare(`INSERT OR REPLACE INTO report_file (report, format, sha256, bytes, written_at)
    VALUES (@report, @format, @sha256, @bytes, @writtenAt)`)
  const of = db.prepare<[number], ReportFileRow>(`SELECT ${fileColumns} FROM report_file WHERE report = ? ORDER BY written_at, format`)
  const byHash = db.prepare<[string], ReportFileRow>(`SELECT ${fileColumns} FROM report_file WHERE sha256 = ? LIMIT 1`)
  return {
    putFile: (row: ReportFileRow): void => void put.run(row),
    filesOf: (report: number): ReportFileRow[] => of.all(report),
    fileByHash: (sha256: string): ReportFileRow | null => byHash.get(sha256) ?? null,
  }
}

function openSchedules(db: WriteDb) {
  const scheduleColumns = `name, subject, plan, is_on AS isOn, set_at AS setAt, set_by AS setBy, done_through AS doneThrough,
    failed_at AS failedAt, problem`
  const all = db.prepare<[], RawSchedule>(`SELECT ${scheduleColumns} FROM report_schedule ORDER BY name`)
  const put = db.prepare(`INSERT OR REPLACE INTO report_schedule
    (name, subject, plan, is_on, set_at, set_by, done_through, failed_at, problem)
    VALUES (@name, @subject, @plan, @isOn, @setAt, @setBy, @doneThrough, @failedAt, @problem)`)
  const remove = db.prepare('DELETE FROM report_schedule WHERE name = ?')
  return {
    schedules: (): ReportScheduleRow[] => all.all().map(scheduleOf),
    putSchedule: ({ subject, plan, isOn, ...row }: ReportScheduleRow): void =>
      void put.run({ ...row, subject: JSON.stringify(subject), plan: JSON.stringify(plan), isOn: isOn ? 1 : 0 }),
    removeSchedule: (name: string): boolean => remove.run(name).changes > 0,
  }
}

function reportOf(raw: RawReport | undefined): ReportRow | null {
  return raw === undefined ? null : { ...raw, question: JSON.parse(raw.question) as ReportQuestion }
}

function scheduleOf({ subject, plan, isOn, ...row }: RawSchedule): ReportScheduleRow {
  return { ...row, subject: JSON.parse(subject) as ReportSubject, plan: JSON.parse(plan) as ReportPlan, isOn: isOn === 1 }
}
