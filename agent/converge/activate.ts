import type { Clock } from '../../shared/domain/clock.ts'
import { Problem, problemFrom } from '../../shared/domain/problem.ts'
import { probationRules, type ProbationRules } from '../../shared/protocol/assignment.ts'
import type { ProbeResult } from '../runtime/messages.ts'
import { besideActivated } from './beside.ts'
import type { JournalState } from './journal.ts'
import { failureIn, giveUp, loadable, setOf, setToKeepWarm, type LoadParts } from './load-set.ts'
import { ownOf } from './own-of.ts'
import type { PreparedGeneration, RuntimePort } from './runtime-port.ts'
import type { Slot } from './steps.ts'
import { named, rejectBeside, slotDetail } from './take-back.ts'
import { activated, deploymentOf, withDeployment } from './transitions.ts'
import type { SetEntry } from './wanted-set.ts'

/** What switching works with. */
export interface ActivateParts extends LoadParts {
  runtime: RuntimePort
  clock: Clock
  /** Told what the runtime serves from now on. */
  onServing(serving: readonly SetEntry[]): void
  /** Told that a bundle begins to be judged by what it does from a generation on. */
  onTrial(deployment: string, digest: string, generation: number): void
}

/**
 * Makes the runtime serve exactly what the journal says. A bundle whose files are damaged gives way, and is fetched again; one that does
 * not load although its files are sound is given up.
 * @throws Problem when the runtime could not start for a reason that may pass
 */
export async function serveActive(parts: ActivateParts, signal: AbortSignal): Promise<void> {
  const set = setOf(parts.journal.state)
  let load: ReturnType<typeof loadable>
  try {
    load = loadable(parts, set, null)
  } catch (error) {
    // It gave way in the journal: the next step serves what is left.
    if (error instanceof Problem && error.code === 'store.corrupt') return
    throw error
  }
  const prepared = await parts.runtime.prepare(load, signal)
  const failed = failureIn(prepared.results, set, null)
  if (failed === null && !signal.aborted) {
    await promote(parts, prepared, set)
    return
  }
  await prepared.discard()
  if (failed !== null) await giveUp(parts, failed)
}

/** Sends roles and rules of serving to the generation that has the bundles already. */
export function tuneServing({ journal, runtime, onServing }: ActivateParts): void {
  const set = setOf(journal.state)
  runtime.tune(set.map(({ deployment, content, role, serving }) => ({ deployment, digest: content.digest, role, serving })))
  onServing(set)
}

/**
 * Probes the bundle of a slot together with everything that serves, in a generation of its own, and lets that generation serve.
 * @throws Problem of the probe, or why the generation could not be made
 */
export async function probeSlot(parts: ActivateParts, deployment: string, slot: Slot, signal: AbortSignal): Promise<void> {
  const rules = rulesOf(parts.journal.state, deployment)
  const digest = digestIn(parts, deployment, slot)
  const set = setOf(afterProbe(parts, { deployment, slot, rules, medianMs: null }))
  const entry = set.find((one) => one.deployment === deployment && one.content.digest === digest)
  if (entry === undefined) throw new Problem('internal', `${deployment} has nothing to probe as ${slot}.`)
  const prepared = await parts.runtime.prepare(loadable(parts, set, { entry, latencyBudgetMs: rules.latencyMs }), signal)
  const result = prepared.results.find((one) => one.deployment === deployment && one.digest === digest)
  const isStill = !signal.aborted && digestIn(parts, deployment, slot) === digest
  const failed = failureIn(prepared.results, set, entry)
  if (failed !== null && failed.entry !== entry && failed.entry.role.kind !== 'active') {
    // The bundle beside another one is in the way: it goes, and the probe is made again without it.
    await prepared.discard()
    rejectBeside(parts, failed.entry.deployment, failed.problem)
    return
  }
  const problem = failed === null ? overBudget(rules, result) : problemFrom(failed.problem)
  if (problem !== null || !isStill) {
    await prepared.discard()
    throw problem ?? new Problem('cancelled', 'The order changed during the probe.')
  }
  await switchTo(parts, { prepared, set, result }, { deployment, slot, rules, medianMs: result?.medianMs ?? null })
}

