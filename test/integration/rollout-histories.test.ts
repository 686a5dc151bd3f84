import { expect, test } from 'vitest'
import type { RolloutPlanInput } from '../../shared/domain/rollout/plan.ts'
import { checkHistory } from '../harness/rollout-history/check-history.ts'
import { PlayedFleet, randomOf, usualOdds } from '../harness/light-fleet/played-fleet.ts'

const isFull = process.env['MUSTER_FULL'] === '1'
const HISTORIES = Number(process.env['MUSTER_HISTORIES'] ?? (isFull ? 1000 : 12))
const DEVICES = Number(process.env['MUSTER_DEVICES'] ?? (isFull ? 200 : 40))
const STEP_MS = 10_000
/** More than half an hour after the last that happens. */
const STEPS = 300

/** A plan of a history: waves, pace, gate and abort rule of its own. */
function planOf(seed: number): Partial<RolloutPlanInput> {
  const random = randomOf(seed * 7919)
  const of = <Item>(...items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const gate = { success: of(0.5, 0.8, 0.9), verdict: of('pass', 'not-fail', 'ignore'), leastReached: 1 } as const
  const waves = of(
    [{ size: { kind: 'rest' as const }, gate }],
    [
      { size: { kind: 'count' as const, devices: 2 }, gate },
      { size: { kind: 'percent' as const, percent: 40 }, gate },
      { size: { kind: 'rest' as const }, gate },
    ],
    [
      { size: { kind: 'percent' as const, percent: 10 }, gate },
      { size: { kind: 'percent' as const, percent: 50 }, gate },
      { size: { kind: 'rest' as const }, gate },
    ],
    [
      { size: { kind: 'query' as const, query: 'site = "site-1"' }, gate },
      { size: { kind: 'rest' as const }, gate },
    ],
  )
  return {
    query: 'id = "dev-*"',
    waves,
    method: of('replace', 'replace', 'replace', 'stage'),
    pacing: { maxInFlight: of(null, 3, 10) },
    abort: [{ share: of(0.1, 0.3, 0.9), least: of(3, 10), action: of('pause', 'stop', 'revert') }],
    timeouts: { offered: 120, fetching: 60, staged: 120, probing: 60 },
    unreachable: { afterSeconds: 60, share: of(0.3, 1), least: 5 },
    retry: { attempts: of(0, 2), backoffSeconds: 20 },
  }
}

/** Mostly what can be gone on from. */
const acts = [
  ...Array.from({ length: 6 }, () => 'rollouts.pause' as const),
  ...Array.from({ length: 8 }, () => 'rollouts.resume' as const),
  ...(['rollouts.stop', 'rollouts.revert'] as const),
]

/** What people do meanwhile, each of it twice: the second one must change nothing. */
async function interfere(fleet: PlayedFleet, rollout: number): Promise<void> {
  const { desk } = fleet
  const act = acts[fleet.pick(acts.length)]!
  const state = desk.run(rollout).state
  try {
    await desk.call(act, { rollout, why: 'as it came' })
    const again = await desk.call(act, { rollout, why: 'once more' })
    expect([act, again.isChanged]).toEqual([act, false])
  } catch (error) {
    expect([state, act, (error as { code?: string }).code]).toEqual([state, act, 'rollout.not-allowed'])
  }
}

async function live(seed: number): Promise<{ ended: string; devices: number; offers: number; restarts: number; violations: unknown[] }> {
  const fleet = await PlayedFleet.open(seed, { devices: DEVICES, ...usualOdds })
  const { desk } = fleet
  const plan = planOf(seed)
  const rollout = await desk.begin(plan)
  let restarts = 0
  let isJoined = false
  for (let step = 0; step < STEPS; step += 1) {
    if (step < 100 && fleet.chance(0.05)) {
      desk.restart()
      restarts += 1
    }
    if (step < 80 && fleet.chance(0.02)) desk.says.verdict = (['pass', 'pass', 'not enough evidence', 'fail'] as const)[fleet.pick(4)]!
    if (step < 80 && fleet.chance(0.04)) await interfere(fleet, rollout)
    if (!isJoined && step > 20) {
      fleet.joinLate()
      isJoined = true
    }
    if (step === 100) {
      desk.says.verdict = 'pass'
      fleet.calm()
    }
    fleet.step(STEP_MS)
    const { state } = desk.run(rollout)
    if (isJoined && ['stopped', 'reverted'].includes(state)) break
    if (state === 'paused' && fleet.chance(0.2)) await desk.call('rollouts.resume', { rollout, why: 'seen' })
  }
  const history = await fleet.history(rollout, plan)
  if (process.env['MUSTER_LOG'] === '1')
    for (const { seq, at, kind, device, sentence } of history.events)
      process.stdout.write(`${seq} ${at} ${kind} ${device ?? ''}: ${sentence}\n`)
  const offers = history.events.filter(({ kind }) => kind === 'offer').length
  return { ended: history.end.state, devices: fleet.size, offers, restarts, violations: checkHistory(history) }
}

test(
  `${HISTORIES} random histories of ${DEVICES} devices keep to every rule of rollouts`,
  { timeout: isFull ? 7_200_000 : 300_000 },
  async () => {
    const ends: Record<string, number> = {}
    let [offers, restarts, devices] = [0, 0, 0]
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const told = await live(seed)
      expect({ seed, violations: told.violations }).toEqual({ seed, violations: [] })
      ends[told.ended] = (ends[told.ended] ?? 0) + 1
      offers += told.offers
      restarts += told.restarts
      devices += told.devices
    }
    process.stdout.write(
      `${HISTORIES} histories with ${devices} devices, ${offers} offers and ${restarts} restarts of the console: no rule broken; ended ${JSON.stringify(ends)}\n`,
    )
  },
)
