import type { AssignedBeside, Assignment } from '../../../shared/protocol/assignment.ts'
import { assignment as assignmentSchema, desiredMessage } from '../../../shared/protocol/assignment.ts'
import { reportedMessage, type ReportedDeployment, type ReportedMessage, type SlotContent } from '../../../shared/protocol/reported.ts'
import type { DeviceNote } from '../rollout-history/history.ts'

/**
 * How a light device takes a version that is not the one it began with. `bad`: its probe fails every time. `unfit`: it refuses the version.
 * `shaky`: it waits for room on the disk first. `turncoat`: it commits and falls back later. `silent`: it takes the order and says nothing more.
 */
export type Temper = 'good' | 'bad' | 'unfit' | 'shaky' | 'turncoat' | 'silent'

export interface LightDeviceOptions {
  device: string
  deployment: string
  temper: Temper
  /** What it serves at the begin; null: nothing. */
  before: SlotContent | null
  /** How long each stage takes, ms. */
  stageMs: number
  note(note: DeviceNote): void
}

/** A version on its way to be the active one. */
interface Work {
  content: SlotContent
  /** Place in `stages`. */
  stage: number
  nextAt: number
  isRetry: boolean
}

const stages = ['fetching', 'staged', 'probing', 'watching', 'done'] as const

/** An agent without a model: it speaks the real protocol and lets time do the work. Whoever owns it carries its messages. */
export class LightDevice {
  readonly device: string
  readonly #options: LightDeviceOptions
  #boot = 1
  #sequence = 0
  #counter = 0
  #slots: ReportedDeployment
  #beside: ReportedDeployment['beside'] = null
  /** What it works on; null: nothing. */
  #work: Work | null = null
  #fallsAt: number | null = null
  #refused: string | null = null
  #isDirty = true

