import { z } from 'zod'
import { reportValue } from '../../domain/report/document.ts'
import { reportFormats, reportKinds, reportQuestion, reportSubject, templateName, zoneName } from '../../domain/report/kinds.ts'
import { reportPlan } from '../../domain/report/schedule.ts'
import { base64, count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const reportId = z.int().positive().describe('Number of a report; they count up.')
const format = z.enum(reportFormats)
const scheduleName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and dashes')
const hash = z.string().regex(/^[0-9a-f]{64}$/)

const report = z.object({
  report: reportId,
  state: z.enum(['making', 'made', 'failed']),
  kind: z.enum(reportKinds),
  title: text(200),
  sentence: text(2000),
  question: reportQuestion,
  schedule: text(64).nullable().describe('The schedule that asked for it; null: a person did.'),
  askedAt: epochMs,
  askedBy: text(200),
  madeAt: epochMs.nullable(),
  dataHash: hash.nullable(),
  facts: count.describe('Values that it holds.'),
  problem: text(2000).nullable().describe('Why it could not be made.'),
  job: text(64).nullable().describe('The job that makes it; null: it is not being made.'),
  files: z
    .array(z.object({ format, bytes: count, sha256: hash, writtenAt: epochMs }))
    .describe('What it was written as; any other format is written when it is asked for.'),
})
export type ReportShown = z.infer<typeof report>

const schedule = z.object({
  name: text(64),
  subject: reportSubject,
  plan: reportPlan,
  isOn: z.boolean(),
  nextAt: epochMs.nullable().describe('null: it is off.'),
  reports: count.describe('Reports of it that are there.'),
  failure: z
    .object({ at: epochMs, problem: text(2000) })
    .nullable()
    .describe('Why the last attempt failed; null: it did not.'),
  setAt: epochMs,
  setBy: text(200),
})
export type ReportScheduleShown = z.infer<typeof schedule>

const template = z.object({
  name: text(64),
  subject: reportSubject,
  days: z.int().positive(),
  summary: text(200),
  setAt: epochMs.nullable().describe('null: it comes with Muster, and cannot be changed.'),
  setBy: text(200).nullable(),
})
export type ReportTemplateShown = z.infer<typeof template>

const keeping = z.strictObject({
  keepDays: z
    .int()
    .min(1)
    .max(36_500)
    .nullable()
    .describe(
      'Reports that people asked for, and those of schedules that have ended, go so many days after they were asked for; null: they stay. Schedules say for themselves what they keep.',
    ),
})

/** What a verification says, the best first. */
export const reportVerdicts = ['good', 'outdated', 'differs', 'other-console', 'changed'] as const
export type ReportVerdict = (typeof reportVerdicts)[number]

const move = z.object({
  kind: z.enum(['late', 'retention', 'prices', 'erased']),
  note: text(500),
})
/** Something that changed the store after a report was made. */
export type ReportMove = z.infer<typeof move>

/** What a verification found: the result of its job. */
export const reportVerification = z.object({
  report: reportId,
  format: format.describe('Of the file that was looked at.'),
  title: text(200),
  fleet: text(200),
  madeAt: epochMs,
  isGood: z.boolean().describe('The verdict is `good`.'),
  verdict: z
    .enum(reportVerdicts)
    .describe(
      'good: as this console signed it, and every value is that of the store; outdated: as signed, and what differs is explained by what came later or is kept no longer; differs: as signed, and nothing explains what differs; other-console: as another console signed it; changed: not as signed.',
    ),
  sentence: text(1000),
  signer: z.enum(['ours', 'other', 'bad']),
  keyId: text(64),
  isCurrentKey: z.boolean().describe('Signed with the key that signs now; else with one of before, or of somebody else.'),
  isWhole: z.boolean().describe('The file is, byte for byte, what was written when it was signed.'),
  dataHash: hash,
  compared: count.describe('Values that were made anew.'),
  ofThen: count.describe('Values of that moment, which nothing can confirm.'),
  gone: count.describe('Values whose records are kept no longer.'),
  differing: count,
  moves: z.array(move).max(20).describe('What changed the store since the report was made, as far as it is known.'),
  differences: z
    .array(z.object({ place: text(1000), wasReported: z.boolean(), reported: reportValue, isThereNow: z.boolean(), now: reportValue }))
    .describe('The first of them, what nothing explains before the others: where, what the report says, what the store says.'),
})
export type ReportVerification = z.infer<typeof reportVerification>

const empty = z.strictObject({})
const job = z.object({ report: reportId, job: text(64) })

export const reportsMethods = {
  'reports.list': query(
    'Reports, the newest first.',
    z.strictObject({ before: reportId.optional(), limit: z.int().min(1).max(200).default(50) }),
    z.object({ reports: z.array(report), total: count }),
  ),
  'reports.show': query('One report and its files.', z.strictObject({ report: reportId }), report),
  'reports.create': command(
    'Makes a report of a period. Its values, and who made it, are signed; the job ends when it is written.',
    reportSubject.extend({
      from: epochMs,
      through: epochMs
        .optional()
        .describe(
          'Exclusive. Both ends are taken back to whole hours, those of a period under six hours to whole five minutes. Left out: the last whole hour of which all records should have come; of a period under six hours: now.',
        ),
      zone: zoneName.optional().describe('Times are written in it; left out: the zone of the console.'),
      formats: z.array(format).max(reportFormats.length).default(['html']),
    }),
    job,
  ),
  'reports.write': command('Writes a report in a format.', z.strictObject({ report: reportId, format }), job, 'viewer'),
  'reports.file': query(
    'A piece of a file of a report.',
    z.strictObject({ report: reportId, format, offset: count.default(0) }),
    z.object({
      name: text(200),
      bytes: count.describe('Of the whole file.'),
      sha256: hash,
      piece: base64,
      next: count.nullable().describe('Offset of the next piece; null: this is the last.'),
    }),
  ),
  'reports.beginUpload': command(
    'Opens an upload of a file of a report that is to be verified; the bytes follow with PUT /uploads/<ticket>.',
    z.strictObject({
      fileName: text(512),
      sizeBytes: z
        .int()
        .positive()
        .max(512 * 1024 ** 2),
    }),
    z.object({ ticket: text(64), path: text(128) }),
    'viewer',
  ),
  'reports.verify': command(
    'Checks the signature of a report and makes it anew from the store: the result of the job says which values differ.',
    z.strictObject({
      report: reportId.optional(),
      upload: text(64).optional().describe('Ticket of `reports.beginUpload`: a file of a report. Exactly one of the two.'),
    }),
    z.object({ job: text(64) }),
    'viewer',
  ),
  'reports.remove': command('Removes a report and its files.', z.strictObject({ report: reportId }), z.object({ report: reportId })),
  'reports.schedules': query('Reports that are made by themselves.', empty, z.object({ schedules: z.array(schedule) })),
  'reports.setSchedule': command(
    'Makes a report by itself each day, week or month. The first is of the period that runs now.',
    z.strictObject({ name: scheduleName, subject: reportSubject, plan: reportPlan, isOn: z.boolean().default(true) }),
    schedule,
  ),
  'reports.removeSchedule': command(
    'Ends a schedule; its reports stay, and are kept as long as those that people asked for.',
    z.strictObject({ name: scheduleName }),
    z.object({ name: text(64) }),
  ),
  'reports.templates': query(
    'Reports under a name: those that come with Muster, and those of this fleet.',
    empty,
    z.object({ templates: z.array(template) }),
  ),
  'reports.setTemplate': command(
    'Keeps what a report is asked for under a name; of the same name it takes the place of the one before.',
    z.strictObject({
      name: templateName,
      subject: reportSubject,
      days: z.int().min(1).max(3660).describe('Length of the period that ends when the report is made.'),
      summary: text(200).default(''),
    }),
    template,
  ),
  'reports.removeTemplate': command(
    'Removes a template of this fleet.',
    z.strictObject({ name: templateName }),
    z.object({ name: text(64) }),
  ),
  'reports.keeping': query('How long reports that people asked for are kept.', empty, keeping),
  'reports.setKeeping': command(
    'Says how long reports that people asked for are kept; older ones are removed from then on.',
    keeping,
    keeping,
    'admin',
  ),
} as const
