import { openJournal } from '../../agent/converge/journal.ts'
import type { Convergence } from '../../agent/converge/converge.ts'
import type { GenerationsOptions } from '../../agent/supervise/generations.ts'
import type { Happening } from '../../agent/telemetry/events.ts'
import { convergeOver } from './converge.ts'
import { startTestedGenerations, type TestedGenerations } from './local-api.ts'
import type { TestBundle } from './small-console.ts'

/** A convergence over real generations: everything of an agent but broker and spool. */
export interface RealLife {
  convergence: Convergence
  tested: TestedGenerations
  told: Happening[]
  /** Digest that is active in the serving generation. */
  serves(deployment: string): string | undefined
  stop(): Promise<void>
}

/** Starts it in a directory. */
export async function startRealLife(
  directory: string,
  bundles: readonly TestBundle[],
  options: Partial<GenerationsOptions> = {},
): Promise<RealLife> {
  let convergence: Convergence | null = null
  const tested = await startTestedGenerations({
    onCrash: (crash) => void (crash.serving && convergence?.crashed(crash)),
    onBeat: (beat) => convergence?.beat(beat),
    ...options,
  })
  const told: Happening[] = []
  const made = convergeOver(directory, {
    bundles,
    runtime: tested.generations,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    journal: openJournal(directory, 0).journal,
    tell: (happening) => void told.push(happening),
  })
  convergence = made.convergence
  const running = convergence
  return {
    convergence: running,
    tested,
    told,
    serves: (deployment) => tested.generations.serving().find((one) => one.deployment === deployment && one.role.kind === 'active')?.digest,
    async stop() {
      await running.stop()
      await tested.stop()
    },
  }
}
