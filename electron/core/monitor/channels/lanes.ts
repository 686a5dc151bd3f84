import { messageOf } from '../../../../shared/domain/problem.ts'
import type { Log } from '../../log.ts'

/** Work that goes on one piece after the other within a lane, and beside other lanes: a receiver that hangs delays no other one. */
export interface Lanes {
  /** Something was written, or the time has come. */
  kick(): void
  /** No piece of work is begun any more; resolves when those under way have ended. */
  stop(): Promise<void>
}

interface LaneParts {
  /** The lanes that there are now. */
  lanes(): readonly string[]
  /** Does the next piece of a lane. @returns false: there is none now */
  step(lane: string): Promise<boolean>
  log: Log
}

/** Looked for by the clock as well: something may be due without anything being written. */
const LOOK_MS = 5000

/** Runs lanes until they are stopped. */
export function startLanes({ lanes, step, log }: LaneParts): Lanes {
  const running = new Map<string, Promise<void>>()
  let stopped = false

  async function run(lane: string): Promise<void> {
    while (!stopped && (await step(lane)));
  }

  function kick(): void {
    if (stopped) return
    for (const lane of lanes()) {
      if (running.has(lane)) continue
      const work = run(lane)
        .catch((error: unknown) => log('error', 'a channel could not be served', { channel: lane, reason: messageOf(error) }))
        .finally(() => running.delete(lane))
      running.set(lane, work)
    }
  }

  const timer = setInterval(kick, LOOK_MS)
  return {
    kick,
    async stop() {
      stopped = true
      clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}
