import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { secretsFrom, type SecretFlags } from './ask-secret.ts'
import { connectConsole } from './connect.ts'
import { forgetSession, keepSession, keptSession } from './kept-sessions.ts'
import { printJson, printLine, printTable, timeText } from './output.ts'
import { flagsOf, withConsole } from './program.ts'

/** `muster login`, `logout`, `whoami` */
export function addLoginCommands(program: Command): void {
  program
    .command('login [name]')
    .description('Sign in at the console. The session is kept in your own configuration, until it ends or you log out.')
    .option('--password-stdin', 'read the password from the first line of standard input')
    .addHelpText(
      'after',
      '\nIt takes passwords. An account that signs in with a passkey or at a provider makes a token in the settings of the page, under Tokens, and hands it in with MUSTER_TOKEN.',
    )
    .action((name: string | undefined, flags: SecretFlags, command: Command) => login(command, name, flags))
  program
    .command('logout')
    .description('End the session of this command line. The owner of the machine goes on as the owner.')
    .option('--everywhere', 'end all sessions of the account')
    .action((flags: { everywhere?: boolean }, command: Command) => logout(command, flags.everywhere === true))
  program
    .command('whoami')
    .description('Show who you are to the console, and what you may do.')
    .option('--sessions', 'also where you are signed in')
    .action((flags: { sessions?: boolean }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('access.show', {})
        const sessions = flags.sessions === true ? (await rpc.call('access.sessions', {})).sessions : null
        return { json: { ...shown, ...(sessions === null ? {} : { sessions }) }, text: () => printCaller(shown, sessions) }
      }),
    )
}

async function login(command: Command, given: string | undefined, flags: SecretFlags): Promise<void> {
  const { data, url, json } = flagsOf(command)
  const where = { data, url }
  const rpc = await connectConsole({ ...where, isGuest: true }).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== 'access.denied') throw error
    throw new Problem('people.not-found', 'This console has no accounts, so nobody signs in.', {
      hint: 'Make the first one: muster people add NAME --role admin',
      cause: error,
    })
  })
  try {
    const name = given ?? userInfo().username
    const { ways } = await rpc.call('access.show', {})
    const password = await secretsFrom(flags).ask(`Password of ${name}`)
    const done = await rpc.call('access.signIn', { name, password, client: 'cli' }).catch((error: unknown) => {
      throw withOtherWays(error, ways)
    })
    keepSession(where, { session: done.session, account: done.account, endsAt: done.endsAt })
    const { session: _, ...said } = done
    if (json === true) printJson(said)
    else printLine(`You are ${done.account} now, with the role ${done.role}. The session ends ${timeText(done.endsAt)} at the latest.`)
  } finally {
    rpc.close()
  }
}

type Ways = OutputOf<'access.show'>['ways']

const TOKEN_HINT = 'Make a token in the settings of the page, under Tokens, and hand it in: MUSTER_TOKEN=mst_… muster …'

/** Which accounts have no password is told to nobody who is not signed in: what those do instead is told with every refusal. */
function withOtherWays(error: unknown, { passkey, oidc }: Ways): unknown {
  if (!(error instanceof Problem) || error.code !== 'access.wrong-password' || (!passkey && oidc === null)) return error
  const elsewhere = [...(passkey ? ['a passkey'] : []), ...(oidc === null ? [] : [`the sign-in of ${oidc.title}`])].join(' or ')
  return new Problem(error.code, `${error.message} A command line takes passwords only, not ${elsewhere}.`, {
    hint: TOKEN_HINT,
    cause: error,
  })
}

async function logout(command: Command, everywhere: boolean): Promise<void> {
  const { data, url, json } = flagsOf(command)
  const where = { data, url }
  const kept = keptSession(where)
  let ended = 0
  if (kept !== null) {
    try {
      const rpc = await connectConsole({ ...where, token: kept.session })
      ended = (await rpc.call('access.signOut', { everywhere })).ended
      rpc.close()
    } catch (error) {
      // It has ended already. While the console cannot be reached, nothing is forgotten: the session would go on there.
      if (!(error instanceof Problem) || error.code !== 'access.session-ended') throw error
    }
  }
  const wasKept = forgetSession(where)
  if (json === true) printJson({ account: kept?.account ?? null, ended })
  else printLine(wasKept ? `${kept?.account ?? 'The account'} is signed out here.` : 'Nobody was signed in here.')
}

const words: Record<OutputOf<'access.show'>['caller']['by'], string> = {
  guest: 'Nobody is signed in.',
  local: 'There are no accounts: whoever has the token of the console does everything, and gives any name.',
  owner: 'You are the owner of the machine, beside the accounts. What you do is recorded as the owner’s.',
  session: 'You are signed in.',
  token: 'You come with a token.',
  console: 'You are a part of the console.',
}

function printCaller({ caller }: OutputOf<'access.show'>, sessions: OutputOf<'access.sessions'>['sessions'] | null): void {
  printLine(`${caller.actor}  ${caller.role}`)
  printLine(`  ${words[caller.by]}`)
  if (caller.methods !== null) printLine(`  Only: ${caller.methods.join(', ')}`)
  if (sessions !== null)
    printTable(
      ['session', 'way', 'client', 'since', 'last used', 'ends'],
      sessions.map((one) => [
        ...[one.isThis ? `${one.session} (this one)` : one.session, one.way, one.client],
        ...[timeText(one.madeAt), timeText(one.usedAt), timeText(one.endsAt)],
      ]),
    )
}
