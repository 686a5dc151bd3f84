import { z } from 'zod'
import type { ReportFormat, ReportKind, ReportSubject } from '../../../shared/domain/report/kinds.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { shellWord } from '../../components/copy.tsx'
import type { State } from '../../components/state-mark.tsx'

export type Report = OutputOf<'reports.show'>
export type Schedule = OutputOf<'reports.schedules'>['schedules'][number]
export type Template = OutputOf<'reports.templates'>['templates'][number]

export const reportTabs = ['reports', 'schedules', 'templates', 'keeping'] as const
export const reportTabTitles = { reports: 'Reports', schedules: 'Schedules', templates: 'Templates', keeping: 'Keeping' } as const

/** What the address of the page holds. */
export const reportsView = z.object({
  tab: z.enum(reportTabs).default('reports'),
  report: z
    .string()
    .regex(/^\d{0,15}$/)
    .default(''),
})
export type ReportsView = z.output<typeof reportsView>

export const kindTitles: Record<ReportKind, string> = {
  fleet: 'Fleet',
  model: 'Models',
  rollout: 'Rollouts',
  incident: 'Incidents',
  compliance: 'Compliance',
  cost: 'Cost',
}

export const formatTitles: Record<ReportFormat, string> = {
  html: 'HTML',
  pdf: 'PDF',
  csv: 'CSV',
  xlsx: 'Excel',
  parquet: 'Parquet',
  json: 'JSON',
  markdown: 'Markdown',
}

/** What each format is for, in a few words. */
export const formatUses: Record<ReportFormat, string> = {
  html: 'one page with charts, to read and to print',
  pdf: 'pages with charts, to send',
  csv: 'an archive with one table per file',
  xlsx: 'a workbook with one table per sheet',
  parquet: 'all values in one table, for programs',
  json: 'the signed document; any console can check it',
  markdown: 'text for a wiki or an issue',
}

/** How a report stands. */
export const reportStates: Record<Report['state'], { state: State; word: string }> = {
  making: { state: 'working', word: 'Being made' },
  made: { state: 'ok', word: 'Signed' },
  failed: { state: 'failed', word: 'Not made' },
}

/** The devices of a report, in words. */
export function devicesText(query: string): string {
  return query === '' ? 'all devices' : query
}

/** What a report is narrowed to besides its devices; empty: nothing. */
export function narrowedText({ model, rollout }: Pick<ReportSubject, 'model' | 'rollout'>): string {
  return [model === null ? '' : `model ${model}`, rollout === null ? '' : `rollout ${rollout}`].filter(Boolean).join(', ')
}

/** Who asked for a report: a schedule, or a person. */
export function askerText({ schedule, askedBy }: Pick<Report, 'schedule' | 'askedBy'>): string {
  return schedule === null ? askedBy : `schedule ${schedule}`
}

/** Bytes of all of its files. */
export function bytesOf({ files }: Pick<Report, 'files'>): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

const muster = 'npm run -s muster -- report'

/** Lines of the command line that do the same. */
export const reportLines = {
  list: `${muster} list`,
  schedules: `${muster} schedule`,
  templates: `${muster} templates`,
  keeping: `${muster} keep`,
  show: (report: number) => `${muster} show ${report}`,
  create(subject: ReportSubject, of: { from: number; through: number; zone: string; formats: readonly ReportFormat[] }): string {
    const { kind, query, model, rollout } = subject
    return [
      ...[muster, 'create', kind, '--since', new Date(of.from).toISOString(), '--until', new Date(of.through).toISOString()],
      ...['--zone', shellWord(of.zone), '--format', of.formats.length === 0 ? 'json' : of.formats.join(',')],
      ...(query === '' ? [] : ['--query', shellWord(query)]),
      ...(model === null ? [] : ['--model', shellWord(model)]),
      ...(rollout === null ? [] : ['--rollout', String(rollout)]),
    ].join(' ')
  },
} as const

/** The line of a tab. */
export function tabLine(tab: ReportsView['tab']): string {
  return reportLines[tab === 'reports' ? 'list' : tab]
}
