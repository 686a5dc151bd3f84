import type { RpcClient } from '../../shared/rpc/client.ts'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'
import { healthOf, type FleetHealth } from './fleet-health.ts'

const topicsOfHealth: readonly ChangeTopic[] = ['system', 'devices', 'deployments']
/** The tray need not be faster than an eye that passes it. */
const AT_MOST_EVERY_MS = 2000

/** Asks the core for the health of the fleet whenever something of it changed. */
export interface FleetWatch {
  /** Watches over this client from now on; the one before is closed. `null`: the core is not running. */
  follow(client: RpcClient | null): void
  stop(): void
}

export function startFleetWatch(
  onHealth: (now: FleetHealth | null, before: FleetHealth | null) => void,
  onError: (reason: string) => void,
): FleetWatch {
  let client: RpcClient | null = null
  let last: FleetHealth | null = null
  let timer: NodeJS.Timeout | null = null
  let isOwed = false

  const ask = async (): Promise<void> => {
    const asked = client
    if (asked === null) return
    isOwed = false
    timer = setTimeout(() => {
      timer = null
      if (isOwed) start()
    }, AT_MOST_EVERY_MS)
    const [status, deployments] = await Promise.all([asked.call('system.status', {}), asked.call('deployments.list', {})])
    if (asked !== client) return
    const now = healthOf(status, deployments)
    const before = last
    last = now
    onHealth(now, before)
  }
  const start = (): void => {
    ask().catch((error: unknown) => {
      if (client !== null) onError(error instanceof Error ? error.message : String(error))
    })
  }
  const quiet = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  return {
    follow(next) {
      client?.close()
      client = next
      quiet()
      if (next === null) {
        // What the last core knew stays the measure: a fleet that is as it was is no news after a restart.
        onHealth(null, last)
        return
      }
      next.onChanged((topics) => {
        if (next !== client || !topics.some((topic) => topicsOfHealth.includes(topic))) return
        isOwed = true
        if (timer === null) start()
      })
      start()
    },
    stop() {
      quiet()
      client?.close()
      client = null
    },
  }
}
