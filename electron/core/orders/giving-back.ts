import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { OrderSlot, Wanted } from '../store/fleet/terms.ts'
import { stageOfRow } from '../store/fleet/version-decisions.ts'

/** A version of a bundle. */
interface Named {
  digest: string
  model: string
  version: string
}

/** What is known besides a device when it gets back what it had. */
export interface BackKnowledge {
  isWithdrawn(version: { model: string; version: string }): boolean
  /** The fallback version of the deployment; null: none may be given. */
  fallback: Named | null
}

/** A device that gets back what it had. */
export interface GoingBack {
  slot: OrderSlot
  /** What is ordered there now; null: nothing. */
  ordered: Pick<Wanted, 'digest' | 'model' | 'version'> | null
  /** What it would get back. */
  previous: Wanted | null
  /** Bundle that it says it serves; null: none, or it does not say. */
  serving: string | null
}

/**
 * What a device gets. `as-it-was`: what it had. `kept`: a withdrawn version that it still serves, or next to which it has none that may be released.
 * `fallback`: the fallback version in place of a withdrawn one. `nothing`: a withdrawn version is not put beside again. `refused`: nothing may be given.
 */
export type Back = { how: 'as-it-was' | 'kept' | 'fallback' | 'nothing'; wanted: Wanted | null } | { how: 'refused' }

/** Tells which versions were withdrawn; each is looked up once. A version that is not registered any more was not. */
export function withdrawnReader({ versionDecisions }: Pick<FleetStore, 'versionDecisions'>): BackKnowledge['isWithdrawn'] {
  const known = new Map<string, boolean>()
  return ({ model, version }) => {
    const key = `${model}@${version}`
    const before = known.get(key)
    if (before !== undefined) return before
    const row = versionDecisions.standing(model, version)
    const isWithdrawn = row !== null && stageOfRow(row) === 'withdrawn'
    known.set(key, isWithdrawn)
    return isWithdrawn
  }
}

/** Decides what a device gets back: a withdrawn version is no release, and a device always keeps answering. */
export function backOf({ slot, ordered, previous, serving }: GoingBack, { isWithdrawn, fallback }: BackKnowledge): Back {
  if (previous === null || !isWithdrawn(previous)) return { how: 'as-it-was', wanted: previous }
  if (slot === 'beside') return { how: 'nothing', wanted: null }
  if (serving === previous.digest) return { how: 'kept', wanted: previous }
  if (fallback !== null && fallback.digest !== ordered?.digest) {
    const { digest, model, version } = fallback
    return { how: 'fallback', wanted: { digest, model, version, role: 'active', terms: previous.terms } }
  }
  if (ordered !== null && isWithdrawn(ordered)) return { how: 'kept', wanted: previous }
  return { how: 'refused' }
}
