import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { Transport } from '../../../../shared/rpc/client.ts'
import type { CallFrame } from '../../../../shared/rpc/frames.ts'
import { keepLink, type Link } from '../../../../renderer/transport/link.ts'

/** A transport in memory whose other end the test plays. */
function memoryTransport() {
  const sent: CallFrame[] = []
  let give: (frame: unknown) => void = () => undefined
  let end: (reason: string) => void = () => undefined
  const transport: Transport = {
    send: (frame) => void sent.push(frame),
    onFrame: (handler) => void (give = handler),
    onClose(handler) {
      const before = end
      end = (reason) => {
        before(reason)
        handler(reason)
      }
    },
    close: () => end('closed'),
  }
  return { transport, sent, give: (frame: unknown) => give(frame), end: (reason: string) => end(reason) }
}

let link: Link
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  link.close()
  vi.useRealTimers()
})

/** A link over transports that the test made before, one per connection. */
function linkOver(opens: (() => Promise<Transport>)[]): Link {
  let ids = 0
  const queue = [...opens]
  link = keepLink({
    open: () => queue.shift()?.() ?? Promise.reject(new Error('nobody listens')),
    makeId: () => `id-${(ids += 1)}`,
    now: () => Date.now(),
  })
  return link
}

describe('a link', () => {
  it('answers a call that was made before it connected', async () => {
    const one = memoryTransport()
    const answer = linkOver([() => Promise.resolve(one.transport)]).call('jobs.list', {})
    await vi.advanceTimersByTimeAsync(0)
    one.give({ id: 1, ok: true, output: { jobs: [] } })
    expect(await answer).toEqual({ jobs: [] })
  })

  it('sends a call that broke again, and a command under the id of its first try', async () => {
    const [one, two] = [memoryTransport(), memoryTransport()]
    const answer = linkOver([() => Promise.resolve(one.transport), () => Promise.resolve(two.transport)]).call('jobs.cancel', { job: 'x' })
    await vi.advanceTimersByTimeAsync(0)
    one.end('the console went away')
    expect(link.state()).toMatchObject({ kind: 'lost', reason: 'the console went away' })
    await vi.advanceTimersByTimeAsync(1000)
    two.give({ id: 1, ok: true, output: { cancelled: true } })
    expect(await answer).toEqual({ cancelled: true })
    expect(two.sent[0]).toMatchObject({ method: 'jobs.cancel', commandId: one.sent[0]!.commandId })
    expect(one.sent[0]!.commandId).toBeDefined()
  })

  it('tries again and again with growing pauses, and at once when asked', async () => {
    const one = memoryTransport()
    const refuse = (): Promise<Transport> => Promise.reject(new Problem('console.unreachable', 'down'))
    linkOver([refuse, refuse, refuse, refuse, () => Promise.resolve(one.transport)])
    await vi.advanceTimersByTimeAsync(300 + 600 + 1200)
    expect(link.state()).toMatchObject({ kind: 'lost', nextTryAt: Date.now() + 2400 })
    link.retryNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(link.state().kind).toBe('connected')
  })

  it('gives up on a refused key and says so to whoever waits', async () => {
    const waiting = linkOver([() => Promise.reject(new Problem('access.denied', 'wrong key'))]).call('jobs.list', {})
    await expect(waiting).rejects.toMatchObject({ code: 'console.unreachable' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(link.state()).toEqual({ kind: 'denied', reason: 'wrong key' })
  })

  it('does not repeat what the console refused', async () => {
    const one = memoryTransport()
    const answer = linkOver([() => Promise.resolve(one.transport)]).call('jobs.cancel', { job: 'x' })
    await vi.advanceTimersByTimeAsync(0)
    one.give({ id: 1, ok: false, error: { code: 'input.invalid', message: 'There is no job.' } })
    await expect(answer).rejects.toMatchObject({ code: 'input.invalid' })
    expect(one.sent).toHaveLength(1)
  })
})
