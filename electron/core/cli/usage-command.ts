import type { Command } from 'commander'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { timeOf } from './time-flag.ts'

interface UsageFlags {
  device?: string
  query: string
  since: string
  until?: string
}

/** `muster telemetry usage` */
export function addUsageCommand(telemetry: Command): void {
  telemetry
    .command('usage')
    .description('What devices used: bytes by cause, inferences, computing time, storage. Several devices in whole days (UTC).')
    .option('--device <device>', 'of one device, exactly')
    .option('-q, --query <query>', 'of the devices that a query selects; default: the whole fleet', '')
    .option('--since <time>', 'from this time on: ISO time, or 15m, 24h, 7d', '7d')
    .option('--until <time>', 'up to this time; default: now')
    .action((flags: UsageFlags, command: Command) => usage(command, flags))
}

function usage(command: Command, flags: UsageFlags): Promise<void> {
  const through = flags.until === undefined ? Date.now() : timeOf('--until', flags.until)
  const period = { from: timeOf('--since', flags.since), through }
  const which = flags.device === undefined ? { query: flags.query } : { device: flags.device }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.usage', { ...period, ...which })
    return {
      json: shown,
      text() {
        if (shown.totalDevices === 0) {
          printLine('No use was reported in this time.')
          return
        }
        printLine(`${new Date(shown.from).toISOString()} to ${new Date(shown.through).toISOString()}, ${shown.totalDevices} devices`)
        printTable(
          ['bytes', 'cause', 'total'],
          [
            ...shown.bytesIn.map(({ cause, bytes }) => ['received', cause, bytes]),
            ...shown.bytesOut.map(({ cause, bytes }) => ['sent', cause, bytes]),
          ],
        )
        const stored = `${shown.storedBytes} bytes stored on the disks`
        printLine(`${shown.inferences} inferences, ${shown.cpuSeconds.toFixed(1)} CPU seconds, ${stored}`)
        printTable(
          ['device', 'received', 'sent', 'inferences', 'CPU s', 'stored'],
          shown.devices.map((one) => [
            ...[one.device, one.bytesIn, one.bytesOut, one.inferences, Number(one.cpuSeconds.toFixed(1)), one.storedBytes],
          ]),
        )
      },
    }
  })
}
