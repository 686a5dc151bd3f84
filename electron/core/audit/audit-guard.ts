import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Guard } from '../trust/guards.ts'

type Status = Pick<ResultOf<'audit.status'>, 'open' | 'verdict' | 'size' | 'newest' | 'witnesses' | 'uncovered'>

const head = { id: 'audit', title: 'Audit log' } as const

/** A checkpoint is signed within an hour; twice that is no delay any more. */
const LATE_MS = 2 * 3_600_000

/** The row of the audit log in the list of guards. @param unsignedForMs age of the oldest entry that no checkpoint covers */
export function auditGuard({ open, verdict, size, newest, witnesses, uncovered }: Status, unsignedForMs: number): Guard {
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
  if (unsignedForMs > LATE_MS)
    return {
      ...{ ...head, state: 'attention' },
      sentence: `The log is not signed any more: ${uncovered} of ${size} entries stand under no checkpoint, for ${Math.floor(unsignedForMs / 3_600_000)} hours.`,
      action: { label: 'Open the log', path: '/audit', command: 'muster audit checkpoint' },
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
