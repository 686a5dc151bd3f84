import type { Command } from 'commander'
import { parseBytes } from '../../../shared/domain/query/values.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import type { BrokerShown } from '../../../shared/rpc/contract/setup.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'
import { muster } from '../command-names.ts'

type BrokerInput = InputOf<'setup.complete'>['broker']

interface BrokerFlags {
  broker?: string
  mqttHost?: string
  mqttPort?: string
  brokerTls?: boolean
  brokerName?: string[]
  mqttLocalPort?: string
}

/** `muster setup …`, `muster settings` */
export function addSetupCommands(program: Command): void {
  const setup = program.command('setup').description('The questions of the first run: name of the fleet, and its broker.')
  setup
    .command('show', { isDefault: true })
    .description('Show the answers, and whether somebody gave them.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('setup.show', {})
        return { json: shown, text: () => printSetup(shown) }
      }),
    )
  withBrokerFlags(
    setup
      .command('complete')
      .description(
        'Answer them. The id of the fleet follows its name while no device is enrolled; the broker is started anew if it changes.',
      )
      .requiredOption('--name <name>', 'name of the fleet'),
  ).action((flags: BrokerFlags & { name: string }, command: Command) => complete(command, flags))
  withBrokerFlags(setup.command('check').description('Try a broker before it is stored.')).action((flags: BrokerFlags, command: Command) =>
    check(command, flags),
  )
  withBrokerFlags(
    program
      .command('settings')
      .description('Show the settings of the console, or change those that are named.')
      .option('--name <name>', 'name of the fleet as it is shown')
      .option('--bandwidth <bytes>', 'cap of model transfers per second, such as 2MB; "none" lifts it'),
  ).action((flags: BrokerFlags & { name?: string; bandwidth?: string }, command: Command) => settings(command, flags))
}

function withBrokerFlags(command: Command): Command {
  return command
    .option('--broker <url>', 'an external broker: mqtt://user:password@host:port')
    .option('--mqtt-host <address>', 'the embedded broker, on this address (default: 127.0.0.1)')
    .option('--mqtt-port <port>', 'the embedded broker, on this port (default: 1883)')
    .option('--broker-tls', 'the embedded broker over TLS 1.3 (port 8883); needed for an address that other machines reach')
    .option('--mqtt-local-port <port>', 'with --broker-tls: port without TLS on loopback (default: 1883)')
    .option('--broker-name <name...>', 'with --broker-tls: further names or addresses that devices reach this machine by')
}

/** The broker of the flags, or null if none is given. @throws Problem `usage` */
function brokerFrom(flags: BrokerFlags): BrokerInput | null {
  if (flags.broker !== undefined) {
    if (flags.mqttHost !== undefined || flags.mqttPort !== undefined)
      throw new Problem('usage', '--broker names an external broker, --mqtt-host and --mqtt-port the embedded one: give one of them.')
    if (!URL.canParse(flags.broker))
      throw new Problem('usage', `'${flags.broker}' is no broker address.`, { hint: 'Write mqtt://user:password@host:port' })
    const url = new URL(flags.broker)
    const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    url.username = ''
    url.password = ''
    const account = username === '' ? {} : { username, ...(password === '' ? {} : { password }) }
    return { kind: 'external', url: url.href, ...account }
  }
  const isTls = flags.brokerTls === true
  if (flags.mqttHost === undefined && flags.mqttPort === undefined && !isTls) return null
  const port = flags.mqttPort === undefined ? (isTls ? 8883 : undefined) : Number(flags.mqttPort)
  return {
    ...{ kind: 'embedded', tls: isTls, names: flags.brokerName ?? [] },
    ...(flags.mqttHost === undefined ? {} : { host: flags.mqttHost }),
    ...(port === undefined ? {} : { port }),
    ...(flags.mqttLocalPort === undefined ? {} : { localPort: Number(flags.mqttLocalPort) }),
  }
}

function complete(command: Command, flags: BrokerFlags & { name: string }): Promise<void> {
  const broker = brokerFrom(flags) ?? { kind: 'embedded' }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('setup.complete', { fleetName: flags.name, broker })
    return { json: shown, text: () => printSetup(shown) }
  })
}

function check(command: Command, flags: BrokerFlags): Promise<void> {
  const broker = brokerFrom(flags)
  if (broker === null) throw new Problem('usage', 'Which broker? Give --broker, --mqtt-host or --mqtt-port.')
  return withConsole(command, async ({ rpc }) => {
    const checked = await rpc.call('setup.checkBroker', { broker })
    if (!checked.ok) process.exitCode = 1
    return {
      json: checked,
      text() {
        printLine(checked.ok ? 'The broker works.' : `The broker does not work: ${checked.problem?.message ?? ''}`)
        if (checked.problem?.hint !== undefined) printLine(`  ${checked.problem.hint}`)
        if (checked.note !== null) printLine(checked.note)
      },
    }
  })
}

function settings(command: Command, flags: BrokerFlags & { name?: string; bandwidth?: string }): Promise<void> {
  const broker = brokerFrom(flags)
  const change = {
    ...(flags.name === undefined ? {} : { fleetName: flags.name }),
    ...(broker === null ? {} : { broker }),
    ...(flags.bandwidth === undefined ? {} : { limitBytesPerSecond: bandwidthOf(flags.bandwidth) }),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = Object.keys(change).length === 0 ? await rpc.call('settings.show', {}) : await rpc.call('settings.update', change)
    return { json: shown, text: () => printSettings(shown) }
  })
}

function bandwidthOf(text: string): number | null {
  if (text === 'none') return null
  const bytes = parseBytes(text)
  if (bytes === null || bytes < 1024) throw new Problem('usage', `--bandwidth: '${text}' is no size of at least 1 kB.`)
  return Math.round(bytes)
}

function printSetup(shown: OutputOf<'setup.show'>): void {
  printLine(
    `Fleet ${shown.fleetName} (${shown.fleet}): ${shown.isDone ? 'set up' : `not set up; next: ${muster} setup complete --name NAME`}`,
  )
  printBroker('broker', shown.broker)
}

function printSettings(shown: OutputOf<'settings.show'>): void {
  printLine(`Fleet ${shown.fleetName} (${shown.fleet})`)
  printBroker('broker', shown.broker)
  if (shown.broker.isFromFlags && shown.storedBroker !== null) printBroker('stored', shown.storedBroker)
  printLine(`  bandwidth  ${shown.limitBytesPerSecond === null ? 'no cap' : `${shown.limitBytesPerSecond} bytes/s`}`)
}

function printBroker(title: string, broker: BrokerShown): void {
  const account = broker.username === null ? '' : `, as ${broker.username}${broker.hasPassword ? ' with a password' : ''}`
  printLine(`  ${title.padEnd(9)}  ${broker.kind} ${broker.url}${account}${broker.isFromFlags ? ' (by the flags of this start)' : ''}`)
}
