import { Problem } from '../../../shared/domain/problem.ts'
import { passwordProblem, SESSION_MS } from '../../../shared/domain/people.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { SignedIn } from '../../../shared/rpc/contract/access.ts'
import type { Caller, Handlers } from '../../../shared/rpc/dispatch.ts'
import { requireAccount } from '../people/accounts.ts'
import { accountOfProvider } from '../people/provider-accounts.ts'
import { isOpenSession, openSession } from '../people/sessions.ts'
import { provePassword, signInWithPassword } from '../people/sign-in.ts'
import { requirePerson } from '../people/tokens.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { PasskeyRow } from '../store/fleet/passkeys.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `access.${string}`>

/** What handlers about people work with. */
export type PeopleParts = Pick<ApiParts, 'store' | 'people' | 'now' | 'changed'>

/** Handlers of `access.*`: coming in, and what a person decides about the own account. */
export function accessHandlers(parts: PeopleParts): Pick<Handlers, Names> {
  return { ...entranceHandlers(parts), ...ownHandlers(parts), ...passkeyHandlers(parts) }
}

type EntranceNames =
  | 'access.show'
  | 'access.signIn'
  | 'access.passkeyChallenge'
  | 'access.signInWithPasskey'
  | 'access.beginOidc'
  | 'access.finishOidc'

function entranceHandlers(parts: PeopleParts): Pick<Handlers, EntranceNames> {
  const { store, people, now } = parts
  const came = (one: SignedIn): SignedIn => {
    parts.changed('people')
    return one
  }
  return {
    'access.show': (_, caller) => accessShown(parts, caller),
    'access.signIn': async (input) => came(await signInWithPassword(people, input)),
    'access.passkeyChallenge': () => people.passkeys.challenge(),
    'access.signInWithPasskey': async ({ challenge, response, client }) => {
      try {
        const account = await people.passkeys.prove(challenge, response)
        return came(openSession(store, account, { way: 'passkey', client, now: now() }))
      } catch (error) {
        people.refusals.note({ account: null, way: 'passkey' })
        throw error
      }
    },
    'access.beginOidc': ({ redirectUri }) => {
      const provider = store.oidcProvider.get()
      if (provider === null) throw new Problem('access.oidc-refused', 'No provider is set up here.')
      if (provider.isShut)
        throw new Problem('access.oidc-refused', 'The secret of the provider was sealed by a desktop whose key is not here.')
      return people.oidc.begin(provider.settings, redirectUri)
    },
    'access.finishOidc': async ({ flow, parameters, client }) => {
      try {
        const person = await people.oidc.finish(flow, parameters)
        const account = store.transact(() => accountOfProvider(store, person, now()))
        people.recheck()
        return came(openSession(store, account, { way: 'oidc', client, now: now() }))
      } catch (error) {
        people.refusals.note({ account: null, way: 'oidc' })
        throw error
      }
    },
  }
}

type OwnNames =
  | 'access.stayActive'
  | 'access.signOut'
  | 'access.sessions'
  | 'access.endSession'
  | 'access.preparePassword'
  | 'access.setPassword'

function ownHandlers(parts: PeopleParts): Pick<Handlers, OwnNames> {
  const { store, people, now } = parts
  const ended = (): void => {
    people.recheck()
    parts.changed('people')
  }
  return {
    'access.stayActive': (_, caller) => {
      people.access.noteUse(caller)
      const row = caller.by === 'session' ? store.sessions.find(caller.credential!) : null
      return { endsAt: row === null ? null : Math.min(row.endsAt, now() + SESSION_MS.idle) }
    },
    'access.signOut': ({ everywhere }, { caller, afterCommit }) => {
      afterCommit(ended)
      if (caller.by !== 'session') return { ended: 0 }
      const name = caller.account!
      return { ended: everywhere ? store.sessions.endAll(name) : store.sessions.end(name, caller.credential!) }
    },
    'access.sessions': (_, caller) => ({
      sessions: store.sessions
        .of(ownAccount(parts, caller).name)
        .filter((row) => isOpenSession(row, now()))
        .map(({ account: _account, ...row }) => ({ ...row, isThis: row.session === caller.credential })),
    }),
    'access.endSession': ({ session }, { caller, afterCommit }) => {
      requirePerson(caller, 'A token ends no sessions.')
      afterCommit(ended)
      const done = store.sessions.end(ownAccount(parts, caller).name, session)
      if (done === 0) throw new Problem('access.session-not-found', 'There is no such session of this account.')
      return { ended: done }
    },
    'access.preparePassword': async ({ password, name, current }, caller) => {
      requirePerson(caller, 'A token sets no password.')
      const problem = passwordProblem(password, name)
      if (problem !== null) throw new Problem('people.password-weak', problem)
      const provedBy = current === undefined ? null : await proveCurrent(parts, caller, current)
      return { ticket: people.preparedPasswords.keep({ hash: await people.passwords.hash(password), provedBy, name }) }
    },
    'access.setPassword': ({ ticket }, { caller, afterCommit }) => {
      const account = ownAccount(parts, caller)
      const prepared = people.preparedPasswords.take(ticket)
      if (prepared.provedBy !== account.name)
        throw new Problem('access.wrong-password', 'To change a password, the current one must be given.')
      store.accounts.setPassword(account.name, prepared.hash)
      afterCommit(() => {
        people.preparedPasswords.drop(ticket)
        ended()
      })
      return { ended: store.sessions.endAll(account.name, caller.credential) }
    },
  }
}

