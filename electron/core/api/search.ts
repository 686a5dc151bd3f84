import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { searchAll } from '../search/search.ts'
import type { ApiParts } from './parts.ts'

/** Handler of `search.all`. */
export function searchHandlers({ store }: ApiParts): Pick<Handlers, 'search.all'> {
  return { 'search.all': ({ text, limit }) => ({ results: searchAll(store, text, limit) }) }
}
