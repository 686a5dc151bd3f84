import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { reportRhythms } from '../../../shared/domain/report/schedule.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { addSubjectFlags, formatsOf, numberOf, subjectOf, type SubjectFlags } from './report-flags.ts'
import { templateOf } from './report-template-commands.ts'

type Schedule = OutputOf<'reports.schedules'>['schedules'][number]

interface ScheduleFlags extends SubjectFlags {
  kind?: string
  every?: string
  at: string
  zone?: string
  format: string
  keep: string
  keepDays?: string
  off?: boolean
  remove?: boolean
}

const help = `
Without a name it lists the schedules. A report is of the last whole day, week (from Monday) or month in the zone, which must have ended.

Examples:
  muster report schedule weekly --kind fleet --every weekly --at 06:00 --zone Europe/Paris --format html,pdf --keep 52
  muster report schedule weekly --remove`

/** `muster report schedule` */
export function addReportScheduleCommand(report: Command): void {
  addSubjectFlags(
    report
      .command('schedule')
      .description('Reports that are made by themselves: list, set, end.')
      .argument('[name]', 'name of the schedule: small letters, digits and dashes')
      .option('--kind <kind>', 'kind of the report, where no template says it'),
  )
    .option('--every <rhythm>', reportRhythms.join(', '))
    .option('--at <time>', 'time of the day in the zone', '06:00')
    .option('--zone <zone>', 'zone of days and times; default: that of this machine')
    .option('--format <formats>', 'with commas between', 'html')
    .option('--keep <n>', 'so many of its reports are kept, the newest', '30')
    .option('--keep-days <days>', 'older ones go')
    .option('--off', 'keep the schedule, and make nothing')
    .option('--remove', 'end the schedule; its reports stay, and are kept like those that people asked for')
    .addHelpText('after', help)
    .action((name: string | undefined, flags: ScheduleFlags, command: Command) =>
      name === undefined ? list(command) : flags.remove === true ? remove(command, name) : set(command, name, flags),
    )
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { schedules } = await rpc.call('reports.schedules', {})
    return {
      json: { schedules },
      text() {
        if (schedules.length === 0)
          printLine('Nothing is made by itself. Set a schedule: muster report schedule weekly --kind fleet --every weekly')
        else
          printTable(
            ['name', 'kind', 'every', 'at', 'next', 'kept', 'reports', 'last problem'],
            schedules.map((one) => [
              ...[one.name, one.subject.kind, one.plan.every, `${one.plan.at} ${one.plan.zone}`],
              ...[one.nextAt === null ? 'off' : timeText(one.nextAt), one.plan.keepCount, one.reports, one.failure?.problem ?? null],
            ]),
          )
      },
    }
  })
}

function remove(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const removed = await rpc.call('reports.removeSchedule', { name })
    return { json: removed, text: () => printLine(`The schedule ${name} has ended; its reports stay.`) }
  })
}

function set(command: Command, name: string, flags: ScheduleFlags): Promise<void> {
  const every = reportRhythms.find((one) => one === flags.every)
  if (every === undefined) throw new Problem('usage', `--every: say ${reportRhythms.join(', ')}.`)
  const plan = {
    ...{ every, at: flags.at, formats: formatsOf(flags.format), keepCount: numberOf(flags.keep) },
    zone: flags.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    keepDays: flags.keepDays === undefined ? null : numberOf(flags.keepDays),
  }
  return withConsole(command, async ({ rpc }) => {
    const { subject } = subjectOf(flags.kind, flags, await templateOf(rpc, flags.template))
    const kept: Schedule = await rpc.call('reports.setSchedule', { name, subject, plan, isOn: flags.off !== true })
    const next = kept.nextAt === null ? 'It is off.' : `The next is made ${timeText(kept.nextAt)}.`
    return { json: kept, text: () => printLine(`The schedule ${name} is kept. ${next}`) }
  })
}
