import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { RolloutState } from '../../../shared/domain/rollout/life.ts'
import { conduct } from './conduct.ts'
import { healHalts } from './consequences.ts'
import { advance } from './engine/advance.ts'
import type { Live } from './engine/live.ts'
import type { FactsReader } from './facts-reader.ts'
import { approveWhenReady, pauseAfterFault } from './by-itself.ts'
import type { PlanningParts } from './planning/parts.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RunBook } from './run-book.ts'

/** Looks are no closer than this, and take at most a quarter of the time. */
const LEAST_MS = 250
const SHARE = 4
/** Every device of a rollout under way is looked at so often, whatever reports say; of one that ended, more seldom. */
const FULL_MS = 30_000
const FULL_ENDED_MS = 300_000
/** Verdicts are looked at so often while a wave is open. */
const VERDICT_MS = 10_000
/** After a start, devices have so long to come back before anybody is missed: what happened meanwhile is in their reports. */
const GRACE_MS = 60_000
/** A rollout that cannot be looked at so often in a row is paused for a person. */
const MOST_FAULTS = 3

const ended: readonly RolloutState[] = ['completed', 'stopped', 'reverted']

/** When a rollout is looked at next, and at whom. */
interface Due {
  changed: Set<string>
  /** Every device is to be looked at. */
  isFull: boolean
  /** Of all looks since the last full one. */
  wakeAt: number
  fullAt: number
  verdictAt: number
  faults: number
}

export type SchedulerParts = RolloutParts & { runs: RunBook; facts: FactsReader; planning: PlanningParts }

/** Runs rollouts: looks at what changed, lets the engine decide, does it. The fault of one rollout stops no other. */
export interface Scheduler {
  /** Something may be new of these devices. */
  note(devices: readonly string[]): void
  /** Something may be new of all, as after an act of a person. */
  wake(): void
  /** Something may be new that is not of devices, such as an alert, an approval or a budget. */
  glance(): void
  /** Looks at what is due now. Tests call it in place of the clock. @returns true if anything was done */
  look(): boolean
  start(): void
  stop(): void
}

