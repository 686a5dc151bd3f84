import type { Connection } from './connection.ts'

/** The same connection, telling the payload bytes of every message that came, and of every one that the broker took. */
export function metered(connection: Connection, traffic: (direction: 'in' | 'out', topic: string, bytes: number) => void): Connection {
  connection.onMessage((topic, payload) => traffic('in', topic, payload.length))
  return {
    get connected() {
      return connection.connected
    },
    get state() {
      return connection.state
    },
    async publish(topic, payload, options) {
      await connection.publish(topic, payload, options)
      traffic('out', topic, Buffer.byteLength(payload))
    },
    subscribe: (filter) => connection.subscribe(filter),
    unsubscribe: (filter) => connection.unsubscribe(filter),
    onMessage: (handler) => connection.onMessage(handler),
    onState: (handler) => connection.onState(handler),
    stop: (farewell) => connection.stop(farewell),
    redial: () => connection.redial(),
  }
}
