import type { Draft } from './draft.ts'
import { isForbidden } from './device-step.ts'
import type { Facts } from './facts.ts'
import { planWaves, waveHash, waveOfJoiner } from './waves.ts'
import { counted, waveWords } from './words.ts'

/** Lets a rollout begin whose time has come, and puts its target into waves. With an empty target it waits for the first device. */
export function beginWhenDue(draft: Draft, facts: Facts): void {
  const { run } = draft
  if (run.state !== 'scheduled' && (run.state !== 'running' || run.begunAt !== null)) return
  const { startAt } = run.plan.windows
  if (startAt !== null && startAt > facts.now) return draft.wake(startAt)
  if (facts.targets.length === 0) return
  if (run.state === 'scheduled') draft.rollout('begin', `Began with ${counted(facts.targets.length, 'device')}.`)
  const candidates = facts.targets.map((device) => {
    const known = facts.of(device)
    return { device, stratum: known?.stratum ?? '', queryWave: known?.queryWave ?? null }
  })
  const { waves, boundaries } = planWaves(run.id, run.plan, candidates)
  const placed = waves.reduce((sum, devices) => sum + devices.length, 0)
  const left = facts.targets.length - placed
  const sizes = waves.map((devices) => devices.length).join(', ')
  const outside = left === 0 ? '' : ` ${counted(left, 'device')} of the target are in no wave.`
  draft.mark('target', `${counted(placed, 'device')} in ${counted(waves.length, 'wave')}: ${sizes}.${outside}`, {
    detail: { waves, boundaries },
  })
}

/** Takes devices in that match the target since a while, each into the wave of its hash. @param looked devices that may be new */
export function takeJoiners(draft: Draft, facts: Facts, looked: readonly string[]): void {
  const { run } = draft
  const isTaking = run.state === 'running' || run.state === 'paused' || run.state === 'completed'
  if (!isTaking || run.begunAt === null || run.decided !== null) return
  // A version that was withdrawn gets no further device; of a rollout that is not done, a person hears of it by the pause.
  if (run.state === 'completed' && isForbidden(facts)) return
  for (const device of looked) if (!run.devices.has(device) && facts.isTarget(device)) takeIn(draft, device, facts)
}

function takeIn(draft: Draft, device: string, facts: Facts): void {
  const known = facts.of(device)
  if (known === null) return
  const { run } = draft
  const wave = waveOfJoiner({ hash: waveHash(run.id, device), queryWave: known.queryWave }, run.plan.waves, {
    boundaries: run.waves.map(({ boundary }) => boundary),
    members: draft.tally.waves.map(({ counts }) => Object.values(counts).reduce((sum, count) => sum + count, 0)),
  })
  if (wave === null) return
  draft.mark('join', `${device} joined later, in ${waveWords(wave, run.plan.waves[wave]!.name)}.`, { device, wave })
}
