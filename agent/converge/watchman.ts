import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import type { ProbationRules } from '../../shared/protocol/assignment.ts'
import type { SlotContent, WatchState } from '../../shared/protocol/reported.ts'
import type { Log } from '../log.ts'
import type { BundleSet } from '../supervise/bundle-set.ts'
import type { Beat } from '../supervise/generations.ts'
import { rulesOf } from './activate.ts'
import { createCrashWatch } from './crash-watch.ts'
import { setToKeepWarm } from './load-set.ts'
import { ownOf } from './own-of.ts'
import { named, rejectBeside, revert, slotDetail, type TakeBackParts } from './take-back.ts'
import { Tally } from './tally.ts'
import { deploymentOf, unwatched, withDeployment } from './transitions.ts'
import { judgeWatch, type Seen } from './watch.ts'
import { loadedRole } from './wanted-set.ts'

/** What the watchman works with. */
export interface WatchmanParts extends TakeBackParts {
  clock: Clock
  log: Log
  keepWarm(set: BundleSet | null): void
  /** The journal says that something else is served now. */
  onTakenBack(): void
  /** What is reported of a watch has changed noticeably. */
  onChange(): void
}

/** A crash of the serving generation. */
export interface Strike {
  reason: string
  /** True if it was ended because it held too much memory. */
  isMemory: boolean
}

/** A bundle that is judged by what it does: the active one while it is watched, one beside it always. */
interface Subject {
  deployment: string
  isActive: boolean
  content: SlotContent
  rules: ProbationRules
  medianMs: number | null
  /** False for a shadow: what it answers reaches nobody, and is compared elsewhere. */
  answers: boolean
}

interface Trial {
  /** First generation whose counts are its own. */
  from: number
  startedAt: number
  strikes: number[]
  lastStrike: string
  outgrew: string | null
}

/**
 * Judges bundles by what they do in service, and takes back what fails.
 *
 * INVARIANTS
 * 1. What is watched is in the journal; the counts are only here: after a restart of the agent a watch begins again.
 * 2. A crash counts against one bundle, the newest that is judged: older ones have run without it.
 * 3. An active bundle is only taken back if there is a last good one. Else its problem is reported and it goes on: an answer that may
 *    be wrong now and then is the only one there is, and people decide.
 */
export class Watchman {
  readonly #parts: WatchmanParts
  readonly #tally = new Tally()
  readonly #trials = new Map<string, Trial>()
  readonly #isThirdCrash = createCrashWatch()
  #reportedShare = ''

  constructor(parts: WatchmanParts) {
    this.#parts = parts
  }

  /** A bundle serves from a generation on: what it did before, as another role, does not count. */
  begin(deployment: string, digest: string, generation: number): void {
    this.#trials.set(keyOf(deployment, digest), this.#newTrial(generation))
  }

