import { Problem } from '../../../shared/domain/problem.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { makeSecret } from '../people/secrets.ts'
import { makeToken, requirePerson, seesToken, shownToken } from '../people/tokens.ts'
import type { PeopleParts } from './access.ts'

type Names = Extract<keyof Handlers, `tokens.${string}`>

/** Handlers of `tokens.*`: what programs come in with. */
export function tokensHandlers(parts: PeopleParts): Pick<Handlers, Names> {
  const { store, people, now } = parts
  return {
    'tokens.list': (_, caller) => ({
      tokens: store.tokens
        .all()
        .filter((row) => seesToken(caller, row))
        .map((row) => shownToken(store, row, now())),
    }),
    'tokens.prepare': (_, caller) => {
      requirePerson(caller, 'A token cannot make another one.')
      const { secret, hash } = makeSecret('token')
      return { ticket: people.preparedTokens.keep({ hash }), secret }
    },
    'tokens.create': ({ ticket, ...of }, { caller, afterCommit }) => {
      const { hash } = people.preparedTokens.take(ticket)
      const row = makeToken({ store, now: now() }, { ...of, hash }, caller)
      afterCommit(() => {
        people.preparedTokens.drop(ticket)
        parts.changed('people')
      })
      return shownToken(store, row, now())
    },
    'tokens.revoke': ({ token }, { caller, afterCommit }) => {
      const row = store.tokens.find(token)
      if (row === null || !seesToken(caller, row)) throw new Problem('access.token-not-found', `There is no token '${token}'.`)
      if (caller.by === 'token' && caller.credential !== token) requirePerson(caller, 'A token revokes itself only.')
      const isChanged = store.tokens.revoke(token, now())
      afterCommit(() => {
        people.recheck()
        parts.changed('people')
      })
      return { token: shownToken(store, store.tokens.find(token)!, now()), isChanged }
    },
  }
}
