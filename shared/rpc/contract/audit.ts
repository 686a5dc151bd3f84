import { z } from 'zod'
import { auditVerdict } from '../../domain/audit/finding.ts'
import { auditFilter, exportEntry, exportHead } from '../../domain/audit/export.ts'
import { base64, count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const seq = z.int().positive()
const hexHash = text(64)

const listed = z.object({
  seq,
  at: epochMs,
  actor: text(200),
  action: text(128),
  summary: text(300).describe('What was asked for, in short.'),
  devices: count.describe('Devices that it is about.'),
  device: text(64).nullable().describe('The first of them.'),
  isRedacted: z.boolean(),
})

const checkpointRow = z.object({
  size: count,
  root: hexHash,
  at: epochMs,
  keyId: text(32),
  witnesses: count.describe('Devices that keep it as their newest.'),
})

const witnessRow = z.object({
  device: text(64),
  size: count,
  root: hexHash,
  at: epochMs,
  standing: z.enum(['extends', 'shorter', 'other', 'unreadable']),
  sentence: text(300),
})

const contradiction = z.object({
  device: text(64),
  size: count,
  root: hexHash,
  logSize: count,
  foundAt: epochMs,
  acceptedAt: epochMs.nullable(),
  acceptedBy: text(200).nullable(),
})

/** The newest checkpoint, and who may have signed it. */
const status = z.object({
  size: count.describe('Entries of the log.'),
  newest: checkpointRow.nullable(),
  checkpoints: count,
  uncovered: count.describe('Entries after the newest checkpoint.'),
  key: z.object({ keyId: text(32), publicKey: base64.max(64) }).describe('Raw Ed25519 key that signs checkpoints now.'),
  witnesses: count.describe('Devices that keep a checkpoint.'),
  contradictions: z.array(contradiction).max(100).describe('Devices that know a log which this one does not extend, the newest first.'),
  open: count.describe('Contradictions that nobody has accepted.'),
  verdict: auditVerdict.nullable().describe('Of the last verification since the console started.'),
})

export const auditMethods = {
  'audit.list': query(
    'Entries of the audit log, the newest first. One call looks at 20,000 entries at most: go on with `next`. Change topic: audit.',
    z.strictObject({
      filter: auditFilter.default({}),
      before: text(16).regex(/^\d+$/, 'the number of an entry').optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    z.object({ entries: z.array(listed), next: text(16).nullable(), size: count }),
  ),
  'audit.show': query(
    'One entry: all that was asked for, beside the time before, its hashes, and the checkpoint that covers it.',
    z.strictObject({ seq }),
    z.object({
      ...listed.shape,
      detail: z.unknown(),
      changes: z.array(
        z.object({
          path: text(1000),
          kind: z.enum(['same', 'added', 'removed', 'changed']),
          before: text(600).nullable(),
          now: text(600).nullable(),
        }),
      ),
      comparedWith: seq
        .nullable()
        .describe('The entry before that was about the same; null: there was none among the latest 500 of its kind.'),
      deviceList: z.array(text(64)).max(100),
      hash: hexHash,
      previousHash: hexHash,
      leaf: hexHash,
      redactedBy: seq.nullable(),
      checkpoint: checkpointRow.nullable(),
    }),
  ),
  'audit.choices': query(
    'Actors and actions that the log has, to choose from.',
    z.strictObject({}),
    z.object({ actors: z.array(text(200)), actions: z.array(text(128)) }),
  ),
  'audit.status': query('How far the log is signed, who keeps it, and what the last verification found.', z.strictObject({}), status),
  'audit.checkpoints': query(
    'Signed checkpoints, the newest first.',
    z.strictObject({ before: seq.optional(), limit: z.int().min(1).max(500).default(100) }),
    z.object({ checkpoints: z.array(checkpointRow), next: seq.nullable() }),
  ),
  'audit.witnesses': query(
    'What devices keep of the log, and how it stands to it: those that contradict it first.',
    z.strictObject({ limit: z.int().min(1).max(1000).default(200) }),
    z.object({ witnesses: z.array(witnessRow), total: count }),
  ),
  'audit.proof': query(
    'Proof that an entry is part of the log that a checkpoint was signed over (RFC 6962).',
    z.strictObject({ seq }),
    z.object({
      seq,
      canonical: z.string().describe('The text that the leaf is the hash of; null bytes in front are not part of it.'),
      leaf: base64,
      index: count.describe('Of the leaf, from 0.'),
      size: count,
      root: base64,
      proof: z.array(base64),
      checkpoint: exportHead.shape.checkpoint,
    }),
  ),
  'audit.exportHead': query(
    'Begins an export: the header of its file.',
    z.strictObject({ filter: auditFilter.default({}) }),
    z.object({ head: exportHead, first: count, last: count }),
  ),
  'audit.exportPage': query(
    'Goes on with an export: entries in the order of the log, with their proofs.',
    z.strictObject({ filter: auditFilter.default({}), size: seq, after: count, limit: z.int().min(1).max(500).default(200) }),
    z.object({ entries: z.array(exportEntry), next: count.nullable() }),
  ),
  'audit.verify': command(
    'Reads the whole log and says what is wrong with it. A job.',
    z.strictObject({}),
    z.object({ job: text(64) }),
    'viewer',
  ),
  'audit.checkpoint': command(
    'Signs the log now, this very act included, and sends the checkpoint to the devices.',
    z.strictObject({}),
    z.object({ size: count }),
  ),
  'audit.accept': command(
    'Accepts that devices know a log which this one does not extend, as after a backup was restored: the alarm ends, the record stays.',
    z.strictObject({ note: text(500).min(3).describe('Why.') }),
    z.object({ accepted: count }),
    'admin',
  ),
} as const
