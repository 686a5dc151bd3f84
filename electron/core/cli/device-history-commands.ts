import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { severities } from '../../../shared/rpc/contract/devices.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Severity = (typeof severities)[number]

interface HistoryFlags {
  severity: string
  limit: string
  before?: string
}

/** `muster devices note`, `timeline`: what people noted of a device, and what happened to it. */
export function addDeviceHistoryCommands(devices: Command): void {
  devices
    .command('note <device> [text]')
    .description('Show the note of a device, or set it.')
    .option('--clear', 'take the note away')
    .action((device: string, text: string | undefined, flags: { clear?: boolean }, command: Command) =>
      text === undefined && flags.clear !== true ? showNote(command, device) : setNote(command, device, flags.clear === true ? '' : text!),
    )
  withHistoryFlags(devices.command('timeline <device>'))
    .description('Everything that happened to a device, the newest first: its events, and what people did to it.')
    .action((device: string, flags: HistoryFlags, command: Command) => timeline(command, device, flags))
}

/** `muster events`: what the devices of the fleet told. */
export function addEventsCommand(program: Command): void {
  withHistoryFlags(program.command('events'))
    .description('Events of all devices, the newest first.')
    .option('-q, --query <query>', 'which devices', '')
    .action((flags: HistoryFlags & { query: string }, command: Command) => events(command, flags))
}

function withHistoryFlags(command: Command): Command {
  return command
    .option('--severity <severity>', 'only what is at least so severe: info, warning or error', 'info')
    .option('--limit <n>', 'how many, up to 200', '50')
    .option('--before <cursor>', 'go on where the last answer ended')
}

function inputOf({ severity, limit, before }: HistoryFlags): { severity: Severity; limit: number; before?: string } {
  const known = severities.find((one) => one === severity)
  if (known === undefined) throw new Problem('usage', `--severity: '${severity}' is none of ${severities.join(', ')}.`)
  return { severity: known, limit: Number(limit), ...(before === undefined ? {} : { before }) }
}

function showNote(command: Command, device: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { note } = await rpc.call('devices.show', { device })
    return {
      json: { device, note },
      text() {
        if (note === null) printLine(`${device} has no note.`)
        else {
          printLine(`${note.notedBy}, ${timeText(note.notedAt)}:`)
          for (const line of note.text.split('\n')) printLine(`  ${line}`)
        }
      },
    }
  })
}

function setNote(command: Command, device: string, text: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const set = await rpc.call('devices.setNote', { device, text })
    return { json: set, text: () => printLine(text === '' ? `The note of ${device} was cleared.` : `The note of ${device} was set.`) }
  })
}

function timeline(command: Command, device: string, flags: HistoryFlags): Promise<void> {
  const input = inputOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('devices.timeline', { device, ...input })
    return { json: shown, text: () => printTimeline(shown) }
  })
}

function printTimeline({ entries, next }: OutputOf<'devices.timeline'>): void {
  if (entries.length === 0) printLine('Nothing is known of this device yet.')
  else {
    printTable(
      ['at', 'what', 'severity', 'who', 'message'],
      entries.map((one) => [timeText(one.at), one.name, one.severity, one.actor, one.message]),
    )
  }
  if (next !== null) printLine(`There is more: --before ${next}`)
}

function events(command: Command, flags: HistoryFlags & { query: string }): Promise<void> {
  const input = inputOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.events', { query: flags.query, ...input })
    return {
      json: shown,
      text() {
        if (shown.events.length === 0) printLine('No event is stored for this question.')
        else {
          printTable(
            ['at', 'device', 'event', 'severity', 'message'],
            shown.events.map((one) => [timeText(one.at), one.device, one.name, one.severity, one.message]),
          )
        }
        if (shown.next !== null) printLine(`There is more: --before ${shown.next}`)
      },
    }
  })
}
