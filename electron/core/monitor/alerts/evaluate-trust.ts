import type { TrustAlarm } from '../../../../shared/domain/alert.ts'
import { isOverdue, usualSchedule } from '../../../../shared/domain/backup/schedule.ts'
import { countingCertificate } from '../../store/fleet/certificates.ts'
import { entriesOf, type Look, type RuleOf, type Sight } from './look.ts'
import { evidenceOf, noSubject, type Reading } from './reading.ts'

type Rule = RuleOf<'trust'>

const EVERY_MS = 15_000

/** Looks at what must never be: each is true or not, and needs no measure. */
export function trustLooks(rule: Rule): Look[] {
  return rule.condition.of.map((alarm) => ({ key: alarm, everyMs: EVERY_MS, see: (sight) => ({ readings: sources[alarm](rule, sight) }) }))
}

const sources: Record<TrustAlarm, (rule: Rule, sight: Sight) => Reading[]> = {
  'audit.rolled-back': rolledBack,
  'device.cloned': cloned,
  'certificate.ending': ending,
  'backup.failed': unsaved,
}

const DAY = 86_400_000
/** A device renews at two thirds of 90 days; one that still has not, a week before the end, needs a person. */
const ENDING_MS = 7 * DAY

/** Each device whose identity two machines used, until a person has released or revoked it. */
function cloned(rule: Rule, sight: Sight): Reading[] {
  const seen = sight.store.deviceTrust.all().filter((row) => row.cloned !== null && row.revoked === null)
  const met = seen.map(({ device, cloned, quarantined }): Reading => {
    const at = cloned?.at ?? sight.now
    return {
      subject: { ...noSubject, device },
      state: 'met',
      sentence:
        `Two machines use the identity of ${device}: ${cloned?.why ?? ''}.${quarantined === null ? '' : ' It is in quarantine.'}`.slice(
          0,
          1000,
        ),
      evidence: evidenceOf('machines', { value: 2, threshold: 1, from: at, through: at }),
    }
  })
  return [...met, ...clearOthers(rule, sight, met)]
}

/** Each device that is connected and whose certificate ends within a week: the one in use, for a newer one may never have reached it. */
function ending(rule: Rule, sight: Sight): Reading[] {
  const { store, now } = sight
  const valid = store.certificates.valid(now)
  const met = entriesOf(sight, rule).flatMap(({ row }): Reading[] => {
    const until = countingCertificate((valid.get(row.device) ?? []).toReversed())?.notAfter
    if (row.status !== 'online' || until === undefined || until - now > ENDING_MS) return []
    const days = Math.floor((until - now) / DAY)
    return [
      {
        subject: { ...noSubject, device: row.device },
        state: 'met',
        sentence: `The certificate of ${row.device} ends in ${days === 1 ? '1 day' : `${days} days`}, and the device has not fetched the next one.`,
        evidence: evidenceOf('days', { value: days, threshold: ENDING_MS / DAY, through: until }),
      },
    ]
  })
  return [...met, ...clearOthers(rule, sight, met)]
}

/** What was open and is not met any more. */
function clearOthers(rule: Rule, { store }: Sight, met: readonly Reading[]): Reading[] {
  return store.alerts
    .openOfRule(rule.rule)
    .filter(({ subject }) => !met.some((one) => one.subject.device === subject.device))
    .map(({ subject, sentence, evidence }): Reading => ({ subject, state: 'clear', sentence, evidence }))
}

/** Each device that knows a log which ours does not extend, until an admin has said why. */
function rolledBack(rule: Rule, sight: Sight): Reading[] {
  const { store } = sight
  const open = store.auditWitnesses.contradictions().filter(({ acceptedAt }) => acceptedAt === null)
  const met = [...new Map(open.map((one) => [one.device, one])).values()].map(({ device, size, logSize, foundAt }): Reading => ({
    subject: { ...noSubject, device },
    state: 'met',
    sentence:
      size > logSize
        ? `${device} keeps a signed checkpoint over ${size} entries of the audit log, which had ${logSize} when it said so: entries are gone.`
        : `${device} keeps a signed checkpoint over ${size} entries of the audit log, and the first ${size} are others now.`,
    evidence: evidenceOf('entries', { value: logSize, threshold: size, from: foundAt, through: foundAt }),
  }))
  return [...met, ...clearOthers(rule, sight, met)]
}

/** The console itself: its last backup failed, or none came when it was due. */
function unsaved(rule: Rule, sight: Sight): Reading[] {
  const { store, now } = sight
  const state = store.settings.get('backupState')
  if (state === undefined) return []
  const { failure, since } = state
  const isLate = isOverdue({ ...usualSchedule, ...store.settings.get('backupSchedule') }, since, now)
  if (failure === null && !isLate) return clearOthers(rule, sight, [])
  const sentence = failure === null ? 'No backup was made since one was due.' : `The last backup failed: ${failure.problem.message}`
  const evidence = evidenceOf('hours', { value: Math.floor((now - since) / 3_600_000), from: since, through: failure?.at ?? now })
  return [{ subject: noSubject, state: 'met', sentence: sentence.slice(0, 1000), evidence }]
}
