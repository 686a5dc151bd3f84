import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RolloutState } from '../../../shared/domain/rollout/life.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import type { ProgressPrinter } from './rollout-progress.ts'
import { progressText } from './rollout-words.ts'

/** Without a sign of a change it is asked so often: what changes by the clock alone sends none. */
const LOOK_EVERY_MS = 2000
/** Changes come in crowds; one look is enough for many. */
const PAUSE_MS = 200
const EVENTS_AT_ONCE = 500

/** States in which nothing goes on before a person does something, and none of them is success. */
const failed: readonly RolloutState[] = ['draft', 'paused', 'stopped', 'reverted']

interface Following {
  seconds: number
  hasDevices: boolean
  /** What was logged before is told, too. */
  isFromStart: boolean
  printer: ProgressPrinter
}

/**
 * Follows a rollout until it has completed.
 * @throws Problem `rollout.not-completed` when it pauses, stops or goes back; `cancelled` when time is up; `rollout.not-found`
 */
export async function followRollout(rpc: RpcClient, rollout: number, of: Following): Promise<void> {
  const deadline = performance.now() + of.seconds * 1000
  const news = listen(rpc)
  let last = ''
  let place = of.isFromStart ? 0 : await newestEvent(rpc, rollout)
  try {
    for (;;) {
      news.reset()
      const summary = await summaryOf(rpc, rollout)
      place = await printEvents(rpc, { rollout, after: place, ...of })
      const text = progressText(summary)
      if (text !== last) of.printer.progress(summary)
      last = text
      if (summary.state === 'completed') {
        of.printer.completed(summary)
        return
      }
      if (failed.includes(summary.state))
        throw new Problem('rollout.not-completed', `Rollout ${rollout} is ${summary.state}: ${summary.sentence}`)
      const left = deadline - performance.now()
      if (left <= 0)
        throw new Problem('cancelled', `Time is up. ${summary.sentence}`, { hint: 'The rollout goes on; it is only not watched any more.' })
      await news.wait(Math.min(left, LOOK_EVERY_MS))
    }
  } finally {
    news.stop()
  }
}

/** The summary alone: the whole rollout has a cell for every device. @throws Problem `rollout.not-found` */
async function summaryOf(rpc: RpcClient, rollout: number): Promise<RolloutSummary> {
  const { rollouts } = await rpc.call('rollouts.list', { before: rollout + 1, limit: 1 })
  const [found] = rollouts
  return found?.rollout === rollout ? found : rpc.call('rollouts.show', { rollout })
}

async function newestEvent(rpc: RpcClient, rollout: number): Promise<number> {
  const { events } = await rpc.call('rollouts.events', { rollout, limit: 1 })
  return events[0]?.seq ?? 0
}

/** Prints what was logged since. @returns the newest event */
async function printEvents(rpc: RpcClient, of: Following & { rollout: number; after: number }): Promise<number> {
  const { rollout, after, hasDevices, printer } = of
  const found = []
  for (let before: number | null | undefined; before !== null;) {
    const page = await rpc.call('rollouts.events', {
      ...{ rollout, limit: EVENTS_AT_ONCE, isWithoutDevices: !hasDevices },
      ...(before === undefined ? {} : { before }),
    })
    const fresh = page.events.filter(({ seq }) => seq > after)
    found.push(...fresh)
    before = fresh.length < page.events.length ? null : page.next
  }
  for (const event of found.reverse()) printer.event(event)
  return found.at(-1)?.seq ?? after
}

/** Waits for a sign that rollouts changed. */
function listen(rpc: RpcClient) {
  let hasChanged = false
  let wake = (): void => undefined
  const stop = rpc.onChanged((topics) => {
    if (!topics.includes('rollouts')) return
    hasChanged = true
    wake()
  })
  return {
    stop,
    reset: (): void => void (hasChanged = false),
    async wait(ms: number): Promise<void> {
      await sleep(Math.min(PAUSE_MS, ms))
      if (hasChanged) return
      const over = new AbortController()
      wake = () => over.abort()
      await sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)
      wake = () => undefined
    },
  }
}
