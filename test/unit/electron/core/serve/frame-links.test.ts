import { beforeEach, expect, test } from 'vitest'
import { openFrameLinks, type FrameLink, type FrameLinks } from '../../../../../electron/core/serve/frame-links.ts'
import type { AnswerFrame } from '../../../../../shared/rpc/frames.ts'

/** A link whose other end is the test. */
class TestLink implements FrameLink {
  readonly heard: unknown[] = []
  isClosed = false
  #frame: (frame: unknown) => void = () => undefined
  #close: () => void = () => undefined
  send(frame: unknown): void {
    if (this.isClosed) throw new Error('a frame was sent on a closed link')
    this.heard.push(frame)
  }
  onFrame(handler: (frame: unknown) => void): void {
    this.#frame = handler
  }
  onClose(handler: () => void): void {
    this.#close = handler
  }
  close(): void {
    this.isClosed = true
  }
  say(frame: unknown): void {
    this.#frame(frame)
  }
  leave(): void {
    this.#close()
  }
}

const caller = { actor: 'desktop', role: 'admin' } as const
const welcome = { event: 'welcome', by: 'console' }
let links: FrameLinks
let asked: { frame: unknown; caller: unknown; answer(): void }[]

beforeEach(() => {
  asked = []
  links = openFrameLinks({
    dispatch: (frame, from) =>
      new Promise<AnswerFrame>((resolve) => {
        asked.push({ frame, caller: from, answer: () => resolve({ id: (frame as { id: number }).id, ok: true, output: null }) })
      }),
    log: () => undefined,
  })
})

function connected(): TestLink {
  const link = new TestLink()
  links.connect(link, caller)
  return link
}

test('a caller is welcomed, answered and told what changed; another one hears nothing of its answers', async () => {
  const [one, other] = [connected(), connected()]
  one.say({ id: 1, method: 'a' })
  expect(asked).toMatchObject([{ frame: { id: 1, method: 'a' }, caller }])
  asked[0]!.answer()
  await Promise.resolve()
  await Promise.resolve()
  links.broadcast({ event: 'changed', topics: ['devices'] })
  expect(one.heard).toEqual([welcome, { id: 1, ok: true, output: null }, { event: 'changed', topics: ['devices'] }])
  expect(other.heard).toEqual([welcome, { event: 'changed', topics: ['devices'] }])
})

test('64 calls run at a time; more wait for their turn', async () => {
  const link = connected()
  for (let id = 1; id <= 100; id += 1) link.say({ id })
  expect(asked).toHaveLength(64)
  asked[0]!.answer()
  await new Promise(setImmediate)
  expect(asked).toHaveLength(65)
  expect(asked.at(-1)!.frame).toEqual({ id: 65 })
})

test('a caller that floods is cut off, and hears and asks nothing more', async () => {
  const [flooding, calm] = [connected(), connected()]
  for (let id = 1; id <= 5000; id += 1) flooding.say({ id })
  expect([flooding.isClosed, asked.length]).toEqual([true, 64])
  for (const { answer } of asked) answer()
  links.broadcast({ event: 'changed', topics: ['jobs'] })
  await new Promise(setImmediate)
  expect(asked).toHaveLength(64)
  expect(flooding.heard).toEqual([welcome])
  expect(calm.heard).toEqual([welcome, { event: 'changed', topics: ['jobs'] }])
})

test('answers for a caller that has left go nowhere', async () => {
  const link = connected()
  link.say({ id: 1 })
  link.leave()
  asked[0]!.answer()
  await new Promise(setImmediate)
  links.broadcast({ event: 'changed', topics: ['jobs'] })
  expect(link.heard).toEqual([welcome])
})

test('stop closes every link', () => {
  const both = [connected(), connected()]
  links.stop()
  expect(both.map(({ isClosed }) => isClosed)).toEqual([true, true])
  both[0]!.say({ id: 1 })
  expect(asked).toEqual([])
})
