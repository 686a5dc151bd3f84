import { describe, expect, it, vi } from 'vitest'
import { openDoor, type Visitor } from '../../../../../electron/core/hub/door.ts'
import { startForward } from '../../../../../electron/core/hub/forward.ts'
import { limitLog } from '../../../../../electron/core/hub/limited-log.ts'
import type { ForwardedMessage } from '../../../../../electron/core/hub/messages.ts'
import { openPresenceBook } from '../../../../../electron/core/hub/presence-book.ts'
import { startThrottle } from '../../../../../electron/core/hub/throttle.ts'

const message = (sender: string, json: string, name: ForwardedMessage['name'] = 'reported'): ForwardedMessage => ({
  name,
  sender,
  json,
  receivedAt: 1,
})

describe('forward', () => {
  it('sends in batches, the newest of each sender and kind', async () => {
    const sent: ForwardedMessage[][] = []
    const forward = startForward({ send: async (messages) => void sent.push(messages) })
    for (const one of [message('cam-1', 'a'), message('cam-2', 'b'), message('cam-1', 'c'), message('cam-1', 'd', 'presence')])
      forward.add(one)
    await vi.waitFor(() => expect(sent).toEqual([[message('cam-2', 'b'), message('cam-1', 'c'), message('cam-1', 'd', 'presence')]]))
  })

  it('keeps at most its capacity while the core is slow, and the newest of those it knows', async () => {
    const sent: ForwardedMessage[][] = []
    let release: () => void = () => undefined
    const forward = startForward({
      ...{ delayMs: 0, capacity: 3 },
      send: (messages) => {
        sent.push(messages)
        return new Promise((resolve) => {
          release = resolve
        })
      },
    })
    forward.add(message('first', '0'))
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    expect(['a', 'b', 'c', 'd', 'a'].map((sender, i) => forward.add(message(sender, `${i}`)))).toEqual([true, true, true, false, true])
    release()
    await vi.waitFor(() => expect(sent[1]).toEqual([message('b', '1'), message('c', '2'), message('a', '4')]))
    release()
    await forward.flush()
  })

  it('sends 500 at a time', async () => {
    const sent: number[] = []
    const forward = startForward({ send: async (messages) => void sent.push(messages.length) })
    for (let i = 0; i < 1201; i += 1) forward.add(message(`cam-${i}`, ''))
    await forward.flush()
    expect(sent).toEqual([500, 500, 201])
  })
})

describe('throttle', () => {
  it('sends the first at once and the later ones together', () => {
    vi.useFakeTimers()
    try {
      let sent = 0
      const throttle = startThrottle(250, () => {
        sent += 1
      })
      const counts: number[] = []
      for (let ms = 0; ms < 1000; ms += 10) {
        throttle.note()
        vi.advanceTimersByTime(10)
        if (ms % 250 === 240) counts.push(sent)
      }
      expect(counts).toEqual([2, 3, 4, 5])
      throttle.note()
      throttle.stop()
      vi.advanceTimersByTime(1000)
      expect(sent).toBe(5)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('presence book', () => {
  const note = (status: string, device = 'cam-1') => JSON.stringify({ v: 1, sentAt: 5, device, status, boot: 'b-1', agentVersion: '1.0' })

  it('knows who is online, and what to say when a connection ends without a word', () => {
    const book = openPresenceBook()
    expect([book.isOnline('cam-1'), book.offlineNote('cam-1', 9)]).toEqual([false, null])
    expect([book.note('cam-1', note('online')), book.isOnline('cam-1')]).toEqual([false, true])
    expect(book.offlineNote('cam-1', 9)).toEqual({ v: 1, sentAt: 9, device: 'cam-1', status: 'offline', boot: 'b-1', agentVersion: '1.0' })
    expect([book.note('cam-1', note('offline')), book.offlineNote('cam-1', 9)]).toEqual([true, null])
    expect(book.note('cam-1', note('offline'))).toBe(false)
  })

  it('takes nothing from notes that are none, or speak for another device', () => {
    const book = openPresenceBook()
    for (const json of ['', '{', note('asleep'), note('online', 'cam-2')]) expect(book.note('cam-1', json)).toBe(false)
    expect([book.isOnline('cam-1'), book.isOnline('cam-2')]).toEqual([false, false])
    book.note('cam-1', note('online'))
    book.forget('cam-1')
    expect(book.isOnline('cam-1')).toBe(false)
  })
})

describe('door', () => {
  function visitor(name: string, address: string, evicted: string[]): Visitor {
    return { address, evict: () => evicted.push(name) }
  }

  it('makes room among those who are not accepted yet, oldest first, address by address', () => {
    const evicted: string[] = []
    const door = openDoor({ openingPerAddress: 2, opening: 3, all: 100 })
    const [a, b, c, d, e] = [
      visitor('a', 'x', evicted),
      visitor('b', 'x', evicted),
      visitor('c', 'x', evicted),
      visitor('d', 'y', evicted),
      visitor('e', 'z', evicted),
    ]
    door.enter(a)
    door.accepted(a)
    for (const one of [b, c, visitor('late', 'x', evicted)]) door.enter(one)
    expect(evicted).toEqual(['b'])
    door.enter(d)
    door.enter(e)
    expect(evicted).toEqual(['b', 'c'])
  })

  it('has an end for all', () => {
    const evicted: string[] = []
    const door = openDoor({ openingPerAddress: 10, opening: 10, all: 2 })
    const [a, b, c] = ['a', 'b', 'c'].map((name) => visitor(name, name, evicted)) as [Visitor, Visitor, Visitor]
    expect([door.enter(a), door.enter(b), door.enter(c)]).toEqual([true, true, false])
    door.leave(a)
    expect([door.count, door.enter(c)]).toEqual([1, true])
  })
})

describe('limited log', () => {
  it('lets warnings through up to a limit, and says how many it left out', () => {
    const lines: string[] = []
    let now = 0
    const log = limitLog((level, text, detail) => lines.push(`${level} ${text} ${JSON.stringify(detail ?? {})}`), {
      now: () => 0,
      monotonic: () => now,
    })
    for (let i = 0; i < 80; i += 1) log('warn', 'w')
    log('error', 'e')
    now = 10_000
    log('warn', 'again')
    expect(lines.slice(49)).toEqual(['warn w {}', 'error e {}', 'warn further warnings were left out {"count":30}', 'warn again {}'])
  })
})