  /** A generation gave a sign of life. */
  beat(beat: Beat): void {
    this.#tally.note(beat)
    this.#judge()
    const share = this.#subjects().map((one) => Math.floor((10 * this.#seen(one).inferences) / Math.max(1, one.rules.inferences)))
    if (share.join() === this.#reportedShare) return
    this.#reportedShare = share.join()
    this.#parts.onChange()
  }

  /** The serving generation crashed, hung or was ended for its memory. */
  crashed({ reason, isMemory }: Strike): void {
    const now = this.#parts.clock.monotonic()
    const isThird = this.#isThirdCrash(now)
    const subjects = this.#subjects()
    const newest = subjects.toSorted((a, b) => b.content.since - a.content.since)[0]
    if (newest !== undefined) {
      const trial = this.#trialOf(newest)
      trial.strikes = [...trial.strikes.filter((at) => now - at < newest.rules.seconds * 1000), now]
      trial.lastStrike = reason
      if (isMemory) trial.outgrew = reason
    }
    if (!this.#judge() && isThird) this.#takeNewestBack(new Problem('runtime.crashed', `The runtime crashed: ${reason}`))
  }

  /** The watch of a deployment as it is reported. */
  watchOf(deployment: string): WatchState | null {
    const subject = this.#subjects().find((one) => one.deployment === deployment && one.isActive)
    const watch = ownOf(this.#parts.journal.state.deployments, deployment)?.watch ?? null
    if (subject === undefined || watch === null) return null
    const { inferences, failed, notFinite } = this.#seen(subject)
    return { since: watch.since, inferences, wanted: subject.rules.inferences, failed, notFinite }
  }

  /** @returns true if something failed, and was taken back or told */
  #judge(): boolean {
    let isDecided = false
    const subjects = this.#subjects()
    const judged = new Set(subjects.map(({ deployment, content }) => keyOf(deployment, content.digest)))
    for (const key of this.#trials.keys()) if (!judged.has(key)) this.#trials.delete(key)
    for (const subject of subjects) {
      // Growth of a process that serves several bundles is counted against the newest one.
      const isNewest = subjects.every(({ content }) => content.since <= subject.content.since)
      const seen = this.#seen(subject)
      const verdict = judgeWatch(subject.rules, subject.medianMs, isNewest ? seen : { ...seen, growthBytes: 0 })
      if (verdict.is === 'on' || (verdict.is === 'passed' && !subject.isActive)) continue
      try {
        if (verdict.is === 'passed') this.#commit(subject, verdict.why)
        else this.#fail(subject, new Problem('watch.failed', `${named(subject.content)}: ${verdict.message}`))
        isDecided ||= verdict.is === 'failed'
      } catch (error) {
        this.#parts.log('warn', 'The end of a watch could not be written; it is tried again.', { reason: messageOf(error) })
      }
    }
    if (isDecided) this.#parts.onTakenBack()
    return isDecided
  }

  #commit({ deployment, content }: Subject, why: string): void {
    const { journal, tell, keepWarm } = this.#parts
    journal.save(withDeployment(journal.state, deployment, unwatched(deploymentOf(journal.state, deployment), null)))
    keepWarm(setToKeepWarm(journal.state))
    const message = `${named(content)} in ${deployment} has passed its watch (${why}).`
    tell({ name: 'model.committed', severity: 'info', message, detail: { deployment, ...slotDetail(content) } })
    this.#parts.onChange()
  }

  #fail({ deployment, isActive, content }: Subject, problem: Problem): void {
    const { journal, tell } = this.#parts
    const before = deploymentOf(journal.state, deployment)
    if (!isActive) return rejectBeside(this.#parts, deployment, problem.toReport())
    if (before.lastGood !== null) return revert(this.#parts, deployment, problem.toReport())
    journal.saveOrHold(withDeployment(journal.state, deployment, unwatched(before, problem.toReport())))
    const message = `${problem.message} There is nothing to go back to in ${deployment}, so it goes on.`
    tell({
      name: 'model.watch-failed',
      severity: 'error',
      message,
      problem: problem.toReport(),
      detail: { deployment, ...slotDetail(content) },
    })
  }

  /** Three crashes within a minute: whatever came last and can go is taken back, watched or not. */
  #takeNewestBack(problem: Problem): void {
    const changes = Object.entries(this.#parts.journal.state.deployments).flatMap(([deployment, { active, lastGood, beside }]) => [
      ...(active !== null && lastGood !== null ? [{ deployment, isActive: true, since: active.since }] : []),
      ...(beside !== null && loadedRole(beside) !== null ? [{ deployment, isActive: false, since: beside.content.since }] : []),
    ])
    const latest = changes.toSorted((a, b) => b.since - a.since)[0]
    if (latest === undefined) return
    if (latest.isActive) revert(this.#parts, latest.deployment, problem.toReport())
    else rejectBeside(this.#parts, latest.deployment, problem.toReport())
    this.#parts.onTakenBack()
  }

  #subjects(): Subject[] {
    const { state } = this.#parts.journal
    return Object.entries(state.deployments).flatMap(([deployment, { active, watch, beside }]) => {
      const subjects: Subject[] = []
      const ordered = ownOf(state.order?.assignment.deployments ?? {}, deployment)
      if (active !== null && watch !== null) {
        // An order can change the rules of a watch; one for another bundle says nothing of this one.
        const rules = ordered?.bundle.digest === active.digest ? ordered.probation : watch.rules
        subjects.push({ deployment, isActive: true, content: active, rules, medianMs: watch.medianMs, answers: true })
      }
      if (beside !== null && loadedRole(beside) !== null) {
        // It is judged as long as it stands there; a median of its probe is not kept.
        const rules = { ...rulesOf(state, deployment), inferences: Number.MAX_SAFE_INTEGER }
        const { content, role } = beside
        subjects.push({ deployment, isActive: false, content, rules, medianMs: null, answers: role === 'split' })
      }
      return subjects
    })
  }

  #seen(subject: Subject): Seen {
    const { deployment, content, answers } = subject
    const trial = this.#trialOf(subject)
    const counts = this.#tally.counts(deployment, content.digest, trial.from)
    return {
      ...(answers ? counts : { inferences: 0, failed: 0, notFinite: 0, medianMs: null }),
      growthBytes: this.#tally.growth(trial.from),
      strikes: trial.strikes.length,
      lastStrike: trial.lastStrike,
      outgrew: trial.outgrew,
      elapsedMs: this.#parts.clock.monotonic() - trial.startedAt,
    }
  }

  #trialOf({ deployment, content }: Subject): Trial {
    const key = keyOf(deployment, content.digest)
    const trial = this.#trials.get(key) ?? this.#newTrial(0)
    this.#trials.set(key, trial)
    return trial
  }

  #newTrial(from: number): Trial {
    return { from, startedAt: this.#parts.clock.monotonic(), strikes: [], lastStrike: '', outgrew: null }
  }
}

function keyOf(deployment: string, digest: string): string {
  return `${deployment}\n${digest}`
}
