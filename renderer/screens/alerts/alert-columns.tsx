import type { Column } from '../../components/grid/column.ts'
import { Ago } from '../../components/time.tsx'
import type { Alert } from '../../../shared/domain/alert.ts'
import { AlertStateMark, QuietMarks, SeverityMark } from './alert-marks.tsx'
import { AlertSubject } from './alert-subject.tsx'
import { evidenceShort, sinceOf, subjectText } from './alert-words.ts'
import styles from './alerts.module.css'

const severity: Column<Alert> = {
  id: 'severity',
  title: 'Severity',
  width: 88,
  cell: (alert) => <SeverityMark severity={alert.severity} />,
  text: (alert) => alert.severity,
}
const state: Column<Alert> = {
  id: 'state',
  title: 'State',
  width: 82,
  cell: (alert) => <AlertStateMark state={alert.state} />,
  text: (alert) => alert.state,
}
const since: Column<Alert> = {
  id: 'since',
  title: 'Since',
  width: 92,
  cell: (alert) => <Ago at={sinceOf(alert)} />,
  text: (alert) => new Date(sinceOf(alert)).toISOString(),
}
const sentence: Column<Alert> = {
  id: 'sentence',
  title: 'What happened',
  width: 420,
  cell: (alert) => (
    <span className={styles.oneLine} title={alert.sentence}>
      {alert.sentence}
    </span>
  ),
  text: (alert) => alert.sentence,
}
const subject: Column<Alert> = {
  id: 'subject',
  title: 'Where',
  width: 180,
  cell: (alert) => <AlertSubject subject={alert.subject} />,
  text: (alert) => subjectText(alert.subject),
}
const evidence: Column<Alert> = {
  id: 'evidence',
  title: 'Evidence',
  width: 214,
  cell: (alert) => (
    <span className={`${styles.oneLine} dim`} title={evidenceShort(alert.evidence)} data-numeric>
      {evidenceShort(alert.evidence)}
    </span>
  ),
  text: (alert) => evidenceShort(alert.evidence),
}
const quiet: Column<Alert> = {
  id: 'quiet',
  title: 'Looked after',
  width: 118,
  cell: (alert) => <QuietMarks alert={alert} />,
  text: ({ acknowledged, silencedUntil }) =>
    [acknowledged === null ? '' : 'acknowledged', silencedUntil === null ? '' : 'silenced'].join(' ').trim(),
}
const rule: Column<Alert> = {
  id: 'rule',
  title: 'Rule',
  width: 180,
  cell: (alert) => <span className={`${styles.oneLine} dim`}>{alert.ruleName}</span>,
  text: (alert) => alert.ruleName,
}
const lasted: Column<Alert> = {
  id: 'started',
  title: 'Began',
  width: 92,
  cell: (alert) => <Ago at={alert.startedAt} />,
  text: (alert) => new Date(alert.startedAt).toISOString(),
}

/** Columns of the open alerts. */
export const openColumns: readonly Column<Alert>[] = [
  severity,
  state,
  since,
  sentence,
  subject,
  evidence,
  quiet,
  { ...rule, isHidden: true },
]

/** Columns of the history. */
export const historyColumns: readonly Column<Alert>[] = [
  severity,
  state,
  lasted,
  sentence,
  subject,
  evidence,
  rule,
  { ...quiet, isHidden: true },
]
