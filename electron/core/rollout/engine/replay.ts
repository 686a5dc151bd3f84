import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import { applyEvent, startLive } from './apply-event.ts'
import type { Live } from './live.ts'

/** A rollout from its events, in the order of `seq`. @throws Error for a log that cannot be */
export function replay(events: Iterable<RolloutEvent>): Live {
  let live: Live | null = null
  for (const event of events) {
    if (live === null) live = startLive(event)
    else applyEvent(live, event)
  }
  if (live === null) throw new Error('rollout: there are no events')
  return live
}
