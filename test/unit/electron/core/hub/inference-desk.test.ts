import { describe, expect, it, vi } from 'vitest'
import { openInferenceDesk } from '../../../../../electron/core/hub/inference-desk.ts'
import type { InferRequestMessage } from '../../../../../shared/protocol/infer.ts'

const T0 = Date.UTC(2026, 0, 1)

function openDesk(options: { online?: string[]; fails?: boolean } = {}) {
  const asked: { topic: string; message: InferRequestMessage }[] = []
  const answers: [number, unknown][] = []
  const desk = openInferenceDesk({
    ...{ fleet: 'lab', clock: { now: () => T0, monotonic: () => 0 }, log: () => undefined },
    isOnline: (device) => (options.online ?? ['cam-1', 'cam-2']).includes(device),
    publish: (topic, payload) => {
      asked.push({ topic, message: JSON.parse(Buffer.from(payload).toString()) as InferRequestMessage })
      return options.fails === true ? Promise.reject(new Error('gone')) : Promise.resolve()
    },
    answer: (id, answer) => answers.push([id, answer]),
  })
  const reply = (from: { device: string; deployment: string }, change: object = {}): void => {
    const result = { v: 1, sentAt: T0, ...from, id: asked[0]!.message.id, status: 200, response: { outputs: [] }, ...change }
    desk.result(from, Buffer.from(JSON.stringify(result)))
  }
  return { desk, asked, answers, reply }
}

const ask = { device: 'cam-1', deployment: 'reader', request: { inputs: [] }, timeoutMs: 1000 }
const reader = { device: 'cam-1', deployment: 'reader' }

describe('a question to a device', () => {
  it('is published with its end, and the first answer with its id counts', () => {
    const { desk, asked, answers, reply } = openDesk()
    desk.ask(7, ask)
    expect(asked).toEqual([
      {
        topic: 'muster/1/lab/device/cam-1/infer/reader',
        message: { v: 1, sentAt: T0, id: expect.any(String), expiresAt: T0 + 1000, request: { inputs: [] } },
      },
    ])
    reply(reader)
    reply(reader, { status: 500 })
    expect(answers).toEqual([[7, { status: 200, response: { outputs: [] } }]])
  })

  it.each([
    { name: 'of another device', from: { device: 'cam-2', deployment: 'reader' }, change: {} },
    { name: 'in the name of another device', from: reader, change: { device: 'cam-2' } },
    { name: 'of another deployment', from: { device: 'cam-1', deployment: 'other' }, change: {} },
    { name: 'with another id', from: reader, change: { id: 'guess' } },
    { name: 'that is no result', from: reader, change: { status: 'fine' } },
  ])('is not answered by a message $name', ({ from, change }) => {
    const { desk, answers, reply } = openDesk()
    desk.ask(1, ask)
    reply(from, change)
    expect(answers).toEqual([])
    desk.stop()
    expect(answers).toEqual([[1, expect.objectContaining({ code: 'cancelled' })]])
  })

  it.each([
    { name: 'the device is away', options: { online: [] }, ask, code: 'agent.unreachable' },
    { name: 'the broker does not take it', options: { fails: true }, ask, code: 'internal' },
    { name: 'it is too large', options: {}, ask: { ...ask, request: { inputs: 'x'.repeat(300_000) } }, code: 'input.too-large' },
  ])('fails at once if $name', async ({ options, ask: asked, code }) => {
    const { desk, answers } = openDesk(options)
    desk.ask(3, asked)
    await vi.waitFor(() => expect(answers).toEqual([[3, expect.objectContaining({ code })]]))
  })

  it('fails when its time is over, and the ones beyond the bound at once', async () => {
    const { desk, answers } = openDesk()
    for (let id = 0; id <= 256; id += 1) desk.ask(id, { ...ask, timeoutMs: 30 })
    await vi.waitFor(() => expect(answers).toHaveLength(257))
    expect(answers[0]).toEqual([256, expect.objectContaining({ code: 'inference.overloaded' })])
    expect(answers[1]).toEqual([0, expect.objectContaining({ code: 'agent.unreachable', message: 'cam-1 did not answer within 0.03 s.' })])
  })
})
