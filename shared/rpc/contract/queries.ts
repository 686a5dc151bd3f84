import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'
import { sortOrder } from './device-views.ts'

/** Views that queries can be saved for. */
export const savedQueryViews = ['devices'] as const

const view = z.enum(savedQueryViews)
const name = z.string().trim().min(1).max(80)

const content = z.strictObject({
  query: text(4000),
  columns: z.array(text(128)).max(60).describe('Columns that are shown, in order; empty: the usual ones.'),
  sort: sortOrder.nullable(),
})

const savedQuery = content.extend({ view, name: text(80), savedAt: epochMs, savedBy: text(128) })
export type SavedQuery = z.infer<typeof savedQuery>

export const queriesMethods = {
  'queries.list': query(
    'Saved queries with how many devices each selects now, by name. Change topic: devices.',
    z.strictObject({ view: view.default('devices') }),
    z.object({ queries: z.array(savedQuery.extend({ total: count.nullable().describe('null: the query cannot be read any more.') })) }),
  ),
  'queries.save': command(
    'Saves a query under a name. A name that is taken is refused unless it may be replaced.',
    content.extend({
      view: view.default('devices'),
      name,
      columns: content.shape.columns.default([]),
      sort: content.shape.sort.default(null),
      mayReplace: z.boolean().default(false),
    }),
    z.object({ saved: savedQuery, replaced: savedQuery.nullable().describe('What stood under the name, for an undo.') }),
  ),
  'queries.remove': command(
    'Forgets a saved query.',
    z.strictObject({ view: view.default('devices'), name: text(80) }),
    z.object({ removed: savedQuery.describe('Save it again to undo.') }),
  ),
} as const
