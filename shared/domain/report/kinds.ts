import { z } from 'zod'
import { epochMs, text } from '../../protocol/message.ts'

/** What a report can be about. */
export const reportKinds = ['fleet', 'model', 'rollout', 'incident', 'compliance', 'cost'] as const
export type ReportKind = (typeof reportKinds)[number]

/** Each kind in one sentence. */
export const reportKindWords: Record<ReportKind, string> = {
  fleet: 'What the devices did: uptime, requests, latency, errors, quality, drift, incidents, device by device.',
  model: 'What the versions of one model did, side by side: traffic, latency, quality with intervals, drift, where they ran.',
  rollout: 'Rollouts of the period, or one of them: what was released to whom, how it went, what was taken back.',
  incident: 'Alerts that fired and what devices reported: when, how long, who took care, how long repairs took.',
  compliance: 'Approvals, the audit log, people, erasures and retention: what an auditor asks for.',
  cost: 'What the period cost by cause, link, site and device, what it was worth, and what a thousand inferences cost.',
}

/** What a question of a kind can name besides its period; what it does not read is refused, and not taken without a word. */
export const reportKindReads: Record<ReportKind, readonly ('query' | 'model' | 'rollout')[]> = {
  fleet: ['query'],
  model: ['query', 'model'],
  rollout: ['model', 'rollout'],
  incident: ['query'],
  compliance: [],
  cost: ['query'],
}

/** What a report can be written as. */
export const reportFormats = ['html', 'pdf', 'csv', 'xlsx', 'parquet', 'json', 'markdown'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** Ending of the file of a format; CSV has a file per table, so it is an archive of them. */
export const formatEndings: Record<ReportFormat, string> = {
  html: 'html',
  pdf: 'pdf',
  csv: 'zip',
  xlsx: 'xlsx',
  parquet: 'parquet',
  json: 'json',
  markdown: 'md',
}

/** An IANA zone that this machine knows. */
export const zoneName = text(64).refine(isZone, 'a time zone such as Europe/Paris or UTC')

function isZone(zone: string): boolean {
  try {
    new Date(0).toLocaleString('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** What a report is asked for, period aside. */
export const reportSubject = z.strictObject({
  kind: z.enum(reportKinds),
  query: text(4000).default('').describe('Devices that it is about; empty: all, also those that have left the fleet.'),
  model: text(64).nullable().default(null).describe('Of the kinds model and rollout; null: all.'),
  rollout: z.int().positive().nullable().default(null).describe('Of the kind rollout: this one alone; null: all of the period.'),
})
export type ReportSubject = z.infer<typeof reportSubject>

/** A question that a report answers. */
export const reportQuestion = reportSubject.extend({
  from: epochMs,
  through: epochMs.describe('Exclusive.'),
  zone: zoneName.describe('Times are written in it; days of sums are those of UTC.'),
})
export type ReportQuestion = z.infer<typeof reportQuestion>

/** Name of a template, as it stands on the command line. */
export const templateName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and dashes')

/** A report under a name: what `muster report create --template NAME` asks for. */
export interface ReportTemplate {
  name: string
  subject: ReportSubject
  days: number
  summary: string
}

const whole = { query: '', model: null, rollout: null }

/** The templates that come with Muster. */
export const reportTemplates: readonly ReportTemplate[] = [
  { name: 'daily-fleet', subject: { kind: 'fleet', ...whole }, days: 1, summary: 'The fleet yesterday, for the morning.' },
  { name: 'weekly-fleet', subject: { kind: 'fleet', ...whole }, days: 7, summary: 'The fleet over a week.' },
  { name: 'quarterly-fleet', subject: { kind: 'fleet', ...whole }, days: 90, summary: 'The fleet over a quarter, for management.' },
  { name: 'monthly-models', subject: { kind: 'model', ...whole }, days: 30, summary: 'All models over a month, version by version.' },
  { name: 'monthly-rollouts', subject: { kind: 'rollout', ...whole }, days: 30, summary: 'What was released in a month, and how it went.' },
  { name: 'weekly-incidents', subject: { kind: 'incident', ...whole }, days: 7, summary: 'Incidents of a week, for the review.' },
  {
    name: 'quarterly-compliance',
    subject: { kind: 'compliance', ...whole },
    days: 90,
    summary: 'What an auditor asks for, over a quarter.',
  },
  { name: 'monthly-cost', subject: { kind: 'cost', ...whole }, days: 30, summary: 'Cost and return of a month.' },
]
