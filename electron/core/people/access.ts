import { actorOf, personName } from '../../../shared/domain/actor.ts'
import { GUEST } from '../../../shared/domain/people.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import type { Hello } from '../serve/hello.ts'
import { isToken } from '../serve/loopback.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { SessionRow } from '../store/fleet/sessions.ts'
import type { TokenRow } from '../store/fleet/tokens.ts'
import type { ConsoleKey } from './console-key.ts'
import { hashOfSecret, prefixes } from './secrets.ts'
import { isOpenSession, NOTED_EVERY_MS } from './sessions.ts'
import { tokenRole, tokenState } from './tokens.ts'

/** Says who a connection is, and whether it still may be. */
export interface Access {
  /** Who comes in with a hello. @throws Problem `access.*` */
  greet(hello: Hello): Caller
  /** Who sits at the desktop's own window before it says more. @param person the account of this machine */
  window(person: string | null): Caller
  /** False when the session, the token, or the time before there were accounts has ended, or the role is another one by now. */
  isCurrent(caller: Caller): boolean
  /** The caller is at work: its session or token is in use. */
  noteUse(caller: Caller): void
}

/** Ways in as the audit log calls them. */
const ways: Record<string, string> = { browser: 'web' }
/** How often the audit log says that the owner of the machine came in beside the accounts. */
const OWNER_NOTED_EVERY_MS = 3_600_000

/**
 * Decides who may come in.
 *
 * INVARIANTS
 * 1. Without accounts whoever shows the token of the console, or sits at the desktop's window, is its one admin, under the name that they give.
 * 2. With accounts names are proven: by a session, or by a token that acts for its maker. A page never comes in with the token of the console.
 * 3. The first account makes another token: what stood in an address, a bookmark or the history of a browser opens nothing, whatever it says it is.
 * 4. The owner of the machine always comes in with the token of the console at the command line, as `owner`: nobody is locked out for good.
 */
export function openAccess(parts: { store: FleetStore; consoleKey: ConsoleKey; now(): number }): Access {
  const { store, consoleKey, now } = parts
  const guest: Caller = { actor: GUEST, role: GUEST, by: 'guest', account: null }
  let ownerNotedAt = Number.NEGATIVE_INFINITY

  const withConsoleToken = (client: string, person: string | null): Caller => {
    if (!store.accounts.any()) return { actor: actorOf(client, person), role: 'admin', by: 'local', account: null }
    if (client === 'browser') throw new Problem('access.sign-in', 'People sign in here; the key of the console opens no page any more.')
    if (now() - ownerNotedAt > OWNER_NOTED_EVERY_MS) {
      const at = now()
      const isNoted = whileDiskLasts(() =>
        store.transact(() => store.audit.append({ at, actor: 'owner', action: 'access.ownerCame', detail: { client, person } })),
      )
      if (isNoted) ownerNotedAt = at
    }
    return { actor: 'owner', role: 'admin', by: 'owner', account: null }
  }
  const withSession = (row: SessionRow | null, client: string): Caller => {
    const account = row === null ? null : store.accounts.find(row.account)
    if (row === null || account === null || account.isDisabled || !isOpenSession(row, now()))
      throw new Problem('access.session-ended', 'The session has ended.')
    const way = ways[client] ?? client
    return { actor: actorOf(way, account.name), role: account.role, by: 'session', account: account.name, credential: row.session }
  }
  const withToken = (row: TokenRow | null): Caller => {
    const state = row === null ? 'unknown' : tokenState(store, row, now())
    if (row === null || state !== 'valid')
      if (row === null || state !== 'valid') {
        const why = state === 'owner away' ? 'its maker has not signed in at the provider for 30 days' : state
        throw new Problem('access.denied', `The token is not valid: ${why}.`)
      }
    return {
      // The person behind a token is whoever made it: it is no second pair of eyes.
      ...{ actor: actorOf(`token-${row.name}`, row.account), role: tokenRole(store, row), by: 'token', account: row.account },
      ...{ credential: row.token, ...(row.methods === null ? {} : { methods: row.methods }) },
    }
  }
  const again = (caller: Caller): Caller | null => {
    if (caller.by === 'session') return withSession(store.sessions.find(caller.credential!), '')
    if (caller.by === 'token') return withToken(store.tokens.find(caller.credential!))
    return null
  }
  return {
    greet({ token, ...hello }) {
      const client = personName(hello.client) ?? 'local'
      if (token === undefined) {
        if (store.accounts.any()) return guest
        throw new Problem('access.denied', 'no token came')
      }
      if (token.startsWith(prefixes.session)) {
        const caller = withSession(store.sessions.byHash(hashOfSecret(token)), client)
        if (client === 'cli') this.noteUse(caller)
        return caller
      }
      if (token.startsWith(prefixes.token)) {
        const caller = withToken(store.tokens.byHash(hashOfSecret(token)))
        this.noteUse(caller)
        return caller
      }
      // The ticket says who began the upload; whoever may begin none has none.
      if (client === 'upload' && isToken(token, consoleKey.uploads))
        return { actor: 'desktop', role: 'operator', by: 'local', account: null }
      if (!isToken(token, consoleKey.current())) throw new Problem('access.denied', 'the token is wrong')
      return withConsoleToken(client, personName(hello.person))
    },
    window: (person) => (store.accounts.any() ? guest : { actor: actorOf('desktop', person), role: 'admin', by: 'local', account: null }),
    isCurrent(caller) {
      if (caller.by === undefined || caller.by === 'owner') return true
      if (caller.by === 'guest') return store.accounts.any()
      if (caller.by === 'local') return !store.accounts.any()
      try {
        return again(caller)?.role === caller.role
      } catch (error) {
        if (error instanceof Problem) return false
        throw error
      }
    },
    noteUse({ by, credential }) {
      const table = by === 'session' ? store.sessions : by === 'token' ? store.tokens : null
      if (table === null || credential === undefined) return
      const row = table.find(credential)
      if (row !== null && now() - (row.usedAt ?? 0) >= NOTED_EVERY_MS)
        whileDiskLasts(() => store.transact(() => table.noteUse(credential, now())))
    },
  }
}

/** A full disk must not keep those who could free it from looking: what is only noted is left out then. @returns whether it was noted */
function whileDiskLasts(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'store.disk-full') return false
    throw error
  }
}
