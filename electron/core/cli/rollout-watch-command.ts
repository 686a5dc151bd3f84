import type { Command } from 'commander'
import { reportOf } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { exitCodeOf, printJsonLine } from './output.ts'
import { inSession } from './program.ts'
import { followRollout } from './rollout-follow.ts'
import { jsonPrinter, linePrinter } from './rollout-progress.ts'
import { rolloutOf, wholeOf } from './rollout-words.ts'

/** `muster rollouts watch` */
export function addRolloutWatchCommand(rollouts: Command): void {
  rollouts
    .command('watch <rollout>')
    .description('Follow a rollout: exit 0 when it completes, 1 when it is paused, stopped or reverted, or time is up.')
    .option('--timeout <seconds>', 'at most so long', '86400')
    .option('--devices', 'print what happens to each device, too')
    .addHelpText(
      'after',
      `
With --json each line is one JSON document: {"kind":"event",…}, {"kind":"progress",…} and at last {"kind":"end",…,"exit":0}.`,
    )
    .action((rollout: string, flags: { timeout: string; devices?: boolean }, command: Command) =>
      watchFrom(command, {
        begin: () => Promise.resolve({ rollout: rolloutOf(rollout) }),
        seconds: wholeOf('--timeout', flags.timeout),
        hasDevices: flags.devices === true,
      }),
    )
}

interface Watching {
  /** What comes before: it says which rollout. */
  begin(rpc: RpcClient): Promise<{ rollout: number; sentence?: string }>
  seconds: number
  hasDevices?: boolean
}

/** Does something, then follows the rollout to its end, and sets the exit code. @throws Problem `rollout.not-completed`, `cancelled` */
export function watchFrom(command: Command, of: Watching): Promise<void> {
  return inSession(command, async ({ rpc, json }) => {
    const printer = json ? jsonPrinter() : linePrinter()
    try {
      const { rollout, sentence } = await of.begin(rpc)
      if (sentence !== undefined) printer.said(rollout, sentence)
      const isFromStart = sentence !== undefined
      await followRollout(rpc, rollout, { seconds: of.seconds, hasDevices: of.hasDevices === true, isFromStart, printer })
    } catch (error) {
      if (!json) throw error
      // Who reads lines gets one line for one document, whatever happens.
      const report = reportOf(error)
      process.exitCode = exitCodeOf(report.code)
      printJsonLine({ kind: 'end', error: report, exit: exitCodeOf(report.code) })
    } finally {
      printer.clear()
    }
  })
}
