import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { Keyring } from '../keys.ts'
import type { Repository } from '../tuf/repository.ts'

/** What the acts on keys work with. */
export interface KeyDeskParts {
  store: FleetStore
  keyring: Keyring
  repository: Repository
  dataDirectory: string
  fleet(): string
  now(): number
  /** Signs every standing order, and the halt list, again: their key, or the epoch, is another one. Call it in a transaction. */
  resign(): void
  /** Keeps a copy of the newest root beside the keys: a store from a backup may lack it. Does not throw: the next minute tries again. */
  keepRoot(): void
  /** Something is to be said to devices. */
  onOutbox(): void
  changed(): void
}

/**
 * What follows on an act that counts already. None of it may make the act look like one that failed: somebody would throw away the files of keys that
 * the fleet now hangs on. What the disk refused is tried again each minute, and at the start.
 */
export function afterwards({ keyring, keepRoot, onOutbox, changed }: KeyDeskParts): void {
  keyring.settle()
  keepRoot()
  onOutbox()
  changed()
}

/** Who acts, for the record. */
export interface Actor {
  actor: string
}

/** An act on record: in the transaction of the change. Passphrases and contents of files never come near it. */
export function record({ store, now }: KeyDeskParts, by: Actor, action: string, detail: Record<string, unknown>): void {
  store.audit.append({ at: now(), actor: by.actor, action, detail })
}