interface Probed {
  deployment: string
  slot: Slot
  rules: ProbationRules
  medianMs: number | null
}

interface Loaded {
  prepared: PreparedGeneration
  set: readonly SetEntry[]
  result: ProbeResult | undefined
}

async function switchTo(parts: ActivateParts, { prepared, set, result }: Loaded, probed: Probed): Promise<void> {
  const { journal, tell } = parts
  const { deployment, slot } = probed
  const before = deploymentOf(journal.state, deployment)
  try {
    journal.save(afterProbe(parts, probed))
  } catch (error) {
    await prepared.discard()
    throw error
  }
  const now = deploymentOf(journal.state, deployment)
  const content = slot === 'candidate' ? now.active : (now.beside?.content ?? null)
  if (content !== null) parts.onTrial(deployment, content.digest, prepared.generation)
  await promote(parts, prepared, set)
  const detail = { deployment, ...slotDetail(content), goldenCases: result?.cases ?? 0, medianMs: result?.medianMs ?? null }
  if (slot === 'candidate') {
    const watched = now.watch === null ? '' : ', and is watched'
    const message = `${named(content)} is active in ${deployment}${watched}.`
    tell({ name: 'model.activated', severity: 'info', message, detail: { ...detail, replaced: before.active?.digest ?? null } })
  } else {
    const role = now.beside?.role ?? 'shadow'
    const message = `${named(content)} works as ${role} beside ${named(now.active)} in ${deployment}.`
    tell({ name: 'model.joined', severity: 'info', message, detail: { ...detail, role } })
  }
}

/** The journal as it is once the bundle of the slot has passed. */
function afterProbe({ journal, clock }: ActivateParts, { deployment, slot, rules, medianMs }: Probed): JournalState {
  const before = deploymentOf(journal.state, deployment)
  const now = clock.now()
  const watch = rules.inferences === 0 ? null : { since: now, medianMs, rules }
  const after = slot === 'candidate' ? activated(before, now, watch) : besideActivated(before, now)
  return withDeployment(journal.state, deployment, after)
}

function digestIn({ journal }: ActivateParts, deployment: string, slot: Slot): string | null {
  const { candidate, beside } = deploymentOf(journal.state, deployment)
  return (slot === 'candidate' ? candidate?.digest : beside?.content.digest) ?? null
}

function overBudget({ latencyMs, memoryBytes }: ProbationRules, result: ProbeResult | undefined): Problem | null {
  if (result === undefined) return null
  if (latencyMs !== null && result.medianMs !== null && result.medianMs > latencyMs) {
    return new Problem(
      'probe.budget',
      `The median of the probe is ${Number(result.medianMs.toPrecision(3))} ms; ${latencyMs} ms are allowed.`,
    )
  }
  if (memoryBytes === null || result.memoryBytes <= memoryBytes) return null
  const mebibytes = (bytes: number): number => Number((bytes / (1024 * 1024)).toFixed(1))
  return new Problem(
    'probe.budget',
    `Loading and probing took ${mebibytes(result.memoryBytes)} MiB of memory; ${mebibytes(memoryBytes)} MiB are allowed.`,
  )
}

/** The rules of probation that the order gives a deployment. */
export function rulesOf(state: JournalState, deployment: string): ProbationRules {
  return ownOf(state.order?.assignment.deployments ?? {}, deployment)?.probation ?? probationRules.parse({})
}

async function promote(parts: ActivateParts, prepared: PreparedGeneration, set: readonly SetEntry[]): Promise<void> {
  await prepared.promote(setToKeepWarm(parts.journal.state))
  parts.onServing(set)
}
