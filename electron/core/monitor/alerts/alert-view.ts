import type { Alert } from '../../../../shared/domain/alert.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import { isAtLeast } from '../channels/message.ts'

/** An alert as everybody sees it. */
export function alertOf(row: AlertRow): Alert {
  const { alert, rule, ruleName, severity, state, group, subject, evidence, startedAt, firedAt, resolvedAt, lastSeenAt } = row
  const { occurrences, acknowledged, silencedUntil, holdsReleases, runbook } = row
  return {
    ...{ alert, rule, ruleName, severity, state, group, subject, evidence, startedAt, firedAt, resolvedAt, lastSeenAt },
    ...{ occurrences, acknowledged, silencedUntil, holdsReleases, runbook },
    sentence: sentenceOf(row),
  }
}

/** The sentence of an alert; one whose data have vanished stays, and says so. */
export function sentenceOf({ sentence, state, blindSince }: AlertRow): string {
  if (state === 'resolved' || blindSince === null) return sentence
  const blind = ` Insufficient data since ${new Date(blindSince).toISOString()}: nobody knows whether it goes on.`
  return `${sentence.slice(0, 1000 - blind.length)}${blind}`
}

/** True if somebody looks after it, or nobody is to be told. */
export function isQuiet({ acknowledged, silencedUntil }: Pick<AlertRow, 'acknowledged' | 'silencedUntil'>): boolean {
  return acknowledged !== null || silencedUntil !== null
}

/** Those that need somebody first: firing before pending before resolved, loud before quiet, severe before mild, new before old. */
export function byUrgency(a: AlertRow, b: AlertRow): number {
  return (
    stateRank[a.state] - stateRank[b.state] ||
    Number(isQuiet(a)) - Number(isQuiet(b)) ||
    Number(isAtLeast(b.severity, a.severity)) - Number(isAtLeast(a.severity, b.severity)) ||
    (b.firedAt ?? b.startedAt) - (a.firedAt ?? a.startedAt) ||
    b.alert - a.alert
  )
}

const stateRank: Record<AlertRow['state'], number> = { firing: 0, pending: 1, resolved: 2 }
