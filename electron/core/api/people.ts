import { Problem } from '../../../shared/domain/problem.ts'
import type { OidcShown, Person } from '../../../shared/rpc/contract/people.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { addAccount, changeAccount, personOfRow, requireAccount } from '../people/accounts.ts'
import { requirePerson } from '../people/tokens.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { PeopleParts } from './access.ts'

type Names = Extract<keyof Handlers, `people.${string}`>

/** Handlers of `people.*`: who has an account, and what it may do. */
export function peopleHandlers(parts: PeopleParts): Pick<Handlers, Names> {
  const { store, people, now } = parts
  const shown = (row: AccountRow): Person => personOfRow(store, row, now())
  /** A person changes who gets in, and whoever may no longer come in is cut off after the commit. */
  const begin = ({ caller, afterCommit }: CommandContext): void => {
    requirePerson(caller, 'A token does not change who gets in.')
    afterCommit(() => {
      people.recheck()
      parts.changed('people', 'setup', 'trust')
    })
  }
  const takePassword = (ticket: string, name: string, { afterCommit }: CommandContext): string => {
    const prepared = people.preparedPasswords.take(ticket)
    // Said with another name, it was not checked against this one.
    if (prepared.name !== name) throw new Problem('access.ticket-unknown', `This password was prepared for '${prepared.name}'.`)
    afterCommit(() => people.preparedPasswords.drop(ticket))
    return prepared.hash
  }
  return {
    'people.list': () => ({ people: store.accounts.all().map(shown) }),
    'people.add': ({ name, displayName, role, ticket }, context) => {
      begin(context)
      const password = takePassword(ticket, name, context)
      const isFirst = !store.accounts.any()
      const added = addAccount(store, { name, displayName, role, password, at: now(), by: context.caller.actor })
      if (isFirst) context.afterCommit(people.consoleKey.renew())
      // What was made when nobody had a name would go on as an admin without one.
      return { ...shown(added), endedTokens: isFirst ? store.tokens.revokeOwnerless(now()) : 0 }
    },
    'people.set': (change, context) => {
      begin(context)
      const after = changeAccount(store, change)
      if (after.isDisabled) store.sessions.endAll(after.name)
      return shown(after)
    },
    'people.setPassword': ({ name, ticket, keepsOthers }, context) => {
      begin(context)
      const account = requireAccount(store, name)
      if (account.subject !== null)
        throw new Problem('input.invalid', `${name} signs in at the provider of the organisation; it has no password here.`)
      store.accounts.setPassword(name, takePassword(ticket, name, context))
      store.sessions.endAll(name)
      if (!keepsOthers) {
        store.passkeys.removeAll(name)
        store.tokens.revokeOf(name, now())
      }
      return shown(requireAccount(store, name))
    },
    'people.endSessions': ({ name }, context) => {
      begin(context)
      return { ended: store.sessions.endAll(requireAccount(store, name).name) }
    },
    'people.removePasskeys': ({ name }, context) => {
      begin(context)
      return { removed: store.passkeys.removeAll(requireAccount(store, name).name) }
    },
    'people.oidc': () => ({ provider: providerShown(parts) }),
    'people.setOidc': ({ provider }, context) => {
      begin(context)
      const before = store.oidcProvider.get()
      if (provider === null) {
        store.oidcProvider.remove()
        store.sessions.endWay('oidc')
        return { provider: null }
      }
      requireLocalAdmin(parts)
      const isSameIssuer = before?.settings.issuer === provider.issuer
      // Other people, with the same names perhaps.
      if (before !== null && !isSameIssuer) store.sessions.endWay('oidc')
      const isSame = before !== null && before.settings.issuer === provider.issuer && before.settings.clientId === provider.clientId
      // A secret does not move to another provider: whoever may set one could read it there.
      store.oidcProvider.set({ ...provider, secret: provider.secret ?? (isSame ? before.settings.secret : null) })
      return { provider: providerShown(parts) }
    },
    'people.checkOidc': async (of) => {
      const problem = await people.oidc.check(of)
      return { ok: problem === null, sentence: (problem ?? 'The provider answers, and people can sign in there.').slice(0, 500) }
    },
  }
}

/** @throws Problem `people.first-admin` */
function requireLocalAdmin({ store }: PeopleParts): void {
  if (!store.accounts.any())
    throw new Problem('people.first-admin', 'A provider may be out of reach: first make an account that signs in here.')
}

function providerShown({ store }: PeopleParts): OidcShown | null {
  const row = store.oidcProvider.get()
  if (row === null) return null
  const { secret, ...settings } = row.settings
  return { ...settings, hasSecret: secret !== null || row.isShut, isShut: row.isShut }
}
