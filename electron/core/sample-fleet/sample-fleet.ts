import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import type { SampleFleetShown } from '../../../shared/rpc/contract/sample-fleet.ts'
import { newJobId, type Jobs } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import { awaitSamples, deploySamples, enrolSamples, importSamples, type PrepareParts, type Work } from './prepare.ts'
import { SampleAgent } from './sample-agent.ts'
import { canStay, isOwn } from './sample-identity.ts'
import { startSampleLoad, type SampleLoad } from './sample-load.ts'
import { sampleDevices, sampleLoads, sampleVersions } from './sample-plan.ts'

export interface SampleFleetParts extends PrepareParts {
  jobs: Jobs
  monotonic(): number
  onChange(): void
  log: Log
}

/** Local agents with sample models and real rows, so that a new console has something to show. */
export interface SampleFleet {
  show(): SampleFleetShown
  /** Starts what is missing, as a job under this id, unless a start is under way (`show().job`). */
  start(job: string): void
  /** Stops agents and rows. The devices stay enrolled. */
  stop(): void
  /** Its devices as the fleet knows them. */
  devices(): string[]
  /** Stops all of it, takes its devices out of the fleet and deletes their folders. */
  remove(): void
  /** At the start of the console: goes on if it ran when the console ended. */
  resume(): void
  /** The broker is there, perhaps at another address: agents that cannot go on with theirs are enrolled anew. */
  onBroker(): void
  /** Devices that somebody took out of the fleet: their agents have nothing to do any more. */
  onRemoved(devices: readonly string[]): void
  /** With the console. */
  close(): Promise<void>
}

/** Builds the sample fleet; nothing runs before `start` or `resume`. */
export function openSampleFleet(parts: SampleFleetParts): SampleFleet {
  return new LocalSampleFleet(parts)
}

/**
 * INVARIANTS
 * 1. Starting, stopping and removing happen one after the other; each finds the fleet at rest or running, never half way.
 * 2. A start that fails or is cancelled ends every process it began.
 * 3. Only devices that this fleet enrolled itself are touched.
 * 4. After `close` no process is started.
 */
class LocalSampleFleet implements SampleFleet {
  readonly #parts: SampleFleetParts
  readonly #agents: SampleAgent[]
  #load: SampleLoad | null = null
  #turn: Promise<void> = Promise.resolve()
  #state: 'idle' | 'starting' | 'running' | 'failed' = 'idle'
  /** Stops and removals that are not through. */
  #ending = 0
  #job: string | null = null
  #problem: ProblemReport | null = null
  #isClosed = false

