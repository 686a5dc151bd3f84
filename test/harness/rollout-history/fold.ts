import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'

// Written from ../../../shared/domain/rollout/life.ts and the rules of rollouts alone: nothing of the engine is used here, so that one mistake
// is not made twice.

/** States that count as an answer. */
export const answered = new Set(['committed', 'rejected', 'failed', 'timed-out', 'fell-back'])
/** States on the way. */
export const underWay = new Set(['offered', 'fetching', 'activating', 'probing'])

/** What the log says at one moment. */
export interface Folded {
  rollout: string
  devices: Map<string, { wave: number; state: string }>
  waves: Map<number, 'waiting' | 'open' | 'passed'>
}

/** The log, one event at a time. `from` of a transition must be where the log left it. */
export function emptyFold(): Folded {
  return { rollout: 'draft', devices: new Map(), waves: new Map() }
}

/** Takes an event in. @returns what is wrong with it in itself, or null */
export function foldEvent(now: Folded, event: RolloutEvent): string | null {
  const { kind, device, wave, from, to } = event
  if (kind === 'target') return joinAll(now, event)
  if ((kind === 'wave-opened' || kind === 'wave-reached') && wave !== null) now.waves.set(wave, 'open')
  if (kind === 'wave-passed' && wave !== null) now.waves.set(wave, 'passed')
  if (device === null) {
    if (to === null) return null
    const problem = (from ?? 'draft') === now.rollout ? null : `${kind} says from ${String(from)}, the log stands at ${now.rollout}`
    now.rollout = to
    return problem
  }
  if (kind === 'join') return joinOne(now, device, wave ?? 0)
  if (to === null) return null
  const known = now.devices.get(device)
  if (known === undefined) return `${kind} of ${device}, which never joined`
  const problem = from === known.state ? null : `${kind} of ${device} says from ${String(from)}, the log has it in ${known.state}`
  known.state = to
  return problem
}

function joinOne(now: Folded, device: string, wave: number): string | null {
  const known = now.devices.get(device)
  if (known !== undefined) return `${device} joins wave ${wave} and is in wave ${known.wave} already`
  now.devices.set(device, { wave, state: 'pending' })
  return null
}

function joinAll(now: Folded, { detail }: RolloutEvent): string | null {
  const problems = wavesOf(detail).flatMap((devices, wave) => devices.map((device) => joinOne(now, device, wave)))
  return problems.find((problem) => problem !== null) ?? null
}

/** Devices by wave, of the event that begins a rollout. */
export function wavesOf(detail: Readonly<Record<string, unknown>>): string[][] {
  const { waves } = detail
  return Array.isArray(waves) ? (waves as string[][]) : []
}

/** How many devices are in states of a set, of one wave or of all. */
export function countOf({ devices }: Folded, states: ReadonlySet<string>, wave: number | null = null): number {
  let found = 0
  for (const one of devices.values()) if (states.has(one.state) && (wave === null || one.wave === wave)) found += 1
  return found
}
