import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { csvText } from '../../../shared/domain/csv.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { shownFingerprint } from '../../../shared/protocol/certificate.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { labelText } from './device-table.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { minutesOf } from './time-flag.ts'

interface ManyFlags {
  out?: string
  folder?: string
  minutes: string
  confirm?: boolean
}

/** `muster devices …` for how devices are let in, shut in and shut out. */
export function addDeviceTrustCommands(devices: Command): void {
  devices
    .command('trust <device>')
    .description('Show the certificates of a device, and whether it is revoked, in quarantine, or was seen twice.')
    .action((device: string, _: unknown, command: Command) => act(command, 'devices.trust', { device }, printTrust))
  devices
    .command('pending')
    .description('Show the devices that wait until a person has compared their fingerprint.')
    .action((_: unknown, command: Command) => pending(command))
  devices
    .command('confirm <device> <fingerprint...>')
    .description('Let a waiting device join: give the fingerprint that the device itself shows.')
    .action((device: string, fingerprint: string[], _: unknown, command: Command) => confirm(command, device, fingerprint.join('')))
  devices
    .command('refuse <device>')
    .description('Turn a waiting device away; its code is used up.')
    .option('--reason <text>', 'for the audit log', '')
    .action((device: string, flags: { reason: string }, command: Command) => refuse(command, device, flags.reason))
  devices
    .command('revoke <device>')
    .description('Take certificates and secret of a device back: it is out within a second, and in the list until it is removed.')
    .requiredOption('--reason <text>', 'for the audit log')
    .option('--yes', 'without asking; the device must be enrolled again to come back')
    .action((device: string, flags: { reason: string; yes?: boolean }, command: Command) => {
      if (flags.yes !== true)
        throw new Problem('usage', `This shuts ${device} out; it must be enrolled again to come back.`, { hint: 'Add --yes to do it.' })
      return act(command, 'devices.revoke', { device, reason: flags.reason }, () => {
        printLine(`${device} was revoked.`)
        printLine('A broker that others run needs the new list, and a restart: muster broker revoked --out FILE')
      })
    })
  devices
    .command('quarantine <device>')
    .description('Shut a device in: it keeps answering, is told nothing, and its records wait on it.')
    .requiredOption('--reason <text>', 'for the audit log')
    .action((device: string, flags: { reason: string }, command: Command) =>
      act(command, 'devices.quarantine', { device, reason: flags.reason }, () => printLine(`${device} is in quarantine.`)),
    )
  devices
    .command('release <device>')
    .description('End the quarantine of a device, and clear a sign of a clone.')
    .action((device: string, _: unknown, command: Command) =>
      act(command, 'devices.release', { device }, () => printLine(`${device} is released: it gets its orders, and sends what has waited.`)),
    )
  devices
    .command('certificate <device>')
    .description('Ask a connected device to make a new key and fetch a certificate for it: its first, or its next.')
    .action((device: string, _: unknown, command: Command) =>
      act(command, 'devices.renewCertificate', { device }, () =>
        printLine(`${device} was asked. muster devices trust ${device} shows what comes.`),
      ),
    )
  addManyCommand(devices)
  devices
    .command('policy')
    .description('Show or change how devices join, and what happens when one is seen twice.')
    .option('--confirm <when>', 'auto, always or never: whether a person compares the fingerprint of a device')
    .option('--on-clone <what>', 'alarm or quarantine')
    .action((flags: { confirm?: string; onClone?: string }, command: Command) => policy(command, flags))
}

function addManyCommand(devices: Command): void {
  devices
    .command('enroll-many <file>')
    .description('Make codes for the devices of a CSV: a column device, and one per label. All or nothing.')
    .option('--out <file>', 'a CSV of the codes')
    .option('--folder <folder>', 'one enrolment file per device: muster-agent enroll --file FILE')
    .option('--minutes <n>', 'how long the codes work', '10080')
    .option('--no-confirm', 'let them join without a person who compares fingerprints (admins only)')
    .action((file: string, flags: ManyFlags, command: Command) => enrollMany(command, file, flags))
}

type Simple = 'devices.trust' | 'devices.revoke' | 'devices.quarantine' | 'devices.release' | 'devices.renewCertificate'

function act<Name extends Simple>(
  command: Command,
  method: Name,
  input: InputOf<Name>,
  text: (output: OutputOf<Name>) => void,
): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const output = await rpc.call(method, input)
    return { json: output, text: () => text(output) }
  })
}

function printTrust(shown: OutputOf<'devices.trust'>): void {
  const ways = { certificate: 'comes in with a certificate', secret: 'has no certificate yet', revoked: 'is revoked' }
  printLine(`${shown.device} ${ways[shown.access]}.`)
  for (const [word, mark] of [['Revoked', shown.revoked] as const, ['In quarantine', shown.quarantined] as const])
    if (mark !== null) printLine(`  ${word} since ${timeText(mark.at)} by ${mark.by}: ${mark.why}`)
  if (shown.cloned !== null) printLine(`  Seen twice at ${timeText(shown.cloned.at)}: ${shown.cloned.why}`)
  if (shown.certificates.length === 0) return
  printTable(
    ['certificate', 'state', 'fingerprint of the key', 'until', 'renewed from'],
    shown.certificates.map((one) => [
      ...[one.serial.slice(0, 12), one.state, shownFingerprint(one.fingerprint)],
      ...[timeText(one.notAfter), timeText(one.renewAt)],
    ]),
  )
}

