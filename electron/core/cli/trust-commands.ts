import type { Command } from 'commander'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'

const marks = { on: 'on ', off: 'off', attention: '!  ' } as const

/** `muster trust` */
export function addTrustCommand(program: Command): void {
  program
    .command('trust')
    .description('What protects the fleet: each guard, whether it is on, and the next step.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('trust.show', {})
        return {
          json: shown,
          text() {
            for (const guard of shown.guards) {
              printLine(`${marks[guard.state]}  ${guard.title}`)
              printLine(`     ${guard.sentence}`)
              if (guard.action?.command != null) printLine(`     ${guard.action.command}`)
            }
          },
        }
      }),
    )
}
