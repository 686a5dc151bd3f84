import { createHash } from 'node:crypto'
import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'
import type { AbortRule } from '../../../shared/domain/rollout/plan.ts'
import { answered, countOf, emptyFold, foldEvent, underWay, wavesOf, type Folded } from './fold.ts'
import type { RolloutHistory, Violation } from './history.ts'

/**
 * Checks a history against the rules of rollouts, each on its own: order of the log, states, waves, pace, gates, abort rules, what devices heard and
 * did, the end. @returns what is broken; empty: nothing
 */
export function checkHistory(history: RolloutHistory): Violation[] {
  const found: Violation[] = []
  const say = (rule: string, message: string, event: RolloutEvent | null = null, device: string | null = null): void => {
    if (found.length < 50) found.push({ rule, message, seq: event?.seq ?? null, device: device ?? event?.device ?? null })
  }
  const walk = new Walk(history, say)
  for (const event of history.events) walk.take(event)
  walk.end()
  checkMembership(history, say)
  return found
}

type Say = (rule: string, message: string, event?: RolloutEvent | null, device?: string | null) => void

class Walk {
  readonly #history: RolloutHistory
  readonly #say: Say
  readonly #now: Folded = emptyFold()
  /** Since the threshold of an abort rule was passed; ends with a person going on. */
  #passedAt: { rule: AbortRule; event: RolloutEvent } | null = null
  #acknowledged = 0
  #lastSeq = 0
  #lastAt = 0
  readonly #offeredAt = new Map<string, number>()
  readonly #committedBy = new Map<string, number[]>()

  constructor(history: RolloutHistory, say: Say) {
    this.#history = history
    this.#say = say
    for (const note of history.notes)
      if ('did' in note && note.did === 'commit' && note.digest === history.target)
        this.#committedBy.set(note.device, [...(this.#committedBy.get(note.device) ?? []), note.at])
  }

