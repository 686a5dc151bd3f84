import type { Command } from 'commander'
import { forwardEventKinds, forwardEventWords, forwardInput, type ForwardInput } from '../../../shared/domain/forward.ts'
import { Problem, problemFrom } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { idOf, oneOf } from './alert-flags.ts'
import { readPem, type ForwardFlags } from './forward-flags.ts'
import { fromEnvironment } from './from-environment.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Shown = OutputOf<'forward.status'>

/** `muster forward` */
export function addForwardCommands(program: Command): void {
  const forward = program.command('forward').description('Data that goes out: events to webhooks, telemetry to PostgreSQL.')
  forward
    .command('list')
    .description('List where data goes out to.')
    .action((_: unknown, command: Command) => list(command))
  forward
    .command('status <forward>')
    .description('Say how one stands: what waits, since when, and what is wrong.')
    .action((id: string, _: unknown, command: Command) => status(command, id))
  addSetCommands(forward)
  forward
    .command('pause <forward>')
    .description('Stop one; what there is to send waits.')
    .action((id: string, _: unknown, command: Command) => act(command, 'forward.pause', id))
  forward
    .command('resume <forward>')
    .description('Go on where it stopped.')
    .option('--skip', 'webhook: leave out what happened meanwhile')
    .action((id: string, flags: { skip?: boolean }, command: Command) => resume(command, id, flags.skip === true))
  forward
    .command('remove <forward>')
    .description('Remove one. What is in PostgreSQL stays there.')
    .action((id: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('forward.remove', { forward: id })
        return { json: made, text: () => printLine(`${id} was removed; ${made.dropped} events were dropped.`) }
      }),
    )
  forward
    .command('test <forward>')
    .description('Try one now: a test event, or a connection to the database. Fails if it does not work.')
    .action((id: string, _: unknown, command: Command) => test(command, id))
  forward
    .command('events <forward>')
    .description('List the events of a webhook with what became of them, the newest first.')
    .option('--limit <n>', 'at most so many', '50')
    .action((id: string, flags: { limit: string }, command: Command) => events(command, id, flags.limit))
  forward
    .command('copy-again <forward>')
    .description('postgres: copy everything that is stored once more. What is there already stays as it is.')
    .action((id: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('forward.copyAgain', { forward: id })
        return { json: made, text: () => printLine(`${made.forward} copies ${made.waiting} records at most.`) }
      }),
    )
  forward
    .command('retry <event>')
    .description('Send an event again that was given up.')
    .action((event: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('forward.retry', { event: idOf('event', event) })
        return { json: made, text: () => printLine(`Event ${made.event} is sent again.`) }
      }),
    )
}

function addSetCommands(forward: Command): void {
  const kinds = forwardEventKinds.map((kind) => `\n  ${kind.padEnd(11)} ${forwardEventWords[kind]}`).join('')
  const common = (command: Command): Command =>
    command
      .option('--name <name>', 'how it is called')
      .option('--address <url>', 'webhook: where it posts')
      .option('--events <kinds>', `webhook: what it is told, separated by commas: ${forwardEventKinds.join(', ')}`)
      .option('--secret-env <variable>', 'webhook: environment variable with the key of the signature')
      .option('--allow-private', 'webhook: the address may be in a private or loopback network')
      .option('--no-allow-private', 'webhook: it may not')
      .option('--persons', 'webhook: with the names of people who did something')
      .option('--no-persons', 'webhook: without')
      .option('--host <host>', 'postgres: the server')
      .option('--port <port>', 'postgres: its port (default: 5432)')
      .option('--database <database>', 'postgres: the database')
      .option('--user <user>', 'postgres: who writes')
      .option('--password-env <variable>', 'postgres: environment variable with the password')
      .option('--schema <name>', 'postgres: the schema, which is made where it is missing (default: muster)')
      .option('--tls <how>', 'postgres: verify, or off on this machine or a trusted network (default: verify)')
      .option('--ca <file>', 'postgres: certificates of authorities (PEM), in place of those of the system')
      .addHelpText('after', `\nEvents:${kinds}`)
  common(forward.command('add <kind>').description('Add one: webhook or postgres.')).action(
    (kind: string, flags: ForwardFlags, command: Command) => set(command, { kind: oneOf('kind', kind, ['webhook', 'postgres']), flags }),
  )
  common(forward.command('set <forward>').description('Change one; what is not named stays.')).action(
    (id: string, flags: ForwardFlags, command: Command) => set(command, { id, flags }),
  )
}

