import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { serve } from '../../../../../electron/core/serve/serve.ts'
import { openUploads } from '../../../../../electron/core/serve/uploads.ts'
import { temporaryDirectory, T0 } from '../../../../harness/fleet.ts'
import { accessWithout } from '../../../../harness/people-desk.ts'

const TOKEN = 'a-secret-token'

async function started() {
  const directory = temporaryDirectory()
  const uploads = openUploads(join(directory, 'uploads'), () => T0)
  const calls: unknown[] = []
  const served = await serve({
    host: '127.0.0.1',
    port: 0,
    access: accessWithout(TOKEN),
    uploads,
    log: () => undefined,
    dispatch: async (frame) => {
      calls.push(frame)
      return { id: 1, ok: true, output: 'done' }
    },
  })
  onTestFinished(() => served.stop())
  return { ...served, port: Number(new URL(served.url).port), uploads, calls, directory }
}

function http(
  port: number,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, method: options.method ?? 'GET', path: options.path, headers: options.headers ?? {} },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode!, body }))
      },
    )
    call.on('error', reject)
    call.end(options.body)
  })
}

async function upgrade(port: number, headers: Record<string, string>, path = '/rpc'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ]
  socket.write([...lines, ...Object.entries(headers).map(([key, value]) => `${key}: ${value}`), '', ''].join('\r\n'))
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return data.toString().split('\r\n')[0]!
}

describe('only this machine, and only with the token', () => {
  test('case 51: the Host and Origin of a connection must be the console itself', async () => {
    const { port } = await started()
    const own = { Host: `127.0.0.1:${port}`, Origin: `http://127.0.0.1:${port}` }
    const answers = await Promise.all([
      upgrade(port, own),
      upgrade(port, { ...own, Host: 'evil.test' }),
      upgrade(port, { ...own, Host: `evil.test:${port}` }),
      upgrade(port, { ...own, Origin: 'http://evil.test' }),
      upgrade(port, { ...own, Origin: 'null' }),
      upgrade(port, { Host: own.Host }),
      upgrade(port, own, `/rpc?token=${TOKEN}`),
    ])
    expect(answers.map((line) => line.split(' ')[1])).toEqual(['101', '403', '403', '403', '403', '403', '403'])
  })

  test('a connection speaks only after the right token', async () => {
    const { url, calls } = await started()
    const close = async (first: unknown): Promise<number> => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, { origin: url })
      await once(socket, 'open')
      socket.send(JSON.stringify(first))
      const [code] = (await once(socket, 'close')) as [number]
      return code
    }
    expect(await Promise.all([close({ token: 'wrong' }), close({ id: 1, method: 'system.status', input: {} }), close('x')])).toEqual([
      4401, 4401, 4401,
    ])
    expect(calls).toEqual([])
  })

  test('changes are told to connections with the token, and to no other', async () => {
    const served = await started()
    const trusted = new WebSocket(`${served.url.replace('http', 'ws')}/rpc`, { origin: served.url })
    const stranger = new WebSocket(`${served.url.replace('http', 'ws')}/rpc`, { origin: served.url })
    const heard: string[] = []
    stranger.on('message', (data: Buffer) => heard.push(`stranger ${data.toString()}`))
    await Promise.all([once(trusted, 'open'), once(stranger, 'open')])
    trusted.send(JSON.stringify({ token: TOKEN }))
    await once(trusted, 'message')
    const changed = once(trusted, 'message')
    served.broadcast({ event: 'changed', topics: ['devices'] })
    const [data] = (await changed) as [Buffer]
    expect([JSON.parse(data.toString()), heard]).toEqual([{ event: 'changed', topics: ['devices'] }, []])
    trusted.terminate()
    stranger.terminate()
  })

  test('case 51: plain HTTP from a rebound name is refused', async () => {
    const { port } = await started()
    const answers = await Promise.all([
      http(port, { path: '/' }),
      http(port, { path: '/', headers: { host: 'evil.test' } }),
      http(port, { path: '/fleet.db' }),
    ])
    expect(answers.map((answer) => answer.status)).toEqual([200, 403, 404])
  })
})

describe('uploads', () => {
  const headersOf = (url: string): Record<string, string> => ({ authorization: `Bearer ${TOKEN}`, origin: url })

  test('arrive whole', async () => {
    const { port, url, uploads } = await started()
    const { path, ticket } = uploads.begin('model.onnx', 5)
    expect((await http(port, { method: 'PUT', path, headers: headersOf(url), body: 'hello' })).status).toBe(201)
    const taken = uploads.take(ticket)
    expect([taken.fileName, readFileSync(taken.path, 'utf8')]).toEqual(['model.onnx', 'hello'])
    uploads.discard([ticket])
    expect(existsSync(taken.path)).toBe(false)
  })

  test.each([
    { name: 'without a token', headers: { authorization: '' }, body: 'hello', status: 403 },
    { name: 'with a wrong token', headers: { authorization: 'Bearer x' }, body: 'hello', status: 403 },
    { name: 'from another origin', headers: { origin: 'http://evil.test' }, body: 'hello', status: 403 },
    { name: 'longer than announced', headers: {}, body: 'hello world', status: 413 },
    { name: 'shorter than announced', headers: {}, body: 'hi', status: 400 },
  ])('$name: refused, and no file is left', async ({ headers, body, status }) => {
    const { port, url, uploads } = await started()
    const { path, ticket } = uploads.begin('model.onnx', 5)
    const answer = await http(port, { method: 'PUT', path, headers: { ...headersOf(url), ...headers }, body })
    expect(answer.status).toBe(status)
    expect(() => uploads.take(ticket)).toThrow()
  })

  test('to no ticket: refused', async () => {
    const { port, url } = await started()
    const answer = await http(port, { method: 'PUT', path: `/uploads/${'0'.repeat(32)}`, headers: headersOf(url), body: 'x' })
    expect([answer.status, (JSON.parse(answer.body) as { error: { code: string } }).error.code]).toEqual([400, 'input.invalid'])
  })
})

test('a port in use is said by number', async () => {
  const { port, uploads } = await started()
  const second = serve({
    host: '127.0.0.1',
    port,
    access: accessWithout(TOKEN),
    uploads,
    log: () => undefined,
    dispatch: () => Promise.reject(new Error()),
  })
  await expect(second).rejects.toMatchObject({ code: 'port.in-use', message: expect.stringContaining(String(port)) as string })
})
