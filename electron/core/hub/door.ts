/** How many connections there may be. */
export interface DoorLimits {
  /** Connections of one address that are not accepted yet. */
  openingPerAddress: number
  opening: number
  /** All connections, accepted ones included. */
  all: number
}

/** 256: a site of devices behind one address reconnects at once after a restart of the console; each needs milliseconds. */
export const doorLimits: DoorLimits = { openingPerAddress: 256, opening: 2048, all: 12_000 }

/** One connection as the door counts it. */
export interface Visitor {
  readonly address: string
  /** Closes the connection to make room. */
  evict(): void
}

/**
 * Counts connections and makes room: when an address (or all together) has too many that are not accepted yet, its oldest one goes.
 * Those who only hold connections open are the oldest; a device that connects needs a few ms and gets through.
 */
export interface Door {
  /** @returns false if no further connection is possible at all. */
  enter(visitor: Visitor): boolean
  accepted(visitor: Visitor): void
  leave(visitor: Visitor): void
  readonly count: number
}

/** Opens the door with these limits. */
export function openDoor(limits: DoorLimits): Door {
  /** Insertion order is age. */
  const opening = new Set<Visitor>()
  const byAddress = new Map<string, Set<Visitor>>()
  let count = 0

  const forget = (visitor: Visitor): void => {
    if (!opening.delete(visitor)) return
    const ofAddress = byAddress.get(visitor.address)
    ofAddress?.delete(visitor)
    if (ofAddress?.size === 0) byAddress.delete(visitor.address)
  }
  const evictOldest = (of: Set<Visitor>): void => {
    const [oldest] = of
    if (oldest === undefined) return
    forget(oldest)
    oldest.evict()
  }

  return {
    enter(visitor) {
      if (count >= limits.all) return false
      const ofAddress = byAddress.get(visitor.address) ?? new Set()
      if (ofAddress.size >= limits.openingPerAddress) evictOldest(ofAddress)
      else if (opening.size >= limits.opening) evictOldest(opening)
      ofAddress.add(visitor)
      byAddress.set(visitor.address, ofAddress)
      opening.add(visitor)
      count += 1
      return true
    },
    accepted: forget,
    leave(visitor) {
      forget(visitor)
      count -= 1
    },
    get count() {
      return count
    },
  }
}
