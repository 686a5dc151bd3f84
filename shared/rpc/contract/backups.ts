import { z } from 'zod'
import { backupSchedule } from '../../domain/backup/schedule.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, entrance, query } from '../method.ts'

const empty = z.strictObject({})
const problem = z.object({ code: text(64), message: text(2000), hint: text(500).optional() })
const name = text(1024).describe('Name of a backup, or `latest`.')
const scope = z.enum(['everything', 'fleet', 'telemetry'])

const backup = z.object({
  name: text(64),
  madeAt: epochMs,
  reason: z.enum(['schedule', 'person']),
  bytes: count.describe('Of its stores and artifacts; artifacts that several backups name lie on the disk once.'),
  devices: count,
  artifacts: count,
  madeBy: text(64).describe('Version of Muster.'),
  keys: z.enum(['sealed', 'left-out']),
  isOurs: z.boolean().describe('Signed by a key of this console.'),
  keyId: text(64),
  verifiedAt: epochMs.describe('When every byte was last compared; it was when it was made.'),
  fault: text(2000).nullable().describe('What was wrong then; null: it was good.'),
})
export type BackupShown = z.infer<typeof backup>

const shown = z.object({
  schedule: backupSchedule,
  folder: text(1024),
  isSameDisk: z.boolean().describe('The backups lie on the disk of the data: what breaks it takes both.'),
  keys: z.enum(['sealed', 'left-out']).describe('What the next backup does with the keys of the fleet.'),
  nextAt: epochMs.nullable().describe('null: the schedule is off.'),
  neededBytes: count.describe('What the next backup takes.'),
  freeBytes: count.nullable(),
  running: text(64).nullable().describe('The job that makes one now.'),
  failure: z.object({ at: epochMs, problem }).nullable().describe('Why the last attempt failed; null: it did not.'),
  state: z.enum(['good', 'attention', 'bad']),
  sentence: text(1000).describe('How it stands, in one sentence.'),
  backups: z.array(backup).max(1000).describe('The newest first.'),
  copies: z
    .array(z.object({ file: text(1024), bytes: count, madeAt: epochMs }))
    .max(50)
    .describe('Copies of single stores from before their schema was changed; an older version of Muster opens them.'),
  planned: z
    .object({ backup: text(64), scope, at: epochMs, actor: text(200), problem: problem.nullable() })
    .nullable()
    .describe('A restore that the next start of the console makes, or that failed at the last one.'),
  restored: z
    .object({ backup: text(64), madeAt: epochMs, at: epochMs, actor: text(200), aside: text(1024).nullable() })
    .nullable()
    .describe('The backup that these data come from.'),
})
export type BackupsShown = z.infer<typeof shown>

export const backupsMethods = {
  'backups.show': query('Backups that there are, when the next one is due, and how it stands.', empty, shown),
  'backups.make': command(
    'Makes a backup now: both stores at one moment while work goes on, artifacts by their hash, signed, and checked before it counts.',
    empty,
    z.object({ job: text(64) }),
  ),
  'backups.verify': command(
    'Compares every byte of a backup with its signed manifest.',
    z.strictObject({ name }),
    z.object({ job: text(64), name: text(64) }),
  ),
  'backups.remove': command(
    'Removes a backup, and artifacts that no other one names.',
    z.strictObject({ name }),
    z.object({ name: text(64) }),
    'admin',
  ),
  'backups.setSchedule': command(
    'When backups are made, how many are kept, and where. What is left out stays as it is.',
    backupSchedule.partial().extend({
      seal: z
        .strictObject({ salt: text(64), publicKey: text(64) })
        .nullable()
        .optional()
        .describe('Of `backups.seal`: keys of the fleet go into backups, sealed. null: they are left out.'),
      forget: text(1024).optional().describe('A folder of backups that is gone for good: erasures wait for it no more.'),
    }),
    shown,
    'admin',
  ),
  'backups.seal': entrance(
    'Makes of a passphrase what keys are sealed with in backups. The passphrase is kept nowhere: without it the keys cannot be restored.',
    z.strictObject({ passphrase: z.string().min(12, 'at least 12 characters').max(1024) }),
    z.object({ salt: text(64), publicKey: text(64) }),
    'admin',
  ),
  'backups.planRestore': command(
    'Puts a backup in the place of the data at the next start of the console. The data of now are moved aside, and kept.',
    z.strictObject({ name: name.nullable().describe('null: takes the plan back.'), scope: scope.default('everything') }),
    shown,
    'admin',
  ),
} as const
