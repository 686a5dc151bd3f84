import process from 'node:process'
import { withAdvice } from '../backup/recovery/advice.ts'
import { addConsoleCommand, startWithFlags } from '../cli/console-command.ts'
import { createProgram } from '../cli/program.ts'
import type { Core } from '../core.ts'
import { createLog } from '../log.ts'
import { serveDesktop, type DesktopParts, type ParentPort } from './serve-desktop.ts'

// The entry of the core within Electron's utility process.
const { parentPort } = process as typeof process & { parentPort?: ParentPort }
if (parentPort === undefined)
  throw new Error('This file runs in a utility process of the desktop; without a window run: muster console --headless')

serveDesktop({
  parentPort,
  start: startFromArguments,
  exit: (code) => process.exit(code),
  log: createLog({ service: 'muster-console', level: 'info' }),
})

/** Reads the arguments exactly as `muster console` does, so both modes take the same flags with the same meaning. */
async function startFromArguments({
  argv,
  secretKey,
}: Parameters<DesktopParts['start']>[0]): Promise<{ core: Core; dataDirectory: string }> {
  const program = createProgram().exitOverride()
  let started: { core: Core; dataDirectory: string } | null = null
  addConsoleCommand(program, async (flags, dataDirectory) => {
    try {
      started = { core: await startWithFlags(flags, dataDirectory, secretKey), dataDirectory }
    } catch (error) {
      throw withAdvice(error, dataDirectory)
    }
  })
  for (const command of program.commands) command.exitOverride()
  await program.parseAsync(['console', ...argv], { from: 'user' })
  if (started === null) throw new Error('The arguments did not start the console.')
  return started
}
