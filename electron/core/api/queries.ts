import { Problem } from '../../../shared/domain/problem.ts'
import { parseQuery } from '../../../shared/domain/query/query.ts'
import { QueryProblem } from '../../../shared/domain/query/query-problem.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { labelsInUse, selectEntries } from '../devices/summary.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { ApiParts } from './parts.ts'

type Names = 'queries.list' | 'queries.save' | 'queries.remove'

/** Handlers of `queries.*`. */
export function queriesHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  return {
    'queries.list': ({ view }) => ({ queries: store.savedQueries.all(view).map((one) => ({ ...one, total: totalOf(store, one.query) })) }),
    'queries.save': ({ mayReplace, ...content }, context) => {
      parseQuery(content.query, labelsInUse(store.roster.all()))
      const replaced = store.savedQueries.find(content.view, content.name)
      if (replaced !== null && !mayReplace) throw new Problem('query.exists', `There is a saved query '${content.name}' already.`)
      const saved = { ...content, savedAt: now(), savedBy: context.caller.actor.slice(0, 128) }
      store.savedQueries.put(saved)
      context.afterCommit(() => parts.changed('devices'))
      return { saved, replaced }
    },
    'queries.remove': ({ view, name }, context) => {
      const removed = store.savedQueries.find(view, name)
      if (removed === null) throw new Problem('query.not-found', `There is no saved query '${name}'.`)
      store.savedQueries.remove(view, name)
      context.afterCommit(() => parts.changed('devices'))
      return { removed }
    },
  }
}

/** How many devices a saved query selects; null for one that cannot be read any more, as when its label is gone. */
function totalOf(store: FleetStore, query: string): number | null {
  try {
    return selectEntries(store, query).length
  } catch (error) {
    if (error instanceof QueryProblem) return null
    throw error
  }
}
