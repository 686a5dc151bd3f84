import { ENROL_ACCOUNT } from '../../../shared/protocol/enrolment.ts'
import type { AgentBroker } from '../sample-fleet/sample-identity.ts'
import { embeddedUrl, localUrl, reachableUrl, withoutCredentials } from '../setup/broker-setting.ts'
import type { BrokerOptions } from './messages.ts'

/** The addresses of the broker, each for whom it is. */
export interface BrokerAddresses {
  /** For devices. */
  brokerUrl(): string
  /** For devices that enrol: an external broker may have a listener of its own for them. */
  enrolUrl(): string
  /** Where a device with a certificate connects from then on; null: where it enrolled. */
  deviceUrl(): string | null
  /** For agents on this machine, with the account of the console at an external broker. */
  agentBroker(): AgentBroker
}

export interface BrokerAddressesOptions {
  broker(): BrokerOptions
  hub(): { url: string; localUrl: string }
  enrolListener(): { port: number; password: string } | undefined
}

/** Opens the addresses of the broker that counts now. */
export function openBrokerAddresses({ broker, hub, enrolListener }: BrokerAddressesOptions): BrokerAddresses {
  /** Where the broker listens, or will. */
  const listening = (): string => {
    const wanted = broker()
    if (wanted.kind === 'external') return withoutCredentials(wanted.url)
    return hub().url === '' ? embeddedUrl(wanted) : hub().url
  }
  /** The listener for enrolment, where the broker is one that Muster made the configuration of. */
  const enrolling = (): { port: number; password: string } | null => {
    const wanted = broker()
    return wanted.kind === 'external' && wanted.url.startsWith('mqtts:') ? (enrolListener() ?? null) : null
  }
  return {
    brokerUrl: () => reachableUrl(listening()),
    enrolUrl() {
      const listener = enrolling()
      const url = reachableUrl(listening())
      return listener === null ? url : `mqtts://${ENROL_ACCOUNT}:${listener.password}@${new URL(url).hostname}:${listener.port}`
    },
    deviceUrl: () => (enrolling() === null ? null : reachableUrl(listening())),
    agentBroker() {
      const wanted = broker()
      const listener = enrolling()
      if (listener !== null)
        return { url: `mqtts://${new URL(listening()).hostname}:${listener.port}`, username: ENROL_ACCOUNT, password: listener.password }
      if (wanted.kind === 'external') return { url: listening(), username: wanted.username, password: wanted.password }
      return { url: localUrl(hub().localUrl === '' ? listening() : hub().localUrl), username: null, password: null }
    },
  }
}
