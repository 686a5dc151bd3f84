import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JudgedMetric } from '../../shared/domain/rollout/judge.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { InputOf } from '../../shared/rpc/contract.ts'
import type { RolloutDetail } from '../../shared/rpc/contract/rollouts.ts'
import { until } from './child.ts'
import { awaitEnd, shadowFirst, startRollout, waveByWave } from './rollout-acts.ts'
import { slowedModel } from './slow-model.ts'
import type { Met, Traffic } from './traffic.ts'

type Plan = InputOf<'rollouts.create'>['plan']

/** A release of the demo, and how it has to end. */
export interface ReleaseAct {
  version: string
  plan: Plan
  /** For who reads along: what is released, and what is to be seen. */
  title: string
  ends: 'completed' | 'reverted'
  /** The metric that stops it; null: none does. */
  stoppedBy: JudgedMetric | null
  /** Applications tell the true labels meanwhile. */
  tellsTruth: boolean
}

const digits = { deployment: 'digits', model: 'digits' } as const

/** The version that every act but the first finds, and leaves. */
const GOOD = '1.2.0'
const BAD = '1.3.0-regressed'
const SLOW = '1.4.0-slow'

/** Labels must show that it errs no more. No pass waits for latency, whose first half minute on each device says nothing; it can still stop the release. */
function byLabels(plan: Plan): Plan {
  return { ...plan, judge: { ...plan.judge, accuracy: { role: 'required', margin: 0.1 }, latency: { role: 'guard', margin: 0.15 } } }
}

/** A pass waits for latency. Left to itself, a device would take back a version that got slower than its own probe; here the fleet finds it. */
function byLatency(plan: Plan): Plan {
  return { ...plan, probation: { ...plan.probation, maxLatencyRatio: null } }
}

/** The releases in their order. */
export const releaseActs: readonly ReleaseAct[] = [
  {
    ...{ version: GOOD, plan: byLabels(waveByWave({ ...digits, version: GOOD })), ends: 'completed', stoppedBy: null, tellsTruth: true },
    title: `a good version, ${GOOD}: one device, then up to 60 %, then the rest, each wave when the one before has shown that it is no worse`,
  },
  {
    ...{ version: BAD, plan: byLabels(waveByWave({ ...digits, version: BAD })), ends: 'reverted', stoppedBy: 'accuracy', tellsTruth: true },
    title: `a bad version, ${BAD}: one device has it, and the labels that applications send show that it errs more`,
  },
  {
    ...{ version: BAD, plan: shadowFirst({ ...digits, version: BAD }), ends: 'reverted', stoppedBy: 'agreement', tellsTruth: false },
    title: 'the same without any label: two devices run it as a shadow that answers nobody, and it disagrees with what they serve',
  },
  {
    ...{
      version: SLOW,
      plan: byLatency(waveByWave({ ...digits, version: SLOW })),
      ends: 'reverted',
      stoppedBy: 'latency',
      tellsTruth: true,
    },
    title: `a slow version, ${SLOW}: it answers as ${GOOD} does, only later; only its latency is against it, after half a minute to warm up`,
  },
]

/** Writes the slow version down: the good one with a detour. @returns its file */
export function writeSlowVersion(samples: string, directory: string): string {
  const path = join(directory, `digits-${SLOW}.onnx`)
  writeFileSync(path, slowedModel(readFileSync(join(samples, `digits-${GOOD}.onnx`)), 'pixels'))
  return path
}

/** Plays one release under traffic to its end. @returns what did not end as it had to; null: all did */
export async function playRelease(
  rpc: RpcClient,
  traffic: Traffic,
  { act, say }: { act: ReleaseAct; say(line: string): void },
): Promise<string | null> {
  traffic.begin({ tellsTruth: act.tellsTruth })
  const rollout = await startRollout(rpc, act.plan)
  let said = ''
  const onLook = (shown: RolloutDetail): void => {
    const line = progressLine(shown)
    if (line !== null && line !== said) say(`  rollout ${rollout}: ${line}`)
    said = line ?? said
  }
  const ended = await awaitEnd(rpc, rollout, { seconds: 600, onLook })
  const stopped = failedMetric(ended)
  if (stopped !== null) say(`  rollout ${rollout}: ${stopped.sentence}`)
  const serving = act.ends === 'completed' ? act.version : GOOD
  await until(`every device to serve digits@${serving}`, 180, () => allServe(rpc, serving))
  const met = await traffic.end()
  const fault = faultOf(act, ended, met)
  const how = act.ends === 'completed' ? 'released on evidence' : `stopped and taken back by its ${act.stoppedBy ?? ''}, without a person`
  say(`  ${fault === null ? how : `FAILED: ${fault}`}; every device serves ${serving}; ${requestWords(met)}`)
  return fault
}

async function allServe(rpc: RpcClient, version: string): Promise<boolean> {
  const { devices } = await rpc.call('deployments.progress', { deployment: digits.deployment })
  return devices.every(({ active }) => active?.version === version)
}

function faultOf({ version, ends, stoppedBy }: ReleaseAct, ended: RolloutDetail, met: readonly Met[]): string | null {
  const failed = met.find(({ firstFailure }) => firstFailure !== null)
  const by = failedMetric(ended)?.metric ?? null
  if (ended.state !== ends) return `digits@${version} had to end as ${ends}, it is ${ended.state}: ${ended.sentence}`
  if (by !== stoppedBy)
    return `digits@${version} had to be stopped by ${stoppedBy ?? 'nothing'}, it was by ${by ?? 'nothing'}: ${ended.sentence}`
  return failed === undefined ? null : `a request to ${failed.device} failed: ${failed.firstFailure ?? ''}`
}

/** What the comparison found worse; null: nothing. */
function failedMetric({ waveViews }: RolloutDetail): { metric: JudgedMetric; sentence: string } | null {
  const metrics = waveViews.flatMap(({ gate }) => gate?.evidence?.metrics ?? [])
  return metrics.find(({ verdict }) => verdict === 'fail') ?? null
}

/** Requests of a time in words. */
export function requestWords(met: readonly Met[]): string {
  const sum = (of: 'answered' | 'failed'): number => met.reduce((total, one) => total + one[of], 0)
  const failed = sum('failed')
  return `${sum('answered').toLocaleString('en')} requests meanwhile, ${failed === 0 ? 'none' : failed} failed`
}

/** How a rollout stands, in few words; null: nothing to tell. */
function progressLine({ state, wave, waves, waveViews, committed, targeted }: RolloutDetail): string | null {
  if (state === 'completed') return `done, ${committed} of ${targeted} devices have it`
  if (state === 'reverting') return 'it is worse: devices get back what they had'
  const at = wave === null ? undefined : waveViews[wave]
  if (state !== 'running' || wave === null || at === undefined) return null
  const shadows = at.counts.shadowing ?? 0
  const has = shadows > 0 ? `${shadows} of ${at.targeted} run it as a shadow` : `${at.committed} of ${at.targeted} have it`
  const verdict = at.gate?.evidence?.verdict
  return `wave ${wave + 1} of ${waves} (${at.name}): ${has}${verdict === undefined ? '' : `; verdict: ${verdict}${verdict === 'not enough evidence' ? ' yet' : ''}`}`
}
