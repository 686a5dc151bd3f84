import type { Command } from 'commander'
import { alertSeverities, channelInput, channelKinds, type ChannelInput } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { idOf, oneOf } from './alert-flags.ts'
import { fromEnvironment } from './from-environment.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

interface ChannelFlags {
  kind?: string
  name?: string
  address?: string
  secretEnv?: string
  allowPrivate?: boolean
  host?: string
  port?: string
  security?: string
  username?: string
  passwordEnv?: string
  from?: string
  to?: string
  least?: string
  resolved?: boolean
  on?: boolean
  off?: boolean
}

/** `muster alerts channels`, `channel …`, `deliveries`, `retry` */
export function addAlertChannelCommands(alerts: Command): void {
  alerts
    .command('channels')
    .description('List where alerts are told.')
    .action((_: unknown, command: Command) => list(command))
  const channel = alerts.command('channel').description('Make, change, test and remove channels.')
  channel
    .command('set [channel]')
    .description('Make a channel, or change one; what is not named stays.')
    .option('--kind <kind>', `of a new one: ${channelKinds.join(', ')}`)
    .option('--name <name>', 'how it is called')
    .option('--address <url>', 'webhook, slack, teams: where it posts')
    .option('--secret-env <variable>', 'webhook: environment variable with the key of the signature')
    .option('--allow-private', 'webhook: the address may be in a private or loopback network')
    .option('--no-allow-private', 'webhook: it may not')
    .option('--host <host>', 'email: the server')
    .option('--port <port>', 'email: its port')
    .option('--security <how>', 'email: starttls, tls, none')
    .option('--username <name>', 'email: account')
    .option('--password-env <variable>', 'email: environment variable with its password')
    .option('--from <address>', 'email: sender')
    .option('--to <addresses>', 'email: recipients, separated by commas')
    .option('--least <severity>', `told from here on: ${alertSeverities.join(', ')}`)
    .option('--resolved', 'tell the end of an alert as well')
    .option('--no-resolved', 'do not')
    .option('--on', 'switch it on')
    .option('--off', 'switch it off')
    .action((id: string | undefined, flags: ChannelFlags, command: Command) => set(command, id, flags))
  channel
    .command('remove <channel>')
    .description('Remove a channel; what waits for it is dropped.')
    .action((id: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('alerts.removeChannel', { channel: id })
        return { json: made, text: () => printLine(`${id} was removed; ${made.dropped} notices were dropped.`) }
      }),
    )
  channel
    .command('test <channel>')
    .description('Send a test notice now.')
    .action((id: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('alerts.testChannel', { channel: id })
        return { json: made, text: () => printLine(`Notice ${made.notice} is on its way: muster alerts deliveries --channel ${id}`) }
      }),
    )
  alerts
    .command('deliveries')
    .description('List notices with what became of them, the newest first.')
    .option('--channel <channel>', 'of one channel')
    .option('--alert <alert>', 'about one alert')
    .option('--limit <n>', 'at most so many', '50')
    .action((flags: { channel?: string; alert?: string; limit: string }, command: Command) => deliveries(command, flags))
  alerts
    .command('retry <notice>')
    .description('Try a failed notice again.')
    .action((notice: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('alerts.retryDelivery', { notice: idOf('notice', notice) })
        return { json: made, text: () => printLine(`Notice ${made.notice} is tried again.`) }
      }),
    )
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('alerts.channels', {})
    return {
      json: shown,
      text: () =>
        printTable(
          ['channel', 'kind', 'name', 'on', 'from', 'goes to', 'waiting', 'last delivered', 'problem'],
          shown.channels.map((one) => [
            ...[one.channel, one.kind, one.name, one.isEnabled ? 'yes' : 'no', one.leastSeverity, one.target, one.waiting],
            ...[one.lastDeliveredAt === null ? null : timeText(one.lastDeliveredAt), one.problem?.message ?? null],
          ]),
        ),
    }
  })
}

type Shown = OutputOf<'alerts.channels'>['channels'][number]

function set(command: Command, id: string | undefined, flags: ChannelFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { channels } = id === undefined ? { channels: [] } : await rpc.call('alerts.channels', {})
    const before = channels.find(({ channel }) => channel === id) ?? null
    if (id !== undefined && before === null) throw new Problem('channel.not-found', `There is no channel '${id}'.`)
    const made = await rpc.call('alerts.setChannel', { ...(id === undefined ? {} : { channel: id }), set: inputOf(before, flags) })
    return { json: made, text: () => printLine(`Channel ${made.channel.channel} tells ${made.channel.target}.`) }
  })
}

/** @throws Problem `usage` */
function inputOf(before: Shown | null, flags: ChannelFlags): ChannelInput {
  const kind = before?.kind ?? oneOf('--kind', flags.kind ?? '', channelKinds)
  const common = {
    ...(before === null
      ? {}
      : {
          name: before.name,
          isEnabled: before.isEnabled,
          leastSeverity: before.leastSeverity,
          tellsResolved: before.tellsResolved,
          ...before.settings,
        }),
    ...given({ name: flags.name, leastSeverity: flags.least, tellsResolved: flags.resolved }),
    ...(flags.on === true ? { isEnabled: true } : flags.off === true ? { isEnabled: false } : {}),
  }
  const ofKind =
    kind === 'desktop'
      ? {}
      : kind === 'email'
        ? given({
            ...{ host: flags.host, port: flags.port === undefined ? undefined : Number(flags.port), security: flags.security },
            ...{ username: flags.username, password: fromEnvironment('--password-env', flags.passwordEnv) },
            ...{ from: flags.from, to: flags.to?.split(',').map((one) => one.trim()) },
          })
        : given({ url: flags.address, secret: fromEnvironment('--secret-env', flags.secretEnv), allowsPrivate: flags.allowPrivate })
  const parsed = channelInput.safeParse({ ...common, ...ofKind, kind })
  if (!parsed.success) throw new Problem('usage', `The channel is not right: ${firstIssue(parsed.error)}`)
  return parsed.data
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function deliveries(command: Command, flags: { channel?: string; alert?: string; limit: string }): Promise<void> {
  const input = {
    limit: Number(flags.limit),
    ...(flags.channel === undefined ? {} : { channel: flags.channel }),
    ...(flags.alert === undefined ? {} : { alert: idOf('alert', flags.alert) }),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('alerts.deliveries', input)
    return {
      json: shown,
      text() {
        if (shown.deliveries.length === 0) printLine('Nobody was told of anything yet.')
        else {
          printTable(
            ['notice', 'channel', 'kind', 'state', 'attempts', 'made', 'next', 'title', 'problem'],
            shown.deliveries.map((one) => [
              ...[one.notice, one.channelName, one.kind, one.state, one.attempts, timeText(one.createdAt)],
              ...[one.nextAt === null ? null : timeText(one.nextAt), one.title, one.problem],
            ]),
          )
        }
      },
    }
  })
}
