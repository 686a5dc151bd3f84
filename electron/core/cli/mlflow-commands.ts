import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { awaitJob } from './jobs.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole, type Session } from './program.ts'

/** More pages than a terminal is for; `--search` narrows. */
const MOST_PAGES = 50

/** `muster mlflow …` */
export function addMlflowCommands(program: Command): void {
  const mlflow = program
    .command('mlflow')
    .description('Registered models of an MLflow tracking server: muster sources add NAME --mlflow URL')
  mlflow
    .command('browse <source> [model]')
    .description('List registered models, or the versions of one with their aliases and what was imported.')
    .option('--search <text>', 'models with this in their name')
    .action((source: string, model: string | undefined, flags: { search?: string }, command: Command) =>
      model === undefined ? models(command, source, flags.search) : versions(command, source, model),
    )
  mlflow
    .command('import <source> <model> [version]')
    .description('Import a version as a draft, with metrics, parameters and tags of its run.')
    .option('--alias <alias>', 'the version that an alias stands for')
    .option('--as <name>', 'name of the model here; else made of its name there')
    .action((...[source, model, version, flags, command]: [string, string, string | undefined, { alias?: string; as?: string }, Command]) =>
      importVersion(command, { source, model, version, ...flags }),
    )
  mlflow
    .command('origin <name@version>')
    .description('Show where a version came from: registered version, run, metrics, parameters, tags.')
    .action((reference: string, _: unknown, command: Command) => origin(command, reference))
}

async function pages<Item>(page: (pageToken: string | undefined) => Promise<{ items: Item[]; next: string | null }>): Promise<Item[]> {
  const all: Item[] = []
  let token: string | undefined
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const { items, next } = await page(token)
    all.push(...items)
    if (next === null) break
    token = next
  }
  return all
}

const tokenIn = (pageToken: string | undefined): { pageToken?: string } => (pageToken === undefined ? {} : { pageToken })

function models(command: Command, source: string, search: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const found = await pages(async (pageToken) => {
      const page = await rpc.call('mlflow.models', { source, ...(search === undefined ? {} : { search }), ...tokenIn(pageToken) })
      return { items: page.models, next: page.nextPageToken }
    })
    return {
      json: { models: found },
      text() {
        if (found.length === 0) return printLine('No registered model is to be seen there.')
        printTable(
          ['model', 'aliases', 'updated', 'description'],
          found.map(({ model, aliases, updatedAt, description }) => [
            ...[model, aliases.map(({ alias, version }) => `${alias}: ${version}`).join(', ')],
            ...[updatedAt === null ? null : timeText(updatedAt), description],
          ]),
        )
      },
    }
  })
}

function versions(command: Command, source: string, model: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const found = await pages(async (pageToken) => {
      const page = await rpc.call('mlflow.versions', { source, model, ...tokenIn(pageToken) })
      return { items: page.versions, next: page.nextPageToken }
    })
    return {
      json: { versions: found },
      text() {
        if (found.length === 0) return printLine(`${model} has no version.`)
        printTable(
          ['version', 'status', 'aliases', 'created', 'run', 'imported as'],
          found.map(({ version, status, aliases, createdAt, run, imported }) => [
            ...[version, status, aliases.join(', '), createdAt === null ? null : timeText(createdAt), run],
            imported === null ? null : `${imported.model}@${imported.version}`,
          ]),
        )
      },
    }
  })
}

interface Wanted {
  source: string
  model: string
  version: string | undefined
  alias?: string
  as?: string
}

function importVersion(command: Command, { source, model, version, alias, as }: Wanted): Promise<void> {
  if ((version === undefined) === (alias === undefined)) throw new Problem('usage', 'Give either a version or --alias ALIAS.')
  const which = {
    ...(version === undefined ? {} : { version }),
    ...(alias === undefined ? {} : { alias }),
    ...(as === undefined ? {} : { as }),
  }
  return withConsole(command, async ({ rpc }) => {
    const { job } = await rpc.call('mlflow.import', { source, model, ...which })
    const made = (await awaitJob(rpc, job, `import ${model}`)) as { model: string; version: string; digest: string; notes: string[] }
    return {
      json: made,
      text() {
        printLine(`Imported ${made.model}@${made.version}  ${made.digest}  (draft)`)
        for (const note of made.notes) printLine(`  ${note}`)
      },
    }
  })
}

function origin(command: Command, reference: string): Promise<void> {
  return withConsole(command, async ({ rpc }: Session) => {
    const found = await rpc.call('sources.origin', referenceOf(reference))
    return { json: found, text: () => printOrigin(reference, found) }
  })
}

function printOrigin(reference: string, { origin: from, source }: OutputOf<'sources.origin'>): void {
  if (from === null) return printLine(`${reference} was given to the console by a person.`)
  if (from.kind === 'folder') return printLine(`${reference} came from the folder ${from.folder} (${source ?? ''}).`)
  printLine(`${reference} is version ${from.version} of ${from.model} on ${from.url} (${source ?? ''})`)
  printLine(`  artifact ${from.artifact}${from.joined.length === 0 ? '' : `, joined with ${from.joined.join(', ')}`}`)
  if (from.run === null) return
  const { run, name, user, metrics, params } = from.run
  printLine(`  run ${run}${name === null ? '' : ` "${name}"`}${user === null ? '' : ` by ${user}`}`)
  const rows = [
    ...Object.entries(metrics).map(([key, value]) => ['metric', key, value]),
    ...Object.entries(params).map(([key, value]) => ['parameter', key, value]),
  ]
  if (rows.length > 0) printTable(['of the run', 'name', 'value'], rows)
}
