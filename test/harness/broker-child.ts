import { createHash } from 'node:crypto'
import { createAccess } from '../../electron/core/hub/access.ts'
import { createEmbeddedBroker } from '../../electron/core/hub/embedded.ts'

/** What the parent asks for and hears. */
export type ToBrokerChild = 'usage'
export type FromBrokerChild = { type: 'ready'; url: string } | { type: 'usage'; rssBytes: number; connections: number; messages: number }

// An embedded broker in a process of its own, so that its memory can be measured. It knows the device cam-1.
let messages = 0
const secretHash = createHash('sha256').update('secret-of-cam-1').digest('hex')
const broker = createEmbeddedBroker({
  ...{
    fleet: 'lab',
    host: '127.0.0.1',
    port: 0,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: () => undefined,
  },
  access: createAccess({ fleet: 'lab', devices: [{ device: 'cam-1', secretHash, bundles: [] }], codes: [], mayFetch: () => false }),
  events: {
    onMessage: () => {
      messages += 1
    },
    onDeviceGone: () => undefined,
    onState: () => undefined,
  },
})
const { url } = await broker.start()
const send = (message: FromBrokerChild): void => void process.send?.(message)
process.on('message', () => {
  globalThis.gc?.()
  send({ type: 'usage', rssBytes: process.memoryUsage.rss(), connections: broker.connections, messages })
})
process.on('disconnect', () => process.exit(0))
send({ type: 'ready', url })
