import type { Command } from 'commander'
import { aliasName, type AliasName } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

/** `muster models alias …`, `muster models note`, `muster models compare` */
export function addAliasCommands(models: Command): void {
  const alias = models.command('alias').description('Aliases: names such as production that stand for a version and can be moved.')
  alias
    .command('set <name@version> <alias>')
    .description('Make an alias stand for a version. What runs on devices is not changed.')
    .action((reference: string, name: string, _: unknown, command: Command) => setAlias(command, reference, name))
  alias
    .command('remove <model> <alias>')
    .description('Remove an alias.')
    .action((model: string, name: string, _: unknown, command: Command) => removeAlias(command, model, name))
  alias
    .command('list <model>')
    .description('List the aliases of a model and their history.')
    .action((model: string, _: unknown, command: Command) => listAliases(command, model))
  models
    .command('note <name@version> <text>')
    .description('Write the note of a version; "" removes it.')
    .action((reference: string, text: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('models.setNote', { ...referenceOf(reference), text })
        return {
          json: done,
          text: () => printLine(`The note of ${done.model}@${done.version} was ${text === '' ? 'removed' : 'written'}.`),
        }
      }),
    )
  models
    .command('compare <name@version> <other>')
    .description('Compare two versions: metrics, what goes in and out, operators, sizes.')
    .action((left: string, right: string, _: unknown, command: Command) => compare(command, left, right))
}

function aliasOf(text: string): AliasName {
  const parsed = aliasName.safeParse(text)
  if (!parsed.success) throw new Problem('usage', `'${text}' is no alias: ${parsed.error.issues[0]?.message ?? ''}`)
  return parsed.data
}

function setAlias(command: Command, reference: string, name: string): Promise<void> {
  const alias = aliasOf(name)
  const { model, version } = referenceOf(reference)
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('models.setAlias', { model, alias, version })
    const before = done.from === null ? '' : done.from === done.to ? ', as before' : `, before ${done.from}`
    return { json: done, text: () => printLine(`${model}@${alias} is ${done.to}${before}.`) }
  })
}

function removeAlias(command: Command, model: string, name: string): Promise<void> {
  const alias = aliasOf(name)
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('models.removeAlias', { model, alias })
    return { json: done, text: () => printLine(`${model}@${alias} was removed; it stood for ${done.from}.`) }
  })
}

function listAliases(command: Command, model: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('models.aliases', { model })
    return {
      json: shown,
      text() {
        if (shown.aliases.length === 0) printLine(`${model} has no alias.`)
        else {
          printTable(
            ['alias', 'version', 'set by', 'at'],
            shown.aliases.map((one) => [one.alias, one.version, one.by, timeText(one.at)]),
          )
        }
        for (const one of shown.history)
          printLine(`  ${timeText(one.at)} ${one.by}: ${one.alias} from ${one.from ?? 'nothing'} to ${one.to ?? 'nothing'}`)
      },
    }
  })
}

/** The second version may be given without its model. */
function compare(command: Command, left: string, right: string): Promise<void> {
  const first = referenceOf(left)
  const second = right.includes('@') ? referenceOf(right) : { model: first.model, version: right }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('models.compare', {
      model: first.model,
      left: first.version,
      right: second.version,
      rightModel: second.model,
    })
    return { json: shown, text: () => printComparison(shown) }
  })
}

function printComparison({ left, right, ...shown }: OutputOf<'models.compare'>): void {
  const name = ({ version: { model, version } }: typeof left): string => `${model}@${version}`
  const number = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(6)))
  printTable(
    ['', name(left), name(right), 'difference', '95 % interval', 'better'],
    shown.metrics.map((one) => [
      ...[one.metric, number(one.left), number(one.right), number(one.difference)],
      one.interval === null ? null : `${one.interval.low.toFixed(4)} to ${one.interval.high.toFixed(4)}`,
      one.verdict,
    ]),
  )
  for (const note of new Set(shown.metrics.map((one) => one.note))) printLine(`  ${note}`)
  printLine(`  bytes     ${left.version.sizeBytes} and ${right.version.sizeBytes}; ${shown.sharedBytes} of the second are in the first`)
  printLine(`  operators ${shown.operators.added.length} added, ${shown.operators.removed.length} removed`)
  printLine(
    shown.isInterchangeable
      ? '  Same inputs and outputs: clients need not change.'
      : '  Inputs or outputs differ: clients may have to change.',
  )
  for (const one of shown.differences.slice(0, 50))
    printLine(`  ${one.part} ${one.name}: ${one.left ?? 'absent'} → ${one.right ?? 'absent'}`)
}
