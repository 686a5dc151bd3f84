import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { musterVersion } from '../../../shared/domain/version.ts'
import { accountName } from '../account-name.ts'
import { connectConsole, findConsole } from './connect.ts'
import { keptSession } from './kept-sessions.ts'
import { printJson } from './output.ts'

interface GlobalFlags {
  data: string
  url?: string
  token?: string
  person?: string
  json?: boolean
}

/** The program with the flags that every command takes. */
export function createProgram(): Command {
  return new Command('muster')
    .description('Fleet manager for machine-learning models on edge devices.')
    .version(musterVersion)
    .option('--data <directory>', 'data directory of the console', process.env['MUSTER_DATA'] ?? join(homedir(), '.muster'))
    .option('--url <url>', 'address of a running console', process.env['MUSTER_URL'])
    .option('--token <token>', 'its token (better: MUSTER_TOKEN)', process.env['MUSTER_TOKEN'])
    .option('--person <name>', 'who you are, for the audit log and approvals; default: MUSTER_AS, else the account of this machine')
    .option('--json', 'print JSON for programs')
    .showHelpAfterError('Run the command with --help.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done · 1 failed · 2 usage · 3 refused · 4 not found · 5 conflict or in use · 6 unreachable · 7 storage',
    )
}

export function flagsOf(command: Command): GlobalFlags {
  return command.optsWithGlobals<GlobalFlags>()
}

export function dataDirectoryOf(command: Command): string {
  return flagsOf(command).data
}

export interface Session {
  rpc: RpcClient
  address: { url: string; token: string }
  json: boolean
}

/** Runs one action against the running console; with `--json` what it returns is printed, else it prints for people itself. */
export function withConsole(command: Command, action: (session: Session) => Promise<{ json: unknown; text(): void }>): Promise<void> {
  return inSession(command, async (session) => {
    const result = await action(session)
    if (session.json) printJson(result.json)
    else result.text()
  })
}

/** Said whenever it is so: what is done then is nobody's of the accounts. */
const ownerNote = 'muster: you act as the owner of this machine; to act in your own name: muster login\n'

/** Runs one action that prints by itself, as what follows something does. */
export async function inSession(command: Command, action: (session: Session) => Promise<void>): Promise<void> {
  const flags = flagsOf(command)
  const json = flags.json === true
  const token = flags.token ?? keptSession(flags)?.session
  const options = { ...flags, token, person: flags.person ?? accountName() }
  const rpc = await connectConsole({ ...options, onKnown: (by) => void (by === 'owner' && !json && process.stderr.write(ownerNote)) })
  try {
    await action({ rpc, address: findConsole(options), json })
  } finally {
    rpc.close()
  }
}
