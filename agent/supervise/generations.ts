import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, problemFrom, reportOf } from '../../shared/domain/problem.ts'
import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { Log } from '../log.ts'
import type { LocalAsk, ProbeResult, RuntimeDeployment, ServeLimits, UnspooledRecord, Vital } from '../runtime/messages.ts'
import { CRASH_MEMORY_MS, restartDelayMs } from './backoff.ts'
import { emptyDirectory } from './empty-directory.ts'
import { isSameSet, passed, tuned, type BundleSet, type Tuning } from './bundle-set.ts'
import { GenerationProcess, type Deadlines } from './generation-process.ts'
import { InferenceDesk, refusal, refusalOf, type DeskAnswer } from './inference-desk.ts'
import { openKnownBundles, type KnownBundles } from './known-bundles.ts'
import { isLoopback, startListener, type HttpAddress, type Listener } from './listener.ts'
import { RecordBacklog } from './record-backlog.ts'
import type { Isolation } from './sandbox.ts'
import { openWaitingRoom, type WaitingRoom } from './waiting-room.ts'

/** A generation died by itself, or was killed because it hung or grew too large. */
export interface Crash {
  generation: number
  /** True if it was the serving one; its set is started again at once, unless another set is promoted. */
  serving: boolean
  reason: string
  /** True if it held more memory than is allowed. */
  isMemory: boolean
  deployments: RuntimeDeployment[]
}

/** A sign of life of a generation, once a second. */
export interface Beat {
  generation: number
  /** True for the serving one; another one is warm, or still ends its connections. */
  isServing: boolean
  rssBytes: number
  vitals: Vital[]
}

/** What the generations are started with. */
export interface GenerationsOptions {
  /** Folder of the running agent; it must exist. */
  directory: string
  http: { host: string; port: number }
  config: RuntimeConfig
  /** Key of the prediction ids: as long as it stays, late feedback finds its predictions. */
  tokenKey: string
  agentVersion: string
  /** Commits records to the spool before it returns. @throws Problem if it cannot: the records are offered again */
  spool(records: UnspooledRecord[]): void
  onCrash(crash: Crash): void
  onBeat?(beat: Beat): void
  /** Answers what the local API asks the supervisor. @throws Problem, which becomes the answer */
  onAsk?(ask: LocalAsk): DeskAnswer
  log: Log
  clock: Clock
  /** Resident memory at which a generation is ended, bytes; default 2 GiB. */
  memoryBytes?: number
  /** How a generation is shut in; default `limits`. */
  isolation?: Isolation
  /** Folders that no generation may see; default the one of the agent. */
  hidden?: readonly string[]
  limits?: Partial<ServeLimits>
  deadlines?: Partial<Deadlines>
  /** Path of the runtime's main file, where it is not beside this one (a bundled release). */
  entry?: string
}

/** A set that is loaded and probed in a process of its own and serves nobody yet. */
export interface Prepared {
  generation: number
  /** One per deployment, in the order of the set. */
  results: ProbeResult[]
  /**
   * Makes it the serving generation: new connections go to it, the one before drains. If the one before has exactly the set
   * `keepWarm`, it stays loaded without traffic (so does the warm one, if it is that): going back is then one message.
   * @throws Problem the one of the first failed result, or `runtime.crashed` if the process died since
   */
  promote(keepWarm?: BundleSet | null): Promise<void>
  /** Ends it; the warm generation stays. */
  discard(): Promise<void>
}