  constructor(parts: SampleFleetParts) {
    this.#parts = parts
    this.#agents = sampleDevices.map(
      ({ device }) => new SampleAgent({ device, directory: join(parts.directory, device), onChange: () => parts.onChange() }),
    )
  }

  show(): SampleFleetShown {
    const { store, registry } = this.#parts
    const imported = new Set(registry.versions().map((one) => `${one.model}@${one.version}`))
    const desired = sampleDevices.flatMap(({ device }) => (isOwn(store, device) ? store.deployments.ofDevice(device) : []))
    return {
      state: this.#shownState(),
      job: this.#activeJob(),
      agents: this.#agents.map(({ device, pid, url, state, restarts, problem }, i) => ({
        ...{ device, site: sampleDevices[i]!.site, pid, url, restarts, problem },
        state: isOwn(store, device) || pid !== null ? state : ('not-enrolled' as const),
      })),
      models: sampleVersions.map(({ model, version }) => ({
        ...{ model, version },
        isImported: imported.has(`${model}@${version}`),
        isDeployed: desired.some((one) => one.model === model && one.version === version),
      })),
      load: this.#load?.show() ?? null,
      problem: this.#problem,
      removal: this.#removal(),
    }
  }

  start(job: string): void {
    if (this.#isClosed || this.#activeJob() !== null) return
    this.#job = job
    this.#problem = null
    this.#parts.jobs.run(job, { kind: 'sampleFleet.start', title: 'Start the sample fleet' }, (work) =>
      this.#inTurn(() => this.#bringUp(job, work)),
    )
  }

  stop(): void {
    const state = this.#shownState()
    this.#keepWanted(false)
    this.#cancelStart()
    if (state !== 'none' && state !== 'stopped') this.#endInTurn(() => Promise.resolve())
  }

  devices(): string[] {
    return sampleDevices.map(({ device }) => device).filter((device) => isOwn(this.#parts.store, device))
  }

  remove(): void {
    this.#keepWanted(false)
    this.#cancelStart()
    this.#endInTurn(async () => {
      for (const device of this.devices()) await this.#parts.call('devices.remove', { device })
      rmSync(this.#parts.directory, { recursive: true, force: true, maxRetries: 3 })
    })
  }

  resume(): void {
    if (this.#parts.store.settings.get('sampleFleet')?.isWanted === true) this.start(newJobId())
  }

  onBroker(): void {
    const { store, directory, fleet, broker } = this.#parts
    if (this.#state !== 'running') return
    const at = { fleet: fleet(), broker: broker() }
    if (!this.devices().every((device) => canStay(store, { device, directory: join(directory, device), ...at }))) this.start(newJobId())
  }

  onRemoved(devices: readonly string[]): void {
    for (const agent of this.#agents.filter((one) => devices.includes(one.device))) void agent.stop()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelStart()
    await this.#inTurn(() => this.#halt())
  }

  async #bringUp(job: string, work: Work): Promise<void> {
    try {
      // Cancelled before its turn: nothing of what runs is its.
      if (work.signal.aborted || this.#isClosed) throw new Problem('cancelled', 'Starting the sample fleet was cancelled.')
      await this.#bringUpNow(work)
    } finally {
      if (this.#job === job) this.#job = null
      this.#parts.onChange()
    }
  }

  async #bringUpNow(work: Work): Promise<void> {
    try {
      this.#state = 'starting'
      await importSamples(this.#parts, work)
      await enrolSamples(this.#parts, work, async (device) => this.#agents.find((one) => one.device === device)?.stop())
      for (const agent of this.#agents) agent.start()
      await deploySamples(this.#parts, work)
      this.#problem = (await awaitSamples(this.#parts, work))?.toReport() ?? null
      this.#load ??= startSampleLoad(this.#agents, this.#parts.monotonic)
      this.#state = 'running'
      this.#keepWanted(true)
    } catch (error) {
      await this.#halt()
      this.#state = work.signal.aborted ? 'idle' : 'failed'
      if (!work.signal.aborted) this.#problem = reportOf(error)
      else if (!this.#isClosed) this.#keepWanted(false)
      throw error
    }
  }

  /** Ends every process and the rows. */
  async #halt(): Promise<void> {
    const load = this.#load
    this.#load = null
    await Promise.all([load?.stop(), ...this.#agents.map((agent) => agent.stop())])
  }

  #endInTurn(then: () => Promise<void>): void {
    this.#ending += 1
    this.#parts.onChange()
    this.#inTurn(async () => {
      await this.#halt()
      this.#state = 'idle'
      this.#problem = null
      await then()
    })
      .catch((error: unknown) => {
        this.#state = 'failed'
        this.#problem = reportOf(error)
        this.#parts.log('error', 'the sample fleet did not end cleanly', { reason: messageOf(error) })
      })
      .finally(() => {
        this.#ending -= 1
        this.#parts.onChange()
      })
  }

  /** Takes back a start; one whose turn has not come is forgotten at once, so that the next start is a new one. */
  #cancelStart(): void {
    if (this.#job === null) return
    this.#parts.jobs.cancel(this.#job)
    this.#job = null
  }

  /** The start that is under way; a person may cancel it like any job. */
  #activeJob(): string | null {
    return this.#job !== null && this.#parts.jobs.show(this.#job).state === 'running' ? this.#job : null
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  #keepWanted(isWanted: boolean): void {
    const { store } = this.#parts
    const before = store.settings.get('sampleFleet')
    if ((before?.isWanted ?? false) === isWanted) return
    store.transact(() => store.settings.set('sampleFleet', { devices: before?.devices ?? {}, isWanted }))
  }

  #shownState(): SampleFleetShown['state'] {
    if (this.#ending > 0) return 'stopping'
    if (this.#activeJob() !== null) return 'starting'
    if (this.#state !== 'idle') return this.#state
    return this.devices().length > 0 || existsSync(this.#parts.directory) ? 'stopped' : 'none'
  }

  #removal(): string {
    const devices = this.devices()
    if (devices.length === 0) return 'There is no device of the sample fleet.'
    const models = sampleLoads.map(({ deployment }) => deployment).join(' and ')
    return `Stops ${devices.length} agents, takes ${devices.join(', ')} out of the fleet and deletes their folders. The imported models (${models} among them) and the telemetry stay.`
  }
}
