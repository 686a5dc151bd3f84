/** Sends news at most every `intervalMs`: the first at once, later ones together when the time has come. */
export interface Throttle {
  note(): void
  /** Sends what is due now. */
  flush(): void
  stop(): void
}

/** Starts a throttle around `send`. */
export function startThrottle(intervalMs: number, send: () => void): Throttle {
  let timer: NodeJS.Timeout | null = null
  let isDue = false
  const fire = (): void => {
    timer = null
    if (!isDue) return
    isDue = false
    timer = setTimeout(fire, intervalMs)
    send()
  }
  return {
    note() {
      isDue = true
      if (timer === null) fire()
    },
    flush() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      if (isDue) send()
      isDue = false
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      isDue = false
    },
  }
}
