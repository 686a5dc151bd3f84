import type { Alert, AlertEvidence, AlertSeverity, AlertState, AlertSubject } from '../../../../shared/domain/alert.ts'
import type { WriteDb } from '../open.ts'

/** An alert as it is stored. */
export interface AlertRow {
  alert: number
  rule: string
  ruleName: string
  severity: AlertSeverity
  state: AlertState
  subjectKey: string
  subject: AlertSubject
  group: string
  sentence: string
  evidence: AlertEvidence
  startedAt: number
  firedAt: number | null
  resolvedAt: number | null
  lastSeenAt: number
  /** Since when the condition is over; null: it holds. */
  clearSince: number | null
  /** Since when there is too little data to say anything; null: there is enough. */
  blindSince: number | null
  /** It does not fire earlier: the cool-down of the one before. */
  notBefore: number
  /** When channels were told; null: not yet, as of one that is silenced. */
  toldAt: number | null
  silencedUntil: number | null
  occurrences: number
  acknowledged: Alert['acknowledged']
  holdsReleases: boolean
  runbook: string | null
}

/** Something that happened to an alert. */
export interface AlertEventRow {
  at: number
  kind: 'pending' | 'firing' | 'resolved' | 'acknowledged' | 'unacknowledged' | 'silenced' | 'unsilenced' | 'note' | 'told' | 'not-told'
  by: string
  message: string
}

/** What the rule saw. */
export interface AlertReadingRow {
  at: number
  value: number | null
  state: string
}

type RawAlert = Omit<AlertRow, 'subject' | 'evidence' | 'acknowledged' | 'holdsReleases'> & {
  subject: string
  evidence: string
  acknowledged: string | null
  holdsReleases: 0 | 1
}

const columns = `id AS alert, rule, rule_name AS ruleName, severity, state, subject_key AS subjectKey, subject, alert_group AS "group", sentence,
  evidence, started_at AS startedAt, fired_at AS firedAt, resolved_at AS resolvedAt, last_seen_at AS lastSeenAt, clear_since AS clearSince,
  blind_since AS blindSince, not_before AS notBefore, told_at AS toldAt, silenced_until AS silencedUntil, occurrences, acknowledged,
  holds_releases AS holdsReleases, runbook`

const assignments = `rule_name = @ruleName, severity = @severity, state = @state, subject = @subject, alert_group = @group,
  sentence = @sentence, evidence = @evidence, started_at = @startedAt, fired_at = @firedAt, resolved_at = @resolvedAt,
  last_seen_at = @lastSeenAt, clear_since = @clearSince, blind_since = @blindSince, not_before = @notBefore, told_at = @toldAt,
  silenced_until = @silencedUntil, occurrences = @occurrences, acknowledged = @acknowledged, holds_releases = @holdsReleases,
  runbook = @runbook`

/** Readings that are kept of an alert. */
const MOST_READINGS = 500

export type AlertTable = ReturnType<typeof openAlertTable>

