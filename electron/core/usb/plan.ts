import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifactsOf } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { carryLimits } from '../../../shared/protocol/carry.ts'
import type { CarryPlan } from '../../../shared/rpc/contract/carry.ts'
import type { ApiParts } from '../api/parts.ts'
import { fetchable } from '../deployments/fetchable.ts'
import { heldDigests } from '../deployments/lacking.ts'
import { selectEntries } from '../devices/summary.ts'
import { readManifest } from '../registry/manifest-bytes.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** Parts that an export is planned from. */
export type PlanParts = Pick<ApiParts, 'store' | 'trust' | 'dataDirectory'>

/** What goes into a folder: for whom, and which artifacts, by hash, with their sizes. */
export interface Planned {
  devices: CarryPlan['devices']
  skipped: CarryPlan['skipped']
  artifacts: ReadonlyMap<string, number>
  expiresAt: number
}

/** The folder of the content-addressed store. */
export function artifactDirectoryOf({ dataDirectory }: Pick<ApiParts, 'dataDirectory'>): string {
  return join(dataDirectory, 'artifacts')
}

/**
 * Works out what devices lack. A device that never said what it has lacks everything.
 * @throws Problem `device.none-match`, `usb.no-space` for more than a folder may name
 */
export function planCarry(parts: PlanParts, choice: { query: string; everything: boolean }): Planned {
  const entries = selectEntries(parts.store, choice.query)
  if (entries.length === 0) throw new Problem('device.none-match', `No device matches '${choice.query}'.`)
  const sizes = sizesReader(artifactDirectoryOf(parts))
  const artifacts = new Map<string, number>()
  const planned: Pick<Planned, 'devices' | 'skipped'> = { devices: [], skipped: [] }
  for (const entry of entries) {
    const { device } = entry.row
    const trust = parts.store.deviceTrust.find(device)
    const why = trust?.revoked != null ? 'It was revoked.' : trust?.quarantined != null ? 'It is in quarantine.' : null
    if (why !== null) {
      planned.skipped.push({ device, why })
      continue
    }
    const lacking = lackingOf(entry, sizes, choice.everything)
    for (const [sha256, bytes] of lacking) artifacts.set(sha256, bytes)
    const bytes = [...lacking.values()].reduce((sum, one) => sum + one, 0)
    planned.devices.push({ device, deployments: entry.orders.length, bytes, hasKey: (trust?.signingKey ?? null) !== null })
  }
  if (planned.devices.length === 0)
    throw new Problem('device.none-match', `All devices that match '${choice.query}' were revoked or are in quarantine.`)
  if (planned.devices.length > carryLimits.devices || artifacts.size > carryLimits.files / 2)
    throw new Problem('usb.no-space', `A folder holds at most ${carryLimits.devices} devices and ${carryLimits.files / 2} artifacts.`)
  return { ...planned, artifacts, expiresAt: expiryOf(parts) }
}

function lackingOf(
  { row, orders }: RosterEntry,
  sizes: (digest: string) => ReadonlyMap<string, number>,
  everything: boolean,
): Map<string, number> {
  const wanted = new Map(fetchable(orders).flatMap((digest) => [...sizes(digest)]))
  if (everything) return wanted
  for (const digest of heldDigests(row.reported?.deployments ?? {})) {
    // A version that was taken out of the registry tells nothing of what the device has.
    for (const sha256 of sizesOrNone(sizes, digest).keys()) wanted.delete(sha256)
  }
  return wanted
}

function sizesOrNone(sizes: (digest: string) => ReadonlyMap<string, number>, digest: string): ReadonlyMap<string, number> {
  try {
    return sizes(digest)
  } catch {
    return new Map()
  }
}

/** Sizes of a bundle's manifest and artifacts, by hash; read once. */
function sizesReader(directory: string): (digest: string) => ReadonlyMap<string, number> {
  const known = new Map<string, ReadonlyMap<string, number>>()
  return (digest) => {
    const before = known.get(digest)
    if (before !== undefined) return before
    const bytes = readFileSync(join(directory, digest))
    const entries = artifactsOf(readManifest(bytes)).map(({ entry }) => [entry.sha256, entry.sizeBytes] as const)
    const made = new Map<string, number>([[digest, bytes.length], ...entries])
    known.set(digest, made)
    return made
  }
}

/** A folder is no longer good than the metadata in it: a device would take what is signed and change nothing. */
function expiryOf({ trust: { repository } }: PlanParts): number {
  const { snapshot, timestamp } = repository.stamps()
  return Math.min(repository.root().expiresAt, repository.targets().expiresAt, snapshot.expiresAt, timestamp.expiresAt)
}
