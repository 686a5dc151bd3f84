import { describe, expect, it, vi } from 'vitest'
import { startMessageInference, type LocalAnswer } from '../../../../agent/mqtt/inference.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { inferRequestMessage, inferResultMessage, MAX_INFER_BYTES, type InferResultMessage } from '../../../../shared/protocol/infer.ts'

const T0 = Date.UTC(2026, 0, 1)

function start(infer: (deployment: string, request: unknown) => Promise<LocalAnswer>, most?: number) {
  const sent: InferResultMessage[] = []
  const time = { now: T0, monotonic: 0 }
  const inference = startMessageInference({
    ...{ device: 'cam-1', log: () => undefined, infer, ...(most === undefined ? {} : { most }) },
    clock: { now: () => time.now, monotonic: () => time.monotonic },
    publish: (_deployment, json) => {
      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_INFER_BYTES)
      sent.push(inferResultMessage.parse(JSON.parse(json)))
      return Promise.resolve()
    },
  })
  const take = (change: object = {}): void =>
    inference.take(
      'reader',
      inferRequestMessage.parse({ v: 1, sentAt: T0, id: 'q', expiresAt: T0 + 1000, request: { inputs: [] }, ...change }),
    )
  return { take, sent, time }
}

const fine: LocalAnswer = { status: 200, body: { outputs: [] } }
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('an inference as a message', () => {
  it('is answered under its id', async () => {
    const seen: unknown[] = []
    const { take, sent } = start((deployment, request) => {
      seen.push([deployment, request])
      return Promise.resolve(fine)
    })
    take()
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    expect(seen).toEqual([['reader', { inputs: [] }]])
    expect(sent[0]).toEqual({ v: 1, sentAt: T0, device: 'cam-1', deployment: 'reader', id: 'q', status: 200, response: { outputs: [] } })
  })

  it.each([
    {
      name: 'what fails, with its code',
      infer: () => Promise.reject(new Problem('runtime.not-ready', 'Not yet.')),
      status: 503,
      code: 'runtime.not-ready',
    },
    {
      name: 'an answer that no message holds',
      infer: () => Promise.resolve({ status: 200, body: { data: 'x'.repeat(300_000) } }),
      status: 413,
      code: 'input.too-large',
    },
  ])('says $name', async ({ infer, status, code }) => {
    const { take, sent } = start(infer)
    take()
    await vi.waitFor(() => expect(sent).toMatchObject([{ id: 'q', status, response: { code } }]))
  })

  it.each([
    { name: 'ended before it was sent', change: { expiresAt: T0 }, shift: 0 },
    { name: 'lay somewhere for long', change: {}, shift: 700_000 },
  ])('is dropped if its time $name', async ({ change, shift }) => {
    const infer = vi.fn(() => Promise.resolve(fine))
    const { take, sent, time } = start(infer)
    time.now += shift
    take(change)
    await settled()
    expect([infer.mock.calls.length, sent.length]).toEqual([0, 0])
  })

  it('is answered also where the clock of the device is minutes ahead, or was never set', async () => {
    const { take, sent, time } = start(() => Promise.resolve(fine))
    for (const now of [T0 + 300_000, 1000]) {
      time.now = now
      take()
    }
    await vi.waitFor(() => expect(sent).toHaveLength(2))
  })

  it('is not answered when nobody waits any more', async () => {
    const { take, sent, time } = start(async () => {
      time.monotonic += 1001
      return fine
    })
    take()
    await settled()
    expect(sent).toEqual([])
  })

  it('is refused while too many are at work, and taken again afterwards', async () => {
    const ends: (() => void)[] = []
    const { take, sent } = start(() => new Promise((resolve) => ends.push(() => resolve(fine))), 2)
    for (const id of ['a', 'b', 'c']) take({ id })
    await vi.waitFor(() => expect(sent).toMatchObject([{ id: 'c', status: 503, response: { code: 'inference.overloaded' } }]))
    ends.forEach((end) => end())
    await vi.waitFor(() => expect(sent).toHaveLength(3))
    take({ id: 'd' })
    ends.at(-1)!()
    await vi.waitFor(() => expect(sent.map(({ id }) => id)).toEqual(['c', 'a', 'b', 'd']))
  })
})
