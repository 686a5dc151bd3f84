import type { Command } from 'commander'
import { z } from 'zod'
import { forwardInput, type PostgresForward } from '../../../shared/domain/forward.ts'
import { fleetId } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import { startCollector } from '../forward/collect/collector.ts'
import { createLog } from '../log.ts'
import { isLoopback } from '../setup/broker-setting.ts'
import { readPem } from './forward-flags.ts'
import { fromEnvironment } from './from-environment.ts'
import { printJson, printLine } from './output.ts'
import { flagsOf } from './program.ts'

interface CollectFlags {
  broker: string
  fleet: string
  name: string
  group: string
  brokerUser?: string
  brokerPasswordEnv?: string
  brokerCa?: string
  allowPlain?: boolean
  postgres: string
  passwordEnv?: string
  schema: string
  tls: string
  ca?: string
  leave?: boolean
  logLevel: string
}

/** `muster collect`: a process of its own that needs no console. */
export function addCollectCommand(program: Command): void {
  program
    .command('collect')
    .description('Take telemetry from an MQTT 5 broker into PostgreSQL. Several collectors of one group share the load. Stops on Ctrl-C.')
    .requiredOption('--broker <url>', 'the broker: mqtt://host:port or mqtts://host:port')
    .requiredOption('--fleet <id>', 'id of the fleet, as `muster status` shows it')
    .requiredOption('--name <name>', 'of this collector, the same at every start: what it had not stored yet comes again under it')
    .requiredOption('--postgres <url>', 'the database: postgres://user@host:port/database')
    .option('--group <name>', 'collectors of one group share the messages', 'collect')
    .option('--broker-user <name>', 'account at the broker')
    .option('--broker-password-env <variable>', 'environment variable with its password')
    .option('--broker-ca <file>', 'certificates of authorities for the broker (PEM), in place of those of the system')
    .option('--allow-plain', 'the password of the broker may go in the open (mqtt://) to another machine')
    .option('--password-env <variable>', 'environment variable with the password of the database')
    .option('--schema <name>', 'the schema, which is made where it is missing', 'muster')
    .option('--tls <how>', 'database: verify, or off on this machine or a trusted network', 'verify')
    .option('--ca <file>', 'database: certificates of authorities (PEM), in place of those of the system')
    .option('--leave', 'take what waits for this collector, give its place up, and end')
    .option('--log-level <level>', 'info, warn or error', 'info')
    .action((flags: CollectFlags, command: Command) => collect(command, flags))
}

async function collect(command: Command, flags: CollectFlags): Promise<void> {
  const json = flagsOf(command).json === true
  const { username, password, url } = brokerOf(flags)
  const place = placeOf(flags)
  const collector = startCollector({
    ...{ url, username, password, ca: readPem(flags.brokerCa) ?? null, postgres: place },
    ...{ fleet: levelOf('--fleet', flags.fleet), group: levelOf('--group', flags.group), name: levelOf('--name', flags.name) },
    ...{ now: Date.now, log: createLog({ service: 'muster-collect', level: flags.logLevel }), isLeaving: flags.leave === true },
    onReady: () => {
      if (!json) printLine(`Collecting as ${flags.name} from ${url} into ${place.host}:${place.port}/${place.database}`)
    },
  })
  const stop = (): void => void collector.stop()
  process.on('SIGTERM', stop).on('SIGINT', stop)
  try {
    await collector.done
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop)
  }
  const { messages, stored, unreadable } = collector.counts
  if (json) printJson({ messages, stored, unreadable })
  else
    printLine(
      `Took ${messages} messages and stored ${stored} records${unreadable === 0 ? '' : `; ${unreadable} messages could not be read`}.`,
    )
}

/** @throws Problem `usage` */
function levelOf(flag: string, text: string): string {
  const parsed = fleetId.safeParse(text)
  if (!parsed.success) throw new Problem('usage', `${flag}: '${text}' is not 1 to 64 of a-z, 0-9 and -.`)
  return parsed.data
}

/** @throws Problem `usage` */
function brokerOf(flags: CollectFlags): { url: string; username: string | null; password: string | null } {
  if (!URL.canParse(flags.broker) || !['mqtt:', 'mqtts:'].includes(new URL(flags.broker).protocol))
    throw new Problem('usage', `--broker: '${flags.broker}' is no address of a broker.`, {
      hint: 'Write mqtt://host:port or mqtts://host:port',
    })
  const { username, password } = new URL(flags.broker)
  if (username !== '' || password !== '')
    throw new Problem('usage', '--broker: others on this machine see the arguments.', {
      hint: 'Use --broker-user and --broker-password-env.',
    })
  const given = fromEnvironment('--broker-password-env', flags.brokerPasswordEnv) ?? null
  const { protocol, hostname, host } = new URL(flags.broker)
  if (protocol === 'mqtt:' && given !== null && !isLoopback(hostname) && flags.allowPlain !== true)
    throw new Problem('usage', `--broker: over mqtt everybody on the way to ${host} could read the password.`, {
      hint: 'Use mqtts, or allow it for a network that you trust: --allow-plain',
    })
  return { url: flags.broker, username: flags.brokerUser ?? null, password: given }
}

/** @throws Problem `usage` */
function placeOf(flags: CollectFlags): PostgresForward {
  const url = URL.canParse(flags.postgres) ? new URL(flags.postgres) : null
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol))
    throw new Problem('usage', `--postgres: '${flags.postgres}' is no address of a database.`, {
      hint: 'Write postgres://user@host:port/database',
    })
  if (url.password !== '')
    throw new Problem('usage', '--postgres: others on this machine see the arguments.', { hint: 'Use --password-env.' })
  const parsed = forwardInput.pipe(z.custom<PostgresForward>()).safeParse({
    ...{ kind: 'postgres', name: 'collect', host: url.hostname.replaceAll(/[[\]]/g, ''), user: decodeURIComponent(url.username) },
    ...{ database: decodeURIComponent(url.pathname.slice(1)), ...(url.port === '' ? {} : { port: Number(url.port) }) },
    ...{ schema: flags.schema, tls: flags.tls, ca: readPem(flags.ca) ?? null },
    password: fromEnvironment('--password-env', flags.passwordEnv) ?? null,
  })
  if (!parsed.success) throw new Problem('usage', `The database is not right: ${firstIssue(parsed.error)}`)
  if (parsed.data.user === '' || parsed.data.database === '') throw new Problem('usage', '--postgres needs a user and a database.')
  return parsed.data
}
