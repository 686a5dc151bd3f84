import type { Guard } from '../../../shared/rpc/contract/keys.ts'

export type { Guard } from '../../../shared/rpc/contract/keys.ts'

/** What protects the fleet, one row each; every part of trust adds its own. */
export interface GuardList {
  /** Adds a row, in the order of adding; `make` is asked each time, and answers null where the guard does not apply. */
  add(make: () => Guard | null): void
  all(): Guard[]
}

/** Opens an empty list. */
export function openGuardList(): GuardList {
  const makers: (() => Guard | null)[] = []
  return {
    add: (make) => void makers.push(make),
    all: () => makers.flatMap((make) => make() ?? []),
  }
}
