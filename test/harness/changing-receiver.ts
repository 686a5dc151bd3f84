import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { WebhookForward } from '../../shared/domain/forward.ts'
import { until } from '../../build/demo/child.ts'
import type { openForwardDesk } from './forward-desk.ts'

/** What a test of webhooks works with. */
export type Desk = ReturnType<typeof openForwardDesk>

/** Settings of a webhook in a private network. */
export const hookOf = (url: string, change: Partial<WebhookForward> = {}): WebhookForward => ({
  ...{ kind: 'webhook', name: 'Plant system', url, secret: 'key', allowsPrivate: true, events: ['model'], persons: false },
  ...change,
})

/** A receiver that answers as it is told at the moment. */
export async function changingReceiver() {
  const posts: { headers: IncomingHttpHeaders; event: { id: string; type: string; data: Record<string, unknown> } }[] = []
  const state = { posts, url: '', answer: (response: ServerResponse): void => void response.writeHead(204).end() }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      posts.push({ headers: request.headers, event: JSON.parse(body) as (typeof posts)[number]['event'] })
      state.answer(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return state
}

/** An entry of the audit log. @returns its number */
export function note({ store, clock }: Desk, action: string, detail: object = {}): number {
  return store.transact(() => store.audit.append({ at: clock.at, actor: 'session:kim', action, detail, devices: ['cam-1'] }))
}

/** What became of its events, the oldest first. */
export const statesOf = async (desk: Desk, forward: string) =>
  (await desk.call('forward.events', { forward })).events.map(({ state }) => state).reverse()

/** Resolves when its events are these. */
export async function settled(desk: Desk, forward: string, states: string[]): Promise<void> {
  await until(
    `events that are ${states.join(', ')}`,
    18,
    async () => JSON.stringify(await statesOf(desk, forward)) === JSON.stringify(states),
  )
}
