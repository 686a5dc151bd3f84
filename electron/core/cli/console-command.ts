import { hasPassphrase, keyOfPassphrase } from '../trust/console-passphrase.ts'
import { firstLine, passphraseOf } from './ask-passphrase.ts'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { startCore, type Core } from '../core.ts'
import { limitLog } from '../hub/limited-log.ts'
import type { BrokerOptions } from '../hub/messages.ts'
import { createLog } from '../log.ts'
import { parseBytes } from '../../../shared/domain/query/values.ts'
import { defaultBroker, isLoopback, withTls } from '../setup/broker-setting.ts'
import { connectConsole } from './connect.ts'
import { pageAddress } from './open-command.ts'
import { printLine, printProblem } from './output.ts'
import { dataDirectoryOf } from './program.ts'
import { startOrRecover } from './start-or-recover.ts'
import { muster } from '../command-names.ts'

/** Flags of `muster console`, as they were written. */
export interface ConsoleFlags {
  headless?: boolean
  host: string
  port: string
  mqttHost?: string
  mqttPort?: string
  brokerTls?: boolean
  brokerName?: string[]
  mqttLocalPort?: string
  broker?: string
  fleet?: string
  newToken?: boolean
  printKey?: boolean
  recovery?: boolean
  bandwidth?: string
  logLevel: string
}

/** `muster console`: runs the console until it is told to stop. The desktop takes the same flags and runs it its own way. */
export function addConsoleCommand(program: Command, run: (flags: ConsoleFlags, dataDirectory: string) => Promise<void> = runConsole): void {
  program
    .command('console')
    .description('Run the console: embedded broker, stores, interface on loopback. Stops on Ctrl-C.')
    .option('--headless', 'without a window; npm start opens the window or the browser')
    .option('--host <address>', 'loopback address of the interface', '127.0.0.1')
    .option('--port <port>', 'port of the interface; 0: any free one', '8320')
    .option('--mqtt-host <address>', 'address of the embedded broker (default: as in the settings, else 127.0.0.1)')
    .option('--mqtt-port <port>', 'port of the embedded broker; 0: any free one (default: as in the settings, else 1883)')
    .option('--broker-tls', 'embedded broker over TLS 1.3 (port 8883), a certificate for every device; loopback keeps a port without')
    .option('--broker-name <name...>', 'with --broker-tls: further names or addresses that devices reach this machine by')
    .option('--mqtt-local-port <port>', 'with --broker-tls: port without TLS on loopback; 0: any free one (default: 1883)')
    .option('--broker <url>', 'use this broker in place of the embedded one: mqtt://user:password@host:port')
    .option('--fleet <name>', 'name of the fleet, at the first start (default: fleet)')
    .option('--new-token', 'make a new token of the interface: open pages and `muster open` addresses of before stop working')
    .option('--print-key', 'print the address of the page with its key also where the output is no terminal')
    .option('--recovery', 'serve a page to restore a backup if a store is damaged (default: where the output is a terminal)')
    .option('--no-recovery', 'end with exit code 7 instead')
    .option('--bandwidth <bytes>', 'cap of model transfers per second, such as 2MB; "none" lifts it')
    .option('--log-level <level>', 'info, warn or error', 'info')
    .action(async (flags: ConsoleFlags, command: Command) => {
      await run(flags, dataDirectoryOf(command))
    })
}

/** The usual port of MQTT over TLS. */
const TLS_PORT = 8883
/** Most characters of a fleet's name and of a broker's address, as the interface shows them. */
const MOST = { fleetName: 200, brokerUrl: 512 } as const

/** Starts the core as the flags say. @param secretKey seals secret settings; of the desktop only @throws Problem `usage` and what `startCore` throws */
export async function startWithFlags(flags: ConsoleFlags, dataDirectory: string, secretKey: string | null = null): Promise<Core> {
  // Stores, journals and whatever a child of ours writes: nobody but the owner, also in a directory that others may enter.
  process.umask(0o077)
  if (flags.fleet !== undefined && flags.fleet.length > MOST.fleetName)
    throw new Problem('usage', `--fleet: the name has more than ${MOST.fleetName} characters.`)
  const bandwidth = flags.bandwidth === undefined ? undefined : bandwidthOf(flags.bandwidth)
  // The hub is a process of its own; it reads its level from here.
  process.env['MUSTER_LOG_LEVEL'] = flags.logLevel
  const clock = { now: Date.now, monotonic: () => performance.now() }
  const log = limitLog(createLog({ service: 'muster-console', level: flags.logLevel }), clock)
  const keyFilesKey = await consoleKey(dataDirectory)
  const core = await startCore({
    dataDirectory,
    broker: brokerOf(flags),
    http: { host: loopback(flags.host), port: portOf(flags.port, '--port') },
    fleetName: flags.fleet ?? null,
    isNewToken: flags.newToken === true,
    secretKey: secretKey ?? keyFilesKey,
    keyFilesKey,
    clock,
    log,
    onFatal: (problem) => process.exit(printProblem('muster', problem, false)),
    checksOutput: process.env['NODE_ENV'] !== 'production',
  })
  if (bandwidth !== undefined) {
    const rpc = await connectConsole({ data: dataDirectory })
    await rpc.call('transfers.setLimit', { bytesPerSecond: bandwidth })
    rpc.close()
  }
  return core
}

