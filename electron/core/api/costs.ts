import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectEntries } from '../devices/summary.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `costs.${string}`>

/** Handlers of `costs.*`. */
export function costsHandlers({ store, registry, costs, now, changed }: CostsHandlerParts): Pick<Handlers, Names> {
  return {
    'costs.sheet': () => costs.sheet(),
    'costs.setSheet': (sheet, context) => {
      costs.keepSheet(sheet)
      context.afterCommit(() => {
        costs.forget()
        changed('costs', 'rollouts')
      })
      return sheet
    },
    'costs.report': (question) => costs.report(question),
    'costs.forecast': ({ model, version, query }) =>
      costs.forecast({
        digest: registry.version(model, version).digest,
        entries: selectEntries(store, query),
        ...{ seconds: null, budget: { bytes: null, money: null }, now: now() },
      }),
  }
}

type CostsHandlerParts = Pick<ApiParts, 'store' | 'registry' | 'costs' | 'now' | 'changed'>
