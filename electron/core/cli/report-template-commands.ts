import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { reportTemplates, type ReportTemplate } from '../../../shared/domain/report/kinds.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { addSubjectFlags, numberOf, subjectOf, type SubjectFlags } from './report-flags.ts'

interface TemplateFlags extends SubjectFlags {
  kind?: string
  days?: string
  summary?: string
  remove?: boolean
}

const help = `
Without a name it lists the templates: those that come with Muster, and those of this fleet.

Examples:
  muster report templates lyon-week --kind fleet --query 'site = lyon' --days 7 --summary 'Lyon, for the Monday meeting'
  muster report create --template lyon-week
  muster report templates lyon-week --remove`

/** `muster report templates` and `muster report keep` */
export function addReportTemplateCommands(report: Command): void {
  addSubjectFlags(
    report
      .command('templates')
      .description('Reports under a name: list, save, remove.')
      .argument('[name]', 'name of the template: small letters, digits and dashes')
      .option('--kind <kind>', 'kind of the report, where no other template says it'),
  )
    .option('--days <days>', 'length of the period; default: 7, or what the other template says')
    .option('--summary <text>', 'what it is for, in one sentence')
    .option('--remove', 'remove the template; reports made from it stay')
    .addHelpText('after', help)
    .action((name: string | undefined, flags: TemplateFlags, command: Command) =>
      name === undefined ? list(command) : flags.remove === true ? remove(command, name) : set(command, name, flags),
    )
  report
    .command('keep [days]')
    .description(
      'How long reports that people asked for, or schedules that have ended, are kept: a number of days, or `all`. Without it: says how long.',
    )
    .action((days: string | undefined, _flags: unknown, command: Command) => keep(command, days))
}

/** The template of a name, if it is one of Muster or of the fleet. */
export async function templateOf(rpc: RpcClient, name: string | undefined): Promise<ReportTemplate | null> {
  if (name === undefined) return null
  const builtIn = reportTemplates.find((one) => one.name === name)
  if (builtIn !== undefined) return builtIn
  const found = (await rpc.call('reports.templates', {})).templates.find((one) => one.name === name)
  if (found === undefined) throw new Problem('usage', `There is no template '${name}'.`, { hint: 'muster report templates shows them.' })
  return found
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { templates } = await rpc.call('reports.templates', {})
    return {
      json: { templates },
      text: () =>
        printTable(
          ['name', 'kind', 'query', 'days', 'saved by', 'what'],
          templates.map(({ name, subject, days, setBy, summary }) => [
            ...[name, subject.kind, subject.query === '' ? 'all devices' : subject.query, days, setBy ?? 'Muster', summary],
          ]),
        ),
    }
  })
}

function set(command: Command, name: string, flags: TemplateFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { subject, days } = subjectOf(flags.kind, flags, await templateOf(rpc, flags.template))
    const kept = await rpc.call('reports.setTemplate', {
      ...{ name, subject, summary: flags.summary ?? '' },
      days: flags.days === undefined ? days : numberOf(flags.days),
    })
    return { json: kept, text: () => printLine(`The template ${name} is kept. To use it: muster report create --template ${name}`) }
  })
}

function remove(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const removed = await rpc.call('reports.removeTemplate', { name })
    return { json: removed, text: () => printLine(`The template ${name} is gone; reports made from it stay.`) }
  })
}

function keep(command: Command, days: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const kept =
      days === undefined
        ? await rpc.call('reports.keeping', {})
        : await rpc.call('reports.setKeeping', { keepDays: days === 'all' ? null : numberOf(days) })
    const { keepDays } = kept
    return {
      json: kept,
      text: () =>
        printLine(
          keepDays === null
            ? 'Reports that people asked for stay until somebody removes them.'
            : `Reports that people asked for are removed ${keepDays} days after they were asked for.`,
        ),
    }
  })
}
