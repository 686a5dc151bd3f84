import { Problem } from '../../../../shared/domain/problem.ts'
import type { TrustTable } from '../../store/fleet/trust.ts'
import type { PublicKey } from '../keys/signing-key.ts'
import { isListSignedBy, readTargets } from './metadata.ts'

/** The list of bundles as keys have signed it: the store that it lies in is believed in nothing. */
export interface SignedList {
  /** False: the newest list in the store is not the one that the keys signed. */
  isGood: boolean
  /** Sizes of manifests by digest, of the newest list that the keys did sign; empty where none is left. */
  targets: Map<string, number>
  /** What the newest list says beyond that, and lacks of it; in words. */
  differs: string[]
}

type Lists = Pick<TrustTable, 'versions'>
type Keys = readonly Pick<PublicKey, 'tufId' | 'publicKey'>[]

const MOST_NAMED = 5

/** Reads the list by the keys that must have signed it. */
export function readSignedList(lists: Lists, keys: Keys): SignedList {
  const all = lists.versions('targets')
  const good = all.find(({ bytes }) => isListSignedBy(bytes, keys))
  const targets = good === undefined ? new Map<string, number>() : readTargets(good.bytes).targets
  const isGood = good !== undefined && good === all[0]
  if (isGood || all[0] === undefined) return { isGood, targets, differs: [] }
  // Where none is left that the keys signed, the one before tells people best what is other; nothing but words comes of it.
  const before = good === undefined && all[1] !== undefined ? entriesOf(all[1].bytes) : targets
  return { isGood, targets, differs: differences(before, entriesOf(all[0].bytes)) }
}

/** The same, where nothing but the newest list will do. @throws Problem `trust.list-damaged` */
export function requireSignedList(lists: Lists, keys: Keys): Map<string, number> {
  const list = readSignedList(lists, keys)
  if (!list.isGood) throw listDamaged(list)
  return list.targets
}

/** What is said of a list that nobody signs again. */
export function listDamaged({ differs, targets }: SignedList): Problem {
  const named = differs.slice(0, MOST_NAMED).join(', ')
  const more = differs.length > MOST_NAMED ? `, and ${differs.length - MOST_NAMED} more` : ''
  const what = differs.length === 0 ? 'its entries are the same, its signature is not' : `${named}${more}`
  return new Problem(
    'trust.list-damaged',
    `The list of models in the store is not what the targets key signed last (${targets.size} models of it are left): ${what}.`,
  )
}

/** A list that cannot be read says nothing. */
function entriesOf(bytes: Buffer): Map<string, number> {
  try {
    return readTargets(bytes).targets
  } catch {
    return new Map()
  }
}

function differences(signed: ReadonlyMap<string, number>, stored: ReadonlyMap<string, number>): string[] {
  const added = [...stored].filter(([digest, size]) => signed.get(digest) !== size).map(([digest]) => `${digest} was added`)
  const gone = [...signed.keys()].filter((digest) => !stored.has(digest)).map((digest) => `${digest} is gone`)
  return [...added, ...gone]
}
