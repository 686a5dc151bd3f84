import type { ProblemReport } from '../../shared/domain/problem.ts'
import type { ConvergenceState } from '../../shared/protocol/reported.ts'
import type { JournalDeployment } from './journal.ts'
import type { BundleContent, Casting } from './steps.ts'
import { remembered } from './transitions.ts'

/** A second bundle is taken up, as far as it is known to be; one that stood there before is gone. */
export function joined(
  from: JournalDeployment,
  content: BundleContent,
  at: { now: number; state: ConvergenceState; casting: Casting },
): JournalDeployment {
  const beside = { ...at.casting, state: at.state, content: { ...content, since: at.now }, attempts: 0, problem: null }
  return { ...from, beside }
}

/** The second bundle moved on. */
export function besideMoved(from: JournalDeployment, state: ConvergenceState): JournalDeployment {
  if (from.beside === null) return from
  const attempts = state === 'probing' ? from.beside.attempts + 1 : from.beside.attempts
  return { ...from, beside: { ...from.beside, state, attempts, problem: null } }
}

/** Its probe was called off from here. */
export function besideUnprobed(from: JournalDeployment): JournalDeployment {
  if (from.beside?.state !== 'probing') return from
  return { ...from, beside: { ...from.beside, state: 'staged', attempts: Math.max(0, from.beside.attempts - 1) } }
}

/** It passed its probe and works in its role. */
export function besideActivated(from: JournalDeployment, now: number): JournalDeployment {
  if (from.beside === null) return from
  const content = { ...from.beside.content, since: now }
  return { ...from, beside: { ...from.beside, state: 'active', content, attempts: 0, problem: null } }
}

/** It does something else from now on: one that only waits is unloaded, one that waited is probed first. */
export function recast(from: JournalDeployment, casting: Casting): JournalDeployment {
  if (from.beside === null) return from
  const isLoaded = from.beside.state === 'active' || from.beside.state === 'probing'
  const state = casting.role === 'staged' && isLoaded ? 'staged' : from.beside.state
  return { ...from, beside: { ...from.beside, ...casting, state } }
}

/** It failed for good: it does nothing any more, and is told so as long as the order names it. */
export function besideRefused(from: JournalDeployment, counter: number, problem: ProblemReport): JournalDeployment {
  if (from.beside === null) return from
  const rejected = remembered(from, from.beside.content.digest, counter, problem)
  return { ...from, rejected, beside: { ...from.beside, state: 'rejected', attempts: 0, problem } }
}

/** It failed for a reason that may pass. */
export function besideHeld(from: JournalDeployment, state: ConvergenceState, problem: ProblemReport): JournalDeployment {
  return from.beside === null ? from : { ...from, beside: { ...from.beside, state, problem } }
}

/** It is no longer wanted. */
export function parted(from: JournalDeployment): JournalDeployment {
  return { ...from, beside: null }
}
