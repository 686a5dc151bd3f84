import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { otlpUrlProblem, postOtlp } from '../../../../../electron/core/metrics/otlp-post.ts'

/** A receiver on loopback that answers as a test wants. */
async function receiver(answer: { status: number; body?: string; headers?: Record<string, string> }) {
  const got: { path: string | undefined; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      got.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts).toString() })
      response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? '')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const to = (url: string, allowsPrivate = true) => ({ url, header: 'Authorization', secret: 'Bearer s3cret', allowsPrivate })

test('a request goes to the path of its signal, as JSON, with the secret in its header', async () => {
  const { got, url } = await receiver({ status: 200, body: '{"partialSuccess":{}}' })
  expect(await postOtlp(to(`${url}/base/`), 'logs', '{"resourceLogs":[]}')).toEqual({ kind: 'taken', rejected: 0 })
  expect(got).toMatchObject([
    { path: '/base/v1/logs', headers: { 'content-type': 'application/json', authorization: 'Bearer s3cret' }, body: '{"resourceLogs":[]}' },
  ])
})

test.each([
  [
    { status: 200, body: '' },
    { kind: 'taken', rejected: 0 },
  ],
  [
    { status: 200, body: '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"x"}}' },
    { kind: 'taken', rejected: 3 },
  ],
  [
    { status: 200, body: '{"partialSuccess":null}' },
    { kind: 'taken', rejected: 0 },
  ],
  [
    { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":-4}}' },
    { kind: 'taken', rejected: 0 },
  ],
  [
    { status: 503, headers: { 'retry-after': '7' } },
    { kind: 'later', message: 'The receiver answered 503.', retryAfterMs: 7000 },
  ],
  [{ status: 401 }, { kind: 'later', message: 'The receiver answered 401.' }],
  [{ status: 400 }, { kind: 'never', message: 'The receiver answered 400.' }],
  [{ status: 413 }, { kind: 'never', message: 'The receiver answered 413.' }],
])('%j is %j', async (answer, outcome) => {
  const { url } = await receiver(answer)
  expect(await postOtlp(to(url), 'metrics', '{}')).toEqual(outcome)
})

test('a private address gets nothing unless a person allows it', async () => {
  const { got, url } = await receiver({ status: 200 })
  expect(await postOtlp(to(url, false), 'metrics', '{}')).toMatchObject({
    kind: 'later',
    message: expect.stringContaining('not a public address'),
  })
  expect(got).toEqual([])
})

test.each([
  ['https://collector.example:4318', null],
  ['http://collector.example/base', null],
  ['collector', 'is no address'],
  ['ftp://collector.example', 'no way to post'],
  ['https://anna:pw@collector.example', 'user name or password'],
  ['https://collector.example/?token=x', 'neither ? nor #'],
])('the address %s: %s', (url, problem) => {
  if (problem === null) expect(otlpUrlProblem(url)).toBeNull()
  else expect(otlpUrlProblem(url)).toContain(problem)
})
