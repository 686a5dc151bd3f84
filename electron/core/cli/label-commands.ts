import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { addLabelFileCommands } from './label-file-commands.ts'
import { addLabelReportCommands } from './label-report-commands.ts'
import { progressText, scopeOf, withLabeller, withScope, type ScopeFlags } from './label-scope.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Task = OutputOf<'labelling.queue'>['tasks'][number]

interface ByFlags {
  by: string
}

interface QueueFlags extends ScopeFlags, ByFlags {
  reason?: string
  include: string
  limit: string
}

const reasons = ['random', 'low-confidence', 'outlier', 'disagreement'] as const
const kinds = ['open', 'disputed', 'labelled', 'skipped'] as const

/** `muster labels …` */
export function addLabelCommands(program: Command): void {
  const labels = program.command('labels').description('The labelling desk: true labels of sampled predictions, and what they say.')
  withLabeller(withScope(labels.command('queue')))
    .description('Rows that want a label, the most informative first.')
    .option('--reason <reason>', reasons.join(', '))
    .option('--include <state>', kinds.join(', '), 'open')
    .option('--limit <n>', 'rows to show, at most 100', '20')
    .action((flags: QueueFlags, command: Command) => queue(command, flags))
  withLabeller(withScope(labels.command('next')))
    .description('The row that comes next, with its values.')
    .option('--reason <reason>', reasons.join(', '))
    .action((flags: QueueFlags, command: Command) => next(command, flags))
  withLabeller(labels.command('set <task> <label>'))
    .description('Give a row its true label.')
    .action((task: string, label: string, flags: ByFlags, command: Command) => set(command, { task, label, ...flags }))
  withLabeller(labels.command('skip <task>'))
    .description('Leave a row to others.')
    .action((task: string, { by }: ByFlags, command: Command) => skip(command, { task, by }))
  withLabeller(withScope(labels.command('undo')))
    .description('Take back what you last said, step by step.')
    .action((flags: ScopeFlags & ByFlags, command: Command) => undo(command, flags))
  withLabeller(labels.command('settle <task> <label>'))
    .description('Decide a row on which labellers do not agree.')
    .action((task: string, label: string, flags: ByFlags, command: Command) => settle(command, { task, label, ...flags }))
  addLabelReportCommands(labels)
  addLabelFileCommands(labels)
}

function oneOf<Value extends string>(flag: string, text: string, values: readonly Value[]): Value {
  const value = values.find((one) => one === text)
  if (value === undefined) throw new Problem('usage', `${flag}: '${text}' is none of ${values.join(', ')}.`)
  return value
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new Problem('usage', `--limit: '${text}' is no number from 1 to 100.`)
  return limit
}

function questionOf(flags: QueueFlags) {
  return {
    ...scopeOf(flags),
    by: flags.by,
    ...(flags.reason === undefined ? {} : { reason: oneOf('--reason', flags.reason, reasons) }),
  }
}

function queue(command: Command, flags: QueueFlags): Promise<void> {
  const include = oneOf('--include', flags.include, kinds)
  const question = { ...questionOf(flags), include, limit: limitOf(flags.limit) }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('labelling.queue', question)
    return {
      json: shown,
      text() {
        if (shown.tasks.length === 0) printLine(nothingText(include))
        else {
          printTable(
            ['task', 'model', 'worth', 'why', 'predicted', 'confidence', 'votes', 'label', 'at'],
            shown.tasks.map((one) => [
              ...[one.task, `${one.model}@${one.version}`, Number(one.information.toFixed(3)), one.reason, one.predicted],
              one.confidence === null ? null : Number(one.confidence.toFixed(3)),
              ...[one.votes.length, one.settled, timeText(one.predictedAt)],
            ]),
          )
          if (shown.total > shown.tasks.length) printLine(`… ${shown.total} in all.`)
        }
        for (const line of progressText(shown.progress)) printLine(line)
      },
    }
  })
}

function nothingText(include: (typeof kinds)[number]): string {
  if (include !== 'open') return `No row is ${include}.`
  return 'No row wants a label. If no samples come, switch them on: muster config set --fleet samplesPerWindow=5'
}

function next(command: Command, flags: QueueFlags): Promise<void> {
  const question = questionOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const { tasks, total } = await rpc.call('labelling.queue', { ...question, limit: 1 })
    const task = tasks[0] ?? null
    return {
      json: { task, total },
      text: () => (task === null ? printLine(nothingText('open')) : printTask(task, total)),
    }
  })
}

function printTask(task: Task, total: number): void {
  printLine(task.task)
  printLine(`  ${task.model}@${task.version} in ${task.deployment}, ${timeText(task.predictedAt)}; ${total} rows want a label`)
  printLine(`  ${task.why}`)
  if (task.predicted !== null)
    printLine(`  predicted ${task.predicted}${task.confidence === null ? '' : `, ${(task.confidence * 100).toFixed(1)} % sure`}`)
  if (task.labels.length > 0) printLine(`  labels: ${task.labels.slice(0, 40).join(', ')}${task.labels.length > 40 ? ', …' : ''}`)
  if (task.image !== null) printLine(`  a picture of ${task.image.width} x ${task.image.height}; the page of the console draws it`)
  printTable(
    ['name', 'value', 'note'],
    task.fields.map(({ name, value, isUnusual, isMasked }) => [
      ...[name, value === null ? null : String(value)],
      isMasked ? 'masked on the device' : isUnusual ? 'unlike the training rows' : '',
    ]),
  )
  printLine(`Next: muster labels set ${JSON.stringify(task.task)} LABEL`)
}

function set(command: Command, given: { task: string; label: string; by: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('labelling.label', given)
    return {
      json: made,
      text() {
        printLine(made.settled === null ? 'Taken; the row is not settled yet.' : `Settled: ${made.settled}`)
        for (const line of progressText(made.progress)) printLine(line)
      },
    }
  })
}

function skip(command: Command, given: { task: string; by: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('labelling.skip', given)
    return { json: made, text: () => printLine('Skipped; others may label it.') }
  })
}

function undo(command: Command, flags: ScopeFlags & ByFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('labelling.undo', { ...scopeOf(flags), by: flags.by })
    return {
      json: made,
      text() {
        if (made.task === null) printLine(`${flags.by} has said nothing that could be taken back.`)
        else printLine(`Taken back: ${made.task} ${made.was === null ? '(skipped)' : `was ${made.was}`}`)
      },
    }
  })
}

function settle(command: Command, given: { task: string; label: string; by: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('labelling.settle', given)
    return { json: made, text: () => printLine(`Settled: ${made.settled}`) }
  })
}
