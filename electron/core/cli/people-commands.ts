import type { Command } from 'commander'
import { personRoles, roleMeanings, type PersonRole } from '../../../shared/domain/people.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { Person } from '../../../shared/rpc/contract/people.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { secretsFrom, type SecretFlags } from './ask-secret.ts'
import { addOidcCommands } from './oidc-commands.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole, type Session } from './program.ts'
import { roleOf } from './role-flag.ts'

const stdinHelp = 'read the password from the first line of standard input'

/** `muster people …` */
export function addPeopleCommands(program: Command): void {
  const people = program
    .command('people')
    .description('Accounts and what they may do. Until the first one is made, whoever has the token of the console does everything.')
    .addHelpText('after', `\nRoles:\n${personRoles.map((role) => `  ${role.padEnd(9)} ${roleMeanings[role]}`).join('\n')}`)
  people
    .command('list', { isDefault: true })
    .description('List the accounts.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('people.list', {})
        return { json: shown, text: () => printPeople(shown.people) }
      }),
    )
  people
    .command('add <name>')
    .description('Add an account. With the first one, an admin, people sign in from then on: muster login')
    .requiredOption('--role <role>', personRoles.join(', '))
    .option('--display-name <text>', 'how people call the person', '')
    .option('--password-stdin', stdinHelp)
    .action((name: string, flags: SecretFlags & { role: string; displayName: string }, command: Command) =>
      withConsole(command, (session) => add(session, name, flags)),
    )
  addChangeCommands(people)
  addOidcCommands(people)
}

function addChangeCommands(people: Command): void {
  people
    .command('role <name> <role>')
    .description('Give an account another role.')
    .action((name: string, role: string, _: unknown, command: Command) => change(command, { name, role: roleOf(role) }))
  people
    .command('disable <name>')
    .description('Disable an account: its sessions and tokens end at once. It is kept, because the audit log speaks of it.')
    .action((name: string, _: unknown, command: Command) => change(command, { name, isDisabled: true }))
  people
    .command('enable <name>')
    .description('Enable an account again.')
    .action((name: string, _: unknown, command: Command) => change(command, { name, isDisabled: false }))
  people
    .command('password [name]')
    .description('Set the password of an account; without a name your own.')
    .option('--password-stdin', `${stdinHelp}; for your own, the current one stands on the first line and the new one on the second`)
    .option('--keep-others', 'its tokens and passkeys go on; else they end with the old password (your own are never touched)')
    .action((name: string | undefined, flags: SecretFlags & { keepOthers?: boolean }, command: Command) =>
      withConsole(command, (session) => (name === undefined ? changeOwn(session, flags) : setPassword(session, name, flags))),
    )
  people
    .command('sign-out <name>')
    .description('End all sessions of an account.')
    .action((name: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('people.endSessions', { name })
        return { json: done, text: () => printLine(`${done.ended} sessions of ${name} ended.`) }
      }),
    )
  people
    .command('remove-passkeys <name>')
    .description('Remove all passkeys of an account, as when a key was lost.')
    .action((name: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('people.removePasskeys', { name })
        return { json: done, text: () => printLine(`${done.removed} passkeys of ${name} were removed.`) }
      }),
    )
}

async function add({ rpc }: Session, name: string, flags: SecretFlags & { role: string; displayName: string }) {
  const role = roleOf(flags.role)
  const { isGuarded } = await rpc.call('access.show', {})
  const ticket = await prepare(rpc, { name, password: await secretsFrom(flags).askNew(`Password for ${name}`) })
  const made = await rpc.call('people.add', { name, displayName: flags.displayName, role, ticket })
  return {
    json: made,
    text() {
      printLine(`${made.name} is ${article(role)} ${role} now.`)
      if (isGuarded) return
      printLine('From now on people sign in: in the browser, and here with muster login.')
      printLine('Addresses with the key of the console open no page any more.')
      const ended = made.endedTokens
      if (ended > 0) printLine(`${ended === 1 ? '1 token' : `${ended} tokens`} of before ended: make new ones, as a person who signed in.`)
    },
  }
}

function article(role: PersonRole): string {
  return role === 'viewer' ? 'a' : 'an'
}

async function setPassword({ rpc }: Session, name: string, flags: SecretFlags & { keepOthers?: boolean }) {
  const keepsOthers = flags.keepOthers === true
  const ticket = await prepare(rpc, { name, password: await secretsFrom(flags).askNew(`New password for ${name}`) })
  const done = await rpc.call('people.setPassword', { name, ticket, keepsOthers })
  const ended = keepsOthers ? 'its sessions ended' : 'its sessions, tokens and passkeys ended'
  return { json: done, text: () => printLine(`The password of ${name} is set; ${ended}.`) }
}

async function changeOwn({ rpc }: Session, flags: SecretFlags) {
  const { caller } = await rpc.call('access.show', {})
  if (caller.account === null) throw new Problem('people.not-a-person', `'${caller.actor}' is no account, so it has no password.`)
  const secrets = secretsFrom(flags)
  const current = await secrets.ask('Current password')
  const password = await secrets.askNew('New password')
  const { ticket } = await rpc.call('access.preparePassword', { password, current, name: caller.account.name })
  const done = await rpc.call('access.setPassword', { ticket })
  return { json: done, text: () => printLine(`Your password is changed; ${done.ended} other sessions ended.`) }
}

async function prepare(rpc: RpcClient, of: { name: string; password: string }): Promise<string> {
  return (await rpc.call('access.preparePassword', of)).ticket
}

function change(command: Command, of: { name: string; role?: PersonRole; isDisabled?: boolean }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('people.set', of)
    return { json: made, text: () => printLine(`${made.name}: ${made.isDisabled ? 'disabled' : made.role}.`) }
  })
}

function printPeople(people: readonly Person[]): void {
  if (people.length === 0) {
    printLine('There are no accounts: whoever has the token of the console does everything. Make the first one:')
    printLine('  muster people add NAME --role admin')
    return
  }
  printTable(
    ['name', 'called', 'role', 'signs in with', 'sessions', 'tokens', 'last signed in'],
    people.map((one) => [
      ...[one.name, one.displayName, one.isDisabled ? `${one.role} (disabled)` : one.role, waysOf(one)],
      ...[one.sessions, one.tokens, one.signedInAt === null ? null : timeText(one.signedInAt)],
    ]),
  )
}

function waysOf({ hasPassword, passkeys, isFromProvider }: Person): string {
  const ways = [
    ...(hasPassword ? ['password'] : []),
    ...(passkeys > 0 ? [passkeys === 1 ? 'passkey' : `${passkeys} passkeys`] : []),
    ...(isFromProvider ? ['the provider'] : []),
  ]
  return ways.join(', ')
}
