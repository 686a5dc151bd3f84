import { completeQuery } from '../../../shared/domain/query/complete.ts'
import { QueryProblem } from '../../../shared/domain/query/query-problem.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { requireDevice, selectEntries } from '../devices/summary.ts'
import { cellGroups, countHealth, sortEntries, tableRow } from '../devices/table.ts'
import { timelineOf } from '../devices/timeline.ts'
import { vocabularyOf } from '../devices/vocabulary.ts'
import type { ApiParts } from './parts.ts'

type Names = 'devices.table' | 'devices.cells' | 'devices.completions' | 'devices.checkQuery' | 'devices.timeline'

/** Handlers of the views of all devices, and of the history of one. */
export function deviceViewsHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  return {
    'devices.table': ({ query, sort, offset, limit }) => {
      const selected = selectEntries(store, query)
      const sorted = sort === undefined ? selected : sortEntries(selected, sort)
      const at = now()
      return {
        rows: sorted.slice(offset, offset + limit).map((entry) => tableRow(entry, at)),
        total: selected.length,
        counts: countHealth(selected),
        fleet: store.roster.all().length,
      }
    },
    'devices.cells': ({ query, by }) => {
      const selected = selectEntries(store, query)
      return { groups: cellGroups(selected, by), counts: countHealth(selected) }
    },
    'devices.completions': ({ query, caret }) => completeQuery(query, caret, vocabularyOf(store.roster.all())),
    'devices.checkQuery': ({ query }) => {
      try {
        return { ok: true, total: selectEntries(store, query).length, fleet: store.roster.all().length }
      } catch (error) {
        if (!(error instanceof QueryProblem)) throw error
        return { ok: false, problem: { code: error.code, message: error.message.slice(0, 2000), ...error.range } }
      }
    },
    'devices.timeline': (input) => {
      requireDevice(store, input.device)
      return timelineOf(parts, input)
    },
  }
}
