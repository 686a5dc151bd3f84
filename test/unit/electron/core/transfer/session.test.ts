import { expect, test } from 'vitest'
import { GATHER_MS, LINGER_MS, Session } from '../../../../../electron/core/transfer/session.ts'
import { BlockSet } from '../../../../../shared/protocol/bitmap.ts'

const BLOCKS = 40

function missing(...blocks: number[]): BlockSet {
  const set = BlockSet.none(BLOCKS)
  blocks.forEach((block) => set.add(block))
  return set
}
const ask = (set: BlockSet, round = 'r1', window = 8) => ({ round, window, missing: set })
const except = (...have: number[]): BlockSet => {
  const set = BlockSet.all(BLOCKS)
  have.forEach((block) => set.delete(block))
  return set
}

/** Takes steps until the session waits: blocks, with `*` for shared ones. */
function drain(session: Session, now: number): string[] {
  const sent: string[] = []
  for (let step = session.next(now, true); step.do === 'send'; step = session.next(now, true)) {
    sent.push(step.shared ? `${step.block}*` : `${step.block}>${step.devices.join('+')}`)
  }
  return sent
}

const run = (from: number, to: number, suffix: string): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}${suffix}`)

test('one device is served at once, up to its window', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(BlockSet.all(BLOCKS)), 0)
  expect(drain(session, 0)).toEqual(run(0, 8, '>a'))
  session.ask('a', ask(except(0, 1, 2)), 10)
  expect(drain(session, 10)).toEqual(run(8, 11, '>a'))
})

test('the first requests are gathered until all have asked, or for a bounded time', () => {
  const session = new Session(BLOCKS, 2, 0)
  session.ask('a', ask(BlockSet.all(BLOCKS)), 0)
  expect(session.next(1, true)).toEqual({ do: 'wait', until: GATHER_MS })
  session.ask('b', ask(BlockSet.all(BLOCKS)), 600)
  expect(drain(session, 600)).toEqual(run(0, 8, '*'))

  const alone = new Session(BLOCKS, 2, 0)
  alone.ask('a', ask(missing(3)), 0)
  expect(drain(alone, GATHER_MS - 1)).toEqual([])
  // The other device is subscribed already, perhaps: what goes out is shared.
  expect(drain(alone, GATHER_MS)).toEqual(['3*'])
})

test('the slowest device that still moves sets the pace; a stalled one does not', () => {
  const session = new Session(BLOCKS, 2, 0)
  session.ask('a', ask(BlockSet.all(BLOCKS)), 0)
  session.ask('b', ask(BlockSet.all(BLOCKS)), 0)
  expect(drain(session, 0)).toHaveLength(8)
  session.ask('a', ask(except(0, 1, 2, 3, 4, 5, 6, 7)), 100)
  expect(drain(session, 100)).toEqual([])
  expect(session.next(100, true)).toEqual({ do: 'wait', until: 3_000 })
  expect(drain(session, 3_000)).toEqual(run(8, 16, '*'))
})

test('a late device joins at the cursor, and late ones share one pass over what they missed', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(BlockSet.all(BLOCKS), 'r', 20), 0)
  expect(drain(session, 0)).toHaveLength(20)
  session.ask('b', ask(BlockSet.all(BLOCKS), 'r', 40), 1)
  session.ask('c', ask(BlockSet.all(BLOCKS), 'r', 40), 1)
  session.ask('a', ask(except(...Array.from({ length: 20 }, (_, i) => i)), 'r', 40), 2)
  expect(drain(session, 2)).toEqual([...run(20, 40, '*'), ...run(0, 20, '*')])
})

test('what is in flight in a round is not sent again until it timed out', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(missing(1, 2, 3)), 0)
  expect(drain(session, 0)).toEqual(['1>a', '2>a', '3>a'])
  session.ask('a', ask(missing(1, 2, 3)), 2_000)
  session.ask('a', ask(missing(2, 3)), 6_000)
  expect(drain(session, 15_999)).toEqual([])
  expect(drain(session, 16_000 + 2_000)).toEqual(['2>a', '3>a'])
})

test('a new round makes everything due at once, and a late copy of the old one changes nothing', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(missing(1, 2, 3), 'r1'), 0)
  drain(session, 0)
  session.ask('a', ask(missing(2, 3), 'r2'), 50)
  session.ask('a', ask(missing(1, 2, 3), 'r1'), 60)
  expect(drain(session, 60)).toEqual(['2>a', '3>a'])
})

test('a block is lost when much later ones have arrived', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(BlockSet.all(BLOCKS), 'r', 30), 0)
  drain(session, 0)
  session.ask('a', ask(except(...Array.from({ length: 20 }, (_, i) => i).filter((block) => block !== 2 && block !== 19), 19), 'r', 30), 100)
  // Block 2 went 17 before block 19, so it comes again, in its turn.
  expect(drain(session, 100)).toEqual([...run(30, 40, '>a'), '2>a'])
})

test('losses halve what is sent at once, arrivals give it back', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(BlockSet.all(BLOCKS), 'r', 16), 0)
  expect(drain(session, 0)).toHaveLength(16)
  session.ask('a', ask(BlockSet.all(BLOCKS), 'r', 16), 9_000)
  expect(drain(session, 10_000)).toHaveLength(8)
  expect(drain(session, 29_999)).toHaveLength(0)
  expect(drain(session, 30_000)).toHaveLength(4)
})

test('when sharing is not allowed each moving device gets the block of its own', () => {
  const session = new Session(BLOCKS, 2, 0)
  session.ask('a', ask(missing(5)), 0)
  session.ask('b', ask(missing(5)), 0)
  expect(session.next(0, false)).toEqual({ do: 'send', block: 5, devices: ['a', 'b'], shared: false })
})

test('it is over when nobody misses anything, and waits a while for those who lost the connection', () => {
  const session = new Session(BLOCKS, 2, 0)
  session.ask('a', ask(missing(1)), 0)
  session.ask('b', ask(missing(1)), 0)
  drain(session, 0)
  session.leave('b', 100)
  session.ask('a', ask(missing()), 200)
  expect(session.devices()).toEqual([
    { device: 'b', missingBlocks: 1, done: false },
    { device: 'a', missingBlocks: 0, done: true },
  ])
  expect([session.isOver(200), session.isOver(200 + LINGER_MS - 1), session.isOver(200 + LINGER_MS)]).toEqual([false, false, true])
  session.ask('b', ask(missing(), 'r2'), 300)
  expect(session.isOver(300)).toBe(true)
})

test('a device that is cut faster than the others are waited for is served all the same', () => {
  const session = new Session(BLOCKS, 5, 0)
  const sent: string[] = []
  for (let now = 0; now < 5_000; now += 800) {
    session.ask('a', ask(missing(7), `r${now}`), now)
    for (let at = now; at < now + 500; at += 100) sent.push(...drain(session, at))
    session.leave('a', now + 500)
  }
  expect(sent).toContain('7*')
})

test('a device that says nothing any more is let go', () => {
  const session = new Session(BLOCKS, 1, 0)
  session.ask('a', ask(missing(1)), 0)
  let now = 0
  for (let step = session.next(now, true); now < 1_000_000; step = session.next(now, true)) {
    if (step.do === 'wait') {
      if (step.until === null || session.isOver(now)) break
      expect(step.until).toBeGreaterThan(now)
      now = step.until
    }
  }
  expect(session.isOver(now)).toBe(true)
  expect(now).toBe(150_000 + LINGER_MS)
})
