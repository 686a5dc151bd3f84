import type { Clock } from '../../../shared/domain/clock.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { BlockWantMessage } from '../../../shared/protocol/block.ts'
import type { TransferSnapshot } from '../hub/messages.ts'
import { type CheckedWant, checkWant } from './check-want.ts'
import { openCatalog } from './catalog.ts'
import { isSameLayout } from './layout.ts'
import { startPublishLoop } from './publish-loop.ts'
import { TokenBucket } from './token-bucket.ts'
import { Transfer } from './transfer.ts'

export interface TransferServerOptions {
  fleet: string
  /** Hands a block to the broker; resolves when it took it. */
  publish(topic: string, payload: Uint8Array): Promise<void>
  /** Bytes that wait in the broker for these devices. */
  backlogBytes(devices: readonly string[]): number
  isAssigned(device: string, bundle: string): boolean
  /** Devices that are online and have this bundle assigned. */
  audience(bundle: string): number
  /** Content-addressed store of the console: `<artifactDirectory>/<sha256>`. */
  artifactDirectory: string
  clock: Clock
  /** Cap on published payload bytes per second over all transfers; null: none. */
  limitBytesPerSecond: number | null
  /** Told at most twice per second that `snapshot()` has changed. */
  onChange(): void
  refuse(device: string, problem: Problem): void
}

export interface TransferServer {
  /** Takes in what a device misses; a request that is not in order is refused and changes nothing. */
  want(device: string, message: BlockWantMessage): void
  deviceGone(device: string): void
  setLimit(bytesPerSecond: number | null): void
  /** Transfers under way, and the last 50 that ended, oldest first. */
  snapshot(): TransferSnapshot[]
  stop(): Promise<void>
}

/** Ended transfers that `snapshot()` still shows. */
const KEPT_ENDED = 50
const CHANGE_MS = 500

/** Serves the blocks of artifacts to the devices that ask for them, each block published once for all of them where that is possible. */
export function startTransferServer(options: TransferServerOptions): TransferServer {
  const { clock } = options
  const catalog = openCatalog(options.artifactDirectory)
  const bucket = new TokenBucket(options.limitBytesPerSecond, clock.monotonic())
  const running: Transfer[] = []
  const ended: TransferSnapshot[] = []
  const changes = limitChanges(options.onChange)
  const loop = startPublishLoop({ ...options, bucket, transfers: running, onSent: changes.tell, onOver: endIfOver, onFailed: fail })
  const closing = new Set<Promise<void>>()
  const finished = finishedRounds()

  function end(transfer: Transfer): void {
    running.splice(running.indexOf(transfer), 1)
    ended.push(transfer.snapshot(clock.now()))
    ended.splice(0, ended.length - KEPT_ENDED)
    const closed = transfer.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  function endIfOver(): void {
    const now = clock.monotonic()
    for (const transfer of running.filter(({ session }) => session.isOver(now))) end(transfer)
    changes.tell()
    loop.wake()
  }

  function fail(transfer: Transfer, problem: Problem): void {
    const now = clock.monotonic()
    const { moving, stalled } = transfer.session.receivers(now)
    for (const device of [...moving, ...stalled]) {
      options.refuse(device, problem)
      transfer.session.dismiss(device, now)
    }
    if (running.includes(transfer)) end(transfer)
    endIfOver()
  }

  return {
    want(device, message) {
      const checked = checkWant(device, message, { catalog, isAssigned: options.isAssigned })
      if (checked instanceof Problem) {
        for (const { layout, session } of running) if (layout.artifact === message.artifact) session.dismiss(device, clock.monotonic())
        endIfOver()
        options.refuse(device, checked)
        return
      }
      const { layout, ask, bundle } = checked
      if (finished.isLate(device, ask, message.artifact)) return
      let transfer = running.find((other) => isSameLayout(other.layout, layout))
      if (transfer === undefined) {
        if (ask.missing.count === 0) return
        transfer = new Transfer({ layout, directory: options.artifactDirectory, audience: options.audience, clock })
        running.push(transfer)
      }
      transfer.ask(bundle, device, ask)
      endIfOver()
    },
    deviceGone(device) {
      for (const { session } of running) session.leave(device, clock.monotonic())
      endIfOver()
    },
    setLimit(bytesPerSecond) {
      bucket.setRate(bytesPerSecond, clock.monotonic())
      loop.wake()
    },
    snapshot: () => [...ended, ...running.map((transfer) => transfer.snapshot(null))],
    async stop() {
      changes.stop()
      await loop.stop()
      for (const transfer of [...running]) end(transfer)
      await Promise.all(closing)
    },
  }
}

/** Rounds remembered as finished; a late copy comes within seconds. */
const KEPT_FINISHED = 4096

/** Knows the requests that a transport delivers again after the device said that it has everything: they would start a transfer to nobody. */
function finishedRounds(): { isLate(device: string, ask: CheckedWant['ask'], artifact: string): boolean } {
  const rounds = new Map<string, string>()
  return {
    isLate(device, ask, artifact) {
      const key = `${device}/${artifact}`
      if (ask.missing.count > 0) return rounds.get(key) === ask.round
      rounds.delete(key)
      rounds.set(key, ask.round)
      const [oldest] = rounds.keys()
      if (rounds.size > KEPT_FINISHED && oldest !== undefined) rounds.delete(oldest)
      return false
    },
  }
}

/** Passes on the first change at once, and further ones together after `CHANGE_MS`. */
function limitChanges(onChange: () => void): { tell(): void; stop(): void } {
  let timer: NodeJS.Timeout | null = null
  let isPending = false
  let isStopped = false
  const later = (): void => {
    timer = null
    if (isPending) tell()
  }
  const tell = (): void => {
    if (isStopped) return
    isPending = timer !== null
    if (isPending) return
    timer = setTimeout(later, CHANGE_MS)
    onChange()
  }
  return {
    tell,
    stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
