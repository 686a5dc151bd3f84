import type { Clock } from '../../shared/domain/clock.ts'
import { Problem, problemFrom, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { SlotContent } from '../../shared/protocol/reported.ts'
import type { RuntimeDeployment } from '../runtime/messages.ts'
import type { Happening } from '../telemetry/events.ts'
import type { Bundles } from './bundles.ts'
import type { Journal } from './journal.ts'
import type { PreparedGeneration, RuntimePort } from './runtime-port.ts'
import { activated, deploymentOf, lostFiles, reverted, withDeployment } from './transitions.ts'

/** What switching works with. */
export interface ActivateParts {
  journal: Journal
  bundles: Bundles
  runtime: RuntimePort
  clock: Clock
  tell(happening: Happening): void
  /** Told what the runtime serves from now on: digest by deployment. */
  onServing(serving: Record<string, string>): void
}

/**
 * Makes the runtime serve exactly what the journal calls active. A bundle whose files are damaged gives way to the last good one, and is
 * fetched again; one that does not load although its files are sound is given up.
 * @throws Problem when the runtime could not start for a reason that may pass
 */
export async function serveActive(parts: ActivateParts, signal: AbortSignal): Promise<void> {
  const set: RuntimeDeployment[] = []
  for (const [deployment, { active }] of activeSlots(parts.journal)) {
    try {
      set.push(parts.bundles.runtimeDeployment(deployment, active, false))
    } catch (error) {
      demote(parts, deployment, error)
      return
    }
  }
  const prepared = await parts.runtime.prepare(set, signal)
  const failed = prepared.results.find(({ problem }) => problem !== null)
  if (failed === undefined) {
    await promote(parts, prepared, set)
    return
  }
  await prepared.discard()
  await giveUp(parts, failed.deployment, failed.problem!)
}

/** The runtime cannot load an active bundle: damaged files are fetched again, a sound bundle gives way to the last good one, if there is one. */
async function giveUp(parts: ActivateParts, deployment: string, problem: ProblemReport): Promise<void> {
  const { journal, bundles } = parts
  const before = deploymentOf(journal.state, deployment)
  if (before.active === null) return
  try {
    await bundles.verifyFiles(before.active.digest)
  } catch (error) {
    demote(parts, deployment, error)
    return
  }
  // With nothing to fall back to, or on a machine that may just be busy, it is tried again as a candidate while the others serve.
  if (before.lastGood === null || problem.code === 'probe.timeout') demote(parts, deployment, problemFrom(problem))
  else revert(parts, deployment, problem)
}

/** Goes back to the last good bundle for good; the failed one is only tried again under a higher order. */
export function revert(parts: Pick<ActivateParts, 'journal' | 'tell'>, deployment: string, problem: ProblemReport): void {
  const { journal, tell } = parts
  const before = deploymentOf(journal.state, deployment)
  const after = reverted(before, journal.state.order?.assignment.counter ?? 0, problem)
  // Going back must not fail because the disk is full: then it holds in memory, and would be found out again after a restart.
  const unwritten = journal.saveOrHold(withDeployment(journal.state, deployment, after))
  tell({
    name: 'model.reverted',
    severity: 'error',
    message: `${named(before.active)} in ${deployment} failed in service; ${after.active === null ? 'nothing takes its place' : `${named(after.active)} is back`}.`,
    problem,
    detail: {
      deployment,
      ...slotDetail(before.active),
      backTo: after.active?.digest ?? null,
      ...(unwritten === null ? {} : { unwritten: unwritten.code }),
    },
  })
}

function demote(parts: ActivateParts, deployment: string, error: unknown): void {
  const { journal, tell } = parts
  const problem = reportOf(error)
  const before = deploymentOf(journal.state, deployment)
  const after = lostFiles(before, problem)
  journal.saveOrHold(withDeployment(journal.state, deployment, after))
  tell({
    name: 'model.unavailable',
    severity: 'error',
    message: `${named(before.active)} in ${deployment} cannot be served: ${problem.message} ${after.active === null ? 'Nothing takes its place' : `${named(after.active)} serves`} until it was fetched and tried again.`,
    problem,
    detail: { deployment, ...slotDetail(before.active) },
  })
}

/**
 * Probes the candidate of a deployment beside everything that serves, and makes it active.
 * @throws Problem of the probe, or why the generation could not be made
 */
export async function probeCandidate(parts: ActivateParts, deployment: string, signal: AbortSignal): Promise<void> {
  const { journal, bundles, clock, tell } = parts
  const before = deploymentOf(journal.state, deployment)
  const candidate = before.candidate
  if (candidate === null) throw new Problem('internal', `${deployment} has no candidate to probe.`)
  const set: RuntimeDeployment[] = []
  for (const [name, { active }] of activeSlots(journal)) {
    if (name === deployment) continue
    try {
      set.push(bundles.runtimeDeployment(name, active, false))
    } catch (error) {
      demote(parts, name, error)
      throw error
    }
  }
  set.push(bundles.runtimeDeployment(deployment, candidate, true))
  const prepared = await parts.runtime.prepare(set, signal)
  const failed = failedProbe(prepared, deployment)
  if (failed !== null || signal.aborted) {
    await prepared.discard()
    throw failed ?? new Problem('cancelled', 'The order changed during the probe.')
  }
  const after = activated(before, clock.now())
  try {
    journal.save(withDeployment(journal.state, deployment, after))
  } catch (error) {
    await prepared.discard()
    throw error
  }
  await promote(parts, prepared, set)
  const result = prepared.results.find((one) => one.deployment === deployment)
  tell({
    name: 'model.activated',
    severity: 'info',
    message: `${named(candidate)} is active in ${deployment}.`,
    detail: {
      deployment,
      ...slotDetail(candidate),
      replaced: before.active?.digest ?? null,
      goldenCases: result?.cases ?? 0,
      medianMs: result?.medianMs ?? null,
    },
  })
}

/** The problem of the candidate first; one of another deployment shows that the two do not go together. */
function failedProbe(prepared: PreparedGeneration, deployment: string): Problem | null {
  const failed = prepared.results.filter(({ problem }) => problem !== null)
  const worst = failed.find((one) => one.deployment === deployment) ?? failed[0]
  return worst?.problem == null ? null : problemFrom(worst.problem)
}

async function promote(parts: ActivateParts, prepared: PreparedGeneration, set: readonly RuntimeDeployment[]): Promise<void> {
  await prepared.promote()
  parts.onServing(Object.fromEntries(set.map(({ deployment, digest }) => [deployment, digest])))
}

function activeSlots(journal: Journal): [string, { active: SlotContent }][] {
  return Object.entries(journal.state.deployments).flatMap(([deployment, { active }]) =>
    active === null ? [] : [[deployment, { active }]],
  )
}

function named(slot: SlotContent | null): string {
  return slot === null ? 'nothing' : `${slot.model} ${slot.version}`
}

function slotDetail(slot: SlotContent | null): Record<string, string> {
  return slot === null ? {} : { model: slot.model, version: slot.version, digest: slot.digest }
}
