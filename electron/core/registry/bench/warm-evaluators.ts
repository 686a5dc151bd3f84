import { Problem } from '../../../../shared/domain/problem.ts'
import { startEvaluator, type EvaluationLimits, type Evaluator } from '../evaluator.ts'

/** Models that stay loaded, and for how long after their last use: long enough for a person to change a value and try again. */
const MOST_WARM = 2
const IDLE_MS = 30_000
/** Calls that wait for their turn; whoever asks more often than the model answers hears so. */
const MOST_WAITING = 8

/** A model that is loaded, and what loading it cost this caller. */
export interface WarmEvaluator {
  evaluator: Evaluator
  isWarm: boolean
  loadMs: number
}

/**
 * Keeps the models of the test bench loaded for a short while.
 *
 * INVARIANTS
 * 1. One piece of work runs at a time; the others wait in order, at most 8.
 * 2. A process that failed in any way is stopped and forgotten; the next work starts a new one.
 * 3. After `stop` no process is left, and all work that waits fails with `cancelled`.
 */
export interface WarmEvaluators {
  /** @throws Problem what loading throws, what `work` throws, `inference.overloaded`, `cancelled` */
  use<Result>(of: { digest: string; modelPath(): Promise<string> }, work: (warm: WarmEvaluator) => Promise<Result>): Promise<Result>
  stop(): Promise<void>
}

interface Kept {
  evaluator: Evaluator
  timer: NodeJS.Timeout | null
}

export function openWarmEvaluators(options: { workDirectory: string; limits: Partial<EvaluationLimits>; idleMs?: number }): WarmEvaluators {
  const { workDirectory, limits, idleMs = IDLE_MS } = options
  /** The least recently used first. */
  const kept = new Map<string, Kept>()
  const stopping = new AbortController()
  let queue: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const drop = async (digest: string): Promise<void> => {
    const known = kept.get(digest)
    if (known === undefined) return
    kept.delete(digest)
    if (known.timer !== null) clearTimeout(known.timer)
    await known.evaluator.stop()
  }
  const load = async (digest: string, modelPath: () => Promise<string>): Promise<WarmEvaluator> => {
    const known = kept.get(digest)
    if (known !== undefined) {
      if (known.timer !== null) clearTimeout(known.timer)
      return { evaluator: known.evaluator, isWarm: true, loadMs: 0 }
    }
    const from = performance.now()
    for (const oldest of kept.keys()) if (kept.size >= MOST_WARM) await drop(oldest)
    const evaluator = await startEvaluator({ modelPath: await modelPath(), workDirectory, signal: stopping.signal, limits })
    return { evaluator, isWarm: false, loadMs: performance.now() - from }
  }
  const keep = (digest: string, evaluator: Evaluator): void => {
    const timer = setTimeout(() => void drop(digest), idleMs)
    timer.unref()
    kept.delete(digest)
    kept.set(digest, { evaluator, timer })
  }

  return {
    use(of, work) {
      if (waiting >= MOST_WAITING)
        return Promise.reject(new Problem('inference.overloaded', `${MOST_WAITING} questions wait for the test bench already.`))
      waiting += 1
      const turn = queue.then(async () => {
        try {
          if (stopping.signal.aborted) throw new Problem('cancelled', 'The console is stopping.')
          const warm = await load(of.digest, of.modelPath)
          try {
            const result = await work(warm)
            keep(of.digest, warm.evaluator)
            return result
          } catch (error) {
            kept.delete(of.digest)
            await warm.evaluator.stop()
            throw error
          }
        } finally {
          waiting -= 1
        }
      })
      queue = turn.catch(() => undefined)
      return turn
    },
    async stop() {
      stopping.abort()
      await queue
      for (const digest of kept.keys()) await drop(digest)
    },
  }
}
