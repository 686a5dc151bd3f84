import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet'

/** A TCP connection that speaks MQTT packet by packet, so that tests can send what no client library would. */
export interface RawConnection {
  socket: Socket
  /** Packets that came, oldest first. */
  received: Packet[]
  send(packet: Packet): void
  write(bytes: Uint8Array): void
  /** Resolves with the next packet that is not taken yet; rejects when the connection ends first. */
  next(): Promise<Packet>
  /** Resolves when the connection is over, however it ended. */
  closed: Promise<void>
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  const received: Packet[] = []
  const reading = parser({ protocolVersion: 4 })
  let taken = 0
  let wake: (() => void) | null = null
  reading.on('packet', (packet: Packet) => {
    received.push(packet)
    wake?.()
  })
  socket.on('data', (chunk) => void reading.parse(chunk))
  void closed.then(() => wake?.())
  return {
    socket,
    received,
    send: (packet) => void socket.write(generate(packet)),
    write: (bytes) => void socket.write(bytes),
    async next() {
      while (received.length === taken) {
        if (socket.destroyed) throw new Error('the connection ended')
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      taken += 1
      return received[taken - 1]!
    },
    closed,
  }
}

/** A CONNECT of a device that is in order; parts of it can be replaced. */
export function connectPacket(device: string, secret: string, part: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60 },
    ...{ clientId: device, username: device, password: Buffer.from(secret) },
    ...part,
  }
}
