import { Problem } from '../../../shared/domain/problem.ts'
import type { RolloutState } from '../../../shared/domain/rollout/life.ts'
import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'
import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { engineActor } from './engine/draft.ts'
import { applyEvent, startLive } from './engine/apply-event.ts'
import type { NewEvent } from './engine/facts.ts'
import type { Live } from './engine/live.ts'
import { replay } from './engine/replay.ts'
import { nameOfPlan } from './planning/plan-name.ts'
import { summaryOf } from './summary.ts'

/** Ended rollouts that are kept in memory: the few that somebody looks at. */
const KEPT_ENDED = 8

/** What was stopped gives back within this time, also where another rollout begins at once. */
const GIVING_BACK_MS = 600_000

/** Acts of the engine on a rollout as a whole; what follows for each device is in the log of the rollout. */
function isOwnAct({ actor, device, from, to, kind }: RolloutEvent): boolean {
  return actor === engineActor && device === null && (from !== to || ownKinds.has(kind))
}

const ownKinds: ReadonlySet<string> = new Set(['wave-opened', 'wave-passed', 'halted', 'promoted', 'alias-moved'])

/** States in which the engine has something to do, or a person to wait for. */
const watchedStates: readonly RolloutState[] = ['awaiting-approval', 'scheduled', 'running', 'paused', 'reverting']

interface Entry {
  live: Live
  /** Events were applied of which it is not known yet if they were committed. */
  isStale: boolean
}

/**
 * Rollouts in memory, each built from its log.
 *
 * INVARIANTS
 * 1. The log is the truth: everything here can be thrown away and is read again when it is needed.
 * 2. `record` is called in a transaction and `settle` after its commit. What was recorded and not settled is read anew, so that a rollback leaves nothing.
 */
export interface RunBook {
  /** null: there is none. */
  find(id: number): Live | null
  /** @throws Problem `rollout.not-found` */
  require(id: number): Live
  /** Numbers of rollouts that the engine looks at: those under way, and those that ended and are the last of their deployment. */
  watched(): number[]
  /** Writes a new draft. Call it in a transaction. */
  create(plan: RolloutPlan, by: { actor: string; at: number }): Live
  /** Writes events down and applies them. Call it in a transaction. */
  record(live: Live, events: readonly NewEvent[], at: number): RolloutEvent[]
  /** What was recorded is committed. */
  settle(id: number): void
  forget(id: number): void
}

/** Opens the rollouts of a store. */
export function openRunBook(store: Pick<FleetStore, 'db' | 'rollouts' | 'rolloutEvents' | 'audit'>, now: () => number): RunBook {
  const entries = new Map<number, Entry>()

  const keep = (live: Live, isStale: boolean): Entry => {
    const entry = { live, isStale }
    entries.delete(live.run.id)
    entries.set(live.run.id, entry)
    const ended = [...entries].filter(([, one]) => one.live.run.endedAt !== null || one.live.run.state === 'draft')
    for (const [id] of ended.slice(0, Math.max(0, ended.length - KEPT_ENDED))) entries.delete(id)
    return entry
  }
  const find = (id: number): Live | null => {
    const known = entries.get(id)
    if (known !== undefined && !known.isStale) return known.live
    entries.delete(id)
    if (store.rollouts.find(id) === null) return null
    return keep(replay(store.rolloutEvents.all(id)), known !== undefined && store.db.inTransaction).live
  }
  const put = (live: Live, at: number): void => {
    const { run } = live
    const { deployment, model, isComparison } = run.plan
    store.rollouts.put({
      ...{ id: run.id, name: nameOfPlan(run.plan), deployment, model, version: run.target?.version ?? run.plan.version, isComparison },
      ...{ state: run.state, startedAt: run.startedAt, endedAt: run.endedAt, summary: summaryOf(live, { now: at }) },
    })
  }

  /** What people did has its entry by their command; what the engine decides has none but this. */
  const audited = ({ at, actor, kind, wave, from, to, sentence, rollout }: RolloutEvent): void => {
    const detail = { rollout, ...(wave === null ? {} : { wave: wave + 1 }), from, to, sentence }
    store.audit.recordSystem({ at, actor, action: `rollouts.${kind}`, detail })
  }

  return {
    find,
    require(id) {
      const live = find(id)
      if (live === null) throw new Problem('rollout.not-found', `There is no rollout ${id}.`)
      return live
    },
    watched: () => store.rollouts.watched(watchedStates, now() - GIVING_BACK_MS),
    create(plan, { actor, at }) {
      const id = store.rollouts.add({ createdAt: at, createdBy: actor })
      const created = store.rolloutEvents.add({
        ...{ rollout: id, at, actor, kind: 'created', device: null, wave: null, from: null, to: 'draft' },
        ...{ sentence: 'The rollout was written down.', detail: { plan } },
      })
      const live = startLive(created)
      keep(live, true)
      put(live, at)
      return live
    },
    record(live, events, at) {
      const { id } = live.run
      keep(live, true)
      const written = events.map((event) => {
        const made = store.rolloutEvents.add({ ...event, rollout: id, at })
        applyEvent(live, made)
        if (isOwnAct(made)) audited(made)
        return made
      })
      put(live, at)
      return written
    },
    settle(id) {
      const entry = entries.get(id)
      if (entry !== undefined) entry.isStale = false
    },
    forget: (id) => void entries.delete(id),
  }
}
