import { Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import type { SlotContent } from '../../shared/protocol/reported.ts'
import type { Happening } from '../telemetry/events.ts'
import { besideRefused } from './beside.ts'
import type { Journal } from './journal.ts'
import { deploymentOf, lostFiles, reverted, withDeployment } from './transitions.ts'

/** What taking back works with. */
export interface TakeBackParts {
  journal: Journal
  tell(happening: Happening): void
}

/**
 * Goes back to the last good bundle for good; the failed one is only tried again under a higher order. Only the journal is written here:
 * the plan then serves what it says.
 */
export function revert({ journal, tell }: TakeBackParts, deployment: string, problem: ProblemReport): void {
  const before = deploymentOf(journal.state, deployment)
  const after = reverted(before, journal.state.order?.assignment.counter ?? 0, problem)
  // Going back must not fail because the disk is full: then it holds in memory, and would be found out again after a restart.
  const unwritten = journal.saveOrHold(withDeployment(journal.state, deployment, after))
  const how = problem.code === 'revert.requested' ? 'was taken back' : 'failed in service'
  const back = after.active === null ? 'nothing takes its place' : `${named(after.active)} is back`
  tell({
    name: 'model.reverted',
    severity: problem.code === 'revert.requested' ? 'warning' : 'error',
    message: `${named(before.active)} in ${deployment} ${how}; ${back}. ${problem.message}`,
    problem,
    detail: {
      deployment,
      ...slotDetail(before.active),
      backTo: after.active?.digest ?? null,
      ...(unwritten === null ? {} : { unwritten: unwritten.code }),
    },
  })
}

/** A second bundle failed: it goes, what is active stays. */
export function rejectBeside({ journal, tell }: TakeBackParts, deployment: string, problem: ProblemReport): void {
  const before = deploymentOf(journal.state, deployment)
  if (before.beside === null) return
  const { content, role } = before.beside
  const counter = journal.state.order?.assignment.counter ?? 0
  journal.saveOrHold(withDeployment(journal.state, deployment, besideRefused(before, counter, problem)))
  tell({
    name: 'model.rejected',
    severity: 'error',
    message: `${named(content)} was refused as ${role} in ${deployment}: ${problem.message}`,
    problem,
    detail: { deployment, role, digest: content.digest, serves: before.active?.digest ?? null },
  })
}

/** The files of the active bundle are damaged: the last good one serves until they were fetched again. */
export function demote({ journal, tell }: TakeBackParts, deployment: string, problem: ProblemReport): void {
  const before = deploymentOf(journal.state, deployment)
  const after = lostFiles(before, problem)
  journal.saveOrHold(withDeployment(journal.state, deployment, after))
  const instead = after.active === null ? 'Nothing takes its place' : `${named(after.active)} serves`
  tell({
    name: 'model.unavailable',
    severity: 'error',
    message: `${named(before.active)} in ${deployment} cannot be served: ${problem.message} ${instead} until it was fetched and tried again.`,
    problem,
    detail: { deployment, ...slotDetail(before.active) },
  })
}

/**
 * Takes the active bundle back because somebody on the device asks for it.
 * @throws Problem `revert.nothing`
 */
export function revertOnRequest(parts: TakeBackParts, deployment: string, reason: string): { from: SlotContent; to: SlotContent } {
  const { active, lastGood } = deploymentOf(parts.journal.state, deployment)
  if (active === null || lastGood === null) {
    throw new Problem(
      'revert.nothing',
      active === null ? `${deployment} serves nothing here.` : `${deployment} has no last good version to go back to.`,
    )
  }
  const why = reason.trim() === '' ? 'No reason was given.' : `Reason: ${reason.trim()}`
  revert(parts, deployment, new Problem('revert.requested', `It was taken back on the device. ${why}`).toReport())
  return { from: active, to: lastGood }
}

/** A bundle by the names that people know it by. */
export function named(slot: Pick<SlotContent, 'model' | 'version'> | null): string {
  return slot === null ? 'nothing' : `${slot.model} ${slot.version}`
}

/** A bundle in the detail of an event. */
export function slotDetail(slot: SlotContent | null): Record<string, string> {
  return slot === null ? {} : { model: slot.model, version: slot.version, digest: slot.digest }
}
