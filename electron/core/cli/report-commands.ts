import type { Command } from 'commander'
import { reportFormats, reportKinds, reportKindWords } from '../../../shared/domain/report/kinds.ts'
import { periodText } from '../../../shared/domain/report/value-text.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { awaitJob } from './jobs.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { downloadReport } from './report-download.ts'
import { addSubjectFlags, formatOf, formatsOf, numberOf, subjectOf, type SubjectFlags } from './report-flags.ts'
import { addReportScheduleCommand } from './report-schedule-command.ts'
import { addReportTemplateCommands, templateOf } from './report-template-commands.ts'
import { addReportVerifyCommand } from './report-verify-command.ts'
import { timeOf } from './time-flag.ts'

type Shown = OutputOf<'reports.show'>

interface CreateFlags extends SubjectFlags {
  since?: string
  until?: string
  zone?: string
  format: string
  output?: string
}

const DAY_MS = 86_400_000

const createHelp = `
Kinds:
${reportKinds.map((kind) => `  ${kind.padEnd(11)} ${reportKindWords[kind]}`).join('\n')}

Examples:
  muster report create fleet --since 7d
  muster report create model --model digits --since 30d --format html,xlsx
  muster report create --template monthly-cost --output january.html`

/** `muster report` */
export function addReportCommands(program: Command): void {
  const report = program
    .command('report')
    .description('Reports of a period: signed, in many formats, and checked against the store when asked.')
  addSubjectFlags(
    report
      .command('create')
      .description('Make a report. Ctrl-C cancels it.')
      .argument('[kind]', `one of ${reportKinds.join(', ')}`),
  )
    .option('--since <time>', 'from this time on: ISO time, or 24h, 30d; default: 7d, or what the template says')
    .option('--until <time>', 'up to this time; default: the last whole hour that is complete, or now if that leaves less than six hours')
    .option('--zone <zone>', 'zone that times are written in; default: that of the console')
    .option('--format <formats>', `with commas between: ${reportFormats.join(', ')}`, 'html')
    .option('-o, --output <file>', 'write the first format there')
    .addHelpText('after', createHelp)
    .action((kind: string | undefined, flags: CreateFlags, command: Command) => create(command, kind, flags))
  report
    .command('list')
    .description('Reports, the newest first.')
    .option('--limit <n>', 'how many', '50')
    .action((flags: { limit: string }, command: Command) => list(command, flags.limit))
  report
    .command('show <report>')
    .description('One report, and what it was written as.')
    .action((report_: string, _flags: unknown, command: Command) => show(command, report_))
  report
    .command('open <report>')
    .description('Bring a report to a file.')
    .option('--format <format>', `one of ${reportFormats.join(', ')}`, 'html')
    .option(
      '-o, --output <file>',
      'the file, which is written over; default: the name of the report, in this directory, if there is none yet',
    )
    .action((report_: string, flags: { format: string; output?: string }, command: Command) => open(command, report_, flags))
  addReportVerifyCommand(report)
  addReportScheduleCommand(report)
  addReportTemplateCommands(report)
  report
    .command('remove <report>')
    .description('Remove a report and its files.')
    .action((report_: string, _flags: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const removed = await rpc.call('reports.remove', { report: numberOf(report_) })
        return { json: removed, text: () => printLine(`Report ${removed.report} and its files are gone.`) }
      }),
    )
}

function create(command: Command, kind: string | undefined, flags: CreateFlags): Promise<void> {
  const formats = formatsOf(flags.format)
  const through = flags.until === undefined ? {} : { through: timeOf('--until', flags.until) }
  return withConsole(command, async ({ rpc }) => {
    const { subject, days } = subjectOf(kind, flags, await templateOf(rpc, flags.template))
    const from = flags.since === undefined ? (through.through ?? Date.now()) - days * DAY_MS : timeOf('--since', flags.since)
    const zone = flags.zone === undefined ? {} : { zone: flags.zone }
    const { report, job } = await rpc.call('reports.create', { ...subject, from, ...through, formats, ...zone })
    await awaitJob(rpc, job, `report ${report}`)
    const shown = await rpc.call('reports.show', { report })
    const file = flags.output === undefined ? null : await downloadReport(rpc, { report, format: formats[0]! }, flags.output)
    return {
      json: file === null ? shown : { ...shown, output: file },
      text() {
        printShown(shown)
        printLine(file === null ? `To read it: muster report open ${report}` : `It was written to ${file.file}`)
      },
    }
  })
}

function list(command: Command, limit: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { reports, total } = await rpc.call('reports.list', { limit: numberOf(limit) })
    return {
      json: { reports, total },
      text() {
        if (reports.length === 0) printLine('There are no reports. Make one: muster report create fleet')
        else
          printTable(
            ['report', 'kind', 'state', 'period', 'query', 'asked by', 'what'],
            reports.map((one) => [
              ...[
                one.report,
                one.kind,
                one.state,
                periodText(one.question),
                one.question.query === '' ? 'all devices' : one.question.query,
              ],
              ...[one.schedule ?? one.askedBy, one.problem ?? one.sentence],
            ]),
          )
        if (total > reports.length) printLine(`… and ${total - reports.length} older ones; --limit lists them`)
      },
    }
  })
}

function show(command: Command, report: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('reports.show', { report: numberOf(report) })
    return { json: shown, text: () => printShown(shown) }
  })
}

function printShown(shown: Shown): void {
  printLine(`Report ${shown.report}: ${shown.title}, ${periodText(shown.question)}`)
  if (shown.state !== 'made') {
    printLine(shown.state === 'making' ? 'It is being made.' : `It was not made: ${shown.problem}`)
    return
  }
  printLine(shown.sentence)
  printLine(`  values     ${shown.facts}, data hash ${shown.dataHash}`)
  printLine(`  made       ${shown.madeAt === null ? '–' : timeText(shown.madeAt)} for ${shown.schedule ?? shown.askedBy}`)
  for (const { format, bytes, sha256 } of shown.files) printLine(`  ${format.padEnd(10)} ${bytes} bytes, SHA-256 ${sha256}`)
}

function open(command: Command, report: string, flags: { format: string; output?: string }): Promise<void> {
  const of = { report: numberOf(report), format: formatOf(flags.format) }
  return withConsole(command, async ({ rpc }) => {
    const file = await downloadReport(rpc, of, flags.output ?? null)
    return { json: { ...of, ...file }, text: () => printLine(`Report ${of.report} was written to ${file.file} (${file.bytes} bytes).`) }
  })
}
