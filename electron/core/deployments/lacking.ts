import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** What a device lacks of a bundle. Devices that lack the same share one object. */
export interface Lacking {
  bytes: number
  /** Sizes of the blocks by hash. */
  blocks: ReadonlyMap<string, number>
}

/** What must be known of a bundle to tell what a device lacks of it. */
export interface LackingSources {
  digest: string
  /** Devices fetch no more than this, where a block occurs twice; left out: each block counts once. */
  bundleBytes?: number
  /** Blocks of a bundle by hash; null for one that this registry does not know. */
  blocksOf(digest: string): ReadonlyMap<string, number> | null
}

/** What a device lacks of the bundle; devices with the same bundles are reckoned once. */
export function lackingReader({ digest, blocksOf, bundleBytes = Infinity }: LackingSources): (entry: RosterEntry) => Lacking {
  const wanted = blocksOf(digest) ?? new Map<string, number>()
  const known = new Map<string, Lacking>()
  const nothing: Lacking = { bytes: 0, blocks: new Map() }
  return ({ row }) => {
    const held = heldDigests(row.reported?.deployments ?? {})
    if (held.has(digest)) return nothing
    const key = [...held].sort().join()
    const before = known.get(key)
    if (before !== undefined) return before
    const blocks = new Map(wanted)
    for (const one of held) for (const sha256 of blocksOf(one)?.keys() ?? []) blocks.delete(sha256)
    const made = { blocks, bytes: Math.min(bundleBytes, sumOf(blocks)) }
    known.set(key, made)
    return made
  }
}

/** Bytes of the different blocks that devices lack: sent once, where all of them fetch together. */
export function unionBytes(groups: Iterable<Lacking>): number {
  return sumOf(new Map([...groups].flatMap(({ blocks }) => [...blocks])))
}

function sumOf(blocks: ReadonlyMap<string, number>): number {
  return [...blocks.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** Bundles of which the device reports to have the whole. */
export function heldDigests(deployments: Readonly<Record<string, ReportedDeployment>>): Set<string> {
  const slots = Object.values(deployments).flatMap(({ active, lastGood, beside }) => [active, lastGood, wholeBeside(beside)])
  return new Set(slots.flatMap((slot) => (slot === null ? [] : [slot.digest])))
}

const wholeStates: readonly string[] = ['verified', 'preflighted', 'staged', 'probing', 'active']

/** What stands beside, once all of it is on the device. */
function wholeBeside(beside: ReportedDeployment['beside']): { digest: string } | null {
  return beside !== null && wholeStates.includes(beside.state) ? beside.content : null
}
