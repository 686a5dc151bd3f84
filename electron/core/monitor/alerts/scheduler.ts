import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { AlertRule } from '../../../../shared/domain/alert.ts'
import { messageOf } from '../../../../shared/domain/problem.ts'
import type { Log } from '../../log.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { applyFindings, findingsOf } from './apply-readings.ts'
import type { Census } from './census.ts'
import type { Look, Sight } from './look.ts'
import { looksOf, type Memory } from './looks.ts'
import type { Reading } from './reading.ts'
import { allRules } from './rules.ts'
import { isSliced, orphanReadings } from './orphans.ts'
import { pruneAlerts, sweepAlerts } from './sweep.ts'
import { tellFiring, type TellTime } from './tell.ts'

/** With nothing that is faster, rules are looked at four times a minute. */
export const TICK_MS = 15_000
const SOONEST_TICK_MS = 1000
/** Slices, versions and devices are counted anew so often. */
const RECOUNT_MS = 60_000
/** Looks at single devices in one tick; what is left is done first in the next. */
const MOST_LOOKS = 200
const PRUNE_MS = 3_600_000

/** A rule that is on, with its work. */
interface Work {
  rule: AlertRule
  /** The rule as it was when the work was cut. */
  text: string
  looks: readonly Look[]
}

interface SchedulerParts {
  store: FleetStore
  log: Log
  memory: Memory
  census: Census
  /** How things are at the moment. */
  sight(): Sight
  /** Called at the start of a tick, before anything is looked at. */
  onTick(everyMs: number): void
}

/** INVARIANTS: one tick at a time; what a look found is stored in one transaction; a look that fails is told once and stops no other. */
export interface Scheduler {
  /** Looks at everything that is due. @returns true if an alert changed */
  tick(): Promise<boolean>
  /** How long until the next tick. */
  everyMs(): number
}

/** Decides what to look at, and when. The clock is that of `sight`. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { store, log, memory, census } = parts
  const work = new Map<string, Work>()
  const nextAt = new Map<string, number>()
  const complained = new Set<string>()
  let recountedAt: number | null = null
  let prunedAt: number | null = null
  let everyMs = TICK_MS

  const complain = (key: string, rule: AlertRule, error: unknown): void => {
    if (!complained.has(key)) log('warn', 'a rule could not be looked at', { rule: rule.rule, name: rule.name, reason: messageOf(error) })
    complained.add(key)
  }

  function recount(rules: readonly AlertRule[], sight: Sight): void {
    const isDue = recountedAt === null || sight.now - recountedAt >= Math.min(RECOUNT_MS, 4 * everyMs) || sight.now < recountedAt
    const on = rules.filter(({ isEnabled }) => isEnabled)
    for (const known of work.keys()) if (!on.some(({ rule }) => rule === known)) work.delete(known)
    for (const rule of on) {
      const text = JSON.stringify(rule)
      if (!isDue && work.get(rule.rule)?.text === text) continue
      try {
        work.set(rule.rule, { rule, text, looks: looksOf(rule, rules, { sight, memory }) })
        complained.delete(rule.rule)
      } catch (error) {
        complain(rule.rule, rule, error)
        work.set(rule.rule, { rule, text, looks: [] })
      }
    }
    // Also between two counts: a rule of seconds that is new must not miss its first minute.
    const paces = [...work.values()].flatMap(({ looks }) => looks.map((look) => look.everyMs))
    everyMs = Math.max(
      SOONEST_TICK_MS,
      paces.reduce((fastest, pace) => Math.min(fastest, pace), TICK_MS),
    )
    if (!isDue) return
    recountedAt = sight.now
    census.count([...work.values()], sight.now)
    const keys = new Set([...work.values()].flatMap(({ rule, looks }) => looks.map((look) => keyOf(rule, look))))
    for (const key of nextAt.keys()) if (!keys.has(key)) nextAt.delete(key)
  }

  /**
   * What is due. Looks at the whole fleet and at versions are few and come first, so that thousands of devices keep nobody from seeing that one is
   * away; of the looks at single devices the longest overdue come first. Among equals bad values come before drift, which they may explain.
   */
  function due(now: number): { rule: AlertRule; look: Look }[] {
    const all = [...work.values()]
      .flatMap(({ rule, looks }) => looks.map((look) => ({ rule, look, at: dueAt(rule, look, now) })))
      .filter(({ at }) => at <= now)
    const isOne = ({ rule }: { rule: AlertRule }): boolean => isSliced(rule) && rule.per === 'device'
    const ones = all.filter(isOne).sort((a, b) => a.at - b.at || kindRank(a.rule) - kindRank(b.rule))
    const others = all.filter((one) => !isOne(one)).sort((a, b) => kindRank(a.rule) - kindRank(b.rule) || a.at - b.at)
    return [...others, ...ones.slice(0, MOST_LOOKS)]
  }

  /** A clock that was set back makes nothing wait longer than its pace. */
  function dueAt(rule: AlertRule, look: Look, now: number): number {
    const at = nextAt.get(keyOf(rule, look)) ?? 0
    return at > now + Math.max(look.everyMs, 86_400_000) ? now : at
  }

  function see(rule: AlertRule, look: Look, time: TellTime): boolean {
    const key = keyOf(rule, look)
    const sight = parts.sight()
    nextAt.set(key, sight.now + look.everyMs)
    try {
      const seen = look.see(sight)
      if (seen.nextAt !== undefined) nextAt.set(key, Math.max(sight.now + Math.min(look.everyMs, TICK_MS), seen.nextAt))
      complained.delete(key)
      const findings = findingsOf(store, rule, seen.readings)
      if (seen.commit === undefined && findings.length === 0) return false
      return store.transact(() => {
        seen.commit?.()
        return applyFindings(store, rule, findings, time)
      })
    } catch (error) {
      complain(key, rule, error)
      return false
    }
  }

  async function tick(): Promise<boolean> {
    parts.onTick(everyMs)
    const sight = parts.sight()
    const rules = allRules(store.alertRules)
    const time = { now: sight.now, groupWaitMs: 2 * everyMs }
    recount(rules, sight)
    let hasChanged = false
    for (const { rule, look } of due(sight.now)) {
      hasChanged = see(rule, look, time) || hasChanged
      // The console answers people between two pieces of work.
      await yieldToOthers()
    }
    const isPruning = prunedAt === null || sight.now - prunedAt >= PRUNE_MS
    if (isPruning) prunedAt = sight.now
    if (store.alerts.countOpen() === 0 && !isPruning) return hasChanged
    return store.transact(() => {
      for (const { rule, looks } of work.values())
        applyFindings(store, rule, findingsOf(store, rule, orphanReadings(store, rule, looks)), time)
      const wasSwept = sweepAlerts(sight, rules, time)
      const wasTold = tellFiring(store, rules, time)
      if (isPruning) pruneAlerts(sight, sight.now)
      return hasChanged || wasSwept || wasTold
    })
  }

  let running: Promise<boolean> | null = null
  return {
    everyMs: () => everyMs,
    tick() {
      running ??= tick().finally(() => (running = null))
      return running
    },
  }
}

function keyOf(rule: AlertRule, look: Look): string {
  return `${rule.rule} ${look.key}`
}

function kindRank({ condition }: AlertRule): number {
  return condition.kind === 'data-quality' ? 0 : 1
}

/** What a rule would say now, without changing anything. */
export function lookOnce(rule: AlertRule, rules: readonly AlertRule[], of: { sight: Sight; memory: Memory }): Reading[] {
  return looksOf(rule, rules, of)
    .slice(0, MOST_LOOKS)
    .flatMap((look) => look.see(of.sight).readings)
}