function set(command: Command, of: { kind?: ForwardInput['kind']; id?: string; flags: ForwardFlags }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const before = of.id === undefined ? null : await rpc.call('forward.status', { forward: of.id })
    const input = inputOf(before, of.kind ?? before!.settings.kind, of.flags)
    const made = await rpc.call('forward.set', { ...(of.id === undefined ? {} : { forward: of.id }), set: input })
    return { json: made, text: () => printLine(`${made.forward} sends to ${made.target}. Try it: muster forward test ${made.forward}`) }
  })
}

/** @throws Problem `usage` */
function inputOf(before: Shown | null, kind: ForwardInput['kind'], flags: ForwardFlags): ForwardInput {
  const ofKind =
    kind === 'webhook'
      ? {
          ...{ url: flags.address, events: flags.events?.split(',').map((one) => one.trim()) },
          ...{ allowsPrivate: flags.allowPrivate, persons: flags.persons, secret: fromEnvironment('--secret-env', flags.secretEnv) },
        }
      : {
          ...{
            host: flags.host,
            port: flags.port === undefined ? undefined : Number(flags.port),
            database: flags.database,
            user: flags.user,
          },
          ...{
            password: fromEnvironment('--password-env', flags.passwordEnv),
            schema: flags.schema,
            tls: flags.tls,
            ca: readPem(flags.ca),
          },
        }
  const given = Object.fromEntries(Object.entries({ name: flags.name, ...ofKind }).filter(([, value]) => value !== undefined))
  const kept = before === null ? { name: kind === 'webhook' ? 'Webhook' : 'PostgreSQL' } : { name: before.name, ...before.settings }
  const parsed = forwardInput.safeParse({ ...kept, ...given, kind })
  if (!parsed.success) throw new Problem('usage', `It is not right: ${firstIssue(parsed.error)}`)
  return parsed.data
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('forward.list', {})
    return {
      json: shown,
      text: () =>
        printTable(
          ['forward', 'kind', 'name', 'state', 'goes to', 'waiting', 'last sent', 'problem'],
          shown.forwards.map((one) => [
            ...[one.forward, one.settings.kind, one.name, one.state, one.target, one.waiting],
            ...[one.lastAt === null ? null : timeText(one.lastAt), one.problem?.message ?? null],
          ]),
        ),
    }
  })
}

function status(command: Command, forward: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('forward.status', { forward })
    return { json: shown, text: () => printStatus(shown) }
  })
}

function printStatus(shown: Shown): void {
  const { settings, backfill } = shown
  printLine(`${shown.forward} (${shown.name}) is ${shown.state} and sends to ${shown.target}`)
  if (settings.kind === 'webhook')
    printLine(`  events    ${settings.events.join(', ')}${settings.persons ? ', with the names of people' : ''}`)
  printLine(`  last sent ${shown.lastAt === null ? '–' : timeText(shown.lastAt)}`)
  printLine(`  waiting   ${shown.waiting}${shown.waitingSince === null ? '' : `, the oldest since ${timeText(shown.waitingSince)}`}`)
  if (shown.failed > 0) printLine(`  given up  ${shown.failed}: muster forward events ${shown.forward}`)
  if (backfill !== null)
    printLine(`  backfill  ${Math.floor((100 * backfill.done) / backfill.total)} % (${backfill.done} of ${backfill.total})`)
  if (shown.problem !== null) printLine(`  problem   ${shown.problem.code}: ${shown.problem.message}`)
  if (shown.tables.length > 0)
    printTable(
      ['table', 'copied', 'refused', 'missed', 'waiting'],
      shown.tables.map(({ table, copied, refused, missed, waiting }) => [table, copied, refused, missed, waiting]),
    )
}

function act(command: Command, method: 'forward.pause', forward: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call(method, { forward })
    return { json: made, text: () => printLine(`${made.forward} is ${made.state}.`) }
  })
}

function resume(command: Command, forward: string, skip: boolean): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('forward.resume', { forward, skip })
    return { json: made, text: () => printLine(`${made.forward} is ${made.state}.`) }
  })
}

function test(command: Command, forward: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { works, problem } = await rpc.call('forward.test', { forward })
    if (problem !== null)
      throw problemFrom({ code: problem.code, message: problem.message, ...(problem.hint === undefined ? {} : { hint: problem.hint }) })
    return { json: { works }, text: () => printLine(`${forward} works.`) }
  })
}

function events(command: Command, forward: string, limit: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('forward.events', { forward, limit: Number(limit) })
    return {
      json: shown,
      text: () =>
        printTable(
          ['event', 'type', 'what', 'state', 'attempts', 'made', 'problem'],
          shown.events.map((one) => [one.event, one.type, one.title, one.state, one.attempts, timeText(one.createdAt), one.problem]),
        ),
    }
  })
}