/** The runtime generations of one agent. */
export interface Generations {
  address: HttpAddress
  /**
   * Starts a new generation with this set, loads and probes it; what serves goes on undisturbed. The warm generation is taken as it is
   * if it has exactly this set, and no bundle of it is a candidate.
   * A model that fails, crashes or hangs is a problem in its result.
   * @throws Problem `cancelled` (by the signal), `runtime.not-ready` (no process could be started)
   */
  prepare(set: RuntimeDeployment[], signal: AbortSignal): Promise<Prepared>
  configure(config: RuntimeConfig): void
  /** Changes roles and rules of serving of bundles that are loaded. */
  tune(tunings: readonly Tuning[]): void
  /** Ends the warm generation, unless it has exactly this set. */
  keepWarm(set: BundleSet | null): void
  /** An inference that did not come over HTTP: answered by the serving generation. Never rejects. */
  infer(deployment: string, request: unknown): Promise<DeskAnswer>
  /** The set of the serving generation, or of the one that is being started again; empty before the first. */
  serving(): RuntimeDeployment[]
  /** Resident memory of all generations, bytes, and the CPU time they used since the start, microseconds. */
  usage(): { rssBytes: number; cpuMicros: number }
  /** Drains shortly and ends everything. */
  stop(): Promise<void>
}

const MiB = 1024 * 1024
const defaultLimits: ServeLimits = {
  maxBodyBytes: 16 * MiB,
  maxInFlight: 64,
  maxBufferedBytes: 64 * MiB,
  maxConnections: 1000,
  maxRows: 16_384,
  requestTimeoutMs: 30_000,
}
const defaultDeadlines: Deadlines = { probeMs: 60_000, silenceMs: 10_000, drainMs: 10_000, stopMs: 2000 }
const DEFAULT_MEMORY_BYTES = 2048 * MiB

/**
 * Listens, and starts generations behind the listener.
 * @throws Problem `port.in-use`, `input.invalid`
 */
export async function startGenerations(options: GenerationsOptions): Promise<Generations> {
  const isLoopbackOnly = isLoopback(options.http.host)
  const limits = { ...defaultLimits, ...options.limits }
  const room = openWaitingRoom(isLoopbackOnly, limits)
  let supervisor: Supervisor | null = null
  const listener = await startListener(options.http, (socket) => (supervisor === null ? room.refuse(socket) : supervisor.connect(socket)))
  supervisor = new Supervisor(options, { room, listener, limits, isLoopbackOnly })
  return supervisor
}

interface Parts {
  room: WaitingRoom
  listener: Listener
  limits: ServeLimits
  isLoopbackOnly: boolean
}

/**
 * INVARIANTS
 * 1. At most one process is `#current`; every connection goes to it, to the waiting room, or is refused.
 * 2. `#restart` is not null only while there is no current process and the last set is being started again; a promotion ends it.
 * 3. Every process is in `#all` until it has ended, and its end is handled once, in `#onEnded`.
 * 4. A promoted process was loaded without a problem and is alive; the one before it drains, or is `#warm`.
 * 5. `#warm` is alive, was current once, and is never `#current` at the same time; it gets no connection.
 */
class Supervisor implements Generations {
  readonly address: HttpAddress
  readonly #options: GenerationsOptions
  readonly #parts: Parts
  readonly #deadlines: Deadlines
  readonly #known: KnownBundles
  readonly #all = new Set<GenerationProcess>()
  readonly #backlog: RecordBacklog
  readonly #desk = new InferenceDesk(() => this.#current)
  #current: GenerationProcess | null = null
  #warm: GenerationProcess | null = null
  #restart: { set: RuntimeDeployment[]; timer: NodeJS.Timeout; abort: AbortController } | null = null
  #preparing = 0
  #lastGeneration = 0
  #crashes: number[] = []
  #config: RuntimeConfig
  #endedCpuMicros = 0
  #isStopped = false

  constructor(options: GenerationsOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
    this.#deadlines = { ...defaultDeadlines, ...options.deadlines }
    this.#config = options.config
    this.#known = openKnownBundles(options.directory, options.log)
    this.#backlog = new RecordBacklog(options.spool, options.log)
    this.address = parts.listener.address
  }

