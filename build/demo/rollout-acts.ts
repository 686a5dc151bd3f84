import { setTimeout as sleep } from 'node:timers/promises'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { InputOf } from '../../shared/rpc/contract.ts'
import type { RolloutDetail } from '../../shared/rpc/contract/rollouts.ts'
import { until } from './child.ts'

type Plan = InputOf<'rollouts.create'>['plan']

/** A short probation and margins that a minute of a small fleet's traffic can show something about. */
const quick: Pick<Plan, 'probation' | 'judge'> = {
  probation: { inferences: 20, seconds: 5 },
  judge: { leastRequests: 100, errors: { margin: 0.03 }, latency: { margin: 0.15 } },
}

const gate = { success: 1, verdict: 'pass' } as const

/** One device first, then up to 60 %, then the rest: each wave waits for a pass. */
export function waveByWave(of: { deployment: string; model: string; version: string }): Plan {
  return {
    ...of,
    ...quick,
    waves: [
      { name: 'canary', size: { kind: 'count', devices: 1 }, gate },
      { name: 'more', size: { kind: 'percent', percent: 60 }, gate },
      { name: 'rest', size: { kind: 'rest' }, gate: { success: 1, verdict: 'not-fail' } },
    ],
  }
}

/** The version first sees the requests of two devices as a shadow; agreement with the incumbent is all that is known. */
export function shadowFirst(of: { deployment: string; model: string; version: string }): Plan {
  return {
    ...of,
    ...quick,
    method: 'shadow',
    cpuShare: 1,
    judge: { ...quick.judge, agreement: { role: 'required', margin: 0.1 }, latency: { role: 'off' } },
    waves: [
      { name: 'shadows', size: { kind: 'count', devices: 2 }, gate },
      { name: 'rest', size: { kind: 'rest' }, gate: { success: 1, verdict: 'not-fail' } },
    ],
  }
}

/** Half of the keys of every device are answered by the version until a person has seen enough. */
export function splitTest(of: { deployment: string; model: string; version: string }): Plan {
  return { ...of, ...quick, method: 'split', percent: 50, isComparison: true, waves: [{ name: 'all', size: { kind: 'rest' }, gate }] }
}

/** Writes a rollout down and starts it. @returns its number */
export async function startRollout(rpc: RpcClient, plan: Plan): Promise<number> {
  const { rollout } = await rpc.call('rollouts.create', { plan })
  await rpc.call('rollouts.start', { rollout })
  return rollout
}

/** Between two questions: each makes the console read the evidence of a gate. */
const ASK_MS = 200

/** Waits until a rollout has ended, or a person must decide. @param onSentence told each time its sentence is another one */
export async function awaitEnd(
  rpc: RpcClient,
  rollout: number,
  options: { seconds: number; onSentence?(sentence: string): void; onLook?(shown: RolloutDetail): void },
): Promise<RolloutDetail> {
  let said = ''
  return until(`rollout ${rollout} to end`, options.seconds, async () => {
    await sleep(ASK_MS)
    const shown = await rpc.call('rollouts.show', { rollout })
    options.onLook?.(shown)
    if (shown.sentence !== said) options.onSentence?.(shown.sentence)
    said = shown.sentence
    return ['completed', 'stopped', 'reverted', 'paused'].includes(shown.state) ? shown : null
  })
}