/**
 * The key of the console's passphrase: of the file that MUSTER_PASSPHRASE_FILE names, else asked for at the terminal where the keys lie under one.
 * @returns null: there is no passphrase @throws Problem `trust.passphrase*`
 */
export async function consoleKey(dataDirectory: string): Promise<string | null> {
  const file = process.env['MUSTER_PASSPHRASE_FILE']
  if (file !== undefined && file !== '') return keyOfPassphrase(dataDirectory, firstLine(file))
  if (!hasPassphrase(dataDirectory)) return null
  if (!process.stdin.isTTY)
    throw new Problem(
      'trust.passphrase-needed',
      `The keys in ${dataDirectory} lie under a passphrase, and nobody can be asked for it here.`,
    )
  return keyOfPassphrase(dataDirectory, await passphraseOf(undefined, 'this console'))
}

async function runConsole(flags: ConsoleFlags, dataDirectory: string): Promise<void> {
  const core = await startOrRecover(() => startWithFlags(flags, dataDirectory), {
    dataDirectory,
    http: { host: loopback(flags.host), port: portOf(flags.port, '--port') },
    servesPage: flags.recovery ?? process.stdout.isTTY,
  })
  const stopped = new Promise<void>((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      resolve(core.stop())
    }
    process.on('SIGTERM', stop).on('SIGINT', stop)
  })
  printLine(`Muster console of the fleet '${core.fleet}'`)
  printLine(`  interface  ${core.url}  (token in ${dataDirectory}/console.json)`)
  // To a person only, unless asked for: what goes to a pipe is a log, and a token has no place in one.
  printLine(`  page       ${pageWords(core, process.stdout.isTTY || flags.printKey === true)}`)
  printLine(`  broker     ${core.brokerUrl}`)
  printLine(`  data       ${dataDirectory}`)
  printLine(`  next       ${muster} devices enroll`)
  await stopped
}

function pageWords(core: Core, isForPerson: boolean): string {
  if (core.isGuarded) return `${core.url}/`
  return isForPerson ? pageAddress(core) : `${muster} open --print`
}

/** The broker of the flags; null: none of them is given, the settings decide. */
function brokerOf(flags: ConsoleFlags): BrokerOptions | null {
  if (flags.broker === undefined) {
    if (flags.mqttHost === undefined && flags.mqttPort === undefined && flags.brokerTls !== true) return null
    return embeddedOf(flags)
  }
  if (!URL.canParse(flags.broker) || !['mqtt:', 'mqtts:'].includes(new URL(flags.broker).protocol)) {
    throw new Problem('usage', `'${flags.broker}' is no broker address.`, { hint: 'Write mqtt://user:password@host:port' })
  }
  if (flags.broker.length > MOST.brokerUrl) throw new Problem('usage', `--broker: the address has more than ${MOST.brokerUrl} characters.`)
  const url = new URL(flags.broker)
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  url.username = ''
  url.password = ''
  return { kind: 'external', url: url.href, username: username === '' ? null : username, password: password === '' ? null : password }
}

/** With TLS `--mqtt-port` is the port of TLS; loopback keeps one without. */
function embeddedOf(flags: ConsoleFlags): BrokerOptions {
  const host = flags.mqttHost ?? defaultBroker.host
  const port = flags.mqttPort === undefined ? null : portOf(flags.mqttPort, '--mqtt-port')
  if (flags.brokerTls === true) {
    const wanted = port ?? TLS_PORT
    const localPort = flags.mqttLocalPort === undefined ? defaultBroker.port : portOf(flags.mqttLocalPort, '--mqtt-local-port')
    return withTls({ host, port: wanted, names: flags.brokerName ?? [], localPort })
  }
  if (!isLoopback(host)) throw new Problem('broker.tls-required', `Other machines reach the broker at ${host}, so it must speak TLS.`)
  return { kind: 'embedded', host, port: port ?? defaultBroker.port }
}

function portOf(text: string, flag: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Problem('usage', `${flag}: '${text}' is no port.`)
  return port
}

function loopback(host: string): string {
  if (isLoopback(host)) return host
  throw new Problem('usage', `--host: ${host} is no loopback address; the interface is served on this machine only.`)
}

function bandwidthOf(text: string): number | null {
  if (text === 'none') return null
  const bytes = parseBytes(text)
  if (bytes === null || bytes < 1024) throw new Problem('usage', `--bandwidth: '${text}' is no size of at least 1 kB.`)
  return Math.round(bytes)
}