/** Makes a scheduler; it does nothing before `start` or `look`. */
export function openScheduler(parts: SchedulerParts): Scheduler {
  const dues = new Map<number, Due>()
  let timer: NodeJS.Timeout | null = null
  let isStarted = false
  let graceUntil = 0
  let notBefore = 0

  const dueOf = (id: number): Due => {
    const known = dues.get(id) ?? { changed: new Set(), isFull: true, wakeAt: Infinity, fullAt: 0, verdictAt: 0, faults: 0 }
    dues.set(id, known)
    return known
  }
  const lookAll = (): boolean => {
    const now = parts.now()
    const watched = parts.runs.watched()
    for (const id of dues.keys()) if (!watched.includes(id)) forget(id)
    let isDone = false
    for (const id of watched) {
      const due = dueOf(id)
      if (nextOf(due) > now) continue
      try {
        if (lookAt(parts, { id, due, now, graceUntil, tell: (of) => tell(parts, dues, of) })) isDone = true
        due.faults = 0
      } catch (error) {
        fault(id, due, error)
      }
    }
    if (healHalts(parts, (id) => (dues.get(id)?.faults ?? 0) > 0)) parts.onOutbox()
    return isDone
  }
  const forget = (id: number): void => {
    dues.delete(id)
    parts.facts.forget(id)
  }
  const fault = (id: number, due: Due, error: unknown): void => {
    due.faults += 1
    Object.assign(due, { isFull: false, fullAt: parts.now() + 5000, wakeAt: Infinity, verdictAt: Infinity })
    due.changed.clear()
    parts.runs.forget(id)
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    parts.log('error', 'a rollout could not be looked at; it is tried again', { rollout: id, reason: messageOf(error), stack })
    // A full disk is no fault of the rollout, and passes.
    if (due.faults < MOST_FAULTS || (error instanceof Problem && error.code.startsWith('store.'))) return
    try {
      pauseAfterFault(parts, id, error)
    } catch (failure) {
      parts.log('error', 'a rollout with a fault could not be paused', { rollout: id, reason: messageOf(failure) })
    }
  }

  const plan = (): void => {
    if (!isStarted) return
    if (timer !== null) clearTimeout(timer)
    const next = Math.min(parts.now() + FULL_MS, ...[...dues.values()].map(nextOf))
    // A clock that is set back must not make it sleep for as long.
    timer = setTimeout(run, Math.min(FULL_MS, Math.max(0, Math.max(next, notBefore) - parts.now())))
  }
  const run = (): void => {
    timer = null
    const from = performance.now()
    try {
      lookAll()
    } catch (error) {
      parts.log('error', 'rollouts could not be looked at; they are tried again', { reason: messageOf(error) })
    }
    notBefore = parts.now() + Math.max(LEAST_MS, SHARE * (performance.now() - from))
    plan()
  }

  return {
    note(devices) {
      if (devices.length === 0 || dues.size === 0) return
      for (const due of dues.values()) for (const device of devices) due.changed.add(device)
      plan()
    },
    wake() {
      for (const id of parts.runs.watched()) dueOf(id).isFull = true
      plan()
    },
    glance() {
      for (const due of dues.values()) due.verdictAt = 0
      plan()
    },
    look: lookAll,
    start() {
      isStarted = true
      graceUntil = parts.now() + GRACE_MS
      for (const id of parts.runs.watched()) dueOf(id)
      plan()
    },
    stop() {
      isStarted = false
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function nextOf(due: Due): number {
  return due.isFull || due.changed.size > 0 ? 0 : Math.min(due.wakeAt, due.fullAt, due.verdictAt)
}

/** One look at one rollout. @returns true if anything was done */
function lookAt(parts: SchedulerParts, of: { id: number; due: Due; now: number; graceUntil: number; tell: Tell }): boolean {
  const { id, due, now, graceUntil } = of
  const isGrace = now < graceUntil
  const live = parts.runs.find(id)
  if (live === null) return false
  if (approveWhenReady(parts, live)) return true
  const isFull = due.isFull || due.wakeAt <= now || due.fullAt <= now
  const changed = !isFull ? [...due.changed] : isGrace ? onlineDevices(parts) : null
  const decision = advance(live, parts.facts.read(live, { now, changed, patientUntil: graceUntil }))
  // What is noted from here on, as by the orders of this very decision, is for the next look.
  due.changed.clear()
  due.isFull = false
  due.wakeAt = Math.min(isFull ? Infinity : due.wakeAt, decision.wakeAt ?? Infinity)
  if (isFull) due.fullAt = now + (isGrace ? GRACE_MS : ended.includes(live.run.state) ? FULL_ENDED_MS : FULL_MS)
  due.verdictAt = isJudged(live) ? now + VERDICT_MS : Infinity
  if (decision.events.length === 0) return false
  const ordered = conduct(parts, live, { decision, at: now })
  const isWhole = decision.events.some(({ device, wave }) => device === null && wave === null)
  of.tell({ deployment: live.run.plan.deployment, devices: ordered, isWhole })
  return true
}

type Tell = (of: { deployment: string; devices: readonly string[]; isWhole: boolean }) => void

/** What one rollout did may free devices of another one to the same deployment, or take them. */
function tell({ runs }: SchedulerParts, dues: ReadonlyMap<number, Due>, of: Parameters<Tell>[0]): void {
  for (const [id, due] of dues) {
    if (runs.find(id)?.run.plan.deployment !== of.deployment) continue
    for (const device of of.devices) due.changed.add(device)
    if (of.isWhole) due.isFull = true
  }
}

function onlineDevices({ store }: SchedulerParts): string[] {
  return store.roster.all().flatMap(({ row }) => (row.status === 'online' ? [row.device] : []))
}

function isJudged({ run }: Live): boolean {
  return (run.state === 'running' || run.state === 'paused') && run.waves.some(({ state }) => state === 'open' || state === 'at-gate')
}
