import { Socket } from 'node:net'
import { startRuntime } from './runtime.ts'
import type { FromRuntime, ToRuntime } from './messages.ts'

// The process of one generation. The supervisor forks it with an empty working directory, a bare environment and limits
// (see supervise/limits.ts); it has no file to write and talks only to its parent and to the connections it is handed.

/** After SIGTERM to this process alone, connections get so long, ms. */
const TERM_GRACE_MS = 2000
/** A service manager signals all processes at once: the supervisor gets so long to say what shall happen, ms. */
const TERM_DELAY_MS = 1000

if (process.send === undefined) {
  process.stderr.write('The runtime is started by the agent: muster-agent run\n')
  process.exit(2)
}

const post = (message: FromRuntime): void => {
  // The channel closes when the supervisor dies; 'disconnect' then ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

/** The only sender is the supervisor, which is of the same version: its messages have the type of the contract. */
function isToRuntime(message: unknown): message is ToRuntime {
  return typeof message === 'object' && message !== null && 'type' in message
}

const runtime = startRuntime({
  post,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  random: () => Math.random(),
  usage: () => {
    const cpu = process.cpuUsage()
    return { rssBytes: process.memoryUsage.rss(), cpuMicros: cpu.user + cpu.system }
  },
})

process.on('message', (message, handle) => {
  if (isToRuntime(message)) runtime.receive(message, handle instanceof Socket ? handle : undefined)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => setTimeout(() => runtime.drain(TERM_GRACE_MS), TERM_DELAY_MS))
// Ctrl-C reaches the whole process group; the supervisor decides.
process.on('SIGINT', () => undefined)
post({ type: 'booted' })
