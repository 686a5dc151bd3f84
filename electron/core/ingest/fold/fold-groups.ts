import { FLEET, type Level } from '../../store/telemetry/levels.ts'

/** A sum that others can be added to. */
interface Mergeable<Sum> {
  merge(other: Sum): void
}

interface GroupKey {
  device: number
  subject: number
  bucket: number
}

interface Group<Sum> extends GroupKey {
  level: Level
  sum: Sum
}

/**
 * What the records of one step add to which sums. They are added once, to the finest bucket of their device; longer buckets and the fleet are
 * made of these sums, so a record is read once however many rows it goes into.
 */
export class FoldGroups<Sum extends Mergeable<Sum>> {
  readonly #levels: readonly [Level, ...Level[]]
  readonly #empty: () => Sum
  readonly #finest = new Map<string, Group<Sum>>()

  constructor(levels: readonly [Level, ...Level[]], empty: () => Sum) {
    this.#levels = levels
    this.#empty = empty
  }

  /** The sum of the finest bucket of a device. */
  of(key: GroupKey): Sum {
    return groupIn(this.#finest, { level: this.#levels[0], ...key }, this.#empty)
  }

  /** All sums that the records go into. None of them is needed for another any more: whoever writes one may add to it. */
  all(): Group<Sum>[] {
    const all: Group<Sum>[] = []
    let devices = this.#finest
    let fleet = merged([...devices.values()], (group) => ({ ...group, device: FLEET }), this.#empty)
    for (const [i, level] of this.#levels.entries()) {
      if (i > 0) {
        const before = this.#levels[i - 1]!
        const longer = (group: Group<Sum>): Omit<Group<Sum>, 'sum'> => ({
          ...group,
          level,
          bucket: Math.floor((group.bucket * before) / level),
        })
        devices = merged([...devices.values()], longer, this.#empty)
        fleet = merged([...fleet.values()], longer, this.#empty)
      }
      all.push(...devices.values(), ...fleet.values())
    }
    return all
  }
}

function merged<Sum extends Mergeable<Sum>>(
  groups: readonly Group<Sum>[],
  into: (group: Group<Sum>) => Omit<Group<Sum>, 'sum'>,
  empty: () => Sum,
): Map<string, Group<Sum>> {
  const made = new Map<string, Group<Sum>>()
  for (const group of groups) groupIn(made, into(group), empty).merge(group.sum)
  return made
}

function groupIn<Sum>(groups: Map<string, Group<Sum>>, key: Omit<Group<Sum>, 'sum'>, empty: () => Sum): Sum {
  const { level, bucket, device, subject } = key
  const name = `${bucket} ${device} ${subject}`
  let group = groups.get(name)
  if (group === undefined) groups.set(name, (group = { level, bucket, device, subject, sum: empty() }))
  return group.sum
}
