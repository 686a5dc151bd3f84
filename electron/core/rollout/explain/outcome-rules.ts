import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import { duration } from '../../devices/why.ts'
import { isFailure } from '../engine/tally.ts'
import type { Answer, Case, Rule, Under } from './case.ts'
import { momentWords, problemWords } from './words.ts'

/** Reasons of a device that has answered, and of what follows from that. */
export const outcomeRules = {
  rejected: (of) => {
    const isRefused = of.under === null ? refusedAlone(of, 'rejected') : of.under.own?.state === 'rejected'
    if (!isRefused) return null
    return {
      sentence: `${of.not}: it cannot take it: ${problemWords(problemOf(of))}.`,
      change: 'It is not tried again by itself. Fix the cause on the device, then offer it once more.',
    }
  },

  penalty: (of) => {
    const { under } = of
    if (under === null || under.own?.state === 'committed') return null
    const until = penaltyOf(under, of.now)
    if (until === null) return null
    const failures = Math.max(under.own?.failures ?? 0, 1)
    const cause = under.own?.problem == null ? '' : `, last: ${problemWords(under.own.problem)}`
    return {
      sentence: `${of.not}: it failed ${failures === 1 ? 'too often' : `${failures} times`} with the version and waits until ${momentWords(until, of.now)}${cause}.`,
      change: `Time, or lift the penalty: muster rollouts lift-penalty ${of.device} ${under.run.plan.model}@${under.run.target?.version ?? under.run.plan.version}.`,
    }
  },

  backoff: (of) => {
    const { own } = of.under ?? {}
    if (own?.notBefore == null || own.notBefore <= of.now || !(isFailure(own.state) || own.state === 'pending')) return null
    return {
      sentence: `${of.not}: try ${own.attempts} failed (${problemWords(own.problem)}); the next one is at ${momentWords(own.notBefore, of.now)}.`,
      change: 'Time, or offer it at once: muster rollouts retry.',
    }
  },

  failed: (of) => {
    const isRefused = of.under === null ? refusedAlone(of, 'reverted') : of.under.own?.state === 'failed'
    if (!isRefused) return null
    const { attempts } = of.under?.own ?? {}
    const tries = attempts === undefined ? '' : ` after ${attempts === 1 ? '1 try' : `${attempts} tries`}`
    return {
      sentence: `${of.not}: the version failed there${tries}: ${problemWords(problemOf(of))}.`,
      change: 'Fix the cause, then offer it once more.',
    }
  },

  'timed-out': ended('timed-out', (of, { own, run }) => ({
    sentence: `${of.not}: it was silent for longer than a stage may take (offer ${own!.attempts}, since ${momentWords(own!.since, of.now)}).`,
    change: `A report of the device, or another offer: muster rollouts retry ${run.id}.`,
  })),

  'fell-back': ended('fell-back', (of, { own, run }) => ({
    sentence: `${of.not} any more: it went back ${duration(of.now - own!.since)} ago: ${problemWords(problemOf(of))}.`,
    change: `Fix the cause, then offer it once more: muster rollouts retry ${run.id}.`,
  })),
} satisfies Partial<Record<string, Rule>>

function ended(state: RolloutDeviceState, answer: (of: Case, under: Under) => Answer): Rule {
  return (of) => (of.under?.own?.state === state ? answer(of, of.under) : null)
}

/** When the penalty of the device ends; null: it has none. */
function penaltyOf({ own, here, run }: Under, now: number): number | null {
  if (here?.penaltyUntil != null && here.penaltyUntil > now) return here.penaltyUntil
  const isMany = own !== null && own.failures >= run.plan.retry.penaltyFailures && isFailure(own.state)
  return isMany && own.notBefore !== null && own.notBefore > now ? own.notBefore : null
}

/** What an order of a person came to, where no rollout has the device. */
function refusedAlone({ reported, wanted }: Case, state: 'rejected' | 'reverted'): boolean {
  return reported?.state === state && wanted !== null && (reported.candidate === null || reported.candidate.digest === wanted.digest)
}

function problemOf({ under, reported }: Case): { code: string; message: string } | null {
  return under?.own?.problem ?? under?.here?.problem ?? reported?.problem ?? null
}