type PasskeyNames = 'access.passkeys' | 'access.passkeyOptions' | 'access.provePasskey' | 'access.addPasskey' | 'access.removePasskey'

function passkeyHandlers(parts: PeopleParts): Pick<Handlers, PasskeyNames> {
  const { store, people, now } = parts
  /** The own account of a person who is here. */
  const local = (caller: Caller): AccountRow => {
    requirePerson(caller, 'A token adds no passkeys.')
    const account = ownAccount(parts, caller)
    if (account.subject !== null)
      throw new Problem(
        'access.denied',
        'The provider of the organisation vouches for this account; a passkey would go on when it no longer does.',
      )
    return account
  }
  return {
    'access.passkeys': (_, caller) => ({ passkeys: store.passkeys.of(ownAccount(parts, caller).name).map(shownPasskey) }),
    'access.passkeyOptions': (_, caller) => people.passkeys.beginAdding(local(caller), store.settings.get('fleetName') ?? ''),
    'access.provePasskey': async ({ challenge, response }, caller) => ({
      ticket: people.preparedPasskeys.keep(await people.passkeys.proveNew(local(caller), challenge, response)),
    }),
    'access.addPasskey': ({ ticket, title }, { caller, afterCommit }) => {
      const account = local(caller)
      const proven = people.preparedPasskeys.take(ticket)
      if (proven.account !== account.name) throw new Problem('access.ticket-unknown', 'This passkey was made for another account.')
      if (store.passkeys.find(proven.passkey) !== null) throw new Problem('access.passkey-refused', 'This passkey is here already.')
      store.passkeys.add({ ...proven, title: title.trim() === '' ? 'Passkey' : title.trim(), addedAt: now() })
      afterCommit(() => {
        people.preparedPasskeys.drop(ticket)
        parts.changed('people')
      })
      return { passkey: shownPasskey(store.passkeys.find(proven.passkey)!) }
    },
    'access.removePasskey': ({ passkey }, { caller, afterCommit }) => {
      requirePerson(caller, 'A token removes no passkeys.')
      afterCommit(() => parts.changed('people'))
      return { isChanged: store.passkeys.remove(ownAccount(parts, caller).name, passkey) }
    },
  }
}

/** @throws Problem `people.not-a-person` */
function ownAccount({ store }: PeopleParts, caller: Caller): AccountRow {
  if (caller.account === undefined || caller.account === null)
    throw new Problem('people.not-a-person', `'${caller.actor}' is no account, so it has no password, passkeys or sessions.`)
  return requireAccount(store, caller.account)
}

/** @throws Problem `access.wrong-password`, `access.too-many` */
async function proveCurrent(parts: PeopleParts, caller: Caller, current: string): Promise<string> {
  const account = ownAccount(parts, caller)
  const proved = await provePassword(parts.people, { name: account.name, password: current })
  if (proved === null) throw new Problem('access.wrong-password', 'The current password is wrong.')
  return proved.name
}

function accessShown({ store }: PeopleParts, caller: Caller): ResultOf<'access.show'> {
  const account = caller.account === undefined || caller.account === null ? null : store.accounts.find(caller.account)
  const provider = store.oidcProvider.get()
  return {
    isGuarded: store.accounts.any(),
    caller: {
      ...{ actor: caller.actor.slice(0, 200), role: caller.role, by: caller.by ?? 'console', methods: caller.methods?.slice() ?? null },
      account:
        account === null
          ? null
          : {
              ...{ name: account.name, displayName: account.displayName },
              ...{ hasPassword: account.password !== null, isFromProvider: account.subject !== null },
            },
    },
    ways: {
      password: true,
      passkey: store.passkeys.any(),
      oidc: provider === null ? null : { title: provider.settings.title },
    },
  }
}

function shownPasskey({ passkey, title, addedAt, usedAt, isBackedUp }: PasskeyRow): ResultOf<'access.passkeys'>['passkeys'][number] {
  return { passkey, title, addedAt, usedAt, isBackedUp }
}
