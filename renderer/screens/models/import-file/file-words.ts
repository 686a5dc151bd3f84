import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { State } from '../../../components/state-mark.tsx'

type Found = OutputOf<'models.inspectFile'>
type Words = { state: State; word: string }

/** Whose signature a file has. A key of another console proves only that nobody has changed the file since: a person compares its id. */
export function signerWords({ isOwn }: Pick<Found, 'isOwn'>): Words {
  if (isOwn) return { state: 'ok', word: 'sound, by the key of this console' }
  return { state: 'attention', word: 'sound, by a key of another console: compare its id with the one that its export printed' }
}

/** What an import would do here. */
export function stateWords({ state, model, version }: Pick<Found, 'state' | 'model' | 'version'>): Words {
  if (state === 'new') return { state: 'ok', word: 'not here yet' }
  if (state === 'same') return { state: 'offline', word: 'this very version is here already' }
  return { state: 'failed', word: `${model} ${version} is here with other content` }
}

/** Why a file cannot be imported; `null`: it can. */
export function whyNot(found: Found | undefined): string | null {
  if (found === undefined) return 'The file is not read yet.'
  if (found.state === 'other') return 'A version never changes: export the other content under another version.'
  return null
}
