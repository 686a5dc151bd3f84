import type { Command } from 'commander'
import { alertRuleInput, type AlertRuleInput } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { fieldsHelp, withFields } from './alert-rule-fields.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole, type Session } from './program.ts'

type Rpc = Session['rpc']

/** `muster alerts rules`, `rule …`, `budget` */
export function addAlertRuleCommands(alerts: Command): void {
  alerts
    .command('rules')
    .description('List rules with what they see now, and what they fire at.')
    .action((_: unknown, command: Command) => list(command))
  const rule = alerts.command('rule').description('Make, change, try and remove rules.')
  rule
    .command('show <rule>')
    .description('Show one rule.')
    .action((name: string, _: unknown, command: Command) => show(command, name))
  rule
    .command('add <field=value...>')
    .description('Make a rule.')
    .addHelpText('after', fieldsHelp)
    .action((fields: string[], _: unknown, command: Command) => add(command, fields))
  rule
    .command('set <rule> <field=value...>')
    .description('Change fields of a rule; what else it says stays.')
    .addHelpText('after', fieldsHelp)
    .action((name: string, fields: string[], _: unknown, command: Command) => set(command, name, fields))
  for (const verb of ['enable', 'disable'] as const) {
    rule
      .command(`${verb} <rule>`)
      .description(verb === 'enable' ? 'Switch a rule on.' : 'Switch a rule off; its open alerts are resolved.')
      .action((name: string, _: unknown, command: Command) =>
        withConsole(command, async ({ rpc }) => {
          const made = await rpc.call('alerts.enableRule', { rule: name, isEnabled: verb === 'enable' })
          return { json: made, text: () => printLine(`${made.rule.name} is ${made.rule.isEnabled ? 'on' : 'off'}.`) }
        }),
      )
  }
  rule
    .command('remove <rule>')
    .description('Remove a rule; its open alerts are resolved. A built-in rule becomes as it was delivered.')
    .action((name: string, _: unknown, command: Command) => remove(command, name))
  rule
    .command('preview <rule> [field=value...]')
    .description('Say what a rule would fire for now, with some fields set otherwise; "new" begins without a rule. Changes nothing.')
    .addHelpText('after', fieldsHelp)
    .action((name: string, fields: string[], _: unknown, command: Command) => preview(command, name, fields))
  alerts
    .command('budget')
    .description('Show how many false alarms the fleet may give and what follows; with --false-alarms set it.')
    .option('--false-alarms <n>', 'so many')
    .option('--days <n>', 'in so many days', '30')
    .option('--dry-run', 'say what would follow, and change nothing')
    .action((flags: { falseAlarms?: string; days: string; dryRun?: boolean }, command: Command) => budget(command, flags))
}

type Rule = OutputOf<'alerts.rules'>['rules'][number]

async function find(rpc: Rpc, rule: string): Promise<Rule> {
  const { rules } = await rpc.call('alerts.rules', {})
  const found = rules.find((one) => one.rule === rule)
  if (found === undefined) throw new Problem('alert-rule.not-found', `There is no rule '${rule}'.`)
  return found
}

/** What was set of a rule, without what the console adds. */
function inputOf(rule: Rule): AlertRuleInput {
  return alertRuleInput.parse(Object.fromEntries(Object.keys(alertRuleInput.shape).map((name) => [name, rule[name as keyof Rule]])))
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('alerts.rules', {})
    return {
      json: shown,
      text: () =>
        printTable(
          ['rule', 'name', 'on', 'severity', 'per', 'firing', 'pending', 'fires at'],
          shown.rules.map((one) => [
            ...[one.rule, one.name, one.isEnabled ? 'yes' : 'no', one.severity, one.per, one.firing, one.pending],
            one.condition.kind === 'threshold' ? conditionText(one) : one.thresholdWords,
          ]),
        ),
    }
  })
}

function conditionText({ condition }: Rule): string {
  const { kind, ...fields } = condition
  return `${kind} ${Object.entries(fields)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ')}`
}

function show(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const rule = await find(rpc, name)
    return {
      json: rule,
      text() {
        printLine(`${rule.name} (${rule.rule}${rule.isBuiltIn ? ', built in' : ''}): ${rule.isEnabled ? 'on' : 'off'}`)
        printLine(rule.summary)
        printTable(
          ['field', 'value'],
          [
            ['condition', conditionText(rule)],
            ['fires at', rule.thresholdWords],
            ['severity', rule.severity],
            ['per', rule.per],
            ['devices', rule.query === '' ? 'all' : rule.query],
            ['deployment', rule.deployment ?? 'every'],
            ['must hold, s', rule.forMs / 1000],
            ['must be over, s', rule.clearMs / 1000],
            ['channels', rule.channels === null ? 'all' : rule.channels.join(', ')],
            ['holds releases', rule.holdsReleases ? 'yes' : 'no'],
            ['runbook', rule.runbook],
            ['set', rule.setAt === 0 ? `by ${rule.setBy}` : `${timeText(rule.setAt)} by ${rule.setBy}`],
            ['firing, pending', `${rule.firing}, ${rule.pending}`],
          ],
        )
      },
    }
  })
}

function add(command: Command, fields: readonly string[]): Promise<void> {
  const settings = withFields(null, fields)
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('alerts.setRule', { set: settings })
    return { json: made, text: () => printLine(`Rule ${made.rule.rule}: ${made.rule.name}`) }
  })
}

function set(command: Command, name: string, fields: readonly string[]): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('alerts.setRule', { rule: name, set: withFields(inputOf(await find(rpc, name)), fields) })
    return { json: made, text: () => printLine(`Rule ${made.rule.rule} was changed.`) }
  })
}

function remove(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('alerts.removeRule', { rule: name })
    const text = made.isRestored ? `${name} is as it was delivered.` : `${name} was removed; ${made.resolved} alerts were resolved.`
    return { json: made, text: () => printLine(text) }
  })
}

function preview(command: Command, name: string, fields: readonly string[]): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const before = name === 'new' ? null : inputOf(await find(rpc, name))
    const shown = await rpc.call('alerts.previewRule', { set: withFields(before, fields) })
    return {
      json: shown,
      text() {
        for (const one of shown.wouldFire) printLine(`  ${one.sentence}`)
        printLine(
          `It would fire ${shown.wouldFire.length} times; ${shown.looked} were looked at, ${shown.insufficient} without enough data.`,
        )
      },
    }
  })
}

function budget(command: Command, flags: { falseAlarms?: string; days: string; dryRun?: boolean }): Promise<void> {
  const wanted = flags.falseAlarms === undefined ? null : { falseAlarms: Number(flags.falseAlarms), perDays: Number(flags.days) }
  return withConsole(command, async ({ rpc }) => {
    if (wanted !== null && flags.dryRun !== true) await rpc.call('alerts.setBudget', { budget: wanted })
    const shown = await rpc.call('alerts.budget', wanted === null ? {} : { budget: wanted })
    return {
      json: shown,
      text() {
        for (const line of shown.words) printLine(line)
      },
    }
  })
}
