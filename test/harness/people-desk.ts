import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { accessHandlers } from '../../electron/core/api/access.ts'
import { peopleHandlers } from '../../electron/core/api/people.ts'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { tokensHandlers } from '../../electron/core/api/tokens.ts'
import type { Access } from '../../electron/core/people/access.ts'
import { onlyCurrent } from '../../electron/core/people/only-current.ts'
import { openPasswords } from '../../electron/core/people/passwords.ts'
import { openConsoleKey } from '../../electron/core/people/console-key.ts'
import { openPeople } from '../../electron/core/people/open-people.ts'
import { problemFrom } from '../../shared/domain/problem.ts'
import type { PersonRole } from '../../shared/domain/people.ts'
import { contract, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import { createDispatch, type Caller, type Handlers } from '../../shared/rpc/dispatch.ts'
import { fleetStore, T0 } from './fleet.ts'

/** Passwords that cost nothing: what they cost is not what these tests are about. */
export const cheapPasswords = () => openPasswords({ n: 2 ** 4, r: 8, p: 1 })

/** The access of a console without accounts, over a real store. */
export function accessWithout(token: string): Access {
  const people = openPeople({
    store: fleetStore(),
    now: () => T0,
    consoleKey: { current: () => token, uploads: 'uploads', renew: () => () => undefined },
    url: () => null,
    listeners: () => [],
    passwords: cheapPasswords(),
  })
  onTestFinished(people.stop)
  return people.access
}

export type PeopleDesk = ReturnType<typeof openPeopleDesk>

/** Everything about who may come in, over a real store and the real dispatch; only the clock is played. */
export function openPeopleDesk({ port = 8320 }: { port?: number } = {}) {
  const store = fleetStore()
  const clock = { at: T0 }
  const now = (): number => clock.at
  const rechecks = { count: 0 }
  const told: string[] = []
  const renewed = { count: 0 }
  const consoleKey = openConsoleKey(store, { isNew: false, onRenewed: () => void (renewed.count += 1) })
  const people = openPeople({
    ...{ store, now, consoleKey, url: () => `http://127.0.0.1:${port}`, listeners: () => [], passwords: cheapPasswords() },
  })
  onTestFinished(people.stop)
  people.recheck = () => void (rechecks.count += 1)
  const parts = { store, people, now, changed: (...topics: string[]) => void told.push(...topics) }
  const answered = createDispatch({
    // The other domains are not here: a call of theirs would be an internal error.
    handlers: { ...accessHandlers(parts), ...peopleHandlers(parts), ...tokensHandlers(parts) } as unknown as Handlers,
    runCommand: commandRunner(store, now),
    checksOutput: true,
    onInternal: (error) => {
      throw error
    },
  })
  const dispatch = onlyCurrent(answered, people)

  /** Calls as a caller does; @throws Problem of the answer */
  async function call<Name extends MethodName>(caller: Caller, method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const id = contract[method].kind === 'command' ? { commandId: randomUUID() } : {}
    const answer = await dispatch({ id: 1, method, input, ...id }, caller)
    if (!answer.ok) throw problemFrom(answer.error as { code: string; message: string })
    return answer.output as OutputOf<Name>
  }
  const cli = (token: string): Caller => people.access.greet({ token, client: 'cli', person: 'kim' })
  const owner = (): Caller => cli(consoleKey.current())

  return {
    ...{ store, people, consoleKey, renewed, clock, rechecks, told, dispatch, call, cli, owner },
    guest: (): Caller => people.access.greet({ client: 'browser' }),
    async add(name: string, role: PersonRole, password = passwordOf(name)) {
      const { ticket } = await call(owner(), 'access.preparePassword', { password, name })
      return call(owner(), 'people.add', { name, role, ticket })
    },
    /** Signs in and comes in. */
    async signIn(name: string, { password = passwordOf(name), client = 'browser' } = {}): Promise<{ caller: Caller; session: string }> {
      const { session } = await call(this.guest(), 'access.signIn', { name, password, client })
      return { caller: people.access.greet({ token: session, client }), session }
    },
    async token(caller: Caller, name: string, of: { role: PersonRole; methods?: string[]; days?: number }) {
      const { ticket, secret } = await call(caller, 'tokens.prepare', {})
      const made = await call(caller, 'tokens.create', { ticket, name, role: of.role, methods: of.methods ?? null, days: of.days ?? 30 })
      return { ...made, secret }
    },
    audit: () =>
      store.db.prepare<[], { actor: string; action: string; detail: string }>('SELECT actor, action, detail FROM audit ORDER BY seq').all(),
  }
}

export const passwordOf = (name: string): string => `long words of ${name} to keep`
