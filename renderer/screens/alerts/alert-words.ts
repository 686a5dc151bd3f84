import { formatBytes, formatExact, formatMs, formatNumber, formatPercent, plural } from '../../components/format.ts'
import type { State } from '../../components/state-mark.tsx'
import type { Alert, AlertEvidence, AlertSeverity, AlertState, ReferenceKind } from '../../../shared/domain/alert.ts'

/** The shape of a severity; its word stands beside it. */
export const severityStates: Record<AlertSeverity, State> = { critical: 'failed', warning: 'attention', info: 'working' }

/** The shape of a state: pending is not enough evidence yet. */
export const alertStateMarks: Record<Exclude<AlertState, 'firing'>, State> = { pending: 'unsure', resolved: 'ok' }

/** References as a person reads them. */
export const referenceWords: Record<ReferenceKind, string> = {
  training: 'training data',
  'device-baseline': 'the device’s own baseline',
  'same-season': 'the same hour of the week',
  peers: 'the fleet’s peers',
}

/** A value in the unit of its condition; undefined stays in words. */
export function measureText(value: number | null, unit: string): string {
  if (value === null) return 'no value'
  switch (unit) {
    case 'share':
      return formatPercent(value)
    case 'ms':
      return value < 0 ? `−${formatMs(-value)}` : formatMs(value)
    case 'bytes':
      return formatBytes(value)
    case '':
    case 'value':
      return formatNumber(value)
    case '/s':
    case '°C':
      return `${formatNumber(value)} ${unit}`
    default:
      return `${formatNumber(value)} ${unit}`
  }
}

/** A probability; small ones with their power of ten, for "0.00" would read as certain. */
export function pText(p: number): string {
  if (p === 0) return '<1e-300'
  return p < 0.001 ? p.toExponential(1) : formatNumber(p)
}

/** What stands behind an alert, in one short line of a list. */
export function evidenceShort({ value, threshold, unit, n, effective, p, basis }: AlertEvidence): string {
  const parts: string[] = []
  if (value !== null)
    parts.push(threshold === null ? measureText(value, unit) : `${measureText(value, unit)} against ${measureText(threshold, unit)}`)
  if (effective !== null && n !== null && Math.round(effective) < Math.round(n))
    parts.push(`n ${formatNumber(n)} (effective ${formatNumber(effective)})`)
  else if (n !== null) parts.push(`n ${formatNumber(n)}`)
  if (p !== null) parts.push(`p ${pText(p)}`)
  if (basis === 'estimated') parts.push('estimated')
  return parts.join(', ')
}

/** What stands behind an alert, row by row; `null` rows say nothing of this kind of alert. */
export function evidenceRows(evidence: AlertEvidence): (readonly [string, string | null])[] {
  const { value, threshold, unit, n, effective, m, p, low, high, reference, from, through, basis } = evidence
  return [
    [basis === 'estimated' ? 'Estimated' : 'Measured', measureText(value, unit)],
    ['Threshold', threshold === null ? null : measureText(threshold, unit)],
    ['95 % interval', low === null || high === null ? null : `${measureText(low, unit)} to ${measureText(high, unit)}`],
    ['n', n === null ? null : formatNumber(n)],
    ['Effective n', effective === null ? null : formatNumber(effective)],
    ['Reference', reference],
    ['n of the reference', m === null ? null : formatNumber(m)],
    ['p', p === null ? null : pText(p)],
    ['Period', from === null || through === null ? null : `${formatExact(from)} to ${formatExact(through)}`],
    ['Basis', basis === 'estimated' ? 'Estimated without labels; it cannot see that the right answers have changed' : null],
  ]
}

/** True if somebody looks after it, or it was silenced: nobody is told of it. */
export function isQuiet({ acknowledged, silencedUntil }: Pick<Alert, 'acknowledged' | 'silencedUntil'>): boolean {
  return acknowledged !== null || silencedUntil !== null
}

/** When it began to be what it is: fired, or began to hold. */
export function sinceOf({ state, startedAt, firedAt, resolvedAt }: Alert): number {
  if (state === 'resolved') return resolvedAt ?? startedAt
  return firedAt ?? startedAt
}

/** Whom it concerns, as text. */
export function subjectText({ device, deployment, model, version, feature }: Alert['subject']): string {
  const parts = [device, deployment, model === null ? null : version === null ? model : `${model} ${version}`, feature]
  const there = parts.filter((part): part is string => part !== null)
  return there.length === 0 ? 'the fleet' : there.join(' · ')
}

/** How many alerts there are, in one sentence for the head of the page. */
export function countsSentence(counts: {
  pending: number
  firing: number
  acknowledged: number
  silenced: number
  critical: number
}): string {
  const { pending, firing, acknowledged, silenced, critical } = counts
  if (firing + pending === 0) return 'Nothing fires'
  const parts = [firing === 0 ? 'nothing fires' : `${firing} firing${critical === 0 ? '' : `, ${critical} critical`}`]
  if (pending > 0) parts.push(`${pending} pending`)
  if (acknowledged > 0) parts.push(`${acknowledged} acknowledged`)
  if (silenced > 0) parts.push(`${silenced} silenced`)
  const sentence = parts.join('; ')
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

/** Says of several alerts what was done. */
export function doneText(changed: number, what: string): string {
  return `${plural(changed, 'alert')} ${changed === 1 ? 'is' : 'are'} ${what}.`
}
