import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { RolloutEvent } from '../../../../../../shared/domain/rollout/event.ts'
import type { RolloutDeviceState } from '../../../../../../shared/domain/rollout/life.ts'
import type { RolloutPlanInput, RolloutMethod } from '../../../../../../shared/domain/rollout/plan.ts'
import { applyEvent, startLive } from '../../../../../../electron/core/rollout/engine/apply-event.ts'
import type { Live } from '../../../../../../electron/core/rollout/engine/live.ts'
import { replay } from '../../../../../../electron/core/rollout/engine/replay.ts'
import { recount } from '../../../../../../electron/core/rollout/engine/tally.ts'
import { RolloutWorld, type WorldDevice } from '../../../../../harness/rollout-world.ts'
import { seeded } from '../../../../shared/stats/oracle.ts'

/** What happened in random histories, to be printed: a history in which nothing happens shows nothing. */
export type HistoryCounts = Record<string, number>

const failed: readonly RolloutDeviceState[] = ['failed', 'rejected', 'timed-out', 'fell-back']
const flying: readonly RolloutDeviceState[] = ['offered', 'fetching', 'activating', 'probing']

/** Lives through one random history and checks it at every step. */
export function liveThrough(seed: number, seen: HistoryCounts): void {
  const random = seeded(seed)
  const world = new RolloutWorld(randomPlan(random), 0)
  for (let n = 0; n < 6 + random() * 30; n++) join(world, random, n)
  const replica = startLive(world.events[0]!)
  const check = watch(world, replica, seen)
  world.start()
  for (let step = 0; step < 70; step++) {
    moveDevices(world, random)
    if (random() < 0.08) join(world, random, 100 + step)
    if (random() < 0.07) person(world, random, seen)
    if (random() < 0.04) restart(world, seen)
    world.now += Math.ceil(random() ** 4 * 20_000_000)
    for (const one of world.devices.values()) if (one.isOnline) one.lastSeenAt = world.now
    world.tick()
    check()
    expect(world.tick().events, 'the second look at the same').toEqual([])
  }
  restart(world, seen)
  expect(world.tick().events, 'after a restart').toEqual([])
  seen[world.live.run.state] = (seen[world.live.run.state] ?? 0) + 1
}

function randomPlan(random: () => number): Partial<RolloutPlanInput> {
  const method: RolloutMethod = random() < 0.6 ? 'replace' : random() < 0.5 ? 'shadow' : random() < 0.5 ? 'split' : 'stage'
  const gate = {
    ...{ verdict: random() < 0.5 ? ('ignore' as const) : ('pass' as const), success: random(), leastReached: Math.floor(random() * 3) },
    ...{ afterSeconds: random() < 0.3 ? 600 : 0, byPerson: random() < 0.1, patienceSeconds: random() < 0.2 ? 86_400 : null },
  }
  const waves = [
    { size: { kind: 'count' as const, devices: 1 + Math.floor(random() * 3) }, gate, stratify: random() < 0.5 ? ['site'] : [] },
    ...(random() < 0.6 ? [{ size: { kind: 'percent' as const, percent: 40 }, gate }] : []),
    ...(random() < 0.9 ? [{ size: { kind: 'rest' as const }, gate }] : []),
  ]
  const action = (['pause', 'stop', 'revert'] as const)[Math.floor(random() * 3)]!
  return {
    ...{ method, waves, isComparison: (method === 'shadow' || method === 'split') && random() < 0.3 },
    pacing: {
      maxInFlight: random() < 0.7 ? 1 + Math.floor(random() * 6) : null,
      perMinute: random() < 0.3 ? { base: 0.5 + random() * 5, factor: 1.5, every: 3 } : null,
      perGroup: random() < 0.3 ? { atOnce: 1 + Math.floor(random() * 2) } : null,
      bytesPerSecond: random() < 0.2 ? 150 : null,
    },
    abort: [{ share: 0.15 + random() * 0.6, least: 1 + Math.floor(random() * 4), action, of: random() < 0.7 ? 'any' : 'failed' }],
    unreachable: { afterSeconds: 900, share: 0.3 + random() * 0.6, least: 3 },
    retry: { attempts: Math.floor(random() * 4), penaltyFailures: 2 },
    judge: { onFail: action },
    budget: random() < 0.2 ? { bytes: 12_000 } : {},
  }
}

function join(world: RolloutWorld, random: () => number, n: number): void {
  const site = `site-${Math.floor(random() * 3)}`
  const isOnline = random() > 0.1
  world.add(`cam-${n}`, { stratum: site, group: random() < 0.2 ? null : site, isOnline, isNeverSeen: !isOnline && random() < 0.5 })
}

/** One in twenty is broken and fails the version every time; links flap; a device says where it is as far as it came. */
function moveDevices(world: RolloutWorld, random: () => number): void {
  for (const [id, device] of world.devices) {
    if (random() < 0.06) device.isOnline = !device.isOnline
    if (random() < 0.004) device.isTarget = !device.isTarget
    if (random() < 0.0015) device.takenBy = device.takenBy === null ? { order: 3, rollout: null } : null
    if (random() < 0.0005) world.devices.delete(id)
    else if (device.isOnline && random() < 0.7) report(world, id, device, random)
  }
  for (const wave of world.live.run.waves.keys()) {
    const dice = random()
    if (dice < 0.15) world.verdicts.set(wave, 'pass')
    else if (dice < 0.155) world.verdicts.set(wave, 'fail')
    else if (dice < 0.2) world.verdicts.set(wave, 'not enough evidence')
  }
  if (random() < 0.03) world.alert = world.alert === null ? 'Latency is high.' : null
  if (random() < 0.02) world.isMonthSpent = !world.isMonthSpent
}

