import { duration } from '../../devices/why.ts'
import { NEVER } from '../planning/windows.ts'
import { slotOfOffer } from '../engine/order-slot.ts'
import { isToActivate, isWaiting, type Case, type Rule, type Under } from './case.ts'
import { gateReason, momentWords, problemWords } from './words.ts'

/** A device that is online takes an order up within seconds: after this it is said that it does not answer. */
const ANSWERS_WITHIN = 120_000

/** Reasons of a device that has the order, or is to get it: what it does with it. */
export const deviceRules = {
  'never-seen': ({ entry, not, wanted }) =>
    wanted === null || entry?.row.status !== 'never-seen'
      ? null
      : { sentence: `${not}: it has not connected yet.`, change: 'The device connects.' },

  offline: ({ entry, not, wanted, now }) => {
    if (wanted === null || entry?.row.status !== 'offline') return null
    const seen = entry.row.lastSeenAt
    return {
      sentence: `${not}: it is offline${seen === null ? '' : ` for ${duration(now - seen)}`}.`,
      change: 'It goes on when the device connects.',
    }
  },

  'assignment-refused': (of) => {
    const problem = of.entry?.row.reported?.assignmentProblem
    if (problem == null || hasTaken(of)) return null
    return { sentence: `${of.not}: it could not take the order: ${problemWords(problem)}.`, change: 'Fix the cause, then order it again.' }
  },

  ordered: (of) => {
    const at = orderedAt(of)
    if (hasTaken(of) || of.now - at > ANSWERS_WITHIN) return null
    return { sentence: `${of.not}: the order is on its way for ${duration(of.now - at)}.`, change: null }
  },

  fetching: (of) => {
    const { state, progress } = transferOf(of)
    if (state !== 'fetching') return null
    const there = progress === null ? '' : `: ${progress.blocksHave} of ${progress.blocksTotal} blocks are there`
    return { sentence: `${of.not}: it is fetching the bundle${there}.`, change: null }
  },

  lock: (of) => {
    const lock = of.entry?.row.reported?.lock
    if (lock == null || lock.until <= of.now || !checkedStates.has(transferOf(of).state ?? '')) return null
    return {
      sentence: `${of.not}: it waits for the application lock of ${of.device}: ${lock.reason}, until ${momentWords(lock.until, of.now)}.`,
      change: 'The application gives the lock back, or it ends.',
    }
  },

  preflight: (of) => {
    const { state, problem } = transferOf(of)
    if (state !== 'verified' && state !== 'preflighted') return null
    const trouble = problem === null ? '' : `: ${problemWords(problem)}`
    return {
      sentence: `${of.not}: the bundle is on the device and is being checked${trouble}.`,
      change: problem === null ? null : 'Room on the device.',
    }
  },

  'activation-window': (of) => {
    const { under } = of
    const window = under?.run.plan.windows.activation ?? null
    const from = under?.here?.activationFrom ?? 0
    if (under === null || window === null || from <= of.now || !needsActivation(under)) return null
    const when = from >= NEVER ? 'never opens' : `opens at ${momentWords(from, of.now)}`
    const before = isWaiting(under) ? 'it gets download and activation in one order' : 'the bundle is on the device'
    return { sentence: `${of.not}: ${before}, and its activation window ${when} ('${window.cron}').`, change: 'Time.' }
  },

  staged: (of) => {
    const isStaged = of.under === null ? of.reported?.state === 'staged' : of.under.own?.state === 'staged'
    if (!isStaged) return null
    const gate = of.under === null ? null : besideGate(of.under)
    return {
      sentence: `${of.not}: the bundle is on the device and waits to be activated${gate === null ? '' : `; ${gate}`}.`,
      change: gate === null ? 'The order to activate it.' : 'The gate of its wave, or a person.',
    }
  },

  shadowing: (of) => besideAnswer(of, 'shadowing', 'is compared as a shadow and answers nobody'),
  splitting: (of) => besideAnswer(of, 'splitting', `answers ${of.under?.run.plan.percent ?? 0} % of the keys`),

  probing: (of) => {
    const isTried = transferOf(of).state === 'probing' || of.under?.own?.state === 'probing' || of.under?.own?.state === 'activating'
    return isTried ? { sentence: `${of.not} yet: it is being tried there.`, change: 'The device ends the trial by itself.' } : null
  },

  // The last one: it is true whenever nothing else is.
  'no-answer': (of) => ({
    sentence: `${of.not}: it has not answered the order for ${duration(of.now - orderedAt(of))}.`,
    change: 'A report of the device.',
  }),
} satisfies Partial<Record<string, Rule>>

const checkedStates: ReadonlySet<string> = new Set(['verified', 'preflighted', 'staged', 'probing'])

interface Transfer {
  state: string | null
  progress: { blocksHave: number; blocksTotal: number } | null
  problem: { code: string; message: string } | null
}

/** What the device does with the wanted bundle, as candidate or beside the active one. */
function transferOf({ reported, wanted }: Case): Transfer {
  const nothing: Transfer = { state: null, progress: null, problem: null }
  if (reported === null || wanted === null) return nothing
  if (reported.candidate?.digest === wanted.digest) return reported
  return reported.beside !== null && reported.beside.content.digest === wanted.digest ? reported.beside : nothing
}

/** True if the device works on the newest order. */
function hasTaken({ entry, under }: Case): boolean {
  const wanted = under?.own?.counter ?? entry?.orderCounter ?? 0
  return (entry?.row.reported?.assignmentCounter ?? 0) >= wanted
}

function orderedAt({ under, standing, now }: Case): number {
  return under?.own?.since ?? standing?.orderedAt ?? now
}

/** True if the next order activates the version at once. */
function needsActivation(under: Under): boolean {
  if (!isWaiting(under)) return under.own?.state === 'staged' || isToActivate(under)
  const { own, here, run, facts } = under
  return own !== null && here !== null && slotOfOffer(run, { wave: own.wave, facts: here, now: facts.now }) === 'active'
}

function besideAnswer(of: Case, state: 'shadowing' | 'splitting', does: string): ReturnType<Rule> {
  const { under, wanted, device } = of
  if (under?.own?.state !== state || wanted === null) return null
  const { isComparison } = under.run.plan
  const gate = isComparison ? 'a person promotes or discards it' : besideGate(under)
  return {
    sentence: `${wanted.model} ${wanted.version} ${does} on ${device} for ${duration(of.now - under.own.since)}${gate === null ? '' : `; ${gate}`}.`,
    change: isComparison ? `Promote or discard it: muster rollouts promote ${under.run.id}.` : 'The gate of its wave.',
  }
}

function besideGate(under: Under): string | null {
  return under.own === null ? null : gateReason(under, under.own.wave)
}
