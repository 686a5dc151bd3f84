import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { shownFingerprint } from '../../../shared/protocol/certificate.ts'
import { externalBrokerPapers } from '../../../shared/rpc/contract/broker.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { mosquittoAcl, mosquittoConfiguration, mosquittoEnrolAcl, mosquittoFiles, mosquittoPasswords } from '../certificates/mosquitto.ts'
import { serverRequest } from '../certificates/server-request.ts'
import { awaitJob } from './jobs.ts'
import { printLine, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { muster } from '../command-names.ts'

interface MosquittoFlags {
  out: string
  name: string[]
  port: string
  enrolPort: string
  directory?: string
}

/** `muster broker …` */
export function addBrokerCommands(program: Command): void {
  const broker = program.command('broker').description('The broker: whom it trusts, and the configuration of one that others run.')
  broker
    .command('trust', { isDefault: true })
    .description('Show the authority of the fleet, the certificate of the broker, and by what devices come in.')
    .action((_: unknown, command: Command) => trust(command))
  broker
    .command('ca')
    .description('Write the certificate of the authority, for tools that connect to the broker.')
    .requiredOption('--out <file>', 'where to')
    .action((flags: { out: string }, command: Command) => writeAuthority(command, flags.out))
  broker
    .command('revoked')
    .description('Write the list of certificates that were taken back, for a broker that others run; restart it afterwards.')
    .requiredOption('--out <file>', 'where to')
    .action((flags: { out: string }, command: Command) => writeRevoked(command, flags.out))
  broker
    .command('mosquitto-config')
    .description('Write a whole configuration of Mosquitto for this fleet: TLS 1.3, client certificates, rights of each device.')
    .requiredOption('--out <folder>', 'where to; a key that is there already is kept')
    .requiredOption('--name <name...>', 'names and addresses that devices and console reach it by')
    .option('--port <port>', 'listener for devices and console', '8883')
    .option('--enrol-port <port>', 'listener on which devices enrol', '8884')
    .option('--directory <folder>', 'where the files lie on the machine of the broker (default: the folder of --out)')
    .action((flags: MosquittoFlags, command: Command) => mosquitto(command, flags))
}

function trust(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('broker.trust', {})
    return { json: shown, text: () => printTrust(shown) }
  })
}

function printTrust({ authority, server, devices }: OutputOf<'broker.trust'>): void {
  if (authority === null) printLine('Authority  none yet; it is made when the first device or broker needs a certificate.')
  else printLine(`Authority  ${shownFingerprint(authority.fingerprint)}, until ${timeText(authority.notAfter)}`)
  if (server === null) printLine('Broker     without TLS, or an external one')
  else {
    printLine(`Broker     ${shownFingerprint(server.fingerprint)}, until ${timeText(server.notAfter)}; it is renewed by itself`)
    printLine(`  names    ${server.names.join(', ')}`)
  }
  const { certificate, secret, revoked, quarantined } = devices
  printLine(`Devices    ${certificate} with a certificate, ${secret} with a secret, ${revoked} revoked, ${quarantined} in quarantine`)
}

function writeAuthority(command: Command, file: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { authority } = await rpc.call('broker.trust', {})
    if (authority === null) throw new Problem('certificate.key-invalid', 'There is no authority yet.', { hint: 'Switch TLS on first.' })
    write(file, authority.certificate, 0o644)
    return { json: { file, fingerprint: authority.fingerprint }, text: () => printLine(`The authority was written to ${file}.`) }
  })
}

function writeRevoked(command: Command, file: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { pem, revoked } = await rpc.call('broker.revocationList', {})
    write(file, pem, 0o644)
    return {
      json: { file, revoked },
      text() {
        printLine(`${revoked} certificates that were taken back are listed in ${file}.`)
        printLine('Restart the broker now: with a mere reload, a connection that is open stays open.')
      },
    }
  })
}

function mosquitto(command: Command, flags: MosquittoFlags): Promise<void> {
  const out = resolve(flags.out)
  const plan = { directory: flags.directory ?? out, port: portOf(flags.port, '--port'), enrolPort: portOf(flags.enrolPort, '--enrol-port') }
  return withConsole(command, async ({ rpc }) => {
    makeFolder(out)
    const { key, csr } = await serverRequest(readKey(join(out, mosquittoFiles.key)))
    const password = randomBytes(24).toString('base64url')
    const { job } = await rpc.call('broker.makeExternal', { csr, names: flags.name, enrolPort: plan.enrolPort, password })
    const papers = externalBrokerPapers.parse(await awaitJob(rpc, job, 'certificates'))
    const { fleet } = papers
    const files: Record<keyof typeof mosquittoFiles, [string, number]> = {
      key: [key, 0o600],
      passwords: [mosquittoPasswords(password), 0o600],
      configuration: [mosquittoConfiguration(plan), 0o644],
      acl: [mosquittoAcl(fleet), 0o600],
      enrolAcl: [mosquittoEnrolAcl(fleet), 0o600],
      ca: [papers.ca, 0o644],
      certificate: [papers.certificate, 0o644],
      revoked: [papers.revoked, 0o644],
    }
    for (const [name, [content, mode]] of Object.entries(files)) write(join(out, mosquittoFiles[name as keyof typeof files]), content, mode)
    const consoleUrl = `mqtts://${flags.name[0]!}:${plan.port}`
    return {
      json: { folder: out, files: Object.values(mosquittoFiles), consoleUrl },
      text() {
        printLine(`The configuration was written to ${out}. Give the files to the account of Mosquitto, then:`)
        printLine(`  mosquitto -c ${plan.directory}/${mosquittoFiles.configuration}`)
        printLine(`  ${muster} settings --broker ${consoleUrl}`)
        printLine(
          'After a device was revoked: muster broker revoked, and restart Mosquitto. With a mere reload, its open connection stays.',
        )
        printLine('Its certificate counts for a year: the page Trust says when to write all of it anew.')
      },
    }
  })
}

function portOf(text: string, flag: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Problem('usage', `${flag}: '${text}' is no port.`)
  return port
}

function readKey(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw new Problem('input.invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Problem('input.invalid', `${folder} cannot be made: ${messageOf(error)}`, { cause: error })
  }
}

function write(file: string, content: string, mode: number): void {
  try {
    writeFileSync(file, content, { mode })
    // A file that was there keeps its rights otherwise.
    chmodSync(file, mode)
  } catch (error) {
    throw new Problem('input.invalid', `${file} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}
