import { join } from 'node:path'
import type { Clock } from '../../../../shared/domain/clock.ts'
import { messageOf, type Problem } from '../../../../shared/domain/problem.ts'
import { openBallast } from '../../ingest/ballast.ts'
import type { Log } from '../../log.ts'
import type { FleetStore } from './fleet-store.ts'
import { openWriteWatch } from './write-watch.ts'

/** Held back beside fleet.db: more than its journal grows before it is written back. */
const BALLAST_BYTES = 4 * 1024 * 1024

/** Watches the writes of fleet.db; when nothing can be written any more, the console ends in order. @returns the end of the watch */
export function watchFleetWrites(
  store: Pick<FleetStore, 'watchWrites'>,
  of: { dataDirectory: string; clock: Clock; log: Log; end(): Promise<void>; onFatal?: ((problem: Problem) => void) | undefined },
): () => void {
  const { dataDirectory, clock, log, end, onFatal } = of
  let isEnding = false
  const watch = openWriteWatch({
    ballast: openBallast(join(dataDirectory, 'fleet.ballast'), BALLAST_BYTES),
    monotonic: () => clock.monotonic(),
    onFatal(problem) {
      if (isEnding) return
      isEnding = true
      log('error', 'the console ends: its store cannot be written', { reason: problem.message })
      end()
        .catch((error: unknown) => log('error', 'the console did not stop cleanly', { reason: messageOf(error) }))
        .finally(() => onFatal?.(problem))
    },
  })
  store.watchWrites(watch)
  return watch.stop
}
