import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { ProbeResult, RuntimeDeployment } from '../runtime/messages.ts'

/** A generation that is loaded and probed, and serves nobody yet. */
export interface PreparedGeneration {
  results: ProbeResult[]
  /** Sends every new connection to it and drains the one before. */
  promote(): Promise<void>
  discard(): Promise<void>
}

/** The runtime as the convergence needs it; `supervise/generations.ts` is it. */
export interface RuntimePort {
  /** Loads and probes a set in a generation of its own. @throws Problem if the generation as a whole failed */
  prepare(set: RuntimeDeployment[], signal: AbortSignal): Promise<PreparedGeneration>
  configure(config: RuntimeConfig): void
}
