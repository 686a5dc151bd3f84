import type { Family } from '../../../shared/metrics/family.ts'
import type { OtlpChoice, OtlpShown } from '../../../shared/rpc/contract/metrics.ts'
import { messageOf } from '../../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import type { OtlpExportRow } from '../store/fleet/otlp-export.ts'
import type { LogQueue } from './log-queue.ts'
import { logBody, metricBodies, type OtlpSource } from './otlp-body.ts'
import { postOtlp, type OtlpOutcome, type PostOtlp } from './otlp-post.ts'

/** How many data points and log records. */
export interface OtlpCounts {
  sent: { metrics: number; logs: number }
  dropped: { metrics: number; logs: number }
}

/** Exports metrics and logs to one receiver, or to none. */
export interface Exporter {
  /** The settings are other ones: begins, goes on elsewhere, or ends. */
  settle(): void
  counts(): OtlpCounts
  state(): OtlpShown['state']
  stop(): Promise<void>
}

interface ExporterParts {
  settings(): OtlpExportRow | null
  gather(): Family[]
  source(): OtlpSource
  logs: LogQueue
  log: Log
  now(): number
  /** Draws the jitter; 0 to 1. */
  random(): number
  changed(): void
  post?: PostOtlp
}

/** After a failure the pause doubles up to this. */
const LONGEST_PAUSE_MS = 15 * 60_000
/** Receivers that went down together are not all asked again in one moment. */
const JITTER = 0.2
/** Log entries of one request. */
const MOST_ENTRIES = 500
const SHUT = 'The secret was sealed by a desktop whose key is not here. Set the export again.'

/**
 * Opens the export; nothing leaves before `settle`.
 *
 * INVARIANTS
 * 1. One round runs at a time, and at most one is planned.
 * 2. What waits is bounded: metrics are read anew for each round, as each says all that the ones before said; logs wait in their queue.
 * 3. A log entry leaves the queue when the receiver has taken it, or has said that it never will.
 * 4. A trouble is logged when it begins and when it ends: the log of a receiver that is away does not fill the queue to it.
 */
export function openExporter(parts: ExporterParts): Exporter {
  const { logs, now } = parts
  const counts: OtlpCounts = { sent: { metrics: 0, logs: 0 }, dropped: { metrics: 0, logs: 0 } }
  let state: Pick<OtlpShown['state'], 'sentAt' | 'problem' | 'nextAt'> = { sentAt: null, problem: null, nextAt: null }
  let failures = 0
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let isRunning = false
  let stopped = false
  /** Counts settings: a round of older ones plans nothing. */
  let epoch = 0

  const plan = (ms: number): void => {
    if (stopped) return
    if (timer !== null) clearTimeout(timer)
    state = { ...state, nextAt: now() + ms }
    timer = setTimeout(() => {
      timer = null
      isRunning = true
      running = round(epoch).finally(() => (isRunning = false))
    }, ms)
    timer.unref()
  }
  const round = async (of: number): Promise<void> => {
    const row = parts.settings()
    if (row === null || stopped) return
    const outcome = await sendAll(row).catch((error: unknown): OtlpOutcome => ({ kind: 'later', message: messageOf(error) }))
    if (of === epoch) note(outcome, row.settings)
    // Settings that changed meanwhile begin soon, after the round that was on its way.
    else if (!stopped && parts.settings() !== null) plan(SOON_MS)
  }
  const note = (outcome: OtlpOutcome, { everySeconds }: OtlpChoice): void => {
    const everyMs = everySeconds * 1000
    const before = state.problem
    if (outcome.kind === 'taken') {
      failures = 0
      state = { ...state, sentAt: now(), problem: null }
      if (before !== null) parts.log('info', 'the OTLP receiver takes exports again')
      plan(everyMs)
    } else {
      failures += 1
      state = { ...state, problem: { at: before?.at ?? now(), message: outcome.message.slice(0, 2000) } }
      if (before === null) parts.log('warn', 'an OTLP export failed; it is tried again', { reason: outcome.message })
      const pause = Math.max(everyMs, Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** (failures - 1)))
      plan(
        Math.max(
          Math.round(pause * (1 - JITTER + 2 * JITTER * parts.random())),
          outcome.kind === 'later' ? (outcome.retryAfterMs ?? 0) : 0,
        ),
      )
    }
    parts.changed()
  }
  /** Metrics, then logs; the first trouble ends the round, but for what the receiver refuses for good, which is passed over. */
  const sendAll = async (row: OtlpExportRow): Promise<OtlpOutcome> => {
    if (row.isShut) return { kind: 'later', message: SHUT }
    const post = parts.post ?? postOtlp
    let worst: OtlpOutcome = { kind: 'taken', rejected: 0 }
    const send = async (signal: 'metrics' | 'logs', { body, count }: { body: string; count: number }): Promise<OtlpOutcome> => {
      const outcome = await post(row.settings, signal, body)
      const rejected = outcome.kind === 'taken' ? Math.min(count, outcome.rejected) : count
      if (outcome.kind !== 'taken') worst = outcome
      counts.sent[signal] += count - rejected
      // What is only late waits; points of metrics do not, the next ones say the same and more.
      if (outcome.kind !== 'later' || signal === 'metrics') counts.dropped[signal] += rejected
      return outcome
    }
    if (row.settings.metrics)
      for (const one of metricBodies(parts.gather(), parts.source(), now())) if ((await send('metrics', one)).kind === 'later') return worst
    while (row.settings.logs !== 'off' && logs.waiting > 0 && !stopped) {
      const one = logBody(logs.first(MOST_ENTRIES), parts.source())
      const givenUp = logs.dropped
      const outcome = await send('logs', one)
      if (outcome.kind === 'later') return worst
      // The first of them may have given way to newer ones meanwhile.
      logs.remove(Math.max(0, one.count - (logs.dropped - givenUp)))
    }
    return worst
  }

  return {
    settle() {
      epoch += 1
      failures = 0
      const row = parts.settings()
      logs.keep(row === null ? 'off' : row.settings.logs)
      state = { sentAt: null, problem: null, nextAt: null }
      if (timer !== null) clearTimeout(timer)
      timer = null
      if (row !== null && !isRunning) plan(SOON_MS)
    },
    counts: () => ({ sent: { ...counts.sent }, dropped: { ...counts.dropped, logs: counts.dropped.logs + logs.dropped } }),
    state() {
      return { ...state, waitingLogs: logs.waiting, ...this.counts() }
    },
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}

/** Settings that were just made show soon whether they hold. */
const SOON_MS = 500