  take(event: RolloutEvent): void {
    if (event.seq <= this.#lastSeq) this.#say('order', `seq ${event.seq} after ${this.#lastSeq}`, event)
    if (event.at < this.#lastAt) this.#say('order', `time ${event.at} before ${this.#lastAt}`, event)
    this.#lastSeq = event.seq
    this.#lastAt = Math.max(this.#lastAt, event.at)
    if (event.kind === 'wave-passed') this.#passes(event)
    if (event.kind === 'complete') this.#completes(event)
    const problem = foldEvent(this.#now, event)
    if (problem !== null) this.#say('states', problem, event)
    if (event.kind === 'offer' || event.kind === 'activate') this.#offers(event)
    if (event.kind === 'commit' && event.device !== null) this.#commits(event, event.device)
    if (event.kind === 'resume') this.#acknowledges()
    this.#threshold(event)
  }

  end(): void {
    const { end } = this.#history
    const counts: Record<string, number> = {}
    for (const { state } of this.#now.devices.values()) counts[state] = (counts[state] ?? 0) + 1
    const shown = Object.fromEntries(Object.entries(end.counts).filter(([, n]) => n > 0))
    if (!isSameCounts(counts, shown)) this.#say('counts', `the log adds up to ${JSON.stringify(counts)}, shown is ${JSON.stringify(shown)}`)
    if (end.state !== this.#now.rollout) this.#say('counts', `the log ends in ${this.#now.rollout}, shown is ${end.state}`)
    const committed = countOf(this.#now, new Set(['committed']))
    if (end.committed !== committed) this.#say('counts', `${committed} committed by the log, ${end.committed} shown`)
    this.#heard()
    this.#finished()
  }

  /** When all is done, who can have the version has it. */
  #finished(): void {
    const { end, wellAndThere } = this.#history
    if (end.state !== 'completed') return
    for (const [device, { state }] of this.#now.devices)
      if (wellAndThere.has(device) && !['committed', 'skipped', 'superseded'].includes(state))
        this.#say('finished', `${device} is well and connected, the rollout is completed, and it is ${state}`, null, device)
  }

  /** Nobody hears of the version who was not offered it. */
  #heard(): void {
    const { notes, target, before } = this.#history
    for (const note of notes) {
      if (!('heard' in note) || before.get(note.device) === target) continue
      if (note.active !== target && note.beside !== target) continue
      const offered = this.#offeredAt.get(note.device)
      if (offered === undefined || offered > note.at)
        this.#say('waves', `${note.device} heard of the version at ${note.at} without an offer`, null, note.device)
    }
  }

  #offers(event: RolloutEvent): void {
    const { device } = event
    if (device === null) return
    const { plan } = this.#history
    if (!this.#offeredAt.has(device)) this.#offeredAt.set(device, event.at)
    const wave = this.#now.devices.get(device)?.wave ?? -1
    const state = this.#now.waves.get(wave) ?? 'waiting'
    if (state === 'waiting') this.#say('waves', `${device} of wave ${wave} is offered before its wave`, event)
    for (let before = 0; before < wave; before += 1)
      if (this.#now.waves.get(before) !== 'passed') this.#say('waves', `wave ${wave} offers before wave ${before} has passed`, event)
    if (this.#now.rollout !== 'running') this.#say('paused', `an offer while the rollout is ${this.#now.rollout}`, event)
    if (this.#passedAt !== null)
      this.#say(
        'abort',
        `an offer after ${this.#passedAt.rule.of} passed ${this.#passedAt.rule.share} at seq ${this.#passedAt.event.seq}`,
        event,
      )
    const most = plan.pacing.maxInFlight
    const inFlight = countOf(this.#now, underWay)
    if (most !== null && inFlight > most) this.#say('pace', `${inFlight} on their way, at most ${most}`, event)
  }

  #commits(event: RolloutEvent, device: string): void {
    if (this.#history.before.get(device) === this.#history.target) return
    if (!(this.#committedBy.get(device) ?? []).some((at) => at <= event.at))
      this.#say('truth', `${device} counts as committed and never committed it`, event)
  }

  #passes(event: RolloutEvent): void {
    const { wave } = event
    if (wave === null) return
    const gate = this.#history.plan.waves[wave]?.gate
    const isLetThrough = event.detail['isLetThrough'] === true
    const isOut = (state: string): boolean => state === 'skipped' || state === 'superseded'
    const members = [...this.#now.devices.values()].filter((one) => one.wave === wave && !isOut(one.state))
    if (gate === undefined || isLetThrough || members.length === 0) return
    const reached = countOf(this.#now, answered, wave)
    const committed = countOf(this.#now, new Set(['committed']), wave)
    if (reached < Math.min(gate.leastReached, 1)) this.#say('gate', `wave ${wave} passes with ${reached} reached`, event)
    if (reached < gate.leastReached && members.length >= gate.leastReached)
      this.#say('gate', `wave ${wave} passes with ${reached} reached of ${gate.leastReached}`, event)
    if (reached > 0 && committed / reached < gate.success)
      this.#say('gate', `wave ${wave} passes with ${committed} of ${reached}, needs ${gate.success}`, event)
  }

  #completes(event: RolloutEvent): void {
    this.#history.plan.waves.forEach((_, wave) => {
      if (this.#now.waves.get(wave) !== 'passed') this.#say('complete', `completed while wave ${wave} has not passed`, event)
    })
  }

  /** Executed and failed, as the abort rules count them. */
  #threshold(event: RolloutEvent): void {
    if (event.device === null) return
    if (this.#passedAt !== null && this.#passedAt.event.at !== event.at) return
    const executed = countOf(this.#now, answered)
    const rule = this.#history.plan.abort.find((one) => {
      const failed = countOf(this.#now, failuresOf(one.of)) - (one.of === 'any' ? this.#acknowledged : 0)
      return one.of === 'any' && executed >= one.least && failed / executed > one.share
    })
    // All that came in one look counts together, in whatever order the log tells it: what its last event leaves is what the decision rests on.
    this.#passedAt = rule === undefined ? null : { rule, event }
  }

  #acknowledges(): void {
    this.#acknowledged = countOf(this.#now, failuresOf('any'))
    this.#passedAt = null
  }
}

function failuresOf(of: AbortRule['of']): ReadonlySet<string> {
  return of === 'any' ? new Set(['failed', 'rejected', 'timed-out', 'fell-back']) : new Set([of])
}

function isSameCounts(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => (a[key] ?? 0) === (b[key] ?? 0))
}

/** Waves of a share of the target hold the smallest hashes first: the same device is always in the same wave. */
function checkMembership({ rollout, plan, events }: RolloutHistory, say: Say): void {
  const begun = events.filter(({ kind }) => kind === 'target').flatMap(({ detail }) => wavesOf(detail))
  const late = events.filter(({ kind, device }) => kind === 'join' && device !== null)
  const byHash = plan.waves.map(({ size, stratify }) => stratify.length === 0 && (size.kind === 'percent' || size.kind === 'rest'))
  const waves = plan.waves.map((_, wave) =>
    [...(begun[wave] ?? []), ...late.filter((one) => one.wave === wave).map(({ device }) => device!)].map((device) =>
      hashOf(rollout, device),
    ),
  )
  for (let wave = 1; wave < waves.length; wave += 1) {
    if (byHash[wave] !== true || byHash[wave - 1] !== true) continue
    const highest = waves[wave - 1]!.toSorted().at(-1)
    const lowest = waves[wave]!.toSorted()[0]
    if (highest !== undefined && lowest !== undefined && highest > lowest)
      say('membership', `wave ${wave - 1} holds the hash ${highest}, wave ${wave} the smaller ${lowest}`)
  }
}

/** First 8 bytes of SHA-256 over rollout and device, in hex. */
function hashOf(rollout: number, device: string): string {
  return createHash('sha256').update(`${rollout}:${device}`).digest('hex').slice(0, 16)
}
