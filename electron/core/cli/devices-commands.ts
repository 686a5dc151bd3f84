import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { addDeviceHistoryCommands } from './device-history-commands.ts'
import { addDevicePredictCommand } from './device-predict-command.ts'
import { addDeviceTrustCommands } from './device-trust-commands.ts'
import { allRows, labelText, sortOf, writeCsv, type TableRow } from './device-table.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { minutesOf } from './time-flag.ts'
import { muster } from '../command-names.ts'

interface ListFlags {
  query: string
  sort?: string
  csv?: string
  columns?: string
  attributes?: boolean
}

interface RemoveFlags {
  query?: string
  expect?: string
  yes?: boolean
}

/** `muster devices …` */
export function addDevicesCommands(program: Command): void {
  const devices = program.command('devices').description('Devices of the fleet.')
  devices
    .command('list')
    .description('List devices that a query selects.')
    .option('-q, --query <query>', 'such as: site = "lyon" and tag:camera and not model:digits@1.0.0', '')
    .option('--sort <column>', 'such as health, site, label.line, lastSeenAt:desc')
    .option('--csv <file>', 'write all columns to a CSV file')
    .option('--columns <names>', 'columns of the CSV file, separated by commas')
    .option('--attributes', 'show what a query can ask for')
    .action((flags: ListFlags, command: Command) => {
      if (flags.attributes === true) return listAttributes(command)
      return flags.csv === undefined && flags.sort === undefined ? list(command, flags.query) : listRows(command, flags)
    })
  devices
    .command('show <device>')
    .description('Show one device: facts, slots, why it is where it is, recent events.')
    .action((device: string, _: unknown, command: Command) => show(command, device))
  devices
    .command('enroll')
    .description('Make a one-time code with which a device joins.')
    .option('--id <device>', 'bind the code to this device id (also: give an enrolled device a new secret)')
    .option('--label <key=value...>', 'labels that the device gets')
    .option('--minutes <n>', 'how long the code works', '10')
    .action((flags: { id?: string; label?: string[]; minutes: string }, command: Command) => enroll(command, flags))
  devices
    .command('label <labels...>')
    .description('Set labels (key=value) or clear them (key=) on the devices that a query selects.')
    .requiredOption('-q, --query <query>', 'which devices')
    .action((labels: string[], flags: { query: string }, command: Command) => label(command, labels, flags.query))
  devices
    .command('remove [device]')
    .description('Take a device, or all that a query selects, out of the fleet: credentials stop working at once. Telemetry stays.')
    .option('-q, --query <query>', 'every device that this selects')
    .option('--expect <n>', 'with --query: how many devices they must be')
    .option('--yes', 'without asking; it cannot be undone')
    .action((device: string | undefined, flags: RemoveFlags, command: Command) => {
      if ((device === undefined) === (flags.query === undefined)) throw new Problem('usage', 'Name a device, or give --query.')
      return flags.query === undefined ? remove(command, device!, flags.yes === true) : removeMany(command, flags.query, flags)
    })
  addDeviceHistoryCommands(devices)
  addDevicePredictCommand(devices)
  addDeviceTrustCommands(devices)
}

function list(command: Command, query: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const all: OutputOf<'devices.list'>['devices'] = []
    let after: string | null = null
    let total = 0
    do {
      const page: OutputOf<'devices.list'> = await rpc.call('devices.list', after === null ? { query } : { query, after })
      all.push(...page.devices)
      total = page.total
      after = page.next
    } while (after !== null)
    return {
      json: { devices: all, total },
      text() {
        if (all.length === 0)
          printLine(query === '' ? `No device is enrolled. Next: ${muster} devices enroll` : `No device matches ${query}`)
        else printTable(['device', 'state', 'connection', 'agent', 'labels', 'active', 'as ordered'], all.map(rowOf))
      },
    }
  })
}

function rowOf(device: OutputOf<'devices.list'>['devices'][number]): (string | number | null)[] {
  const active = Object.entries(device.deployments).map(([name, { active: slot, state }]) =>
    slot === null ? `${name}: ${state}` : `${name}: ${slot.model}@${slot.version}`,
  )
  const { agentVersion, labels, converged } = device
  return [device.device, device.health, device.status, agentVersion, labelText(labels), active.join(', '), converged ? 'yes' : 'no']
}

/** Sorted, or to a file: rows of the table, with everything that it shows. */
function listRows(command: Command, flags: ListFlags): Promise<void> {
  const sort = flags.sort === undefined ? null : sortOf(flags.sort)
  return withConsole(command, async ({ rpc }) => {
    const rows = await allRows(rpc, flags.query, sort)
    const { csv } = flags
    if (csv !== undefined) {
      writeCsv(csv, rows, flags.columns)
      return { json: { file: csv, devices: rows.length }, text: () => printLine(`${rows.length} devices were written to ${csv}.`) }
    }
    return {
      json: { devices: rows, total: rows.length },
      text: () => printTable(['device', 'state', 'labels', 'active', 'why'], rows.map(cellsOf)),
    }
  })
}

