import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet'
import { enrolRequestProofText, parseEnrolmentCode, type EnrolResultMessage } from '../../shared/protocol/enrolment.ts'
import { connectPacket, openRaw, type RawConnection } from './raw-mqtt.ts'

/** Where a console under test listens, and its fleet. */
export interface Target {
  port: number
  fleet: string
}

/** A guest connection; `code` is the return code of CONNACK. */
export async function joinAsGuest({ port }: Target, codeId: string, request: string): Promise<{ connection: RawConnection; code: number }> {
  const connection = await openRaw(port)
  connection.send(connectPacket('', '', { clientId: `enrol-${request}`, username: 'enrol', password: Buffer.from(codeId) }))
  const answer = await connection.next()
  if (answer.cmd !== 'connack') throw new Error(`${answer.cmd} came in place of connack`)
  return { connection, code: answer.returnCode ?? 0 }
}

/** Asks to join over a guest connection. @param ask `proof` replaces the right one */
export async function askToJoin(
  { fleet }: Target,
  connection: RawConnection,
  ask: { code: string; request: string; device: string; secret: string; proof?: string },
): Promise<EnrolResultMessage> {
  const { id, secret } = parseEnrolmentCode(ask.code)!
  const { request, device } = ask
  const body = { request, device, codeId: id, secretHash: createHash('sha256').update(ask.secret).digest('hex') }
  const typed = body as Parameters<typeof enrolRequestProofText>[0]
  const proof = ask.proof ?? createHmac('sha256', secret).update(enrolRequestProofText(typed)).digest('hex')
  const topic = `muster/1/${fleet}/enrol/${request}`
  const subscribe: ISubscribePacket = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${topic}/result`, qos: 1 }] }
  connection.send(subscribe)
  connection.send(publishPacket(topic, { v: 1, sentAt: Date.now(), agentVersion: '1', ...body, proof }, 2))
  for (;;) {
    const packet: Packet = await connection.next()
    if (packet.cmd === 'publish') return JSON.parse(packet.payload.toString()) as EnrolResultMessage
  }
}

export function publishPacket(topic: string, payload: unknown, messageId: number, part: Partial<IPublishPacket> = {}): IPublishPacket {
  const bytes = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return { ...{ cmd: 'publish', topic, payload: bytes, qos: 1, retain: false, dup: false, messageId }, ...part }
}

/** Enrols a device with a code and connects as it: credentials that are right, in hands that are not. */
export async function joinAsDevice(target: Target, code: string, device: string): Promise<RawConnection> {
  const secret = randomBytes(24).toString('hex')
  const request = randomBytes(8).toString('hex')
  const guest = await joinAsGuest(target, parseEnrolmentCode(code)!.id, request)
  const answer = await askToJoin(target, guest.connection, { code, request, device, secret })
  if (!answer.ok) throw new Error(`not enrolled: ${answer.error.code}`)
  guest.connection.socket.destroy()
  const connection = await openRaw(target.port)
  connection.send(connectPacket(device, secret))
  const connack = await connection.next()
  if (connack.cmd !== 'connack' || connack.returnCode !== 0) throw new Error(`${device} was not let in`)
  return connection
}
