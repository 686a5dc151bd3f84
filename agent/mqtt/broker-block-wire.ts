import { sharedBlockFilter, topicOf, topics } from '../../shared/protocol/topics.ts'
import type { BlockWire } from '../artifact/block-wire.ts'
import type { Connection } from './connection.ts'

/** The transfer of artifacts over the broker; `deliver` is called by the inbox with every block. */
export interface BrokerBlockWire extends BlockWire {
  deliver(artifact: string, block: number, payload: Uint8Array): void
}

/** Makes the wire of a device over its connection. */
export function createBrokerBlockWire(options: { fleet: string; device: string; connection: Connection }): BrokerBlockWire {
  const { fleet, device, connection } = options
  const handlers = new Set<(artifact: string, block: number, payload: Uint8Array) => void>()
  return {
    get connected() {
      return connection.connected
    },
    want: (message) => connection.publish(topicOf(fleet, 'blockWant', { device }), JSON.stringify(message), topics.blockWant),
    subscribe: (artifact) => connection.subscribe(sharedBlockFilter(fleet, artifact)),
    unsubscribe: (artifact) => connection.unsubscribe(sharedBlockFilter(fleet, artifact)),
    onBlock(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    onConnected: (handler) =>
      connection.onState((connected) => {
        if (connected) handler()
      }),
    deliver(artifact, block, payload) {
      for (const handler of handlers) handler(artifact, block, payload)
    },
  }
}
