import type { Clock } from '../../shared/domain/clock.ts'
import type { Log } from '../log.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'
import type { Events } from './events.ts'
import type { Ledger } from './ledger.ts'
import { createResourceMeter, type RuntimeUsage } from './resources.ts'
import type { Spool } from './spool.ts'

interface HousekeepingOptions {
  directory: string
  spool: Spool
  events: Events
  append(records: UnspooledRecord[]): void
  ledger: Ledger
  clock: Clock
  log: Log
  usage(): RuntimeUsage
  /** Length of a telemetry window now, seconds. */
  windowSeconds(): number
}

/** Resources are measured once per window, but neither more often than every 5 s nor less than once a minute. */
const INTERVAL_SECONDS = { least: 5, most: 60 } as const

interface Housekeeping {
  stop(): void
  /** Writes the ledger once more, after everything else ended. */
  lastEntry(): void
}

/** Starts to measure the machine, to drop what is too old, to write the ledger, and to try again what the disk had no room for. */
export function startHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { spool, events, append, ledger, clock, log } = options
  const measure = createResourceMeter({
    clock,
    directory: options.directory,
    usage: () => options.usage(),
    spoolRecords: () => spool.backlog.records,
  })
  let timer: NodeJS.Timeout
  const arm = (): void => {
    const seconds = Math.min(INTERVAL_SECONDS.most, Math.max(INTERVAL_SECONDS.least, options.windowSeconds()))
    timer = setTimeout(run, seconds * 1000)
  }
  const run = (): void => {
    try {
      spool.tidy()
      events.flush()
      append([{ kind: 'resources', measuredAt: clock.now(), body: measure() }])
      ledger.writeIfDue()
    } catch (error) {
      log('warn', 'Housekeeping failed; it is tried again.', { problem: error })
    }
    arm()
  }
  arm()
  return {
    stop: () => clearTimeout(timer),
    lastEntry() {
      try {
        ledger.write()
      } catch (error) {
        log('warn', 'The last entry of the ledger could not be written.', { problem: error })
      }
    },
  }
}
