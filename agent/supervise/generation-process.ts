import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { messageOf, Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import type {
  CarriedPrediction,
  FromRuntime,
  LoadMessage,
  LocalAsk,
  ProbeResult,
  RuntimeDeployment,
  ToRuntime,
  UnspooledRecord,
  Vital,
} from '../runtime/messages.ts'
import { tuned, type Tuning } from './bundle-set.ts'
import { bareEnvironment } from './limits.ts'
import { parseFromRuntime } from './parse-message.ts'
import { distrustBubblewrap, generationCommand, type Enclosure, type Isolation } from './sandbox.ts'

/** How long each step of a generation may take. */
export interface Deadlines {
  /** Start, load and probe of the whole set, ms. */
  probeMs: number
  /** Without a sign of life, ms: an inference that never ends. */
  silenceMs: number
  /** Idle connections of a draining generation, ms. */
  drainMs: number
  /** The same when the agent itself stops, ms. */
  stopMs: number
}

/** What one generation process is started with, and whom it tells. */
export interface ProcessParts {
  /** Path of runtime/main.ts, or of its bundle. */
  entry: string
  /** Existing empty folder. */
  workingDirectory: string
  memoryBytes: number
  /** How it is shut in. */
  isolation: Isolation
  /** Folders that it must not see. */
  hidden: readonly string[]
  deadlines: Deadlines
  load: LoadMessage
  log: Log
  /** Commits records. @returns null, or why they were refused */
  store(records: UnspooledRecord[]): ProblemReport | null
  onCarried(from: GenerationProcess, predictions: CarriedPrediction[]): void
  onUnsent(records: UnspooledRecord[]): void
  onVitals(from: GenerationProcess, vitals: Vital[]): void
  onAsk(from: GenerationProcess, id: number, ask: LocalAsk): void
  onInferred(id: number, answer: { status: number; body: object }): void
}

/** How a generation ended. */
export interface Ending {
  reason: string
  /** True if the supervisor ended it on purpose. */
  isWanted: boolean
  /** True if it held more memory than is allowed. */
  isMemory: boolean
  /** Connections that it never took: another generation can. */
  orphans: Socket[]
}

const TICK_MS = 500
/** A generation that is draining gets so much beyond its grace to finish the answers it began, ms. */
const DRAIN_EXTRA_MS = 5000
const MAX_STDERR = 4000

/**
 * One child process that serves one set of deployments.
 *
 * INVARIANTS
 * 1. A connection is in `#given` from `give` until the child says that it holds it; our copy of the descriptor stays open so long,
 *    so no connection is lost by the child dying in between.
 * 2. Silence and deadlines are counted in ticks, not by the clock: a supervisor that was itself stopped for a minute must not
 *    conclude that its children were.
 * 3. `ended` resolves exactly once, after the process is gone; nothing is reported after it.
 */
export class GenerationProcess {
  readonly generation: number
  /** What it was loaded with, under the rules of serving of now. */
  deployments: RuntimeDeployment[]
  readonly ended: Promise<Ending>
  rssBytes = 0
  cpuMicros = 0
  readonly #parts: ProcessParts
  readonly #child: ChildProcess
  readonly #given = new Map<number, Socket>()
  readonly #results: ProbeResult[] = []
  readonly #watch: NodeJS.Timeout
  readonly #enclosure: Enclosure
  #hasBooted = false
  #phase: 'loading' | 'loaded' | 'draining' | 'ended' = 'loading'
  #wasLoaded = false
  #loading: string | null = null
  #onLoaded: (() => void) | null = null
  #lastKey = 0
  #ticksLeft: number
  #silentTicks = 0
  #stderr = ''
  #killed: { reason: string; isWanted: boolean } | null = null
  #outgrew = false

  constructor(parts: ProcessParts) {
    this.#parts = parts
    this.generation = parts.load.generation
    this.deployments = parts.load.deployments
    this.#ticksLeft = Math.ceil(parts.deadlines.probeMs / TICK_MS)
    const files = parts.load.deployments.flatMap(({ modelPath, goldenPath, baselinePath }) =>
      [modelPath, goldenPath, baselinePath].filter((path) => path !== null),
    )
    const visible = { entry: parts.entry, files, hidden: parts.hidden }
    const { entry, enclosure, ...command } = generationCommand(parts.isolation, visible, parts.memoryBytes)
    this.#enclosure = enclosure
    this.#child = fork(entry, [], {
      ...command,
      // A session and group of its own: Ctrl-C would end bubblewrap, and the generation with it, before it has drained.
      detached: enclosure === 'bubblewrap',
      cwd: parts.workingDirectory,
      env: bareEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.on('message', (message) => this.#receive(message))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#noteStderr(text))
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => resolve(this.#end(reason))
      this.#child.once('error', (error) => (this.#child.pid === undefined ? end(`could not be started: ${error.message}`) : undefined))
      this.#child.once('exit', () => this.#endGroup())
      this.#child.once('close', (code, signal) => end(this.#reasonOf(code, signal)))
    })
    this.#watch = setInterval(() => this.#tick(), TICK_MS)
    this.#post(parts.load)
  }

  /** True once it could serve: a death before that is told by `load`. */
  get wasLoaded(): boolean {
    return this.#wasLoaded
  }

  /** True while it is not ended and not about to be. */
  get isAlive(): boolean {
    return this.#phase !== 'ended' && this.#killed === null
  }

  /**
   * Waits for load and probe. A process that dies or takes too long gives the blame to the deployment it was loading.
   * @throws Problem `cancelled` if the signal aborts, `runtime.not-ready` if the process did not come so far as to load one: no model is to blame
   */
  async load(signal: AbortSignal): Promise<ProbeResult[]> {
    const abort = (): void => this.kill('the change was cancelled', true)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    const loaded = new Promise<null>((resolve) => {
      this.#onLoaded = () => resolve(null)
    })
    const ending = await Promise.race([loaded, this.ended])
    signal.removeEventListener('abort', abort)
    if (ending === null) return this.#results
    if (signal.aborted) throw new Problem('cancelled', 'The change was cancelled before the models were loaded.')
    // Ended by a signal (memory was short, say) it tells nothing of the sandbox.
    if (!this.#hasBooted && this.#enclosure === 'bubblewrap' && ending.reason.startsWith(ENDED_ITSELF)) {
      distrustBubblewrap(`a generation did not start inside: ${ending.reason}`)
      throw new Problem('runtime.not-ready', `The sandbox did not start (${ending.reason}); the next try does without it.`)
    }
    if (this.#loading === null) throw new Problem('runtime.not-ready', `The runtime did not start: ${ending.reason}`)
    return this.#blame(this.#loading, ending.reason)
  }

  /** Hands over a connection. */
  give(socket: Socket): void {
    if (socket.destroyed) return
    this.#lastKey += 1
    this.#given.set(this.#lastKey, socket)
    const failed = (): void => undefined // The process is dying: `ended` gives the connection back.
    this.#child.send({ type: 'connection', key: this.#lastKey }, socket, { keepOpen: true }, failed)
  }

  /** Sends a message that needs no answer. */
  tell(message: ToRuntime): void {
    this.#post(message)
  }

  /** Changes roles and rules of serving of bundles that it has. */
  tune(tunings: readonly Tuning[]): void {
    this.deployments = tuned(this.deployments, tunings)
    const plain = tunings.map(({ deployment, digest, role, serving }) => ({ deployment, digest, role, serving }))
    this.#post({ type: 'tune', deployments: plain })
  }

  /** Lets it finish what it has, then ends it. A second call can only shorten the grace. */
  async drain(graceMs: number): Promise<void> {
    if (this.#phase === 'loading') this.kill('it is not needed any more', true)
    else if (this.#phase !== 'ended') {
      const ticks = Math.ceil((graceMs + DRAIN_EXTRA_MS) / TICK_MS)
      this.#ticksLeft = this.#phase === 'draining' ? Math.min(this.#ticksLeft, ticks) : ticks
      this.#phase = 'draining'
      this.#post({ type: 'drain', graceMs })
    }
    await this.ended
  }

  /** Ends the process at once: the only sure way to get its memory back. */
  kill(reason: string, isWanted: boolean): void {
    if (this.#phase === 'ended' || this.#killed !== null) return
    this.#killed = { reason, isWanted }
    this.#child.kill('SIGKILL')
    this.#endGroup()
  }

  /**
   * bubblewrap is two processes, and in its first moments the inner one does not die with the outer one: it would go on, or wait for ever,
   * hold the pipes, and this generation would never end. Everything is in one group, made for it.
   */
  #endGroup(): void {
    if (this.#enclosure !== 'bubblewrap' || this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // Nobody is left in it, which is the rule.
    }
  }

  #receive(raw: unknown): void {
    if (this.#phase === 'ended') return
    const message = parseFromRuntime(raw)
    if (message === null) return this.kill('it sent what no runtime sends', false)
    this.#silentTicks = 0
    this.#act(message)
  }

  #act(message: FromRuntime): void {
    switch (message.type) {
      case 'booted':
        this.#hasBooted = true
        return
      case 'loading':
        this.#loading = message.deployment
        return
      case 'probed':
        this.#noteResult(message.result)
        return
      case 'loaded':
        this.#phase = 'loaded'
        this.#wasLoaded = true
        return this.#onLoaded?.()
      case 'accepted':
        this.#given.get(message.key)?.destroy()
        this.#given.delete(message.key)
        return
      case 'records':
        return this.#post({ type: 'stored', id: message.id, problem: this.#parts.store(message.records) })
      case 'carried':
        return this.#parts.onCarried(this, message.predictions)
      case 'drained':
        this.#parts.onUnsent(message.unsent)
        return this.#phase === 'draining' ? this.kill('it is drained', true) : this.kill('it was asked to end by a signal', false)
      case 'heartbeat':
        this.rssBytes = message.rssBytes
        this.cpuMicros = message.cpuMicros
        if (message.rssBytes > this.#parts.memoryBytes) {
          this.#outgrew = true
          return this.kill(`it holds ${mebibytes(message.rssBytes)} MiB; ${mebibytes(this.#parts.memoryBytes)} MiB are allowed`, false)
        }
        return this.#parts.onVitals(this, message.vitals)
      case 'ask':
        return this.#parts.onAsk(this, message.id, message.ask)
      case 'inferred':
        return this.#parts.onInferred(message.id, { status: message.status, body: message.body })
    }
  }

  #tick(): void {
    if (this.#phase === 'loading' || this.#phase === 'draining') {
      this.#ticksLeft -= 1
      if (this.#ticksLeft < 0) this.kill(this.#phase === 'loading' ? LATE : 'it did not finish in time', this.#phase === 'draining')
      return
    }
    this.#silentTicks += 1
    const silentMs = this.#silentTicks * TICK_MS
    if (silentMs >= this.#parts.deadlines.silenceMs) this.kill(`it was silent for ${Math.round(silentMs / 1000)} s`, false)
  }

  #blame(culprit: string, reason: string): ProbeResult[] {
    const problem: ProblemReport =
      this.#killed?.reason === LATE
        ? new Problem('probe.timeout', `${culprit} was not loaded and probed within ${this.#parts.deadlines.probeMs / 1000} s.`).toReport()
        : new Problem('probe.load-failed', `The runtime died while loading ${culprit}: ${reason}`).toReport()
    const untried = new Problem('runtime.not-ready', `Not tried, because ${culprit} brought the runtime down.`).toReport()
    // Bundles are loaded in the order of the set: the one to blame is the first without a result, also where two share a deployment.
    const tried = this.#results.length
    return this.deployments.map(({ deployment, digest }, i) => {
      const failed = { deployment, digest, cases: 0, medianMs: null, memoryBytes: 0, problem: i === tried ? problem : untried }
      return this.#results[i] ?? failed
    })
  }

  #post(message: ToRuntime): void {
    if (!this.#child.connected) return
    const plain: Serializable = message
    this.#child.send(plain, (error) => {
      if (error !== null) this.#parts.log('debug', 'a message to the runtime was not sent', { reason: messageOf(error) })
    })
  }

  #noteResult(result: ProbeResult): void {
    this.#results.push(result)
    const { deployment, uncounted } = result
    // It answers all the same: only what is counted of it has no bins.
    if (uncounted !== undefined) this.#parts.log('warn', 'values of a model are not counted', { deployment, reason: uncounted.message })
  }

  #noteStderr(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-MAX_STDERR)
  }

  #reasonOf(code: number | null, signal: string | null): string {
    if (this.#killed !== null) return this.#killed.reason
    const last = this.#stderr
      .trim()
      .split('\n')
      .find((line) => /error|fatal|abort|bwrap:/i.test(line))
      ?.trim()
      .slice(0, 300)
    // bubblewrap tells the signal that ended what it ran as a code above 128.
    const inner = this.#enclosure === 'bubblewrap' && code !== null && code > 128 ? signalName(code - 128) : null
    const by = signal ?? inner
    const how = by === null ? `${ENDED_ITSELF} ${code}` : `it was ended by ${by}`
    return last === undefined ? how : `${how} (${last})`
  }

  #end(reason: string): Ending {
    this.#phase = 'ended'
    clearInterval(this.#watch)
    const orphans = [...this.#given.values()].filter((socket) => !socket.destroyed)
    this.#given.clear()
    return { reason, isWanted: this.#killed?.isWanted ?? false, isMemory: this.#outgrew, orphans }
  }
}

function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null
}

const ENDED_ITSELF = 'it ended with code'
const LATE = 'it was not ready in time'

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1024 * 1024))
}
