import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { servingRules } from '../../../../shared/protocol/assignment.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { call, inferBody, startTestedGenerations, until, type TestedGenerations } from '../../../harness/local-api.ts'
import { madeDeployment } from '../../../harness/made-models.ts'
import { sampleDeployment, samples, sampleRows } from '../../../harness/manifest.ts'
import { loopByInput } from '../../../harness/onnx/greedy-runs.ts'

let tested: TestedGenerations
afterEach(() => tested.stop())

/** Turns squared: minutes of work, and some tens of milliseconds. */
const ENDLESS = 3e7
const SLOW = 300
const row = (turns: number): number[] => [turns, 0, 0, 0]
const infer = (turns: number, agent?: Agent, model = 'turner') =>
  call(`${tested.url}/v2/models/${model}/infer`, { body: inferBody('x', [row(turns)]), ...(agent === undefined ? {} : { agent }) })
/** So many open connections: what is sent on them at once is also read at once. */
async function warmed(connections: number): Promise<Agent> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  await Promise.all(Array.from({ length: connections }, () => call(`${tested.url}/v2/health/live`, { agent })))
  return agent
}
const rules = (parts: object) => ({ serving: servingRules.parse(parts) })

/** Sends bytes on a connection of their own and collects what comes until it is closed. */
function rawCall(bytes: string): { socket: Socket; answer: Promise<string> } {
  let text = ''
  const socket = connect(tested.generations.address.port, '127.0.0.1', () => socket.write(bytes))
  const answer = new Promise<string>((resolve) => {
    socket.setEncoding('utf8').on('data', (part: string) => (text += part))
    socket.on('error', () => undefined).on('close', () => resolve(text))
  })
  return { socket, answer }
}

describe('a model that does not end', () => {
  test('case 18: everybody who waits is answered by the deadline, and the set serves again', async () => {
    tested = await startTestedGenerations()
    await tested.serve([
      madeDeployment('turner', loopByInput(), temporaryDirectory(), rules({ deadlineMs: 1500 })),
      { ...sampleDeployment('reader', samples.digits110), ...rules({ deadlineMs: 700 }) },
    ])
    expect(await infer(2)).toMatchObject({ status: 200, body: { outputs: [{ data: row(2) }] } })
    const idle = rawCall('GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => idle.socket.bytesRead > 0, 'an answer on the connection that stays open')

    const startedAt = performance.now()
    const endless = infer(ENDLESS)
    // Both come while the thread is not blocked yet, or wait in the buffers of the system.
    const digit = call(`${tested.url}/v2/models/reader/infer`, {
      body: inferBody('pixels', [sampleRows('digits/holdout.csv', 1)[0]!.slice(0, 64)]),
    })
    idle.socket.write('GET /v2/health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const [stuck, waited, behind] = await Promise.all([endless, digit.catch(() => null), idle.answer])
    const tookMs = performance.now() - startedAt

    expect(stuck).toMatchObject({ status: 504, headers: { connection: 'close' }, body: { code: 'inference.deadline-exceeded' } })
    expect(tookMs).toBeGreaterThan(1400)
    // It was answered before the run began, by its own deadline, or with the end of the process.
    expect([200, 503, 504]).toContain(waited?.status)
    expect(behind).toMatch(/ 200 OK.*(?: 200 OK| 503 Service Unavailable).*/s)
    await until(() => tested.crashes.length > 0, 'the crash is told')
    expect(tested.crashes[0]).toMatchObject({
      serving: true,
      reason: expect.stringContaining('turner 1.0.0 did not end within its deadline'),
    })
    await until(async () => (await infer(2).catch(() => null))?.status === 200, 'the set serves again')
  })

  test('the first inference of all is watched too', async () => {
    tested = await startTestedGenerations()
    await tested.serve([madeDeployment('turner', loopByInput(), temporaryDirectory(), rules({ deadlineMs: 800 }))])
    expect(await infer(ENDLESS)).toMatchObject({ status: 504, body: { code: 'inference.deadline-exceeded' } })
    await until(async () => (await infer(2).catch(() => null))?.status === 200, 'the set serves again')
  })
})

test('a request that only waits behind others is answered by its own deadline, and nothing is stopped', async () => {
  tested = await startTestedGenerations()
  const folder = temporaryDirectory()
  await tested.serve([
    madeDeployment('turner', loopByInput(), folder, rules({ deadlineMs: 60_000 })),
    madeDeployment('hasty', loopByInput(), folder, rules({ deadlineMs: 20 })),
  ])
  const agent = await warmed(18)
  const hasty = () => infer(1, agent, 'hasty')
  expect((await hasty()).status).toBe(200)
  // Enough turns for longer than 30 ms on any machine, many times in a row: each makes the loop turn in between.
  const slow = Array.from({ length: 12 }, () => infer(SLOW, agent))
  const waited = await Promise.all(Array.from({ length: 6 }, hasty))
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual(slow.map(() => 200))
  expect(waited.map(({ status }) => status)).toContain(504)
  for (const { status, body } of waited) if (status !== 200) expect([status, body.code]).toEqual([504, 'inference.deadline-exceeded'])
  expect(tested.crashes).toEqual([])
  agent.destroy()
})

test('more than the queue takes is refused as overloaded', async () => {
  tested = await startTestedGenerations()
  await tested.serve([madeDeployment('turner', loopByInput(), temporaryDirectory(), rules({ deadlineMs: 60_000, queueRequests: 1 }))])
  const agent = await warmed(12)
  const answers = await Promise.all(Array.from({ length: 12 }, () => infer(SLOW, agent)))
  agent.destroy()
  const codes = answers.map(({ status, body }) => (status === 200 ? 'ok' : String(body.code)))
  expect(codes).toContain('ok')
  expect(codes).toContain('inference.overloaded')
  expect(new Set(codes).size).toBe(2)
})
