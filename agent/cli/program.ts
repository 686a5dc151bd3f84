import { Command, InvalidArgumentError } from 'commander'
import { musterVersion } from '../../shared/domain/version.ts'
import { defaultDirectory } from '../directory.ts'

/** What every command takes. */
export interface CommonOptions {
  dir: string
  json: boolean
}

/** The program without its commands. */
export function createProgram(): Command {
  return new Command('muster-agent')
    .description('Runs ML models on this device for a Muster console.')
    .version(musterVersion, '-V, --version')
    .showHelpAfterError('Run the command with --help.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done · 1 failed · 2 usage · 3 refused · 4 not found · 5 conflict or in use · 6 unreachable · 7 storage',
    )
}

/**
 * A command of this program as a person types it on: by the npm script where this one was called so, for a checkout has no `muster-agent`
 * in the path, and with `--dir` where it is not the default one.
 */
export function typed(command: string, directory: string, env: NodeJS.ProcessEnv = process.env): string {
  const program = env['npm_lifecycle_event'] === 'muster-agent' ? 'npm run -s muster-agent --' : 'muster-agent'
  if (directory === (env['MUSTER_AGENT_DIR'] ?? defaultDirectory())) return `${program} ${command}`
  const shown = /^[\w@%+=:,./-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", String.raw`'\''`)}'`
  return `${program} ${command} --dir ${shown}`
}

/** Adds a command with the options that every command takes. */
export function addCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--dir <dir>', 'folder of this agent', process.env['MUSTER_AGENT_DIR'] ?? defaultDirectory())
    .option('--json', 'print JSON', false)
}

/** Reads a port number from a flag. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}
