import mqtt from 'mqtt'
import type { MqttClient } from 'mqtt'
import { topicOf } from '../../../shared/protocol/topics.ts'
import { lightSecret, LIGHT_FLEET } from './fill-light-fleet.ts'
import type { LightDevice } from './light-device.ts'

const TICK_MS = 100

/** Connects a light device to a real broker, as an agent does: last will, presence, its own order, reports. */
export class LightLink {
  readonly device: LightDevice
  readonly #port: number
  #client: MqttClient | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(device: LightDevice, port: number) {
    this.device = device
    this.#port = port
  }

  get isConnected(): boolean {
    return this.#client?.connected === true
  }

  /** Connects, and comes back by itself when the broker was away. */
  connect(): void {
    if (this.#client !== null) return
    const { device } = this.device
    const own = { device }
    const presence = (status: 'online' | 'offline'): string =>
      JSON.stringify({ v: 1, sentAt: Date.now(), device, status, boot: this.device.boot, agentVersion: '0.1.0' })
    const client = mqtt.connect(`mqtt://127.0.0.1:${this.#port}`, {
      ...{ clientId: device, username: device, password: lightSecret(device), protocolVersion: 4, clean: true },
      ...{ keepalive: 60, reconnectPeriod: 500, connectTimeout: 20_000, queueQoSZero: false },
      will: { topic: topicOf(LIGHT_FLEET, 'presence', own), payload: Buffer.from(presence('offline')), qos: 1, retain: true },
    })
    this.#client = client
    client.on('error', () => undefined)
    client.on('message', (_topic, payload) => {
      if (payload.length > 0) this.device.order(payload.toString(), Date.now())
      this.#say()
    })
    client.on('connect', () => {
      client.subscribe(topicOf(LIGHT_FLEET, 'desired', own), { qos: 1 }, () => {
        client.publish(topicOf(LIGHT_FLEET, 'presence', own), presence('online'), { qos: 1, retain: true })
        this.#say(true)
      })
    })
    this.#timer = setInterval(() => {
      this.device.tick(Date.now())
      this.#say()
    }, TICK_MS)
  }

  #say(isAnyway = false): void {
    const client = this.#client
    if (client?.connected !== true) return
    const report = this.device.report(Date.now(), isAnyway)
    if (report !== null) client.publish(topicOf(LIGHT_FLEET, 'reported', { device: report.device }), JSON.stringify(report), { qos: 1 })
  }

  /** The link is cut, without a word: the broker says it for the device. */
  cut(): void {
    this.#client?.stream.destroy()
    void this.#client?.endAsync(true).catch(() => undefined)
    this.#client = null
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