function pending(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const waiting = await rpc.call('devices.pending', {})
    return {
      json: waiting,
      text() {
        if (waiting.length === 0) printLine('No device waits.')
        else
          printTable(
            ['device', 'fingerprint', 'agent', 'labels', 'since'],
            waiting.map((one) => [
              ...[one.isNew ? one.device : `${one.device} (has a place already)`, shownFingerprint(one.fingerprint)],
              ...[one.agentVersion, labelText(one.labels), timeText(one.askedAt)],
            ]),
          )
      },
    }
  })
}

/** The request of a waiting device: by its id, or by the fingerprint where two wait under one id. */
function requestOf(waiting: OutputOf<'devices.pending'>, device: string, fingerprint: string | null): string {
  const named = waiting.filter((one) => one.device === device || one.request === device)
  const plain = fingerprint?.toLowerCase().replace(/[\s:-]/g, '') ?? ''
  const found = named.find((one) => plain !== '' && one.fingerprint.startsWith(plain)) ?? named[0]
  if (found === undefined || (named.length > 1 && fingerprint === null))
    throw new Problem(
      'enrolment.not-pending',
      named.length > 1 ? `${named.length} devices wait as ${device}.` : `No device waits as ${device}.`,
    )
  return found.request
}

function confirm(command: Command, device: string, fingerprint: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const request = requestOf(await rpc.call('devices.pending', {}), device, fingerprint)
    const output = await rpc.call('devices.confirm', { request, fingerprint })
    return { json: output, text: () => printLine(`${output.device} joins.`) }
  })
}

function refuse(command: Command, device: string, reason: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const request = requestOf(await rpc.call('devices.pending', {}), device, null)
    const output = await rpc.call('devices.refuse', { request, reason })
    return { json: output, text: () => printLine(`${output.device} was turned away.`) }
  })
}

function enrollMany(command: Command, file: string, flags: ManyFlags): Promise<void> {
  if ((flags.out === undefined) === (flags.folder === undefined)) throw new Problem('usage', 'Give --out or --folder.')
  return withConsole(command, async ({ rpc }) => {
    const csv = read(file)
    const minutes = minutesOf(flags.minutes)
    const { codes, brokerUrl } = await rpc.call('devices.createCodes', {
      csv,
      minutes,
      ...(flags.confirm === false ? { confirm: false } : {}),
    })
    const at = flags.out ?? flags.folder!
    write(() => {
      if (flags.out !== undefined) {
        const rows = codes.map(({ device, code, expiresAt }) => [device, code, brokerUrl, new Date(expiresAt).toISOString()])
        writeFileSync(flags.out, csvText(['device', 'code', 'broker', 'works until'], rows), { mode: 0o600 })
        return
      }
      mkdirSync(at, { recursive: true, mode: 0o700 })
      for (const { device, code } of codes)
        writeFileSync(join(at, `${device}.json`), `${JSON.stringify({ v: 1, device, broker: brokerUrl, code }, null, 2)}\n`, {
          mode: 0o600,
        })
    })
    return {
      json: { devices: codes.length, file: at },
      text() {
        printLine(`${codes.length} codes were written to ${at}. Whoever has one can join in the place of its device, once.`)
      },
    }
  })
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Problem('input.invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function write(work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new Problem('input.invalid', `The codes were made and cannot be written: ${messageOf(error)}`, {
      hint: 'Run it again with another place: unused codes end by themselves.',
      cause: error,
    })
  }
}

function policy(command: Command, flags: { confirm?: string; onClone?: string }): Promise<void> {
  const change = {
    ...(flags.confirm === undefined ? {} : { confirm: oneOf(flags.confirm, ['auto', 'always', 'never'] as const, '--confirm') }),
    ...(flags.onClone === undefined ? {} : { onClone: oneOf(flags.onClone, ['alarm', 'quarantine'] as const, '--on-clone') }),
  }
  return withConsole(command, async ({ rpc }) => {
    const now = Object.keys(change).length === 0 ? await rpc.call('devices.policy', {}) : await rpc.call('devices.setPolicy', change)
    return {
      json: now,
      text() {
        printLine(`Fingerprints are compared: ${now.confirm} (${now.confirms ? 'they are now' : 'they are not now'})`)
        printLine(`A device that is seen twice: ${now.onClone}`)
      },
    }
  })
}

function oneOf<Word extends string>(text: string, words: readonly Word[], flag: string): Word {
  const found = words.find((word) => word === text)
  if (found === undefined) throw new Problem('usage', `${flag}: '${text}' is none of ${words.join(', ')}.`)
  return found
}
