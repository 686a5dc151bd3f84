import type { Command } from 'commander'
import { alertSeverities, alertStates, type Alert, type AlertSeverity } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { addAlertChannelCommands } from './alert-channel-commands.ts'
import { idOf, oneOf } from './alert-flags.ts'
import { addAlertRuleCommands } from './alert-rule-commands.ts'
import { addAlertSilenceCommands } from './alert-silence-commands.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { timeOf } from './time-flag.ts'

interface ListFlags {
  state: string
  severity?: string
  query: string
  device?: string
  deployment?: string
  rule?: string
  since?: string
  quiet?: boolean
  loud?: boolean
  limit: string
  failOn?: string
}

/** `muster alerts …` */
export function addAlertsCommands(program: Command): void {
  const alerts = program.command('alerts').description('Alerts: what fires, who looks after it, by which rules, and where it is told.')
  alerts
    .command('list')
    .description('List alerts, those that need somebody first.')
    .option('--state <state>', [...alertStates, 'open', 'all'].join(', '), 'open')
    .option('--severity <severity>', `at least: ${alertSeverities.join(', ')}`)
    .option('-q, --query <query>', 'of these devices', '')
    .option('--device <device>', 'of one device')
    .option('--deployment <name>', 'of one deployment')
    .option('--rule <rule>', 'of one rule')
    .option('--since <time>', 'begun since, such as 24h or 2026-01-31T12:00:00Z')
    .option('--quiet', 'only those that are silenced or acknowledged')
    .option('--loud', 'only those that are neither')
    .option('--limit <n>', 'at most so many', '100')
    .option('--fail-on <severity>', 'exit 1 if one fires that is at least so severe and neither silenced nor acknowledged')
    .action((flags: ListFlags, command: Command) => list(command, flags))
  alerts
    .command('show <alert>')
    .description('Show an alert: what it rests on, its history, and what to do.')
    .option('--runbook', 'print the whole runbook')
    .action((alert: string, flags: { runbook?: boolean }, command: Command) => show(command, idOf('alert', alert), flags))
  alerts
    .command('ack <alerts...>')
    .description('Say that somebody looks after alerts; nobody is told of them again.')
    .option('--note <text>', 'what is being done', '')
    .action((ids: string[], flags: { note: string }, command: Command) =>
      change(command, 'acknowledged', (rpc) =>
        rpc.call('alerts.acknowledge', { alerts: ids.map((id) => idOf('alert', id)), note: flags.note }),
      ),
    )
  alerts
    .command('unack <alerts...>')
    .description('Take that back.')
    .action((ids: string[], _: unknown, command: Command) =>
      change(command, 'open again', (rpc) => rpc.call('alerts.unacknowledge', { alerts: ids.map((id) => idOf('alert', id)) })),
    )
  alerts
    .command('note <alert> <text>')
    .description('Add a note to the history of an alert.')
    .action((alert: string, note: string, _: unknown, command: Command) =>
      change(command, 'noted', (rpc) => rpc.call('alerts.note', { alert: idOf('alert', alert), note })),
    )
  addAlertSilenceCommands(alerts)
  addAlertRuleCommands(alerts)
  addAlertChannelCommands(alerts)
}

type Rpc = Parameters<Parameters<typeof withConsole>[1]>[0]['rpc']

function change(command: Command, what: string, call: (rpc: Rpc) => Promise<{ changed: number }>): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await call(rpc)
    return { json: made, text: () => printLine(made.changed === 1 ? `1 alert is ${what}.` : `${made.changed} alerts are ${what}.`) }
  })
}

function list(command: Command, flags: ListFlags): Promise<void> {
  const failOn = flags.failOn === undefined ? null : oneOf('--fail-on', flags.failOn, alertSeverities)
  if (flags.quiet === true && flags.loud === true) throw new Problem('usage', 'Give --quiet or --loud, not both.')
  const input = {
    state: oneOf('--state', flags.state, [...alertStates, 'open', 'all'] as const),
    query: flags.query,
    limit: Number(flags.limit),
    ...(flags.severity === undefined ? {} : { severity: oneOf('--severity', flags.severity, alertSeverities) }),
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
    ...(flags.rule === undefined ? {} : { rule: flags.rule }),
    ...(flags.since === undefined ? {} : { from: timeOf('--since', flags.since) }),
    ...(flags.quiet === true ? { isQuiet: true } : flags.loud === true ? { isQuiet: false } : {}),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('alerts.list', input)
    if (failOn !== null && (await countLoud(rpc, { query: flags.query, severity: failOn })) > 0) process.exitCode = 1
    return { json: shown, text: () => printList(shown) }
  })
}

