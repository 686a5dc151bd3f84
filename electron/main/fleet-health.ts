import type { OutputOf } from '../../shared/rpc/contract.ts'

/** What the desktop itself tells of the fleet, outside the window. */
export interface FleetHealth {
  fleetName: string
  broker: { state: 'starting' | 'running' | 'unreachable' | 'stopped'; problem: string | null }
  devices: { enrolled: number; online: number }
  /** What cannot be stored, or `null`. */
  storeProblem: string | null
  /** Devices that refused what they were ordered, by deployment. */
  failed: ReadonlyMap<string, number>
}

/** Health from what the core answers. */
export function healthOf(status: OutputOf<'system.status'>, deployments: OutputOf<'deployments.list'>): FleetHealth {
  return {
    fleetName: status.fleetName,
    broker: { state: status.broker.state, problem: status.broker.problem?.message ?? null },
    devices: { enrolled: status.devices.enrolled, online: status.devices.online },
    storeProblem: status.ingest.problem?.message ?? null,
    failed: new Map(deployments.deployments.filter(({ failed }) => failed > 0).map(({ deployment, failed }) => [deployment, failed])),
  }
}

/** One line for the tray; `null`: the core is not running. */
export function trayText(health: FleetHealth | null): string {
  if (health === null) return 'Muster: the core is not running'
  const { fleetName, broker, devices } = health
  const name = shortened(fleetName, 40)
  if (broker.state === 'starting') return `${name}: the broker is starting`
  if (broker.state !== 'running') return `${name}: the broker is ${broker.state}`
  const problems = [
    ...(health.storeProblem === null ? [] : ['telemetry is not stored']),
    ...(health.failed.size === 0 ? [] : [`${counted(sum(health.failed.values()), 'device')} refused an order`]),
  ]
  const online = devices.enrolled === 0 ? 'no devices yet' : `${devices.online} of ${counted(devices.enrolled, 'device')} online`
  return [`${name}: ${online}`, ...problems].join('; ')
}

/** Text that a device or a person made up, cut so that a menu or a message stays readable. */
export function shortened(text: string, most: number): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0)
}
