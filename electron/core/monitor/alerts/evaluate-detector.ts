import type { ArrivedEvent } from '../../store/telemetry/arrivals.ts'
import { entriesOf, subjectWords, type Look, type RuleOf, type Seen, type Sight } from './look.ts'
import { evidenceOf, noSubject, type Reading } from './reading.ts'

type Rule = RuleOf<'detector'>

const PREFIX = 'detector.'
/** Events that are taken in at once; the rest is taken with the next tick. */
const PAGE = 500

/** How far a rule has read; kept with the rule, so that nothing is told twice and nothing is missed. */
export interface DetectorCursor {
  place(rule: string): number
  /** Belongs into the transaction that stores what was read. */
  advance(rule: string, place: number): void
}

/**
 * Detectors on devices speak once, in events. An alert on what they said stays until they have been quiet for as long as the rule's `clearMs`.
 */
export function detectorLooks(rule: Rule, cursor: DetectorCursor): Look[] {
  return [{ key: 'events', everyMs: 15_000, see: (sight) => see(rule, cursor, sight) }]
}

function see(rule: Rule, cursor: DetectorCursor, sight: Sight): Seen {
  const after = cursor.place(rule.rule)
  const arrived = sight.telemetry.arrivedEvents({ after, prefix: PREFIX, limit: PAGE })
  const newest = arrived.at(-1)?.place
  const { detectors } = rule.condition
  const watched = new Set(arrived.length === 0 ? [] : entriesOf(sight, rule).map(({ row }) => row.device))
  const told = arrived.filter(({ device, name, detail }) => {
    const isMine = rule.deployment === null || detail['deployment'] === rule.deployment
    return watched.has(device) && isMine && (detectors.length === 0 || detectors.includes(name))
  })
  // Of several events of one device the newest is told.
  const met = [
    ...new Map(told.map((event) => [`${event.device} ${event.name} ${text(event.detail['deployment'])}`, saidBy(event)])).values(),
  ]
  const quiet = sight.store.alerts
    .openOfRule(rule.rule)
    .filter((alert) => !met.some(({ subject }) => subject.device === alert.subject.device && subject.feature === alert.subject.feature))
    .map((alert): Reading => ({ subject: alert.subject, state: 'clear', sentence: alert.sentence, evidence: alert.evidence }))
  const readings = [...met, ...quiet]
  return newest === undefined ? { readings } : { readings, commit: () => cursor.advance(rule.rule, newest) }
}

function saidBy(event: ArrivedEvent): Reading {
  const { device, at, name, message, detail } = event
  const subject = {
    ...noSubject,
    device,
    ...{
      deployment: text(detail['deployment']),
      model: text(detail['model']),
      version: text(detail['version']),
      digest: text(detail['digest']),
    },
    feature: name.slice(PREFIX.length),
  }
  const number = (field: string): number | null => (typeof detail[field] === 'number' ? detail[field] : null)
  return {
    subject,
    state: 'met',
    sentence: `${subjectWords(subject)}: ${message}`.slice(0, 1000),
    evidence: evidenceOf('value', {
      value: number('value') ?? number('rate'),
      threshold: number('threshold'),
      n: number('n') ?? number('samples'),
      through: at,
    }),
  }
}

function text(value: string | number | boolean | null | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