function cellsOf(row: TableRow): (string | null)[] {
  const active = row.deployments.map(({ deployment, active: slot }) =>
    slot === null ? `${deployment}: nothing` : `${deployment}: ${slot.model}@${slot.version}`,
  )
  return [row.device, row.health, labelText(row.labels), active.join(', '), row.sentence]
}

function listAttributes(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const attributes = await rpc.call('devices.attributes', {})
    return {
      json: attributes,
      text: () =>
        printTable(
          ['attribute', 'type', 'meaning'],
          attributes.map((one) => [one.attribute, one.type, one.summary]),
        ),
    }
  })
}

function show(command: Command, device: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('devices.show', { device })
    return {
      json: shown,
      text() {
        printLine(
          `${shown.device}  ${shown.health}, ${shown.status}${shown.lastSeenAt === null ? '' : `, last seen ${timeText(shown.lastSeenAt)}`}`,
        )
        for (const sentence of new Set([shown.sentence, ...Object.values(shown.why)])) printLine(`  ${sentence}`)
        if (shown.note !== null) printLine(`  Note of ${shown.note.notedBy}: ${shown.note.text}`)
        if (shown.facts !== null) {
          const { os, arch, cpus, memoryBytes, diskFreeBytes, agentVersion, runtimeVersion } = shown.facts
          printLine(
            `  ${os} ${arch}, ${cpus} cores, ${gib(memoryBytes)} GiB memory, ${gib(diskFreeBytes)} GiB free disk, agent ${agentVersion}, onnxruntime ${runtimeVersion}`,
          )
        }
        printTable(
          ['deployment', 'state', 'active', 'last good', 'problem'],
          Object.entries(shown.deployments).map(([name, one]) => [
            name,
            one.state,
            slot(one.active),
            slot(one.lastGood),
            one.problem?.message ?? null,
          ]),
        )
        for (const event of shown.events.slice(0, 10)) printLine(`  ${timeText(event.at)}  ${event.severity.padEnd(7)}  ${event.message}`)
      },
    }
  })
}

function slot(content: { model: string; version: string; digest: string } | null): string | null {
  return content === null ? null : `${content.model}@${content.version} (${content.digest.slice(0, 12)})`
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}

function enroll(command: Command, flags: { id?: string; label?: string[]; minutes: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('devices.createCode', {
      ...(flags.id === undefined ? {} : { device: flags.id }),
      labels: Object.fromEntries((flags.label ?? []).map(labelOf)),
      minutes: minutesOf(flags.minutes),
    })
    return {
      json: made,
      text() {
        printLine(`Code (works once, until ${timeText(made.expiresAt)}):`)
        printLine(`  ${made.code}`)
        printLine('On the device:')
        printLine(`  ${made.command}`)
        if (made.confirms) printLine('The device shows a fingerprint; it joins when somebody has compared it: muster devices pending')
        if (made.note !== null) printLine(`Note: ${made.note}`)
      },
    }
  })
}

function label(command: Command, labels: string[], query: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const wanted = Object.fromEntries(labels.map(labelOf).map(([key, value]) => [key, value === '' ? null : value]))
    const changed = await rpc.call('devices.setLabels', { query, labels: wanted })
    return { json: changed, text: () => printLine(`Labels set on ${changed.devices.length} devices: ${changed.devices.join(', ')}`) }
  })
}

function remove(command: Command, device: string, isSure: boolean): Promise<void> {
  if (!isSure)
    throw new Problem('usage', `This takes ${device} out of the fleet; it must be enrolled again to come back.`, {
      hint: 'Add --yes to do it.',
    })
  return withConsole(command, async ({ rpc }) => {
    const removed = await rpc.call('devices.remove', { device: device })
    return { json: removed, text: () => printLine(`${removed.device} was taken out of the fleet.`) }
  })
}

function removeMany(command: Command, query: string, flags: RemoveFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    if (flags.yes !== true || flags.expect === undefined) {
      const { total } = await rpc.call('devices.table', { query, limit: 0 })
      throw new Problem('usage', `This takes ${total} devices out of the fleet; each must be enrolled again to come back.`, {
        hint: `Add --expect ${total} --yes to do it.`,
      })
    }
    const removed = await rpc.call('devices.removeMany', { query, expect: Number(flags.expect) })
    return { json: removed, text: () => printLine(`${removed.devices.length} devices were taken out of the fleet.`) }
  })
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new Problem('usage', `'${text}' is no label: write key=value.`)
  return [text.slice(0, at), text.slice(at + 1)]
}