  constructor(options: LightDeviceOptions) {
    this.device = options.device
    this.#options = options
    const { before } = options
    this.#slots = {
      ...{ state: before === null ? 'idle' : 'active', active: before, candidate: null, lastGood: null },
      ...{ progress: null, problem: null, watch: null, beside: null },
    }
  }

  get active(): string | null {
    return this.#slots.active?.digest ?? null
  }

  /** The process was started anew: what it had on disk is still there. */
  restart(): void {
    this.#boot += 1
    this.#sequence = 0
    this.#isDirty = true
  }

  get boot(): string {
    return `boot-${this.#boot}`
  }

  /** Takes a `desired` message as it came. An order that it knows, or an older one, changes nothing. */
  order(json: string, now: number): void {
    const { envelope } = desiredMessage.parse(JSON.parse(json))
    const order: Assignment = assignmentSchema.parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString()))
    if (order.counter <= this.#counter) return
    this.#counter = order.counter
    this.#isDirty = true
    const { deployment, note, device } = this.#options
    const wanted = Object.entries(order.deployments).find(([name]) => name === deployment)?.[1]
    const beside = wanted?.beside ?? null
    note({ at: now, device, heard: 'order', active: wanted?.bundle.digest ?? null, beside: beside?.bundle.digest ?? null })
    if (wanted === undefined) {
      this.#slots = { ...this.#slots, state: 'idle', active: null, candidate: null, watch: null }
      this.#work = null
      this.#beside = null
      return
    }
    this.#takeBeside(beside, now)
    this.#takeActive(
      { digest: wanted.bundle.digest, model: wanted.model, version: wanted.version, since: now },
      wanted.asked ?? order.counter,
      now,
    )
  }

  #takeActive(content: SlotContent, asked: number, now: number): void {
    const { active, lastGood } = this.#slots
    if (active?.digest === content.digest) {
      this.#work = null
      this.#slots = { ...this.#slots, state: 'active', candidate: null, problem: null }
      return
    }
    if (this.#refused === `${content.digest} ${asked}`) return
    // What is kept warm is back at once.
    if (lastGood?.digest === content.digest) {
      this.#become(content, now, false)
      return
    }
    if (this.#work?.content.digest === content.digest) return
    this.#refused = `${content.digest} ${asked}`
    const isThere = this.#beside?.content.digest === content.digest
    this.#work = { content, stage: isThere ? 1 : 0, nextAt: now + this.#options.stageMs, isRetry: false }
    this.#slots = { ...this.#slots, candidate: content, state: isThere ? 'staged' : 'fetching', problem: null }
    this.#fallsAt = null
  }

  #takeBeside(wanted: AssignedBeside | null, now: number): void {
    if (wanted === null) this.#beside = null
    else if (this.#beside?.content.digest !== wanted.bundle.digest || this.#beside.role !== wanted.role) {
      const content = { digest: wanted.bundle.digest, model: wanted.model, version: wanted.version, since: now }
      const isUnfit = this.#options.temper === 'unfit'
      const problem = isUnfit ? { code: 'probe.load-failed', message: 'The runtime cannot load it.' } : null
      const state = isUnfit ? 'rejected' : wanted.role === 'staged' ? 'staged' : 'active'
      this.#beside = { role: wanted.role, state, content, progress: null, problem }
    }
  }

  /** Lets time pass. */
  tick(now: number): void {
    if (this.#fallsAt !== null && now >= this.#fallsAt) this.#fallBack(now)
    const work = this.#work
    if (work === null || now < work.nextAt || (this.#options.temper === 'silent' && !this.#isBack(work.content))) return
    work.nextAt = now + this.#options.stageMs
    if (this.#isHindered(work, now)) return
    work.stage += 1
    this.#isDirty = true
    this.#slots = { ...this.#slots, problem: null }
    const stage = stages[work.stage]
    if (stage === 'staged' || stage === 'probing') this.#slots = { ...this.#slots, state: stage }
    else if (stage === 'watching') this.#become(work.content, now, true)
    else if (stage === 'done') {
      this.#slots = { ...this.#slots, watch: null }
      this.#work = null
      this.#options.note({ at: now, device: this.device, did: 'commit', digest: work.content.digest })
      if (this.#options.temper === 'turncoat' && !this.#isBack(work.content)) this.#fallsAt = now + 3 * this.#options.stageMs
    }
  }

  /** What it began with is always good. */
  #isBack(content: SlotContent): boolean {
    return content.digest === this.#options.before?.digest
  }

  #isHindered(work: Work, now: number): boolean {
    const { temper } = this.#options
    if (this.#isBack(work.content)) return false
    if (temper === 'shaky' && work.stage === 0 && !work.isRetry) {
      work.isRetry = true
      work.nextAt = now + 5 * this.#options.stageMs
      this.#slots = { ...this.#slots, problem: { code: 'transfer.no-space', message: 'No room on the disk.' } }
      this.#isDirty = true
      return true
    }
    if (temper === 'unfit' && work.stage === 1) {
      this.#refuse({ code: 'probe.load-failed', message: 'The runtime cannot load it.' }, 'rejected', now)
      return true
    }
    if (temper === 'bad' && work.stage === 2) {
      this.#refuse({ code: 'probe.golden-mismatch', message: 'It answers differently here.' }, 'rejected', now)
      return true
    }
    return false
  }

  #refuse(problem: { code: string; message: string }, state: 'rejected' | 'reverted', now: number): void {
    const { content } = this.#work!
    this.#work = null
    this.#slots = { ...this.#slots, state, problem, candidate: content }
    this.#isDirty = true
    this.#options.note({ at: now, device: this.device, did: 'refuse', digest: content.digest })
  }

  #become(content: SlotContent, now: number, isWatched: boolean): void {
    const watch = isWatched ? { since: now, inferences: 0, wanted: 10, failed: 0, notFinite: 0 } : null
    this.#slots = {
      ...this.#slots,
      ...{ state: 'active', lastGood: this.#slots.active, active: { ...content, since: now }, candidate: null, watch, problem: null },
    }
    if (this.#beside?.content.digest === content.digest) this.#beside = null
    this.#isDirty = true
    if (isWatched) return
    this.#work = null
    this.#options.note({ at: now, device: this.device, did: 'commit', digest: content.digest })
  }

  #fallBack(now: number): void {
    const { active, lastGood } = this.#slots
    this.#fallsAt = null
    if (active === null || lastGood === null || this.#isBack(active)) return
    const problem = { code: 'runtime.crashed', message: 'The runtime crashed three times.' }
    this.#slots = { ...this.#slots, state: 'reverted', active: lastGood, lastGood: null, candidate: active, watch: null, problem }
    this.#isDirty = true
    this.#options.note({ at: now, device: this.device, did: 'fall-back', digest: active.digest })
  }

  /** The report that is due; null: nothing changed since the last. @param isAnyway also if nothing changed, as on connect */
  report(now: number, isAnyway = false): ReportedMessage | null {
    if (!this.#isDirty && !isAnyway) return null
    this.#isDirty = false
    this.#sequence += 1
    const isEmpty = this.#slots.active === null && this.#slots.candidate === null
    return reportedMessage.parse({
      ...{ v: 1, sentAt: now, device: this.device, boot: this.boot, sequence: this.#sequence, assignmentCounter: this.#counter },
      facts: {
        ...{ os: 'linux', arch: 'arm64', hostname: this.device, cpus: 4, memoryBytes: 4e9, diskFreeBytes: 8e9 },
        ...{ agentVersion: '0.1.0', runtimeVersion: '1.30.0', executionProviders: ['cpu'], httpUrl: null },
      },
      assignmentProblem: null,
      deployments: isEmpty ? {} : { [this.#options.deployment]: { ...this.#slots, beside: this.#beside } },
    })
  }
}
