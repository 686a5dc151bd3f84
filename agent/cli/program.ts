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
