import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import type { EventBody } from '../../shared/protocol/telemetry.ts'
import type { Log } from '../log.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'

/** Something that happened, as the parts tell it. */
export interface Happening {
  name: string
  severity: EventBody['severity']
  message: string
  problem?: ProblemReport
  detail?: EventBody['detail']
}

/** Puts events into the spool and the log. An event that the disk has no room for waits in memory and is tried again. */
export interface Events {
  record(happening: Happening): void
  /** Tries what waits. */
  flush(): void
}

/** Events that wait for room; the oldest go beyond that. */
const MAX_WAITING = 1000

/** Makes the recorder of events. */
export function createEvents(options: { append(records: UnspooledRecord[]): void; clock: Clock; log: Log }): Events {
  let waiting: UnspooledRecord[] = []
  const flush = (): void => {
    if (waiting.length === 0) return
    try {
      options.append(waiting)
      waiting = []
    } catch (error) {
      options.log('warn', 'Events wait in memory until the spool takes them.', { waiting: waiting.length, cause: messageOf(error) })
      if (error instanceof Problem && error.code === 'message.malformed') waiting = []
      waiting = waiting.slice(-MAX_WAITING)
    }
  }
  return {
    record({ name, severity, message, problem, detail }) {
      const level = severity === 'warning' ? 'warn' : severity
      options.log(level, message, { event: name, ...detail, ...(problem === undefined ? {} : { code: problem.code }) })
      const body: EventBody = { name, severity, message: message.slice(0, 2000), code: problem?.code ?? null, detail: detail ?? {} }
      waiting.push({ kind: 'event', measuredAt: options.clock.now(), body })
      flush()
    },
    flush,
  }
}
