import { Problem } from '../../../shared/domain/problem.ts'
import { reportKindReads, type ReportSubject } from '../../../shared/domain/report/kinds.ts'

/** Refuses what a kind does not read: a report of everything under a title that names a part would be wrong. @throws Problem `input.invalid` */
export function checkSubject({ kind, query, model, rollout }: ReportSubject): void {
  const reads = reportKindReads[kind]
  const named = { query: query !== '', model: model !== null, rollout: rollout !== null }
  const unread = (['query', 'model', 'rollout'] as const).filter((field) => named[field] && !reads.includes(field))
  if (unread.length === 0) return
  const can = reads.length === 0 ? 'It is about the whole fleet.' : `It can name ${reads.join(' and ')}.`
  throw new Problem('input.invalid', `A ${kind} report cannot be about one ${unread.join(' or ')}. ${can}`)
}
