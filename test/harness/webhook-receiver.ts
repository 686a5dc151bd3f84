import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What came in a request, with whether its signature is that of the key (Standard Webhooks). */
export interface ReceivedHook {
  id: string
  isSigned: boolean
  event: { id: string; type: string; data: { kind: string; title: string; alerts: { rule: string; sentence: string }[] } }
}

/** A receiver of webhooks that a test can make fail: `refuse` answers 503, `hang` takes the notice and never answers. */
export interface WebhookReceiver {
  url: string
  received: ReceivedHook[]
  /** Requests that were refused. */
  refused: number
  mode: 'take' | 'refuse' | 'hang'
}

/** @param key as it is given to the channel: the bytes of the key are its text */
export async function startWebhookReceiver(key: string): Promise<WebhookReceiver> {
  const hanging = new Set<ServerResponse>()
  const state: WebhookReceiver = { url: '', received: [], refused: 0, mode: 'take' }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (state.mode === 'refuse') {
        state.refused += 1
        response.writeHead(503).end()
        return
      }
      const body = Buffer.concat(parts).toString('utf8')
      const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => String(request.headers[`webhook-${name}`] ?? ''))
      const wanted = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
      const isSigned = signature!.length === wanted.length && timingSafeEqual(Buffer.from(signature!), Buffer.from(wanted))
      state.received.push({ id: id!, isSigned, event: JSON.parse(body) as ReceivedHook['event'] })
      if (state.mode === 'hang') hanging.add(response)
      else response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const response of hanging) response.destroy()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return state
}
