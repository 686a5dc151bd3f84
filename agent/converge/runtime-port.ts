import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { ProbeResult, RuntimeDeployment } from '../runtime/messages.ts'
import type { BundleSet, Tuning } from '../supervise/bundle-set.ts'

/** A generation that is loaded and probed, and serves nobody yet. */
export interface PreparedGeneration {
  /** Grows with each generation. */
  generation: number
  results: ProbeResult[]
  /** Sends every new connection to it and drains the one before, which stays warm if it has exactly the set `keepWarm`. */
  promote(keepWarm: BundleSet | null): Promise<void>
  discard(): Promise<void>
}

/** The runtime as the convergence needs it; `supervise/generations.ts` is it. */
export interface RuntimePort {
  /**
   * Loads and probes a set in a generation of its own; a warm generation of exactly this set is taken as it is.
   * @throws Problem if the generation as a whole failed
   */
  prepare(set: RuntimeDeployment[], signal: AbortSignal): Promise<PreparedGeneration>
  configure(config: RuntimeConfig): void
  /** Changes roles and rules of serving of loaded bundles. */
  tune(tunings: readonly Tuning[]): void
  /** Ends the warm generation, unless it has exactly this set. */
  keepWarm(set: BundleSet | null): void
}
