import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'

/** Ways in which a log can be bad. */
export const auditFindingKinds = {
  missing: 'Entries are gone.',
  changed: 'An entry is not what was written.',
  chain: 'An entry does not continue the one before.',
  added: 'An entry was put in past the log.',
  rewritten: 'Entries were rewritten together with their hashes: a signed checkpoint shows it.',
  signature: 'A checkpoint is not signed by the fleet.',
  redaction: 'An entry was made unreadable, and no later one says why.',
  personal: 'A personal text is not the one that was written.',
  devices: 'An entry is about other devices than were written.',
  proof: 'A proof does not lead to the signed root.',
} as const
export type AuditFindingKind = keyof typeof auditFindingKinds
export const auditFindingNames = Object.keys(auditFindingKinds) as [AuditFindingKind, ...AuditFindingKind[]]

/** One thing that is wrong, and where it begins. */
export const auditFinding = z.object({
  kind: z.enum(auditFindingNames),
  seq: z.int().positive().describe('The first bad entry.'),
  through: z.int().positive().describe('The last one that may be bad.'),
  sentence: text(500),
})
export type AuditFinding = z.infer<typeof auditFinding>

/** What a verification of the log found. */
export const auditVerdict = z.object({
  isGood: z.boolean(),
  sentence: text(600),
  first: auditFinding.nullable().describe('The first bad entry; null: none.'),
  findings: z.array(auditFinding).max(100).describe('In the order of the log.'),
  found: count.describe('Findings, also those that are not listed.'),
  entries: count.describe('Entries that were read.'),
  checkpoints: count.describe('Signed checkpoints that were compared.'),
  witnesses: count.describe('Devices whose checkpoint was compared.'),
  uncovered: count.describe('Entries after the newest checkpoint: only the chain speaks for them.'),
  redacted: count.describe('Entries that were made unreadable; their hashes hold.'),
  erased: count.describe('Personal texts that were erased.'),
  keyId: text(32).nullable().describe('Key that the newest checkpoint is signed with.'),
  root: text(64),
  at: epochMs,
  tookMs: count,
})
export type AuditVerdict = z.infer<typeof auditVerdict>
