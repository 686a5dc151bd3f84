import { messageOf, reportOf } from '../../../shared/domain/problem.ts'
import { createLog } from '../log.ts'
import { startHub, type Hub } from './hub.ts'
import { limitLog } from './limited-log.ts'
import type { FromHub, HubOptions, ToHub } from './messages.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const log = limitLog(createLog({ service: 'muster-hub', level: process.env['MUSTER_LOG_LEVEL'] ?? 'info' }), clock)
const STOP_MOST_MS = 10_000
const MEMORY_REPORT_MS = 5000
let hub: Promise<Hub> | null = null
let isEnding = false

/** Resolves when the channel took the message; rejects when the core is gone. */
function send(message: FromHub): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined || !process.connected) {
      reject(new Error('the core is gone'))
      return
    }
    process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)))
  })
}

async function start(options: HubOptions): Promise<void> {
  try {
    hub = startHub({
      ...{ options, clock, log, send },
      onFatal: (problem) => {
        log('error', 'the hub cannot go on', { reason: problem.message })
        process.exit(1)
      },
    })
    const { url, localUrl } = await hub
    await send({ type: 'started', url, localUrl })
    const tellMemory = (): void => void send({ type: 'memory', residentBytes: process.memoryUsage.rss() }).catch(() => undefined)
    tellMemory()
    setInterval(tellMemory, MEMORY_REPORT_MS).unref()
  } catch (error) {
    log('error', 'the hub does not start', { reason: messageOf(error) })
    await send({ type: 'failed', problem: reportOf(error) }).catch(() => undefined)
    process.exit(1)
  }
}

/** Stops in order, also when the core vanished: what was received is committed and acknowledged. */
async function end(): Promise<void> {
  if (isEnding) return
  isEnding = true
  // A disk that does not answer must not keep an orphan alive, with the port of the next hub.
  setTimeout(() => process.exit(1), STOP_MOST_MS).unref()
  try {
    const running = await hub
    await running?.stop()
  } catch (error) {
    log('error', 'the hub did not stop cleanly', { reason: messageOf(error) })
  }
  await send({ type: 'stopped' }).catch(() => undefined)
  process.exit(0)
}

process.on('message', (message: ToHub) => {
  if (message.type === 'start') void start(message.options)
  else if (message.type === 'stop') void end()
  else {
    hub?.then(
      (running) => running.handle(message),
      () => undefined,
    )
  }
})
process.on('disconnect', () => void end())
// A console that is stopped with Ctrl+C ends its hub over the channel, in order; the signal reaches the whole group.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void end())
