import { z } from 'zod'
import { markKinds, markMasks } from '../../domain/privacy/mark.ts'
import { retentionKinds } from '../../domain/retention.ts'
import { subjectRef } from '../../protocol/assignment.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const empty = z.strictObject({})
const field = z.string().min(1).max(256).describe('A feature, input or output; the mark counts for every model that has one of this name.')
const reason = z.string().min(3, 'a reason is at least 3 characters').max(500)

const fieldShown = z.object({
  field: text(256),
  kind: z.enum(markKinds).describe('personal, or subject: it says whom a row is about.'),
  mask: z.enum(markMasks),
  reason: text(500),
  setBy: text(200),
  setAt: epochMs,
  models: z.array(text(128)).max(100).describe('Models that have a field of this name.'),
})

const found = z.object({ samples: count, labels: count, deskRows: count, unreadable: count, backups: count, copies: count })
const erasure = z.object({
  subject: subjectRef,
  reason: text(500),
  by: text(200),
  at: epochMs,
  doneAt: epochMs.nullable().describe('Everything that the console holds is clean since; null: not yet.'),
  found: found.partial().describe('What was taken out.'),
  problem: text(2000).nullable().describe('Why it is not done; it is tried again by itself.'),
  confirmed: count.describe('Devices that have taken it out of what waits there.'),
  pending: z
    .array(z.object({ device: text(64), isOnline: z.boolean(), isOld: z.boolean().describe('Its agent is too old to do it.') }))
    .max(1000),
})
export type ErasureShown = z.infer<typeof erasure>

const sample = z.object({
  device: text(64),
  prediction: text(128),
  deployment: text(64),
  model: text(128),
  version: text(64),
  predictedAt: epochMs,
  inputs: z.unknown(),
  outputs: z.unknown(),
  masked: z.record(z.string(), z.string()),
})
const labelled = z.object({
  source: z.enum(['device', 'desk']),
  device: text(64),
  prediction: text(128),
  row: count,
  deployment: text(64),
  model: text(128),
  version: text(64),
  predictedAt: epochMs,
  predicted: text(256).nullable(),
  actual: text(256).nullable(),
})
const subjectData = z.object({
  subject: subjectRef,
  samples: z.array(sample).max(1000).describe('The newest first.'),
  labels: z.array(labelled).max(10_000),
  isWhole: z.boolean().describe('false: there is more than one answer holds.'),
})
export type SubjectData = z.infer<typeof subjectData>

const recordRow = z.object({
  what: text(200),
  place: text(200),
  isPersonal: z.enum(['yes', 'can be', 'no']),
  kept: text(200),
  ground: text(300),
  who: text(300),
  rows: count.nullable(),
})
const record = z.object({
  fleet: text(200),
  at: epochMs,
  version: text(64),
  devices: count,
  rows: z.array(recordRow).max(100),
  fields: z.array(fieldShown).max(1000),
  retention: z.record(z.enum(retentionKinds as [string, ...string[]]), count),
  samplesOn: z.boolean().describe('Some device is asked to send samples.'),
  erasures: z.object({ total: count, done: count, pendingDevices: count }),
  audit: z.object({ entries: count, checkpoints: count, oldestAt: epochMs.nullable(), isVerified: z.boolean().nullable() }),
  people: z.object({ accounts: count, admins: count }),
  backups: z.object({ count, keys: z.enum(['sealed', 'left-out']), newestAt: epochMs.nullable() }),
  models: z.array(z.object({ model: text(128), version: text(64), digest: text(64), devices: count })).max(1000),
})
export type PrivacyRecord = z.infer<typeof record>

export const privacyMethods = {
  'privacy.show': query(
    'Fields that are marked, people who were erased, and what is still pending.',
    empty,
    z.object({ fields: z.array(fieldShown).max(1000), erasures: z.array(erasure).max(1000), samplesOn: z.boolean() }),
  ),
  'privacy.mark': command(
    'Marks a field as personal, or as the one that says whom a row is about: from then on nothing of it leaves a device, unless another mask is asked for, with a reason.',
    z.strictObject({
      field,
      kind: z.enum(markKinds).default('personal'),
      mask: z.enum(markMasks).default('drop'),
      reason: reason.optional(),
    }),
    z.object({ field: text(256), devices: count.describe('Devices whose configuration changes.') }),
    'admin',
  ),
  'privacy.unmark': command(
    'Takes the mark of a field back.',
    z.strictObject({ field, reason }),
    z.object({ field: text(256), devices: count }),
    'admin',
  ),
  'privacy.find': query(
    'The hash that a subject is known by, and how much is stored about it. The subject itself is not kept.',
    z.strictObject({ subject: z.string().min(1).max(1024) }),
    z.object({ subject: subjectRef, samples: count, labels: count, isErased: z.boolean() }),
    'admin',
  ),
  'privacy.erase': command(
    'Takes out everything about a subject: stores, backups, copies, and what waits on devices, at once or when they come back. It cannot be undone.',
    z.strictObject({ subject: subjectRef, reason }),
    z.object({ subject: subjectRef, devices: count.describe('Devices that are to confirm.') }),
    'admin',
  ),
  'privacy.retry': command('Tries again what could not be taken out.', empty, z.object({ left: count }), 'admin'),
  'privacy.export': command(
    'Says, for the audit log, that everything about a subject is taken out for a person or an authority; `privacy.data` then gives it for ten minutes.',
    z.strictObject({ subject: subjectRef, reason }),
    z.object({ subject: subjectRef }),
    'admin',
  ),
  'privacy.data': query(
    'Everything that is stored about a subject, after `privacy.export` of the same person.',
    z.strictObject({ subject: subjectRef }),
    subjectData,
    'admin',
  ),
  'privacy.record': query(
    'The record of processing: what is kept where, for how long, on which ground, and who may see it.',
    empty,
    record,
  ),
} as const
