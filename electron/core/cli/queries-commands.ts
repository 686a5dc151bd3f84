import type { Command } from 'commander'
import { sortOf } from './device-table.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

interface SaveFlags {
  columns?: string
  sort?: string
  replace?: boolean
}

/** `muster queries …` */
export function addQueriesCommands(program: Command): void {
  const queries = program.command('queries').description('Saved queries: selections of devices that have a name.')
  queries
    .command('list')
    .description('List saved queries and how many devices each selects now.')
    .action((_: unknown, command: Command) => list(command))
  queries
    .command('save <name> <query>')
    .description('Save a query under a name.')
    .option('--columns <names>', 'columns that the view shows, separated by commas')
    .option('--sort <column>', 'such as health or lastSeenAt:desc')
    .option('--replace', 'take the place of the query that has this name')
    .action((name: string, query: string, flags: SaveFlags, command: Command) => save(command, { name, query }, flags))
  queries
    .command('remove <name>')
    .description('Forget a saved query.')
    .action((name: string, _: unknown, command: Command) => remove(command, name))
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('queries.list', {})
    return {
      json: shown,
      text() {
        if (shown.queries.length === 0) printLine('No query is saved. Next: muster queries save NAME QUERY')
        else {
          printTable(
            ['name', 'query', 'devices', 'saved by'],
            shown.queries.map((one) => [one.name, one.query, one.total, one.savedBy]),
          )
        }
      },
    }
  })
}

function save(command: Command, { name, query }: { name: string; query: string }, flags: SaveFlags): Promise<void> {
  const columns = flags.columns === undefined ? [] : flags.columns.split(',').map((one) => one.trim())
  const sort = flags.sort === undefined ? null : sortOf(flags.sort)
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('queries.save', { name, query, columns, sort, mayReplace: flags.replace === true })
    return {
      json: made,
      text: () => printLine(`Saved '${made.saved.name}'${made.replaced === null ? '' : ' in place of the one before'}.`),
    }
  })
}

function remove(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('queries.remove', { name })
    return { json: made, text: () => printLine(`'${made.removed.name}' was forgotten; it was: ${made.removed.query}`) }
  })
}
