import type { AlertEvidence, AlertSeverity, AlertSubject } from '../../../../shared/domain/alert.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import type { NoticeKind, NoticeRow } from '../../store/fleet/notices.ts'

/** What is told of one alert. */
export interface ToldAlert {
  alert: number
  rule: string
  ruleName: string
  sentence: string
  subject: AlertSubject
  evidence: AlertEvidence
  startedAt: number
  firedAt: number | null
  resolvedAt: number | null
}

/** What a channel is given to send, whatever its form. It is fixed at the first attempt, so that every attempt says the same. */
export interface Message {
  /** Receivers tell repetitions by it. */
  uid: string
  kind: NoticeKind
  severity: AlertSeverity
  title: string
  /** When the notice was made, epoch ms. */
  at: number
  fleet: { id: string; name: string }
  alerts: ToldAlert[]
  /** How many there are, also those beyond the list. */
  total: number
}

/** Alerts that a message spells out; of more it gives the number. */
const MOST_TOLD = 20
const MOST_TITLE = 120

const ranks: readonly AlertSeverity[] = ['info', 'warning', 'critical']

/** Which severity is the worse. */
export function worse(a: AlertSeverity, b: AlertSeverity): AlertSeverity {
  return ranks.indexOf(a) >= ranks.indexOf(b) ? a : b
}

/** True if `severity` is at least `least`. */
export function isAtLeast(severity: AlertSeverity, least: AlertSeverity): boolean {
  return ranks.indexOf(severity) >= ranks.indexOf(least)
}

/** The message of a notice. */
export function composeMessage(
  notice: Pick<NoticeRow, 'uid' | 'kind' | 'title' | 'createdAt'>,
  alerts: readonly AlertRow[],
  fleet: Message['fleet'],
): Message {
  return {
    ...{ uid: notice.uid, kind: notice.kind, title: notice.title, at: notice.createdAt, fleet, total: alerts.length },
    severity: alerts.reduce<AlertSeverity>((worst, { severity }) => worse(worst, severity), 'info'),
    alerts: alerts.slice(0, MOST_TOLD).map(toldOf),
  }
}

function toldOf(row: AlertRow): ToldAlert {
  const { alert, rule, ruleName, sentence, subject, evidence, startedAt, firedAt, resolvedAt } = row
  return { alert, rule, ruleName, sentence, subject, evidence, startedAt, firedAt, resolvedAt }
}

/** The title of a notice about so many alerts of one group. @param first null: it is a test */
export function titleOf(kind: NoticeKind, first: Pick<AlertRow, 'ruleName' | 'subject'> | null, alerts = 1): string {
  if (kind === 'test' || first === null) return 'Test notice of Muster'
  const { device, deployment, model, version, feature } = first.subject
  const about = alerts > 1 ? `${alerts} alerts` : [device, feature].filter((one) => one !== null).join(', ')
  const place =
    deployment === null ? '' : ` (${[deployment, model === null ? null : `${model} ${version ?? ''}`.trim()].filter(Boolean).join(', ')})`
  const words = `${first.ruleName}${about === '' ? '' : `: ${about}`}${place}`
  return cut((kind === 'resolved' ? `Resolved: ${words}` : words).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '), MOST_TITLE)
}

/** The message as plain lines, for e-mail, chat and notifications. */
export function linesOf(message: Message): string[] {
  if (message.kind === 'test') return [`This is a test from ${message.fleet.name}. Alerts of the fleet come this way.`]
  const lines = message.alerts.map(({ sentence }) => sentence)
  return message.total > lines.length ? [...lines, `… and ${message.total - lines.length} more.`] : lines
}

/** Text of at most `most` characters. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