function report(world: RolloutWorld, id: string, device: WorldDevice, random: () => number): void {
  const own = world.live.run.devices.get(id)
  if (own?.last == null) return
  const isBroken = Number(id.slice(4)) % 20 === 3
  const problem = { code: 'probe.golden-mismatch', message: 'It answers differently.', isPassing: random() < 0.3 }
  const refuse = (): unknown =>
    world.set(id, { place: 'refused', problem: { ...problem, code: problem.isPassing ? 'transfer.no-space' : problem.code } })
  if (own.state === 'reverting') world.set(id, { place: 'back', problem: null })
  else if (own.state === 'committed') {
    if (random() < 0.01) world.set(id, { place: 'back', problem })
  } else if (isBroken || random() < 0.02) refuse()
  else {
    const way =
      own.last.slot === 'beside' ? (['fetching', 'on-disk', 'beside'] as const) : (['fetching', 'on-disk', 'probing', 'active'] as const)
    const now = way.findIndex((place) => place === device.place)
    world.set(id, { place: way[Math.min(way.length - 1, now + 1 + Math.floor(random() * 2))]!, problem: null })
  }
}

/** Whatever a person may do is done; the same again changes nothing. */
function person(world: RolloutWorld, random: () => number, seen: HistoryCounts): void {
  const kinds = [
    'pause',
    'resume',
    'resume',
    'letThrough',
    'promote',
    'retry',
    'setPriority',
    'annotate',
    'stop',
    'revert',
    'discard',
  ] as const
  const kind = kinds[Math.floor(random() ** 2.5 * kinds.length)]!
  const wave = world.live.run.waves.findIndex(({ state }) => state !== 'passed')
  const request: Parameters<RolloutWorld['act']>[0] = {
    kind,
    wave: Math.max(0, wave),
    halt: world.events.length % 2 === 0,
    priority: 5,
    devices: world.inState('failed'),
    text: 'seen',
  }
  try {
    if (world.act(request).length > 0) seen[`a person: ${kind}`] = (seen[`a person: ${kind}`] ?? 0) + 1
    if (kind !== 'annotate') expect(world.act(request), `${kind} a second time`).toEqual([])
  } catch (error) {
    if ((error as { code?: string }).code !== 'rollout.not-allowed') throw error
  }
}

function restart(world: RolloutWorld, seen: HistoryCounts): void {
  const again = replay(world.events)
  expect(isDeepStrictEqual(again, world.live), 'the log gives the same rollout').toBe(true)
  world.live = again
  seen['restarts'] = (seen['restarts'] ?? 0) + 1
}

function watch(world: RolloutWorld, replica: Live, seen: HistoryCounts): () => void {
  world.onEvent = (event) => {
    seen[event.kind] = (seen[event.kind] ?? 0) + 1
    if (event.kind === 'offer' || event.kind === 'activate') checkOffer(world, event)
    if (event.kind === 'complete') checkComplete(world)
  }
  return () => {
    for (const event of world.events.slice(replica.run.seq)) applyEvent(replica, event)
    expect(isDeepStrictEqual(replica, world.live), 'the replica is the same').toBe(true)
    expect(isDeepStrictEqual(recount(world.live.run), world.live.tally), 'the counts are right').toBe(true)
    checkHalt(world)
  }
}

function stateCount(world: RolloutWorld, states: readonly RolloutDeviceState[]): number {
  return [...world.live.run.devices.values()].filter(({ state }) => states.includes(state)).length
}

function checkOffer(world: RolloutWorld, { kind, wave, device }: RolloutEvent): void {
  const { run } = world.live
  expect(run.state).toBe('running')
  // A budget of the rollout does not keep a version from being activated that was paid for.
  expect([null, ...(kind === 'activate' && run.plan.budget.bytes !== null ? ['budget'] : [])]).toContain(run.held?.code ?? null)
  expect([world.alert, world.isMonthSpent]).toEqual([null, false])
  expect(run.waves[wave!]!.state, `wave of ${device}`).not.toBe('waiting')
  for (const before of run.waves.slice(0, wave!)) expect(before.state).toBe('passed')
  const { maxInFlight, perGroup } = run.plan.pacing
  if (maxInFlight !== null) expect(stateCount(world, flying)).toBeLessThan(maxInFlight)
  const group = world.devices.get(device!)!.group
  if (perGroup === null || group === null) return
  const together = [...run.devices.values()].filter(({ state, last }) => flying.includes(state) && last?.group === group)
  expect(together.length, `devices of ${group}`).toBeLessThan(perGroup.atOnce)
}

function checkComplete(world: RolloutWorld): void {
  const { run } = world.live
  for (const { state } of run.waves) expect(state).toBe('passed')
  expect(stateCount(world, [...flying, 'staged', 'shadowing', 'splitting'])).toBe(0)
  for (const { state, notBefore } of run.devices.values()) if (state === 'pending') expect(notBefore).not.toBeNull()
  if (run.plan.isComparison) expect(run.decided).toBe('promote')
}

/** Counted anew, without what the engine counts. */
function checkHalt(world: RolloutWorld): void {
  const { run } = world.live
  if (run.state !== 'running') return
  const [rule] = run.plan.abort
  const counted = rule!.of === 'any' ? failed : (['failed'] as const)
  const executed = stateCount(world, [...failed, 'committed'])
  const fresh = [...run.devices.values()].filter(({ state, isAcknowledged }) => counted.includes(state) && !isAcknowledged).length
  expect(executed >= rule!.least && fresh > rule!.share * executed, `halts at ${fresh} of ${executed}`).toBe(false)
}
