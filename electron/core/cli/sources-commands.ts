import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { sourceSettings, type SourceSettings } from '../../../shared/rpc/contract/sources.ts'
import { awaitJob } from './jobs.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

interface SourceFlags {
  mlflow?: string
  folder?: string
  tokenEnv?: string
  username?: string
  passwordEnv?: string
  auth?: boolean
  ca?: string
  allowPlain?: boolean
  watch?: string[]
  tags?: boolean
  every?: string
  on?: boolean
  off?: boolean
}

/** `muster sources …` */
export function addSourcesCommands(program: Command): void {
  const sources = program.command('sources').description('Places that models come from: MLflow tracking servers and watched folders.')
  sources
    .command('list')
    .description('List the places with how they do.')
    .action((_: unknown, command: Command) => list(command))
  withFlags(sources.command('add <name>'))
    .description('Add a place. What comes in from it is a draft: nothing is released by itself.')
    .option('--mlflow <url>', 'address of an MLflow tracking server')
    .option('--folder <folder>', 'folder of the machine of the console, whose subfolders MODEL@VERSION are imported')
    .action((name: string, flags: SourceFlags, command: Command) => add(command, name, flags))
  withFlags(sources.command('change <name>'))
    .description('Change a place; what is not named stays.')
    .option('--mlflow <url>', 'another address of the tracking server; its secret is then given again')
    .option('--folder <folder>', 'another folder')
    .action((name: string, flags: SourceFlags, command: Command) => change(command, name, flags))
  sources
    .command('remove <name>')
    .description('Remove a place. Versions that came from it stay.')
    .action((name: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('sources.remove', { source: name })
        return { json: made, text: () => printLine(`${name} was removed; versions that came from it stay.`) }
      }),
    )
  sources
    .command('check <name>')
    .description('Ask a place whether it answers and lets us in; nothing is stored.')
    .action((name: string, _: unknown, command: Command) => check(command, name))
  sources
    .command('poll <name>')
    .description('Ask a place now, try again what failed, and import what is new as drafts.')
    .action((name: string, _: unknown, command: Command) => poll(command, name))
  sources
    .command('offers [name]')
    .description('List what was found, the newest first, with what became of it.')
    .option('--state <state>', 'waiting, imported or failed')
    .option('--limit <n>', 'at most so many', '100')
    .action((name: string | undefined, flags: { state?: string; limit: string }, command: Command) => offers(command, name, flags))
}

function withFlags(command: Command): Command {
  return command
    .option('--token-env <variable>', 'environment variable with a token')
    .option('--username <name>', 'account')
    .option('--password-env <variable>', 'environment variable with its password')
    .option('--no-auth', 'the server asks nobody who they are')
    .option('--ca <file>', 'certificates (PEM) that its TLS is checked with')
    .option('--allow-plain', 'a secret may go over http to another machine')
    .option('--no-allow-plain', 'it may not')
    .option('--watch <model:alias[=name]>', 'import the version of an alias whenever it moves; may be given again', collected)
    .option('--tags', 'tell back, as tags, where versions run')
    .option('--no-tags', 'do not')
    .option('--every <minutes>', 'how often the aliases are asked for')
    .option('--on', 'switch it on')
    .option('--off', 'switch it off')
}

const collected = (one: string, before: string[] | undefined): string[] => [...(before ?? []), one]

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('sources.list', {})
    return {
      json: shown,
      text() {
        if (shown.sources.length === 0) return printLine('Models come from files only. Next: muster sources add NAME --mlflow URL')
        printTable(
          ['source', 'kind', 'where', 'on', 'watches', 'last asked', 'imported', 'waiting', 'failed', 'tags waiting', 'problem'],
          shown.sources.map(({ source, settings, lookedAt, offers: { imported, waiting, failed }, tags, problem }) => [
            ...[source, settings.kind, placeOf(settings), settings.isEnabled ? 'yes' : 'no', watchesOf(settings)],
            ...[lookedAt === null ? null : timeText(lookedAt), imported, waiting, failed, tags.waiting, problem?.message ?? null],
          ]),
        )
      },
    }
  })
}

const placeOf = (settings: SourceSettings): string => (settings.kind === 'mlflow' ? settings.url : settings.folder)
const watchesOf = (settings: SourceSettings): string | null =>
  settings.kind === 'folder' ? null : settings.watches.map(({ model, alias }) => `${model}:${alias}`).join(', ')

function add(command: Command, name: string, flags: SourceFlags): Promise<void> {
  if ((flags.mlflow === undefined) === (flags.folder === undefined))
    throw new Problem('usage', 'Give either --mlflow URL or --folder FOLDER.')
  const settings = settingsOf(flags.mlflow === undefined ? { kind: 'folder' } : { kind: 'mlflow' }, flags)
  return withConsole(command, async ({ rpc }) => said(await rpc.call('sources.add', { source: name, settings })))
}

