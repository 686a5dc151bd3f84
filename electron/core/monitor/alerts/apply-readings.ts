import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { advance, type OpenAlert } from './advance.ts'
import { coolDownOf } from './looks.ts'
import { groupOf, subjectKey, type Reading } from './reading.ts'
import { tellResolved, type TellTime } from './tell.ts'

/** Facts of an alert that goes on are written at most so often: a fleet that is offline must not write all day. */
const REFRESH_MS = 60_000
const MOST_SENTENCE = 1000

/** Up to so many readings are looked up one by one, so that a look at one device does not read the alerts of all. */
const FEW = 100

/** A reading that may change an alert, with the one that is open of its subject. */
export interface Finding {
  reading: Reading
  row: AlertRow | null
}

/** What may change an alert: nearly all readings say that nothing is wrong with what has no alert. */
export function findingsOf(store: FleetStore, rule: AlertRule, readings: readonly Reading[]): Finding[] {
  const { alerts } = store
  const open = readings.length <= FEW ? null : new Map(alerts.openOfRule(rule.rule).map((row) => [row.subjectKey, row]))
  return readings.flatMap((reading) => {
    const key = subjectKey(reading.subject)
    const row = open === null ? alerts.openOf(rule.rule, key) : (open.get(key) ?? null)
    return row === null && reading.state !== 'met' ? [] : [{ reading, row }]
  })
}

/**
 * Brings findings of a rule to its alerts. Call it in a transaction.
 * @returns true if an alert began, fired, ended or was forgotten
 */
export function applyFindings(store: FleetStore, rule: AlertRule, findings: readonly Finding[], time: TellTime): boolean {
  // Every one is applied, whatever came of those before.
  return findings.map((finding) => applyOne(store, { rule, ...finding }, time)).some(Boolean)
}

function applyOne(store: FleetStore, of: { rule: AlertRule; reading: Reading; row: AlertRow | null }, time: TellTime): boolean {
  const { rule, reading, row } = of
  const { alerts } = store
  const { now } = time
  const key = subjectKey(reading.subject)
  const earlier = row === null ? alerts.newestOf(rule.rule, key) : null
  const notBefore = earlier?.resolvedAt == null ? 0 : earlier.resolvedAt + coolDownOf(rule)
  const step = advance(row, reading.state, rule, { now, notBefore })
  switch (step.do) {
    case 'nothing':
      return false
    case 'forget':
      alerts.forget(row!.alert)
      return true
    case 'keep':
      return keep(store, { row: row!, reading, next: step.alert }, now)
    case 'open':
    case 'fire': {
      const before = row ?? { ...freshRow(rule, reading, step.alert), occurrences: 0 }
      const occurrences = row?.occurrences ?? (earlier?.occurrences ?? 0) + 1
      const fresh = { ...before, ...factsOf(rule, reading), ...step.alert, occurrences }
      const alert = row === null ? alerts.add(fresh) : row.alert
      if (row !== null) alerts.set({ ...fresh, alert })
      alerts.addReading(alert, { at: now, value: reading.evidence.value, state: reading.state })
      const message = step.do === 'fire' ? fresh.sentence : pendingWords(step.alert, now, fresh.sentence)
      alerts.addEvent(alert, { at: now, kind: step.do === 'fire' ? 'firing' : 'pending', by: rule.name, message })
      return true
    }
    case 'resolve':
      resolveAlert(store, { ...row!, ...step.alert }, { by: rule.name, message: reading.sentence.slice(0, MOST_SENTENCE) }, time)
      return true
  }
}

function pendingWords({ notBefore }: OpenAlert, now: number, sentence: string): string {
  return notBefore > now ? `${sentence} It was resolved a short while ago and fires again only if it goes on.` : sentence
}

/** A reading that changes nothing but figures: what an alert shows is what was seen when it was last met. */
function keep(store: FleetStore, of: { row: AlertRow; reading: Reading; next: OpenAlert }, now: number): boolean {
  const { row, reading, next } = of
  const last = store.alerts.lastReading(row.alert)
  const isNews = last === null || last.state !== reading.state || (next.blindSince === null) !== (row.blindSince === null)
  if (!isNews && now - last.at < REFRESH_MS && now >= last.at) return false
  const facts = reading.state === 'met' ? { sentence: reading.sentence.slice(0, MOST_SENTENCE), evidence: reading.evidence } : {}
  store.alerts.set({ ...row, ...next, ...facts })
  store.alerts.addReading(row.alert, { at: now, value: reading.evidence.value, state: reading.state })
  return isNews
}

/** Ends an alert, and tells whoever was told of it. Call it in a transaction. */
export function resolveAlert(store: FleetStore, alert: AlertRow, why: { by: string; message: string }, time: TellTime): void {
  if (alert.firedAt === null) {
    store.alerts.forget(alert.alert)
    return
  }
  const resolved: AlertRow = { ...alert, state: 'resolved', resolvedAt: time.now }
  store.alerts.set(resolved)
  store.alerts.addEvent(alert.alert, { at: time.now, kind: 'resolved', by: why.by, message: why.message })
  tellResolved(store, resolved, time)
}

type Facts = Pick<AlertRow, 'ruleName' | 'severity' | 'subject' | 'group' | 'sentence' | 'evidence' | 'holdsReleases' | 'runbook'>

function factsOf(rule: AlertRule, { subject, sentence, evidence }: Reading): Facts {
  const { name: ruleName, severity, holdsReleases, runbook } = rule
  return {
    ruleName,
    severity,
    subject,
    group: groupOf(rule.rule, subject),
    sentence: sentence.slice(0, MOST_SENTENCE),
    evidence,
    holdsReleases,
    runbook,
  }
}

function freshRow(rule: AlertRule, reading: Reading, alert: OpenAlert): Omit<AlertRow, 'alert' | 'occurrences'> {
  return {
    ...{ ...factsOf(rule, reading), ...alert, rule: rule.rule, subjectKey: subjectKey(reading.subject) },
    ...{ resolvedAt: null, toldAt: null, silencedUntil: null, acknowledged: null },
  }
}
