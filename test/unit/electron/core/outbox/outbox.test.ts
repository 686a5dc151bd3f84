import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startOutbox } from '../../../../../electron/core/outbox/outbox.ts'
import { fleetStore, T0 } from '../../../../harness/fleet.ts'

function put(store: ReturnType<typeof fleetStore>, key: string, text: string): void {
  store.outbox.put({ key, topic: `t/${key}`, payload: Buffer.from(text), qos: 1, retain: true, createdAt: T0 })
}

async function drained(store: ReturnType<typeof fleetStore>): Promise<void> {
  for (let i = 0; i < 400 && store.outbox.waiting() > 0; i += 1) await sleep(10)
}

test('messages go in order, the newest per key, and only after the broker took them', async () => {
  const store = fleetStore()
  const sent: string[] = []
  let isDown = true
  const outbox = startOutbox({
    table: store.outbox,
    log: () => undefined,
    publish: async ({ topic, payload }) => {
      await sleep(1)
      if (isDown) throw new Error('the broker is away')
      sent.push(`${topic}=${Buffer.from(payload).toString()}`)
    },
  })
  put(store, 'a', '1')
  put(store, 'b', '1')
  put(store, 'a', '2')
  outbox.kick()
  await sleep(50)
  expect([sent, store.outbox.waiting()]).toEqual([[], 2])
  isDown = false
  outbox.kick()
  await drained(store)
  expect([sent, store.outbox.waiting()]).toEqual([['t/b=1', 't/a=2'], 0])
  await outbox.stop()
})

test('a message that replaces one in flight is sent after it', async () => {
  const store = fleetStore()
  const sent: string[] = []
  const outbox = startOutbox({
    table: store.outbox,
    log: () => undefined,
    publish: async ({ payload }) => {
      if (sent.length === 0) put(store, 'a', 'newer')
      sent.push(Buffer.from(payload).toString())
      await sleep(1)
    },
  })
  put(store, 'a', 'older')
  outbox.kick()
  await drained(store)
  expect(sent).toEqual(['older', 'newer'])
  await outbox.stop()
})
