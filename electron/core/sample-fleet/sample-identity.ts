import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** How agents on this machine reach the broker. */
export interface AgentBroker {
  url: string
  username: string | null
  password: string | null
}

/** What the agent keeps of its enrolment, as far as it matters here. */
const identity = z.object({ fleet: z.string(), device: z.string(), brokerUrl: z.string(), username: z.string(), secret: z.string() })

/** True for a device that the sample fleet enrolled itself; a person may have enrolled another one under the same id since. */
export function isOwn(store: FleetStore, device: string): boolean {
  const row = store.devices.find(device)
  const claim = store.settings.get('sampleFleet')?.devices[device]
  if (row === null || claim === undefined) return false
  if (claim.enrolledAt !== null) return row.enrolledAt === claim.enrolledAt
  return row.enrolledAt >= claim.from && row.labels['sample'] === 'yes'
}

/** Remembers that a device is going to be, or is, of the sample fleet. */
export function claim(store: FleetStore, device: string, at: { from: number; enrolledAt: number | null }): void {
  store.transact(() => {
    const before = store.settings.get('sampleFleet')
    store.settings.set('sampleFleet', { isWanted: before?.isWanted ?? false, devices: { ...before?.devices, [device]: at } })
  })
}

/** True if an agent can go on with the identity in its folder: the fleet, the broker and its secret are still the same. */
export function canStay(store: FleetStore, at: { device: string; directory: string; fleet: string; broker: AgentBroker }): boolean {
  const row = store.devices.find(at.device)
  const held = readIdentity(at.directory)
  if (row === null || held === null || held.fleet !== at.fleet || held.device !== at.device) return false
  if (comparable(held.brokerUrl) !== comparable(at.broker.url)) return false
  // With an account of an external broker the secret is its password, and the console does not check it.
  if (at.broker.username !== null) return held.username === at.broker.username && held.secret === (at.broker.password ?? '')
  return held.username === at.device && createHash('sha256').update(held.secret).digest('hex') === row.secretHash
}

function comparable(url: string): string {
  return new URL(url).href.replace(/\/$/, '')
}

function readIdentity(directory: string): z.infer<typeof identity> | null {
  try {
    const parsed = identity.safeParse(JSON.parse(readFileSync(join(directory, 'identity.json'), 'utf8')))
    return parsed.success && URL.canParse(parsed.data.brokerUrl) ? parsed.data : null
  } catch {
    // None yet, or damaged: the agent is enrolled anew.
    return null
  }
}
