import { createHash } from 'node:crypto'
import type { RolloutPlan, WavePlan, WaveSize } from '../../../../shared/domain/rollout/plan.ts'

/** A device of the target, as far as waves look at it. */
export interface WaveCandidate {
  device: string
  /** Values of the attributes that waves are spread over, joined. */
  stratum: string
  /** The first wave with a query that it matches; null: none does. */
  queryWave: number | null
}

/** Who is in which wave, from 0, in the order in which they are offered the version; and up to which hash each takes those that join later. */
export interface WaveMembers {
  waves: string[][]
  /** null: the wave takes nobody by hash later. */
  boundaries: (string | null)[]
}

type Hashed = WaveCandidate & { hash: string }

/** No hash is greater: the wave takes everybody that no wave before took. */
const everybody = 'f'.repeat(16)

/** Where a device stands in a rollout: the same for ever, whoever else is in it. Compared as text. */
export function waveHash(rollout: number, device: string): string {
  return createHash('sha256').update(`${rollout}:${device}`).digest('hex').slice(0, 16)
}

/** Puts the target into waves. The same target gives the same waves. Devices that no wave takes are in none. */
export function planWaves(rollout: number, plan: Pick<RolloutPlan, 'waves'>, targets: readonly WaveCandidate[]): WaveMembers {
  const members: WaveMembers = { waves: [], boundaries: [] }
  let rest = inHashOrder(targets.map((one) => ({ ...one, hash: waveHash(rollout, one.device) })))
  for (const [index, wave] of plan.waves.entries()) {
    const room = roomOf(wave.size, { total: targets.length, taken: targets.length - rest.length })
    const chosen = wave.size.kind === 'query' ? rest.filter((one) => one.queryWave === index) : choose(wave, rest, room)
    members.waves.push(chosen.map((one) => one.device))
    members.boundaries.push(boundaryOf(wave, chosen, room))
    if (chosen.length === 0) continue
    const gone = new Set(chosen)
    rest = rest.filter((one) => !gone.has(one))
  }
  return members
}

/**
 * The wave of a device that joins later; null: none takes it.
 * @param members devices of each wave now
 */
export function waveOfJoiner(
  joiner: { hash: string; queryWave: number | null },
  waves: readonly WavePlan[],
  now: { boundaries: readonly (string | null)[]; members: readonly number[] },
): number | null {
  const takes = ({ size }: WavePlan, index: number): boolean => {
    if (size.kind === 'query') return joiner.queryWave === index
    if (size.kind === 'count' && (now.members[index] ?? 0) >= size.devices) return false
    const boundary = now.boundaries[index] ?? null
    return boundary !== null && joiner.hash <= boundary
  }
  const found = waves.findIndex(takes)
  return found === -1 ? null : found
}

/** A size in words: 5 devices, up to 10 %, the rest. */
export function waveSizeWords(size: WaveSize): string {
  switch (size.kind) {
    case 'count':
      return size.devices === 1 ? '1 device' : `${size.devices} devices`
    case 'percent':
      return `up to ${size.percent} %`
    case 'query':
      return size.query.length > 60 ? `devices with ${size.query.slice(0, 59)}…` : `devices with ${size.query}`
    case 'rest':
      return 'the rest'
  }
}

function inHashOrder(targets: Hashed[]): Hashed[] {
  return targets.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : a.device < b.device ? -1 : 1))
}

/** How many devices a wave takes at most. */
function roomOf(size: WaveSize, { total, taken }: { total: number; taken: number }): number {
  if (size.kind === 'count') return size.devices
  if (size.kind !== 'percent') return total
  // 7 % of 100 is a little more than 7 in floating point, which must not become 8.
  return Math.max(0, Math.ceil((size.percent * total) / 100 - 1e-9) - taken)
}

function choose(wave: WavePlan, rest: readonly Hashed[], room: number): Hashed[] {
  return isSpread(wave) ? spreadOver(rest, room) : rest.slice(0, room)
}

function isSpread({ stratify, size }: WavePlan): boolean {
  return stratify.length > 0 && (size.kind === 'count' || size.kind === 'percent')
}

/** Takes one of each stratum in turn, so that a small wave has seen as many kinds of device as it can. */
function spreadOver(rest: readonly Hashed[], room: number): Hashed[] {
  const strata = new Map<string, Hashed[]>()
  for (const one of rest) {
    const stratum = strata.get(one.stratum)
    if (stratum === undefined) strata.set(one.stratum, [one])
    else stratum.push(one)
  }
  const chosen: Hashed[] = []
  for (let round = 0; chosen.length < Math.min(room, rest.length); round++) {
    for (const stratum of strata.values()) {
      const next = stratum[round]
      if (next !== undefined && chosen.length < room) chosen.push(next)
    }
  }
  return chosen
}

function boundaryOf(wave: WavePlan, chosen: readonly Hashed[], room: number): string | null {
  const { size } = wave
  if (size.kind === 'rest' || (size.kind === 'percent' && size.percent >= 100)) return everybody
  if (size.kind === 'query' || isSpread(wave)) return null
  // A wave of a fixed number takes whoever comes until it is full.
  if (size.kind === 'count') return chosen.length < room ? everybody : null
  return chosen.at(-1)?.hash ?? null
}
