import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import {
  reportFormats,
  reportKinds,
  type ReportFormat,
  type ReportSubject,
  type ReportTemplate,
} from '../../../shared/domain/report/kinds.ts'

/** What a report is about, as flags say it. */
export interface SubjectFlags {
  template?: string
  query: string
  model?: string
  rollout?: string
}

/** Adds the flags that say what a report is about. */
export function addSubjectFlags(command: Command): Command {
  return command
    .option('--template <name>', '`muster report templates` shows them')
    .option('-q, --query <query>', 'of the devices that a query selects; default: all, also those that have left the fleet', '')
    .option('--model <model>', 'of the kinds model and rollout: of this model')
    .option('--rollout <number>', 'of the kind rollout: this one')
}

/** What a report is about: what flags say goes before what the template says. @throws Problem `usage` */
export function subjectOf(
  kind: string | undefined,
  flags: SubjectFlags,
  template: ReportTemplate | null,
): { subject: ReportSubject; days: number } {
  const known = reportKinds.find((one) => one === (kind ?? template?.subject.kind))
  if (known === undefined)
    throw new Problem('usage', kind === undefined ? 'Name a kind, or a template.' : `'${kind}' is none of ${reportKinds.join(', ')}.`)
  const of = template?.subject
  const rollout = flags.rollout === undefined ? (of?.rollout ?? null) : numberOf(flags.rollout)
  const query = flags.query === '' ? (of?.query ?? '') : flags.query
  return { subject: { kind: known, query, model: flags.model ?? of?.model ?? null, rollout }, days: template?.days ?? 7 }
}

/** Formats with commas between. @throws Problem `usage` */
export function formatsOf(text: string): ReportFormat[] {
  return [...new Set(text.split(',').map((name) => formatOf(name.trim())))]
}

/** One format. @throws Problem `usage` */
export function formatOf(name: string): ReportFormat {
  const format = reportFormats.find((one) => one === name)
  if (format === undefined) throw new Problem('usage', `--format: '${name}' is none of ${reportFormats.join(', ')}.`)
  return format
}

/** The number of a report or rollout. @throws Problem `usage` */
export function numberOf(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Problem('usage', `'${text}' is no number of one.`)
  return number
}