/** Alerts with their history. */
export function openAlertTable(db: WriteDb) {
  const select = `SELECT ${columns} FROM alert`
  const one = db.prepare<[number], RawAlert>(`${select} WHERE id = ?`)
  const openOne = db.prepare<[string, string], RawAlert>(`${select} WHERE rule = ? AND subject_key = ? AND state <> 'resolved'`)
  const openOfRule = db.prepare<[string], RawAlert>(`${select} WHERE rule = ? AND state <> 'resolved' ORDER BY id`)
  const openAll = db.prepare<[], RawAlert>(`${select} WHERE state IN ('pending', 'firing') ORDER BY id`)
  const resolved = db.prepare<[number], RawAlert>(`${select} WHERE state = 'resolved' ORDER BY id DESC LIMIT ?`)
  const before = db.prepare<[string, string, number, number], RawAlert>(
    `${select} WHERE rule = ? AND subject_key = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  )
  const holding = db.prepare<[string], RawAlert>(
    `${select} WHERE deployment = ? AND holds_releases = 1 AND state = 'firing' ORDER BY id LIMIT 1`,
  )
  const firingOf = db.prepare<[string], RawAlert>(`${select} WHERE device = ? AND state = 'firing' ORDER BY id`)
  const countOpen = db.prepare<[], number>(`SELECT count(*) FROM alert WHERE state IN ('pending', 'firing')`).pluck()
  const insert =
    db.prepare(`INSERT INTO alert (rule, rule_name, severity, state, subject_key, subject, device, deployment, alert_group, sentence,
      evidence, started_at, fired_at, resolved_at, last_seen_at, clear_since, blind_since, not_before, told_at, silenced_until, occurrences,
      acknowledged, holds_releases, runbook)
    VALUES (@rule, @ruleName, @severity, @state, @subjectKey, @subject, @device, @deployment, @group, @sentence, @evidence, @startedAt,
      @firedAt, @resolvedAt, @lastSeenAt, @clearSince, @blindSince, @notBefore, @toldAt, @silencedUntil, @occurrences, @acknowledged,
      @holdsReleases, @runbook)`)
  const update = db.prepare(`UPDATE alert SET ${assignments} WHERE id = @alert`)
  const remove = db.prepare('DELETE FROM alert WHERE id = ?')
  const events = db.prepare<[number], AlertEventRow>('SELECT at, kind, by, message FROM alert_event WHERE alert = ? ORDER BY id')
  const addEvent = db.prepare('INSERT INTO alert_event (alert, at, kind, by, message) VALUES (@alert, @at, @kind, @by, @message)')
  const readings = db.prepare<[number], AlertReadingRow>('SELECT at, value, state FROM alert_reading WHERE alert = ? ORDER BY at')
  const lastReading = db.prepare<[number], AlertReadingRow>(
    'SELECT at, value, state FROM alert_reading WHERE alert = ? ORDER BY at DESC LIMIT 1',
  )
  const addReading = db.prepare('INSERT OR REPLACE INTO alert_reading (alert, at, value, state) VALUES (@alert, @at, @value, @state)')
  const pruneReadings = db.prepare(`DELETE FROM alert_reading WHERE alert = @alert AND at <
    (SELECT at FROM alert_reading WHERE alert = @alert ORDER BY at DESC LIMIT 1 OFFSET ${MOST_READINGS - 1})`)
  const prune = db.prepare(`DELETE FROM alert WHERE state = 'resolved' AND resolved_at < ?`)
  return {
    find: (alert: number): AlertRow | null => fromRaw(one.get(alert)),
    openOf: (rule: string, subjectKey: string): AlertRow | null => fromRaw(openOne.get(rule, subjectKey)),
    openOfRule: (rule: string): AlertRow[] => openOfRule.all(rule).map((raw) => fromRaw(raw)!),
    /** Pending and firing ones. */
    open: (): AlertRow[] => openAll.all().map((raw) => fromRaw(raw)!),
    countOpen: (): number => countOpen.get() ?? 0,
    /** Those that fire for one device. */
    firingOf: (device: string): AlertRow[] => firingOf.all(device).map((raw) => fromRaw(raw)!),
    /** The newest first. */
    resolved: (limit: number): AlertRow[] => resolved.all(limit).map((raw) => fromRaw(raw)!),
    /** Earlier ones of the same rule and subject, the newest first. */
    before: ({ rule, subjectKey, alert }: Pick<AlertRow, 'rule' | 'subjectKey' | 'alert'>, limit: number): AlertRow[] =>
      before.all(rule, subjectKey, alert, limit).map((raw) => fromRaw(raw)!),
    /** The newest one of a rule and subject, whatever its state. */
    newestOf: (rule: string, subjectKey: string): AlertRow | null => fromRaw(before.get(rule, subjectKey, Number.MAX_SAFE_INTEGER, 1)),
    /** A firing alert that holds releases to a deployment. */
    holding: (deployment: string): AlertRow | null => fromRaw(holding.get(deployment)),
    add: (row: Omit<AlertRow, 'alert'>): number => Number(insert.run(toRaw(row)).lastInsertRowid),
    set: (row: AlertRow): void => void update.run(toRaw(row)),
    /** Forgets a pending alert: it never was one. */
    forget: (alert: number): void => void remove.run(alert),
    events: (alert: number): AlertEventRow[] => events.all(alert),
    addEvent: (alert: number, event: AlertEventRow): void => void addEvent.run({ alert, ...event }),
    readings: (alert: number): AlertReadingRow[] => readings.all(alert),
    lastReading: (alert: number): AlertReadingRow | null => lastReading.get(alert) ?? null,
    addReading(alert: number, reading: AlertReadingRow): void {
      addReading.run({ alert, ...reading })
      pruneReadings.run({ alert })
    },
    /** Forgets resolved ones. */
    prune: (resolvedBefore: number): void => void prune.run(resolvedBefore),
  }
}

function toRaw(row: Omit<AlertRow, 'alert'> & { alert?: number }): Record<string, unknown> {
  return {
    ...row,
    ...{ subject: JSON.stringify(row.subject), evidence: JSON.stringify(row.evidence) },
    ...{ device: row.subject.device, deployment: row.subject.deployment },
    acknowledged: row.acknowledged === null ? null : JSON.stringify(row.acknowledged),
    holdsReleases: row.holdsReleases ? 1 : 0,
  }
}

function fromRaw(raw: RawAlert | undefined): AlertRow | null {
  if (raw === undefined) return null
  return {
    ...raw,
    subject: JSON.parse(raw.subject) as AlertSubject,
    evidence: JSON.parse(raw.evidence) as AlertEvidence,
    acknowledged: raw.acknowledged === null ? null : (JSON.parse(raw.acknowledged) as Alert['acknowledged']),
    holdsReleases: raw.holdsReleases === 1,
  }
}
