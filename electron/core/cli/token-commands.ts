import type { Command } from 'commander'
import { MAX_TOKEN_DAYS, personRoles } from '../../../shared/domain/people.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { TokenShown } from '../../../shared/rpc/contract/tokens.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { roleOf } from './role-flag.ts'

/** `muster tokens …` */
export function addTokenCommands(program: Command): void {
  const tokens = program
    .command('tokens')
    .description('What programs come in with: --token or MUSTER_TOKEN. A token may do no more than whoever made it.')
  tokens
    .command('list', { isDefault: true })
    .description('List your tokens; an admin sees all.')
    .option('--all', 'also those that count no more')
    .action((flags: { all?: boolean }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = (await rpc.call('tokens.list', {})).tokens.filter(({ state }) => flags.all === true || state === 'valid')
        return { json: { tokens: shown }, text: () => printTokens(shown) }
      }),
    )
  tokens
    .command('create <name>')
    .description('Make a token. Its secret is shown once.')
    .requiredOption('--role <role>', personRoles.join(', '))
    .option('--methods <list>', 'only these methods, separated by commas; muster call --list shows them')
    .option('--expires <days>', `after so many days, such as 30d; at most ${MAX_TOKEN_DAYS}d`, '30d')
    .action((name: string, flags: { role: string; methods?: string; expires: string }, command: Command) => create(command, name, flags))
  tokens
    .command('revoke <name-or-id>')
    .description('Revoke a token: connections that use it end within a second.')
    .action((which: string, _: unknown, command: Command) => revoke(command, which))
}

function create(command: Command, name: string, flags: { role: string; methods?: string; expires: string }): Promise<void> {
  const days = daysOf(flags.expires)
  const methods = flags.methods === undefined ? null : flags.methods.split(',').map((one) => one.trim())
  return withConsole(command, async ({ rpc }) => {
    const { ticket, secret } = await rpc.call('tokens.prepare', {})
    const made = await rpc.call('tokens.create', { ticket, name, role: roleOf(flags.role), methods, days })
    return {
      json: { ...made, secret },
      text() {
        printLine(secret)
        printLine(`This is the token '${made.name}'. It is shown once and counts until ${timeText(made.expiresAt)}.`)
      },
    }
  })
}

function revoke(command: Command, which: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { tokens } = await rpc.call('tokens.list', {})
    const found = tokens.filter((one) => one.token === which || (one.name === which && one.state === 'valid'))
    if (found.length === 0) throw new Problem('access.token-not-found', `There is no valid token '${which}'.`)
    if (found.length > 1)
      throw new Problem('usage', `${found.length} accounts have a token '${which}': name it by its id.`, {
        hint: '`muster tokens list` shows the ids.',
      })
    const done = await rpc.call('tokens.revoke', { token: found[0]!.token })
    return {
      json: done,
      text: () => printLine(done.isChanged ? `The token '${done.token.name}' is revoked.` : `It was ${done.token.state} already.`),
    }
  })
}

/** @throws Problem `usage` */
function daysOf(text: string): number {
  const days = Number(/^(\d{1,3})d?$/.exec(text)?.[1])
  if (!Number.isInteger(days) || days < 1 || days > MAX_TOKEN_DAYS)
    throw new Problem('usage', `--expires: '${text}' is no number of days from 1d to ${MAX_TOKEN_DAYS}d.`)
  return days
}

function printTokens(tokens: readonly TokenShown[]): void {
  if (tokens.length === 0) printLine('There are no tokens.')
  else
    printTable(
      ['id', 'name', 'of', 'role', 'methods', 'expires', 'last used', 'state'],
      tokens.map((one) => [
        ...[one.token, one.name, one.account, one.role, one.methods?.join(', ') ?? 'all of its role', timeText(one.expiresAt)],
        ...[one.usedAt === null ? null : timeText(one.usedAt), one.state],
      ]),
    )
}
