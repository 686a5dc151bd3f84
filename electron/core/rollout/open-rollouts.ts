import type { RolloutAtHand } from './explain/case.ts'
import { openEvidenceDesk } from './evidence-desk.ts'
import { openFactsReader, type FactsReader } from './facts-reader.ts'
import type { PlanningParts } from './planning/parts.ts'
import type { RolloutParts } from './rollout-parts.ts'
import { openRunBook, type RunBook } from './run-book.ts'
import { openScheduler, type Scheduler } from './scheduler.ts'

/** Rollouts, as the rest of the console uses them. */
export interface Rollouts extends Pick<Scheduler, 'note' | 'wake' | 'glance' | 'look' | 'start' | 'stop'> {
  readonly parts: RolloutParts
  readonly runs: RunBook
  readonly facts: FactsReader
  readonly planning: PlanningParts
  /**
   * Rollouts that have a say in what devices have: those under way, and the last of each deployment.
   * @param isForMany asked of many devices: what they were ordered is read at once, not one by one
   */
  atHand(isForMany?: boolean): RolloutAtHand[]
}

/** Opens the rollouts of a fleet. Call `start` once devices can be heard. */
export function openRollouts(parts: RolloutParts): Rollouts {
  const runs = openRunBook(parts.store, parts.now)
  const facts = openFactsReader({ ...parts, runs, evidence: openEvidenceDesk(parts.evidence), listeningSince: parts.now() })
  const { store, registry, windows, costs, approvals, now } = parts
  const planning: PlanningParts = {
    ...{ store, registry, windows, costs, approvals, now },
    underWay: () => runs.watched().flatMap((id) => runs.find(id)?.run ?? []),
    runOf: (rollout) => runs.find(rollout)?.run ?? null,
    nextRollout: () => store.rollouts.next(),
  }
  const { note, wake, glance, look, start, stop } = openScheduler({
    ...{ ...parts, runs, facts, planning },
    // A copy keeps the id that the fleet has now; the first run gives it another one, and orders for the old one would be refused.
    get fleet() {
      return parts.fleet
    },
  })
  const atHand = (isForMany = false): RolloutAtHand[] =>
    runs.watched().flatMap((id) => {
      const live = runs.find(id)
      return live === null ? [] : [{ ...live, facts: facts.read(live, { now: now(), changed: isForMany ? null : [] }) }]
    })
  return { parts, runs, facts, planning, atHand, note, wake, glance, look, start, stop }
}
