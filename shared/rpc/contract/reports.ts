import { z } from 'zod'
import { reportValue } from '../../domain/report/document.ts'
import { reportFormats, reportKinds, reportQuestion, reportSubject, zoneName } from '../../domain/report/kinds.ts'
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

/** What a verification found: the result of its job. */
export const reportVerification = z.object({
  report: reportId,
  format: format.describe('Of the file that was looked at.'),
  title: text(200),
  fleet: text(200),
  madeAt: epochMs,
  isGood: z.boolean().describe('Signed by this console, unchanged, and every value is that of the store.'),
  sentence: text(1000),
  signer: z.enum(['ours', 'other', 'bad']),
  keyId: text(64),
  isWhole: z.boolean().describe('The content is what was signed.'),
  dataHash: hash,
  compared: count.describe('Values that were made anew.'),
  ofThen: count.describe('Values of that moment, which nothing can confirm.'),
  differing: count,
  differences: z
    .array(z.object({ place: text(1000), wasReported: z.boolean(), reported: reportValue, isThereNow: z.boolean(), now: reportValue }))
    .describe('The first of them: where, what the report says, what the store says.'),
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
      through: epochMs.describe('Exclusive. Both ends are taken back to whole five minutes.'),
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
  'reports.verify': command(
    'Checks the signature of a report and makes it anew from the store: the result of the job says which values differ.',
    z.strictObject({
      report: reportId.optional(),
      upload: text(64).optional().describe('Ticket of `models.beginUpload`: a file of a report. Exactly one of the two.'),
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
    'Ends a schedule; its reports stay until they are removed.',
    z.strictObject({ name: scheduleName }),
    z.object({ name: text(64) }),
  ),
} as const
