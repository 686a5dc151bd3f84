import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import type { ApiParts } from './parts.ts'

type Names = 'trust.show' | Extract<keyof Handlers, `keys.${string}`>

/** Handlers of `trust.show` and `keys.*`. */
export function keysHandlers({ trust }: Pick<ApiParts, 'trust'>): Pick<Handlers, Names> {
  const { desk, guards } = trust
  return {
    'trust.show': () => ({ guards: guards.all() }),
    'keys.show': () => desk.show(),
    'keys.create': async (input, caller) => ({ written: await desk.create(input, caller), keys: desk.show() }),
    'keys.unlock': async (input, caller) => {
      await desk.unlock(input, caller)
      return desk.show()
    },
    'keys.lock': (_, caller) => {
      desk.lock(caller)
      return desk.show()
    },
    'keys.rotate': async (input, caller) => ({ written: await desk.rotate(input, caller), keys: desk.show() }),
    'keys.recover': async (input, caller) => {
      await desk.recover(input, caller)
      return desk.show()
    },
    'keys.drill': (input, caller) => desk.drill(input, caller),
    'keys.backup': (input, caller) => ({ written: desk.backup(input, caller) }),
  }
}
