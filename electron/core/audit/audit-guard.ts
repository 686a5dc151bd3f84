import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Guard } from '../trust/guards.ts'

type Status = Pick<ResultOf<'audit.status'>, 'open' | 'verdict' | 'size' | 'newest' | 'witnesses' | 'uncovered'>

const head = { id: 'audit', title: 'Audit log' } as const

/** The row of the audit log in the list of guards. */
export function auditGuard({ open, verdict, size, newest, witnesses, uncovered }: Status): Guard {
  if (open > 0) {
    const keep = open === 1 ? 'A device keeps' : `${open} devices keep`
    return {
      ...{
        ...head,
        state: 'attention',
        sentence: `${keep} a signed checkpoint that the log does not extend: entries are gone, or others now.`,
      },
      action: { label: 'See what devices keep', path: '/audit?tab=witnesses', command: 'muster audit witnesses' },
    }
  }
  if (verdict !== null && !verdict.isGood) {
    return {
      ...{ ...head, state: 'attention', sentence: `The last verification found entry ${verdict.first?.seq ?? 1} bad.` },
      action: { label: 'Open the log', path: '/audit', command: 'muster audit verify' },
    }
  }
  const signed =
    newest === null
      ? `${size} entries are chained; the first checkpoint is signed within an hour.`
      : `${newest.size} of ${size} entries are signed`
  const kept =
    newest === null ? '' : `; ${witnesses === 0 ? 'no device keeps a checkpoint yet' : `${witnesses} devices keep a checkpoint`}.`
  const isVerified = verdict !== null || uncovered === size
  return {
    ...{ ...head, state: 'on', sentence: `${signed}${kept}` },
    action: isVerified ? null : { label: 'Verify the log', path: '/audit', command: 'muster audit verify' },
  }
}
