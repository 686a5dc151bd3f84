import { expect, test } from 'vitest'
import { auditGuard } from '../../../../../electron/core/audit/audit-guard.ts'
import type { AuditVerdict } from '../../../../../shared/domain/audit/finding.ts'

const newest = { size: 10, root: 'a'.repeat(64), at: 1, keyId: 'k', witnesses: 2 }
const calm = { open: 0, verdict: null, size: 12, newest, witnesses: 2, uncovered: 2 }

test.each([
  [calm, 0, 'on', '10 of 12 entries are signed; 2 devices keep a checkpoint.'],
  [{ ...calm, newest: null, uncovered: 12 }, 3_600_000, 'on', '12 entries are chained; the first checkpoint is signed within an hour.'],
  [calm, 7_300_000, 'attention', 'The log is not signed any more: 2 of 12 entries stand under no checkpoint, for 2 hours.'],
  [
    { ...calm, open: 1 },
    0,
    'attention',
    'A device keeps a signed checkpoint that the log does not extend: entries are gone, or others now.',
  ],
  [{ ...calm, verdict: { isGood: false, first: { seq: 7 } } as AuditVerdict }, 0, 'attention', 'The last verification found entry 7 bad.'],
])('row %#: the row of the audit log says how it stands', (status, unsignedForMs, state, sentence) => {
  expect(auditGuard(status, unsignedForMs)).toMatchObject({ id: 'audit', state, sentence })
})
