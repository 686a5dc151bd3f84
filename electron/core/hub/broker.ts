import type { ProblemReport } from '../../../shared/domain/problem.ts'
import type { HubTls } from './messages.ts'
import type { Refused } from './refusals.ts'

/** How a message is handed on: at most once or at least once; retained ones replace the last of their topic. */
export interface PublishOptions {
  qos: 0 | 1
  retain: boolean
}

/** What a broker tells the hub. No handler may throw. */
export interface BrokerEvents {
  /** A message on one of `consoleFilters`. */
  onMessage(topic: string, payload: Uint8Array): void
  /** The connection of a device ended (embedded broker only; behind an external one its presence says so). */
  onDeviceGone(device: string): void
  /** The broker became usable, or stopped being so. */
  onState(state: 'running' | 'unreachable', problem: ProblemReport | null): void
  /** The embedded broker did not do what somebody wanted. */
  onRefused?(refused: Refused): void
  /** A newer connection of a device pushed an older one out, from the same address or another one (embedded broker only). */
  onTakeover?(device: string, ends: { from: string; to: string }): void
  /** A device came in. @param by serial number of its certificate, or hash of its secret */
  onAdmitted?(device: string, by: string): void
}

/** The way to the devices: a broker within the hub, or a connection to one elsewhere. One contract test runs against both. */
export interface Broker {
  /**
   * Begins to serve. An external broker that is away does not fail the start: `onState` tells, and the connection is tried again.
   * @throws Problem `port.in-use`, `input.invalid`
   */
  start(): Promise<{ url: string; localUrl: string }>
  /**
   * Resolves when the broker has taken the message: embedded, after it went to every subscriber; external, after the PUBACK for QoS 1.
   * @throws Problem `broker.unreachable`
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void>
  /** Bytes that wait to leave for the slowest of these devices; external: for the broker. */
  backlogBytes(devices: readonly string[]): number
  /**
   * Cuts a device off at once; what waited for it is dropped. Without effect on an external broker.
   * @returns true if there was a connection
   */
  disconnect(device: string): boolean
  /** Cuts a device off if what let it in does not any more. Without effect on an external broker. */
  recheck(device: string): void
  /** Shows another certificate from the next connection on. */
  setTls(tls: HubTls): void
  /** Ends without publishing last wills: nobody is told that devices are gone because the console stops. */
  stop(): Promise<void>
}