function change(command: Command, name: string, flags: SourceFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const before = (await rpc.call('sources.list', {})).sources.find(({ source }) => source === name)
    if (before === undefined) throw new Problem('source.not-found', `There is no source '${name}'.`)
    return said(await rpc.call('sources.change', { source: name, settings: settingsOf(before.settings, flags) }))
  })
}

function said(made: OutputOf<'sources.add'>): { json: unknown; text(): void } {
  const { source, settings } = made.source
  return { json: made, text: () => printLine(`${source} is ${placeOf(settings)}. Next: muster sources check ${source}`) }
}

/** @throws Problem `usage` */
function settingsOf(before: Partial<SourceSettings>, flags: SourceFlags): SourceSettings {
  const isOn = flags.on === true ? { isEnabled: true } : flags.off === true ? { isEnabled: false } : {}
  const ofKind =
    before.kind === 'folder'
      ? given({ folder: flags.folder === undefined ? undefined : resolve(flags.folder) })
      : given({
          ...{ url: flags.mlflow, auth: authOf(flags), ca: flags.ca === undefined ? undefined : fileOf(flags.ca) },
          ...{ allowsPlain: flags.allowPlain, writesTags: flags.tags, watches: flags.watch?.map(watchOf) },
          everyMinutes: flags.every === undefined ? undefined : Number(flags.every),
        })
  const parsed = sourceSettings.safeParse({ ...before, ...ofKind, ...isOn })
  if (!parsed.success) throw new Problem('usage', `The source is not right: ${firstIssue(parsed.error)}`)
  return parsed.data
}

function authOf({ tokenEnv, username, passwordEnv, auth }: SourceFlags): unknown {
  if (auth === false) return { kind: 'none' }
  if (tokenEnv !== undefined) return { kind: 'token', secret: fromEnvironment('--token-env', tokenEnv) }
  if (username === undefined && passwordEnv === undefined) return undefined
  if (username === undefined || passwordEnv === undefined) throw new Problem('usage', 'Give both --username and --password-env.')
  return { kind: 'basic', username, secret: fromEnvironment('--password-env', passwordEnv) }
}

/** Secrets stay out of the list of processes and of the history of the shell. */
function fromEnvironment(flag: string, variable: string): string {
  const value = process.env[variable]
  if (value === undefined || value === '') throw new Problem('usage', `${flag}: there is no environment variable ${variable}.`)
  return value
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Problem('usage', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** `Churn model:champion=churn`: the alias is behind the last colon, the name here behind the last equals sign after it. */
function watchOf(text: string): { model: string; alias: string; as: string | null } {
  const match = /^(.+):([^:=]+)(?:=([^:=]+))?$/.exec(text)
  if (match === null) throw new Problem('usage', `--watch '${text}': write MODEL:ALIAS or MODEL:ALIAS=NAME.`)
  return { model: match[1]!, alias: match[2]!, as: match[3] ?? null }
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function check(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const found = await rpc.call('sources.check', { source: name })
    return {
      json: found,
      text() {
        const what = found.server === null ? `${name} answers` : `${name} answers (MLflow ${found.server})`
        printLine(found.models === null ? `${what}.` : `${what}; ${found.models} ${found.models === 1 ? 'model' : 'models'} to be seen.`)
        for (const reason of found.ignored) printLine(`  left alone: ${reason}`)
      },
    }
  })
}

function poll(command: Command, name: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { job } = await rpc.call('sources.poll', { source: name })
    const made = (await awaitJob(rpc, job, `ask ${name}`)) as {
      found: number
      settling: number
      imported: string[]
      failed: { name: string; problem: string }[]
    }
    return {
      json: made,
      text() {
        printLine(
          `${name}: ${made.found} new, ${made.imported.length} imported, ${made.failed.length} failed, ${made.settling} still being written.`,
        )
        for (const one of made.imported) printLine(`  imported ${one} as a draft`)
        for (const one of made.failed) printLine(`  failed ${one.name}: ${one.problem}`)
      },
    }
  })
}

function offers(command: Command, name: string | undefined, flags: { state?: string; limit: string }): Promise<void> {
  const states = ['waiting', 'imported', 'failed'] as const
  const state = states.find((one) => one === flags.state)
  if (flags.state !== undefined && state === undefined) throw new Problem('usage', `--state: one of ${states.join(', ')}.`)
  const input = { ...given({ source: name, state }), limit: Number(flags.limit) }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('sources.offers', input)
    return {
      json: shown,
      text() {
        if (shown.offers.length === 0) return printLine('Nothing was found yet.')
        printTable(
          ['source', 'name', 'state', 'version', 'found', 'attempts', 'next', 'problem'],
          shown.offers.map((one) => [
            ...[one.source, one.name, one.state, one.version === null ? null : `${one.model}@${one.version}`, timeText(one.foundAt)],
            ...[one.attempts, one.nextAt === null ? null : timeText(one.nextAt), one.problem?.message ?? null],
          ]),
        )
        for (const one of shown.offers) for (const note of one.notes) printLine(`  ${one.name}: ${note}`)
      },
    }
  })
}