  connect(socket: Socket): void {
    if (this.#current !== null) this.#current.give(socket)
    else if (!this.#isStopped && (this.#restart !== null || this.#preparing > 0)) this.#parts.room.wait(socket)
    else this.#parts.room.refuse(socket)
  }

  async prepare(set: RuntimeDeployment[], signal: AbortSignal): Promise<Prepared> {
    if (this.#isStopped) throw new Problem('cancelled', 'The agent is stopping.')
    const warm = this.#warm
    if (warm?.isAlive === true && isSameSet(warm.deployments, set) && !set.some(({ isCandidate }) => isCandidate)) {
      warm.tune(set)
      return this.#prepared(warm, set.map(passed))
    }
    this.#preparing += 1
    try {
      const process = this.#start(set)
      return this.#prepared(process, await process.load(signal))
    } finally {
      this.#preparing -= 1
    }
  }

  configure(config: RuntimeConfig): void {
    this.#config = config
    for (const process of this.#all) process.tell({ type: 'configure', config })
  }

  tune(tunings: readonly Tuning[]): void {
    this.#current?.tune(tunings)
    if (this.#restart !== null) this.#restart.set = tuned(this.#restart.set, tunings)
  }

  keepWarm(set: BundleSet | null): void {
    const warm = this.#warm
    if (warm === null || (set !== null && isSameSet(warm.deployments, set))) return
    this.#warm = null
    void warm.drain(0)
  }

  infer(deployment: string, request: unknown): Promise<DeskAnswer> {
    return this.#desk.infer(deployment, request)
  }

  serving(): RuntimeDeployment[] {
    return this.#current?.deployments ?? this.#restart?.set ?? []
  }

  usage(): { rssBytes: number; cpuMicros: number } {
    const usage = { rssBytes: 0, cpuMicros: this.#endedCpuMicros }
    for (const process of this.#all) {
      usage.rssBytes += process.rssBytes
      usage.cpuMicros += process.cpuMicros
    }
    return usage
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#parts.listener.close()
    this.#cancelRestart()
    this.#parts.room.stop()
    this.#current = null
    this.#warm = null
    await Promise.all([...this.#all].map((process) => process.drain(this.#deadlines.stopMs)))
    this.#backlog.stop()
  }

  #start(set: RuntimeDeployment[]): GenerationProcess {
    this.#lastGeneration += 1
    const { options, parts } = { options: this.#options, parts: this.#parts }
    const process = new GenerationProcess({
      entry:
        options.entry ?? fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../runtime/main.ts' : './runtime.mjs', import.meta.url)),
      workingDirectory: emptyDirectory(options.directory),
      memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
      isolation: options.isolation ?? 'limits',
      hidden: options.hidden ?? [options.directory],
      deadlines: this.#deadlines,
      load: {
        type: 'load',
        generation: this.#lastGeneration,
        deployments: set,
        known: this.#known.all(),
        config: this.#config,
        tokenKey: options.tokenKey,
        agentVersion: options.agentVersion,
        isLoopbackOnly: parts.isLoopbackOnly,
        limits: parts.limits,
      },
      log: options.log,
      store: (records) => this.#backlog.store(records),
      onCarried: (from, predictions) => {
        if (from !== this.#current) this.#current?.tell({ type: 'carried', predictions })
      },
      onUnsent: (records) => this.#backlog.keep(records),
      onVitals: ({ generation, rssBytes }, vitals) =>
        options.onBeat?.({ generation, isServing: this.#current?.generation === generation, rssBytes, vitals }),
      onAsk: (from, id, ask) => from.tell({ type: 'told', id, ...this.#answer(ask) }),
      onInferred: (id, answer) => this.#desk.answered(id, answer),
    })
    this.#all.add(process)
    void process.ended.then((ending) => this.#onEnded(process, ending))
    return process
  }

  #prepared(process: GenerationProcess, results: ProbeResult[]): Prepared {
    return {
      generation: process.generation,
      results,
      promote: (keepWarm = null) => this.#promote(process, results, keepWarm),
      discard: () => this.#discard(process),
    }
  }

  #answer(ask: LocalAsk): DeskAnswer {
    try {
      return this.#options.onAsk?.(ask) ?? refusal('runtime.not-ready', 'The agent is not ready for this.')
    } catch (error) {
      if (!(error instanceof Problem))
        this.#options.log('error', 'the local API got no answer', { ask: ask.kind, reason: messageOf(error) })
      return refusalOf(error)
    }
  }

  async #promote(process: GenerationProcess, results: readonly ProbeResult[], keepWarm: BundleSet | null): Promise<void> {
    const failed = results.find((result) => result.problem !== null)
    if (failed?.problem) throw problemFrom(failed.problem)
    if (this.#isStopped || !process.isAlive) throw new Problem('runtime.crashed', 'The prepared generation is not running any more.')
    if (process === this.#current) return
    this.#known.add(process.deployments)
    this.#cancelRestart()
    this.#serveWith(process, keepWarm)
  }

  #serveWith(process: GenerationProcess, keepWarm: BundleSet | null): void {
    const before = this.#current
    const others = [before, this.#warm].flatMap((one) => (one === null || one === process ? [] : [one]))
    this.#warm = others.find((one) => keepWarm !== null && one.isAlive && isSameSet(one.deployments, keepWarm)) ?? null
    this.#current = process
    process.tell({ type: 'configure', config: this.#config })
    process.tell({ type: 'serve' })
    this.#parts.room.release((socket) => process.give(socket))
    this.#options.log('info', 'a generation serves', { generation: process.generation, deployments: process.deployments.length })
    for (const one of others) {
      if (one !== this.#warm) void one.drain(this.#deadlines.drainMs)
      else if (one === before) one.tell({ type: 'park', graceMs: this.#deadlines.drainMs })
    }
  }

  async #discard(process: GenerationProcess): Promise<void> {
    if (process === this.#current || process === this.#warm) return
    process.kill('it was discarded', true)
    await process.ended
  }

  #onEnded(process: GenerationProcess, { reason, isWanted, isMemory, orphans }: Awaited<GenerationProcess['ended']>): void {
    this.#all.delete(process)
    this.#endedCpuMicros += process.cpuMicros
    if (process === this.#warm) this.#warm = null
    const serving = process === this.#current
    if (serving) this.#current = null
    this.#desk.ended(process, isWanted)
    if (!isWanted && !this.#isStopped && process.wasLoaded) this.#onCrash(process, { reason, serving, isMemory })
    for (const socket of orphans) this.connect(socket)
  }

  #onCrash(process: GenerationProcess, how: Pick<Crash, 'reason' | 'serving' | 'isMemory'>): void {
    const { generation, deployments } = process
    this.#options.log('error', 'a generation crashed', { generation, ...how })
    if (how.serving) this.#scheduleRestart(deployments)
    this.#options.onCrash({ generation, ...how, deployments })
  }

  #scheduleRestart(set: RuntimeDeployment[]): void {
    const now = this.#options.clock.monotonic()
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_MEMORY_MS), now]
    const abort = new AbortController()
    const timer = setTimeout(() => void this.#restartSet(this.#restart?.set ?? set, abort), restartDelayMs(this.#crashes.length))
    this.#restart = { set, timer, abort }
  }

  /** The set was probed before it was promoted: it is only loaded now. A model that cannot be loaded must not keep the others down. */
  async #restartSet(set: RuntimeDeployment[], abort: AbortController): Promise<void> {
    let reason: string
    let process: GenerationProcess | null = null
    try {
      process = this.#start(set.map((deployment) => ({ ...deployment, goldenPath: null })))
      const results = await process.load(abort.signal)
      if (abort.signal.aborted) return void this.#discard(process)
      const failed = results.filter((result) => result.problem !== null)
      if (process.isAlive) {
        this.#restart = null
        this.#serveWith(process, this.#warm?.deployments ?? null)
        if (failed.length === 0) return
      }
      reason = failed.map((result) => `${result.deployment}: ${result.problem?.message ?? ''}`).join('; ')
    } catch (error) {
      if (abort.signal.aborted) return
      reason = reportOf(error).message
    }
    this.#options.log('error', 'the restart of a generation failed', { reason })
    if (process?.isAlive !== true) this.#scheduleRestart(set)
    this.#options.onCrash({ generation: this.#lastGeneration, serving: true, isMemory: false, reason, deployments: set })
  }

  #cancelRestart(): void {
    if (this.#restart === null) return
    clearTimeout(this.#restart.timer)
    this.#restart.abort.abort()
    this.#restart = null
  }
}
