import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OidcShown } from '../../../shared/rpc/contract/people.ts'
import { secretsFrom } from './ask-secret.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'
import { roleOf } from './role-flag.ts'

interface SetFlags {
  issuer: string
  clientId: string
  title: string
  secretStdin?: boolean
  scopes?: string
  nameClaim?: string
  roleClaim?: string
  grant: string[]
  otherwise?: string
}

/** `muster people oidc …` */
export function addOidcCommands(people: Command): void {
  const oidc = people.command('oidc').description('Signing in at the provider of the organisation, by OpenID Connect.')
  oidc
    .command('show', { isDefault: true })
    .description('Show the provider and its rules.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('people.oidc', {})
        return { json: shown, text: () => printProvider(shown.provider) }
      }),
    )
  oidc
    .command('set')
    .description(
      'Set the provider. Register http://127.0.0.1 and http://localhost with the path /signed-in there as addresses to come back to.',
    )
    .requiredOption('--issuer <url>', 'address of the provider')
    .requiredOption('--client-id <id>', 'what the provider calls this console')
    .requiredOption('--title <text>', 'what stands on the button')
    .option('--secret-stdin', 'read the secret of the client from standard input')
    .option('--scopes <list>', 'what is asked for (default: openid profile email)')
    .option('--name-claim <claim>', 'claim that names the account (default: preferred_username)')
    .option('--role-claim <claim>', 'claim that says the role (default: groups)')
    .option('--grant <value=role>', 'whoever has this value in the claim has this role; may be repeated', collect, [])
    .option('--otherwise <role>', 'role of everybody else; without it they do not get in')
    .action((flags: SetFlags, command: Command) => setProvider(command, flags))
  oidc
    .command('remove')
    .description('Take the provider away. Sessions that were made there end; the accounts stay.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('people.setOidc', { provider: null })
        return { json: done, text: () => printLine('People do not sign in at a provider any more.') }
      }),
    )
}

function setProvider(command: Command, flags: SetFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { issuer, clientId, title } = flags
    const checked = await rpc.call('people.checkOidc', { issuer, clientId })
    if (!checked.ok) throw new Problem('access.oidc-unreachable', checked.sentence)
    const secret = flags.secretStdin === true ? await secretsFrom({ passwordStdin: true }).ask('Secret') : null
    const { provider } = await rpc.call('people.setOidc', {
      provider: {
        ...{ issuer, clientId, title, secret, roles: flags.grant.map(grantOf) },
        ...(flags.scopes === undefined ? {} : { scopes: flags.scopes }),
        ...(flags.nameClaim === undefined ? {} : { nameClaim: flags.nameClaim }),
        ...(flags.roleClaim === undefined ? {} : { roleClaim: flags.roleClaim }),
        ...(flags.otherwise === undefined ? {} : { otherwise: roleOf(flags.otherwise) }),
      },
    })
    return { json: { provider }, text: () => printProvider(provider) }
  })
}

function collect(one: string, before: string[]): string[] {
  return [...before, one]
}

/** @throws Problem `usage` */
function grantOf(text: string): { value: string; role: ReturnType<typeof roleOf> } {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new Problem('usage', `--grant: '${text}' is not VALUE=ROLE.`)
  return { value: text.slice(0, at), role: roleOf(text.slice(at + 1)) }
}

function printProvider(provider: OidcShown | null): void {
  if (provider === null) {
    printLine('People do not sign in at a provider.')
    return
  }
  printLine(`${provider.title}  ${provider.issuer}  as ${provider.clientId}`)
  printLine(`  secret     ${provider.isShut ? 'sealed by a desktop whose key is not here' : provider.hasSecret ? 'set' : 'none'}`)
  printLine(`  scopes     ${provider.scopes}`)
  printLine(`  name from  ${provider.nameClaim}`)
  printLine(`  role from  ${provider.roleClaim}`)
  for (const { value, role } of provider.roles) printLine(`    ${value}: ${role}`)
  printLine(`    everybody else: ${provider.otherwise ?? 'does not get in'}`)
}
