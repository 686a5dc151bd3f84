import type { ErasureShown } from '../../../shared/rpc/contract/privacy.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Manifest } from '../../../shared/domain/bundle.ts'
import type { ApiParts } from '../api/parts.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

type ShownField = ResultOf<'privacy.show'>['fields'][number]
type ShowParts = Pick<ApiParts, 'store' | 'registry'>

/** Fields that are marked, with the models that have them. */
export function shownFields({ store, registry }: ShowParts): ShownField[] {
  const marks = store.privacy.marks()
  if (marks.length === 0) return []
  const versions = registry.versions()
  return marks.map((mark) => {
    const models = versions.filter(({ manifest }) => fieldNames(manifest).has(mark.field)).map(({ model }) => model)
    return { ...mark, models: [...new Set(models)].slice(0, 100) }
  })
}

/** Names that a mark may have: features, columns, inputs, outputs, and the column of the truth. */
function fieldNames({ schema, inputs, outputs, preprocessing }: Manifest): Set<string> {
  const columns = preprocessing.v === 2 && 'columns' in preprocessing ? preprocessing.columns : []
  const named = [...schema.features, ...inputs, ...outputs, ...columns].map(({ name }) => name)
  return new Set([...named, ...(schema.target === null ? [] : [schema.target])])
}

/** People who were erased, with what is still pending. */
export function shownErasures({ store }: Pick<ApiParts, 'store'>): ErasureShown[] {
  const pending = store.privacy.pending()
  return store.privacy
    .erasures()
    .slice(0, 1000)
    .map(({ id, subject, reason, by, at, doneAt, found, problem }) => ({
      ...{ subject, reason, by, at, doneAt, found, problem, confirmed: store.privacy.confirmed(id) },
      pending: pending
        .filter(({ erasure }) => erasure === id)
        .slice(0, 1000)
        .map(({ device }) => shownDevice(store, device)),
    })) as ErasureShown[]
}

function shownDevice({ devices }: FleetStore, device: string): { device: string; isOnline: boolean; isOld: boolean } {
  const row = devices.find(device)
  // An agent of before reports nothing of what it took out, though it has the order.
  return { device, isOnline: row?.status === 'online', isOld: isOldAgent(row?.reported) }
}

function isOldAgent(reported: object | null | undefined): boolean {
  return reported != null && !('erased' in reported)
}

/** True if a rule asks some device for samples. */
export function isSamplesOn({ configRules }: Pick<FleetStore, 'configRules'>): boolean {
  const rules = [configRules.fleet(), ...configRules.groups(), ...configRules.devices('', Number.MAX_SAFE_INTEGER)]
  return rules.some((rule) => {
    const { samplesPerWindow = 0, lowConfidenceSamples = 0, outlierSamples = 0 } = rule?.settings ?? {}
    return samplesPerWindow + lowConfidenceSamples + outlierSamples > 0
  })
}
