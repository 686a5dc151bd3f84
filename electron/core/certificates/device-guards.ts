import type { Guard, GuardList } from '../trust/guards.ts'
import type { BrokerOptions } from '../hub/messages.ts'
import { isLoopback } from '../setup/broker-setting.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { brokerPapersGuard } from './broker-papers.ts'
import type { DeviceTrust } from './device-trust.ts'

const brokerPage = { label: 'Open the settings of the broker', path: '/settings?tab=broker' } as const

/** Adds the rows of devices and broker to the list of guards. */
export function addDeviceGuards(
  guards: GuardList,
  parts: { store: FleetStore; deviceTrust: DeviceTrust; broker(): BrokerOptions; now(): number },
): void {
  guards.add(() => brokerGuard(parts.broker()))
  guards.add(() => brokerPapersGuard(parts.store, parts.broker(), parts.now()))
  guards.add(() => {
    const { confirms } = parts.deviceTrust.policy()
    return {
      ...{ id: 'devices.confirm', title: 'Fingerprints of new devices', state: confirms ? 'on' : 'off' },
      sentence: confirms
        ? 'A person compares the fingerprint of a device before it joins.'
        : 'A device joins with its code alone; nobody compares its fingerprint.',
      action: confirms ? null : { ...brokerPage, label: 'Choose when', command: 'muster devices policy --confirm always' },
    }
  })
  guards.add(() => {
    const cloned = parts.store.deviceTrust.all().filter((row) => row.cloned !== null && row.revoked === null)
    if (cloned.length === 0) return null
    return {
      ...{ id: 'devices.cloned', title: 'Devices that were seen twice', state: 'attention' },
      sentence: `Two machines used the identity of ${cloned
        .map(({ device }) => device)
        .slice(0, 5)
        .join(', ')}${cloned.length > 5 ? ` and ${cloned.length - 5} more` : ''}.`,
      action: { label: 'Open the devices', path: '/devices', command: `muster devices trust ${cloned[0]!.device}` },
    }
  })
}

function brokerGuard(broker: BrokerOptions): Guard {
  const head = { id: 'broker.tls', title: 'Encrypted connections of devices' } as const
  if (broker.kind === 'external') {
    const { protocol, hostname } = new URL(broker.url)
    if (protocol === 'mqtts:' || protocol === 'wss:')
      return {
        ...head,
        state: 'on',
        sentence: 'The external broker speaks TLS; whom it lets in, its own rules decide.',
        action: null,
      } as const
    if (isLoopback(hostname))
      return { ...head, state: 'off', sentence: 'The external broker is on this machine, and without TLS.', action: null } as const
    return {
      ...{ ...head, state: 'attention', sentence: 'The external broker is reached without TLS.' },
      action: { ...brokerPage, command: 'muster broker mosquitto-config --out FOLDER --name NAME' },
    }
  }
  if (broker.tls !== undefined)
    return {
      ...head,
      state: 'on',
      sentence: 'The broker speaks TLS 1.3; devices on other machines come in with a certificate.',
      action: null,
    } as const
  if (isLoopback(broker.host))
    return {
      ...{ ...head, state: 'off', sentence: 'Only this machine reaches the broker, so it needs no TLS.' },
      action: { ...brokerPage, label: 'Let other machines in, over TLS', command: 'muster settings --broker-tls --mqtt-host 0.0.0.0' },
    } as const
  return {
    ...{ ...head, state: 'attention', sentence: 'Other machines reach the broker without TLS, as an earlier version allowed.' },
    action: { ...brokerPage, label: 'Switch TLS on', command: `muster settings --broker-tls --mqtt-host ${broker.host}` },
  } as const
}
