import net from 'node:net'
import type { AddressInfo } from 'node:net'

/** More connections than this at once are refused. */
const MAX_CONNECTIONS = 256
/** Bytes that wait per direction before the sender is paused. */
const MAX_WAITING_BYTES = 256 * 1024
/** How often waiting bytes are moved on while there is a delay or a limit, ms. */
const TICK_MS = 5

/** A TCP proxy on loopback that behaves as badly as it is told to. Settings hold for present and later connections. */
export interface FaultProxy {
  readonly port: number
  /** Connections open now. */
  readonly connections: number
  /** Connections that were cut since the start. */
  readonly cuts: number
  /** Bytes passed on, both directions, since the start. */
  readonly bytes: number
  /** Cuts every connection now, with a reset. */
  cutAll(): void
  /** Cuts every connection every so many ms; null: no more. */
  cutEvery(ms: number | null): void
  /** Holds back each byte for so many ms. */
  setDelay(ms: number): void
  /** Bytes per second for each connection and direction; null: no limit. */
  setBandwidth(bytesPerSecond: number | null): void
  /** True: connections stay open but nothing passes any more; what arrives meanwhile waits or is never read. */
  setHalfOpen(isHalfOpen: boolean): void
  /** True: new connections are reset at once. */
  setRefusing(isRefusing: boolean): void
  stop(): Promise<void>
}

interface Faults {
  delayMs: number
  bytesPerSecond: number | null
  isHalfOpen: boolean
  isRefusing: boolean
}

/** Starts a proxy in front of a server on loopback. */
export async function startFaultProxy(target: { port: number; listenPort?: number }): Promise<FaultProxy> {
  const faults: Faults = { delayMs: 0, bytesPerSecond: null, isHalfOpen: false, isRefusing: false }
  const pairs = new Set<{ ends: [net.Socket, net.Socket]; pumps: Pump[] }>()
  const counts = { cuts: 0, bytes: 0 }
  let cutTimer: NodeJS.Timeout | undefined

  const server = net.createServer((client) => {
    if (faults.isRefusing || pairs.size >= MAX_CONNECTIONS) {
      client.on('error', () => undefined)
      client.resetAndDestroy()
      return
    }
    const upstream = net.connect({ port: target.port, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    const passed = (bytes: number): void => {
      counts.bytes += bytes
    }
    const pair = {
      ends: [client, upstream] as [net.Socket, net.Socket],
      pumps: [pump(client, upstream, { faults, passed }), pump(upstream, client, { faults, passed })],
    }
    pairs.add(pair)
    for (const end of pair.ends) {
      // Errors are what this proxy is for; 'close' follows.
      end.on('error', () => undefined)
      end.on('close', () => {
        pairs.delete(pair)
        pair.ends.forEach((other) => other.destroy())
      })
    }
  })
  const ticker = setInterval(() => pairs.forEach(({ pumps }) => pumps.forEach((each) => each.tick())), TICK_MS)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(target.listenPort ?? 0, '127.0.0.1', resolve)
  })
  // Listening on TCP: the address is always an object.
  const { port } = server.address() as AddressInfo

  function cutAll(): void {
    for (const { ends } of pairs) {
      counts.cuts += 1
      ends.forEach((end) => end.resetAndDestroy())
    }
  }

  return {
    port,
    get connections() {
      return pairs.size
    },
    get cuts() {
      return counts.cuts
    },
    get bytes() {
      return counts.bytes
    },
    cutAll,
    cutEvery(ms) {
      clearInterval(cutTimer)
      if (ms !== null) cutTimer = setInterval(cutAll, ms)
    },
    setDelay(ms) {
      faults.delayMs = ms
    },
    setBandwidth(bytesPerSecond) {
      faults.bytesPerSecond = bytesPerSecond
    },
    setHalfOpen(isHalfOpen) {
      faults.isHalfOpen = isHalfOpen
    },
    setRefusing(isRefusing) {
      faults.isRefusing = isRefusing
    },
    async stop() {
      clearInterval(ticker)
      clearInterval(cutTimer)
      for (const { ends } of pairs) ends.forEach((end) => end.destroy())
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

interface Pump {
  /** Moves on what is due. */
  tick(): void
}

/** Moves bytes from one socket to the other under the present faults; never holds more than `MAX_WAITING_BYTES` and one read. */
function pump(from: net.Socket, to: net.Socket, { faults, passed }: { faults: Faults; passed(bytes: number): void }): Pump {
  const waiting: { bytes: Buffer; due: number }[] = []
  let waitingBytes = 0
  let allowance = 0
  let tickedAt = performance.now()
  let isBlocked = false
  let hasEnded = false

  function forward(): void {
    const now = performance.now()
    while (!faults.isHalfOpen && !isBlocked) {
      const next = waiting[0]
      if (next === undefined || next.due > now) break
      const length = faults.bytesPerSecond === null ? next.bytes.length : Math.min(next.bytes.length, Math.floor(allowance))
      if (length <= 0) break
      if (faults.bytesPerSecond !== null) allowance -= length
      waitingBytes -= length
      passed(length)
      isBlocked = !to.write(next.bytes.subarray(0, length))
      next.bytes = next.bytes.subarray(length)
      if (next.bytes.length === 0) waiting.shift()
    }
    if (waitingBytes < MAX_WAITING_BYTES && !faults.isHalfOpen) from.resume()
    if (hasEnded && waiting.length === 0) to.end()
  }

  from.on('data', (bytes: Buffer) => {
    waiting.push({ bytes, due: performance.now() + faults.delayMs })
    waitingBytes += bytes.length
    if (waitingBytes >= MAX_WAITING_BYTES || faults.isHalfOpen) from.pause()
    forward()
  })
  from.on('end', () => {
    hasEnded = true
    forward()
  })
  to.on('drain', () => {
    isBlocked = false
    forward()
  })
  return {
    tick() {
      const now = performance.now()
      // At most 50 ms are saved up, so that a limit holds after a pause too.
      if (faults.bytesPerSecond !== null)
        allowance = Math.min(allowance + ((now - tickedAt) / 1000) * faults.bytesPerSecond, Math.max(1, faults.bytesPerSecond / 20))
      else allowance = 0
      tickedAt = now
      forward()
    },
  }
}
