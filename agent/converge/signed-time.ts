import type { TrustedKey } from '../trust/verify.ts'
import type { JournalState } from './journal.ts'

/**
 * Newest time that a key of the fleet signed. What a key said that the fleet has taken back counts no more: a thief could have signed a time in the
 * far future, after which everything would be expired for ever.
 */
export function newestSignedAt(
  { order, newestSignedAt: at, newestSignedBy }: Pick<JournalState, 'order' | 'newestSignedAt' | 'newestSignedBy'>,
  keys: readonly TrustedKey[],
): number {
  const by = newestSignedBy ?? order?.keyid
  return by === undefined || keys.some(({ keyid }) => keyid === by) ? at : 0
}

/** What is kept of a time that a key signed just now: the newest, with whose word it is. */
export function signedTime(
  state: JournalState,
  keys: readonly TrustedKey[],
  signed: { at: number; by: string },
): Pick<JournalState, 'newestSignedAt' | 'newestSignedBy'> {
  const before = newestSignedAt(state, keys)
  if (signed.at >= before) return { newestSignedAt: signed.at, newestSignedBy: signed.by }
  // The word of the key of an order goes on to be known when the order is another one.
  const by = state.newestSignedBy ?? state.order?.keyid
  return { newestSignedAt: before, ...(by === undefined ? {} : { newestSignedBy: by }) }
}

/**
 * Epoch that something which the fleet signed must not stand behind. That of a key that the fleet has taken back holds nobody up: a thief may have
 * signed the highest there is.
 */
export function standingEpoch({ order }: Pick<JournalState, 'order'>, keys: readonly TrustedKey[]): number {
  const by = order?.keyid
  return by === undefined || keys.some(({ keyid }) => keyid === by) ? (order?.assignment.epoch ?? 0) : 0
}
