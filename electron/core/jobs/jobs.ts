import { randomUUID } from 'node:crypto'
import { Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'

export interface Job {
  job: string
  kind: string
  /** For people. */
  title: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  progress: number | null
  note: string
  /** When it was asked for, which may be long before its turn comes. */
  startedAt: number
  endedAt: number | null
  problem: ProblemReport | null
  result: unknown
}

/** Tells how far a job is: a share from 0 to 1, or null where nobody knows, and what it does just now. */
export type Progress = (fraction: number | null, note: string) => void

/** What a job does; its signal is aborted when somebody cancels it, or the console stops. */
export type JobWork = (context: { signal: AbortSignal; progress: Progress }) => Promise<unknown>

export interface Jobs {
  /**
   * Runs a job under an id that its starter made (`newJobId`), after the commit of the command that told it; its end is a row to be asked for.
   * @param what a text is the kind, and the title too
   */
  run(job: string, what: string | { kind: string; title: string }, work: JobWork): void
  show(job: string): Job
  /** Those that run or wait, in their order; then the ended ones, newest first. */
  list(most: number): Omit<Job, 'result'>[]
  cancel(job: string): boolean
  stop(): Promise<void>
}

/** A random id for a job. */
export function newJobId(): string {
  return randomUUID()
}

/** Ended jobs are remembered so long that whoever started them can read the end. */
const KEPT_ENDED = 200
/** What the interface takes; names of files stand in titles. */
const MAX_TITLE = 300

/** Long pieces of work: one at a time (each may use a core), with progress and cancel. They do not outlive the console; what they store is all or nothing. */
export function startJobs(options: { onChange(): void; now?(): number }): Jobs {
  const now = options.now ?? Date.now
  const jobs = new Map<string, Job>()
  const controllers = new Map<string, AbortController>()
  const waiting = new Set<string>()
  let queue: Promise<void> = Promise.resolve()

  const update = (job: Job, change: Partial<Job>): void => {
    Object.assign(job, change)
    if (job.state !== 'running') job.endedAt ??= now()
    options.onChange()
  }
  const forgetOldest = (): void => {
    for (const [id, job] of jobs) {
      if (jobs.size <= KEPT_ENDED) return
      if (job.state !== 'running') jobs.delete(id)
    }
  }
  const find = (id: string): Job => {
    const job = jobs.get(id)
    if (job === undefined)
      throw new Problem('input.invalid', `There is no job '${id}'.`, { hint: 'Jobs do not outlive the console: start the work again.' })
    return job
  }

  return {
    run(id, what, work) {
      const { kind, title } = typeof what === 'string' ? { kind: what, title: what } : what
      const job: Job = {
        ...{ job: id, kind, title: title.slice(0, MAX_TITLE), state: 'running', progress: null, note: 'waiting' },
        ...{ startedAt: now(), endedAt: null, problem: null, result: null },
      }
      const controller = new AbortController()
      jobs.set(id, job)
      controllers.set(id, controller)
      waiting.add(id)
      forgetOldest()
      options.onChange()
      queue = queue.then(async () => {
        waiting.delete(id)
        try {
          // Also when cancelled while it waited: whoever has kept something for the work lets go of it in there.
          const result = await work({ signal: controller.signal, progress: (progress, note) => update(job, { progress, note }) })
          update(job, { state: 'done', progress: 1, note: 'done', result: result ?? null })
        } catch (error) {
          if (controller.signal.aborted) update(job, { state: 'cancelled', note: 'cancelled' })
          else update(job, { state: 'failed', note: 'failed', problem: reportOf(error) })
        } finally {
          controllers.delete(id)
        }
      })
    },
    show: (id) => ({ ...find(id) }),
    list(most) {
      const all = [...jobs.values()].map(({ job, kind, title, state, progress, note, startedAt, endedAt, problem }) => ({
        ...{ job, kind, title, state, progress, note, startedAt, endedAt, problem },
      }))
      const ended = all.filter((job) => job.state !== 'running')
      // Two that ended within one millisecond stay in the order they were asked for, the later first.
      const newestFirst = ended.reverse().sort((a, b) => b.endedAt! - a.endedAt!)
      return [...all.filter((job) => job.state === 'running'), ...newestFirst].slice(0, most)
    },
    cancel(id) {
      const job = find(id)
      const controller = controllers.get(id)
      controller?.abort()
      // Nobody who cancels waits for the work in front.
      if (waiting.has(id)) update(job, { state: 'cancelled', note: 'cancelled' })
      return controller !== undefined
    },
    async stop() {
      for (const controller of controllers.values()) controller.abort()
      await queue
    },
  }
}
