import { Problem } from '../../shared/domain/problem.ts'
import type { Happening } from '../telemetry/events.ts'
import { besideHeld } from './beside.ts'
import type { Bundles } from './bundles.ts'
import { isFinal } from './causes.ts'
import type { Journal } from './journal.ts'
import { besideKey, subjectOf, type Step } from './steps.ts'
import { named, rejectBeside } from './take-back.ts'
import { deploymentOf, refused, withDeployment } from './transitions.ts'

/** What the failure of a step is written down with. */
export interface FailureParts {
  journal: Journal
  bundles: Bundles
  tell(happening: Happening): void
}

/**
 * Writes down what a failed step means: a bundle that will fail again is given up, anything else keeps its problem until the next try.
 * @returns true if it is over, false if it is to be tried again
 * @throws Problem if the journal cannot be written
 */
export function noteFailure(parts: FailureParts, step: Step, problem: Problem): boolean {
  if (!('deployment' in step)) return false
  const isBeside = subjectOf(step) === besideKey(step.deployment)
  const isOver = isBeside ? noteBeside(parts, step.deployment, problem) : noteCandidate(parts, step.deployment, problem)
  if (isOver) parts.bundles.removeUnreferenced(parts.journal.state)
  return isOver
}

function noteCandidate({ journal, tell }: FailureParts, deployment: string, problem: Problem): boolean {
  const before = deploymentOf(journal.state, deployment)
  const { candidate, active } = before
  if (candidate === null || !isFinal(problem, before.attempts)) {
    // What was on the disk is not there any more: it is fetched again.
    const state = problem.code === 'store.corrupt' && candidate !== null ? 'fetching' : before.state
    journal.save(withDeployment(journal.state, deployment, { ...before, state, problem: problem.toReport() }))
    return false
  }
  const counter = journal.state.order?.assignment.counter ?? 0
  journal.save(withDeployment(journal.state, deployment, refused(before, counter, problem.toReport())))
  tell({
    name: 'model.rejected',
    severity: 'error',
    message: `${named(candidate)} was refused for ${deployment}: ${problem.message}`,
    problem: problem.toReport(),
    detail: { deployment, digest: candidate.digest, serves: active?.digest ?? null },
  })
  return true
}

function noteBeside(parts: FailureParts, deployment: string, problem: Problem): boolean {
  const { journal } = parts
  const before = deploymentOf(journal.state, deployment)
  if (before.beside === null) return false
  if (isFinal(problem, before.beside.attempts)) {
    rejectBeside(parts, deployment, problem.toReport())
    return true
  }
  const state = problem.code === 'store.corrupt' ? 'fetching' : before.beside.state
  journal.save(withDeployment(journal.state, deployment, besideHeld(before, state, problem.toReport())))
  return false
}
