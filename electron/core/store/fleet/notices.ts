import type { WriteDb } from '../open.ts'

export type NoticeKind = 'firing' | 'resolved' | 'test'
/** `sending`: an attempt began and nobody knows yet how it ended; after a crash it is made again under the same `uid`. */
export type NoticeState = 'waiting' | 'sending' | 'delivered' | 'failed' | 'dropped'

/** What is told in one channel of alerts of one group. */
export interface NoticeRow {
  notice: number
  uid: string
  channel: string
  kind: NoticeKind
  group: string
  /** The first of its alerts; null: a test. */
  alert: number | null
  title: string
  /** What is sent, fixed at the first attempt; null before. */
  message: string | null
  state: NoticeState
  attempts: number
  nextAt: number | null
  createdAt: number
  deliveredAt: number | null
  problem: string | null
}

const columns = `id AS notice, uid, channel, kind, alert_group AS "group", alert, title, message, state, attempts, next_at AS nextAt,
  created_at AS createdAt, delivered_at AS deliveredAt, problem`

export type NoticeTable = ReturnType<typeof openNoticeTable>

/** The outbox of notifications: written in the transaction that changed the alert, delivered after. */
export function openNoticeTable(db: WriteDb) {
  const select = `SELECT ${columns} FROM notice`
  const one = db.prepare<[number], NoticeRow>(`${select} WHERE id = ?`)
  const due = db.prepare<[string, number], NoticeRow>(
    `${select} WHERE channel = ? AND state IN ('waiting', 'sending') AND next_at <= ? ORDER BY next_at, id LIMIT 1`,
  )
  const open = db.prepare<[string, string, string], NoticeRow>(
    `${select} WHERE channel = ? AND alert_group = ? AND kind = ? AND state = 'waiting' AND attempts = 0 ORDER BY id DESC LIMIT 1`,
  )
  const last = db
    .prepare<[string, string], number | null>(
      `SELECT max(created_at) FROM notice WHERE channel = ? AND alert_group = ? AND kind = 'firing'`,
    )
    .pluck()
  const newest = db.prepare<[string | null, string | null, number | null, number | null, number], NoticeRow>(
    `${select} WHERE (? IS NULL OR channel = ?) AND (? IS NULL OR id IN (SELECT notice FROM notice_alert WHERE alert = ?)) ORDER BY id DESC LIMIT ?`,
  )
  const nextAt = db
    .prepare<[], number | null>(`SELECT min(next_at) FROM notice WHERE state IN ('waiting', 'sending')
      AND channel IN (SELECT channel FROM channel WHERE json_extract(settings, '$.kind') <> 'desktop')`)
    .pluck()
  const put = db.prepare(`INSERT INTO notice (uid, channel, kind, alert_group, alert, title, state, next_at, created_at)
    VALUES (@uid, @channel, @kind, @group, @alert, @title, 'waiting', @nextAt, @createdAt)`)
  const addAlert = db.prepare('INSERT OR IGNORE INTO notice_alert (notice, alert) VALUES (?, ?)')
  const takeAlert = db.prepare('DELETE FROM notice_alert WHERE notice = ? AND alert = ?')
  const alertsOf = db.prepare<[number], number>('SELECT alert FROM notice_alert WHERE notice = ? ORDER BY alert').pluck()
  const sizeOf = db.prepare<[number], { alerts: number; first: number | null }>(
    'SELECT count(*) AS alerts, min(alert) AS first FROM notice_alert WHERE notice = ?',
  )
  const firstOf = db.prepare<[number], number | null>('SELECT min(alert) FROM notice_alert WHERE notice = ?').pluck()
  const set = db.prepare(`UPDATE notice SET state = @state, attempts = @attempts, next_at = @nextAt, delivered_at = @deliveredAt,
    problem = @problem, message = @message, title = @title, alert = @alert WHERE id = @notice`)
  const told = db
    .prepare<[number], string>(`SELECT DISTINCT channel FROM notice JOIN notice_alert ON notice = id
    WHERE notice_alert.alert = ? AND kind = 'firing' AND state <> 'dropped'`)
    .pluck()
  const untold = db.prepare<[number], NoticeRow>(
    `${select} WHERE kind = 'firing' AND state = 'waiting' AND attempts = 0 AND id IN (SELECT notice FROM notice_alert WHERE alert = ?)`,
  )
  const waiting = db.prepare<[string], number>(`SELECT count(*) FROM notice WHERE channel = ? AND state IN ('waiting', 'sending')`).pluck()
  const drop = db.prepare(`UPDATE notice SET state = 'dropped', next_at = NULL, problem = @why
    WHERE channel = @channel AND state IN ('waiting', 'sending') AND created_at < @before`)
  const prune = db.prepare(`DELETE FROM notice WHERE created_at < ? AND state NOT IN ('waiting', 'sending')`)
  return {
    find: (notice: number): NoticeRow | null => one.get(notice) ?? null,
    /** The next one of a channel that is due; an attempt that a crash cut off is one of them. */
    due: (channel: string, at: number): NoticeRow | null => due.get(channel, at) ?? null,
    /** One that waits for its first attempt: more alerts of its group are told with it. */
    collecting: (channel: string, group: string, kind: NoticeKind): NoticeRow | null => open.get(channel, group, kind) ?? null,
    /** When a group was last told, or began to be. */
    lastOf: (channel: string, group: string): number | null => last.get(channel, group) ?? null,
    newest: (of: { channel: string | null; alert: number | null; limit: number }): NoticeRow[] =>
      newest.all(of.channel, of.channel, of.alert, of.alert, of.limit),
    /** When the next attempt is due in any channel but the desktop's; null: nothing waits. */
    nextAt: (): number | null => nextAt.get() ?? null,
    add(row: Pick<NoticeRow, 'uid' | 'channel' | 'kind' | 'group' | 'alert' | 'title' | 'createdAt'> & { nextAt: number }): number {
      const notice = Number(put.run(row).lastInsertRowid)
      if (row.alert !== null) addAlert.run(notice, row.alert)
      return notice
    },
    addAlert: (notice: number, alert: number): void => void addAlert.run(notice, alert),
    takeAlert: (notice: number, alert: number): void => void takeAlert.run(notice, alert),
    alertsOf: (notice: number): number[] => alertsOf.all(notice),
    /** The first of its alerts; null: none is left. */
    firstOf: (notice: number): number | null => firstOf.get(notice) ?? null,
    /** How many alerts it tells of, and the first of them. */
    sizeOf: (notice: number): { alerts: number; first: number | null } => sizeOf.get(notice) ?? { alerts: 0, first: null },
    set: (row: NoticeRow): void => void set.run(row),
    /** Channels in which the alert was told, or is about to be. */
    toldIn: (alert: number): string[] => told.all(alert),
    /** Notices about the alert that nobody has seen yet. */
    untold: (alert: number): NoticeRow[] => untold.all(alert),
    waiting: (channel: string): number => waiting.get(channel) ?? 0,
    /** Gives up what waits for a channel. */
    dropOf: (channel: string, before: number, why: string): number => drop.run({ channel, before, why }).changes,
    prune: (before: number): void => void prune.run(before),
  }
}
