import { retentionKinds, retentionOf, retentionWords, usualRetention, type Retention } from '../../../shared/domain/retention.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import type { ApiParts } from './parts.ts'

type Names = 'telemetry.store' | 'telemetry.setRetention'

/** Handlers of what is stored of telemetry, and for how long. */
export function telemetryStoreHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store } = parts
  return {
    'telemetry.store': () => storeShown(parts),
    'telemetry.setRetention': ({ days }, context) => {
      const chosen: Partial<Retention> = { ...store.settings.get('retention') }
      for (const kind of retentionKinds) {
        const wanted = days[kind]
        if (wanted === undefined) continue
        if (wanted === null || wanted === usualRetention[kind]) delete chosen[kind]
        else chosen[kind] = wanted
      }
      store.settings.set('retention', chosen)
      context.afterCommit(() => {
        parts.hub().setRetention(chosen)
        parts.changed('telemetry', 'setup')
      })
      return storeShown(parts)
    },
  }
}

function storeShown({ store, telemetry }: ApiParts): ResultOf<'telemetry.store'> {
  const { kinds, ...facts } = telemetry.storeFacts()
  const days = retentionOf(store.settings.get('retention'))
  return {
    ...facts,
    kinds: retentionKinds.map((kind) => ({
      ...{ kind, what: retentionWords[kind], days: days[kind], usualDays: usualRetention[kind] },
      ...kinds[kind],
    })),
  }
}