/** Whatever the list shows, the exit code tells of all that fire. */
async function countLoud(rpc: Rpc, of: { query: string; severity: AlertSeverity }): Promise<number> {
  const { alerts } = await rpc.call('alerts.list', { ...of, state: 'firing', isQuiet: false, limit: 1 })
  return alerts.length
}

function printList({ alerts, counts, next }: OutputOf<'alerts.list'>): void {
  if (alerts.length === 0) printLine('No alerts.')
  else {
    printTable(
      ['alert', 'state', 'severity', 'since', 'rule', 'what'],
      alerts.map((one) => [one.alert, stateWords(one), one.severity, timeText(one.firedAt ?? one.startedAt), one.ruleName, one.sentence]),
    )
  }
  if (next !== null) printLine('… and more; ask with --limit or a narrower filter.')
  printLine(
    `${counts.firing} firing (${counts.critical} critical), ${counts.pending} pending; ${counts.acknowledged} acknowledged, ${counts.silenced} silenced.`,
  )
}

function stateWords({ state, acknowledged, silencedUntil }: Alert): string {
  const quiet = [...(acknowledged === null ? [] : ['acknowledged']), ...(silencedUntil === null ? [] : ['silenced'])]
  return quiet.length === 0 ? state : `${state}, ${quiet.join(', ')}`
}

function show(command: Command, alert: number, flags: { runbook?: boolean }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('alerts.show', { alert })
    return { json: shown, text: () => printAlert(shown, flags.runbook === true) }
  })
}

function printAlert({ alert, events, others, before, runbook }: OutputOf<'alerts.show'>, isWhole: boolean): void {
  const { evidence } = alert
  printLine(`Alert ${alert.alert}: ${alert.ruleName} (${alert.severity}, ${stateWords(alert)})`)
  printLine(alert.sentence)
  printLine('')
  const number = (value: number | null): string | null => (value === null ? null : String(Number(value.toPrecision(6))))
  printTable(
    ['evidence', evidence.basis],
    [
      ['value', evidence.value === null ? null : `${number(evidence.value)} ${evidence.unit}`],
      ['threshold', number(evidence.threshold)],
      ['interval at 95 %', evidence.low === null || evidence.high === null ? null : `${number(evidence.low)} to ${number(evidence.high)}`],
      ['n, of these effective', evidence.n === null ? null : `${number(evidence.n)}, ${number(evidence.effective) ?? '–'}`],
      ['m (reference)', number(evidence.m)],
      ['p', number(evidence.p)],
      ['reference', evidence.reference],
      ['from', evidence.from === null ? null : timeText(evidence.from)],
      ['through', evidence.through === null ? null : timeText(evidence.through)],
    ],
  )
  if (alert.holdsReleases && alert.state === 'firing') printLine(`It holds releases to ${alert.subject.deployment ?? 'its deployment'}.`)
  if (alert.acknowledged !== null) printLine(`Acknowledged by ${alert.acknowledged.by}: ${alert.acknowledged.note}`)
  printLine('')
  for (const event of events) printLine(`  ${timeText(event.at)}  ${event.kind.padEnd(14)}  ${event.by}: ${event.message}`)
  if (others.length > 0) printLine(`Open in the same group: ${others.map((one) => one.alert).join(', ')}`)
  if (before.length > 0) printLine(`Earlier ones: ${before.map((one) => one.alert).join(', ')}`)
  if (runbook === null) return
  printLine('')
  printLine(`Runbook: ${runbook.title}${runbook.url === null ? '' : ` ${runbook.url}`}`)
  if (isWhole) for (const line of runbook.markdown.split('\n')) printLine(line)
  else if (runbook.markdown !== '') printLine(`Read it: muster alerts show ${alert.alert} --runbook`)
}
