import type { Clock } from '../../../shared/domain/clock.ts'

/** So many boots of a device are remembered; a device that restarts all day long is no clone. */
const BOOTS = 16
/** Turns between two addresses within the span that no roaming device makes. */
const TURNS = 6
const SPAN_MS = 600_000
/** A device that stays cloned is told of again after this. */
const AGAIN_MS = 600_000

/**
 * Sees when two machines use one identity.
 *
 * INVARIANTS
 * 1. The boot id of an agent is random and new at every start: one that was replaced by another and comes back belongs to a second machine. A
 *    device that restarts, loses its link or is moved never looks like that.
 * 2. Two copies that share even the boot id (a machine that was cloned while it ran) push each other out: the connection goes back and forth
 *    between two addresses, each time while the other one is open.
 */
export interface CloneWatch {
  /** A device says that it is online. @returns why it looks like two machines; null: it does not, or that was told just now */
  noteBoot(device: string, boot: string): string | null
  /** A newer connection pushed an open one out. */
  noteTakeover(device: string, ends: { from: string; to: string }): string | null
  forget(device: string): void
}

interface Seen {
  boot: string
  before: string[]
  turns: { at: number; to: string }[]
  toldAt: number
}

/** Starts to watch; nothing is known yet. */
export function openCloneWatch(clock: Clock): CloneWatch {
  const seen = new Map<string, Seen>()
  const of = (device: string): Seen => {
    const known = seen.get(device) ?? { boot: '', before: [], turns: [], toldAt: Number.NEGATIVE_INFINITY }
    seen.set(device, known)
    return known
  }
  const told = (one: Seen, why: string): string | null => {
    const now = clock.monotonic()
    if (now - one.toldAt < AGAIN_MS) return null
    one.toldAt = now
    return why
  }
  return {
    noteBoot(device, boot) {
      const one = of(device)
      if (one.boot === boot) return null
      const isBack = one.before.includes(boot)
      if (one.boot !== '') one.before = [...one.before.filter((other) => other !== one.boot), one.boot].slice(-BOOTS)
      one.boot = boot
      return isBack ? told(one, 'two agents take turns under this id: a start that another one had replaced came back') : null
    },
    noteTakeover(device, { from, to }) {
      if (from === to) return null
      const one = of(device)
      const now = clock.monotonic()
      const last = one.turns.at(-1)
      // Only going back and forth counts: a device that moves on through many networks does not return.
      if (last !== undefined && last.to !== from) one.turns = []
      one.turns = [...one.turns.filter(({ at }) => now - at <= SPAN_MS), { at: now, to }].slice(-TURNS)
      const places = new Set(one.turns.map((turn) => turn.to))
      if (one.turns.length < TURNS || places.size !== 2) return null
      return told(one, `its connection goes back and forth between ${from} and ${to}, each time while the other one is open`)
    },
    forget: (device) => void seen.delete(device),
  }
}
