import { join } from 'node:path'
import { openDeviceTrust, type DeviceTrust } from '../../agent/trust/device-trust.ts'
import type { Identity } from '../../agent/identity.ts'
import { openKeyring, type Keyring } from '../../electron/core/trust/keys.ts'
import { openTrust, type Trust } from '../../electron/core/trust/open-trust.ts'
import { openSecretBox, type SecretBox } from '../../electron/core/trust/secret-box.ts'
import { deviceId, fleetId } from '../../shared/domain/ids.ts'
import type { FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { fleetStore, T0, temporaryDirectory } from './fleet.ts'

/** The trust of a console over a real store and real keys, with a clock of its own; nothing but the broker is missing. */
export interface TrustDesk {
  directory: string
  store: FleetStore
  keyring: Keyring
  trust: Trust
  clock: { at: number }
  resigned: number
  /** Id of the fleet. */
  fleet: string
  /** A folder beside the data directory, as a stick. */
  stick(name: string): string
  /** The console starts again on the same data. */
  reopen(box?: SecretBox): void
}

export function openTrustDesk(options: { box?: SecretBox } = {}): TrustDesk {
  const directory = temporaryDirectory()
  const store = fleetStore(directory)
  const clock = { at: T0 }
  const open = (box: SecretBox): Pick<TrustDesk, 'keyring' | 'trust'> => {
    const keyring = openKeyring(join(directory, 'keys'), box, () => clock.at, store.trust.newest('root') === null)
    const trust = openTrust({
      ...{ store, keyring, dataDirectory: directory, fleet: () => desk.fleet, now: () => clock.at, log: () => undefined },
      resign: () => void (desk.resigned += 1),
      onOutbox: () => undefined,
      changed: () => undefined,
    })
    return { keyring, trust }
  }
  const desk: TrustDesk = {
    ...{ directory, store, clock, resigned: 0, fleet: 'test', stick: () => temporaryDirectory() },
    ...({} as Pick<TrustDesk, 'keyring' | 'trust'>),
    reopen(box = options.box ?? openSecretBox(null)) {
      Object.assign(desk, open(box))
    },
  }
  desk.reopen()
  return desk
}

/** A device of that console: its trust, fed from the console's files as over the broker. */
export function joinDevice(
  desk: TrustDesk,
  options: { root?: Buffer | null; files?: (name: string) => Buffer | null; clock?: { at: number }; directory?: string } = {},
): { trust: DeviceTrust; hear(timestamp?: Buffer): Promise<void>; directory: string; changes(): number } {
  const directory = options.directory ?? temporaryDirectory()
  const clock = options.clock ?? desk.clock
  const root = options.root === undefined ? desk.trust.repository.root().bytes : options.root
  let changes = 0
  const identity: Identity = {
    ...{ v: 1, fleet: fleetId.parse('test'), device: deviceId.parse('cam-1'), brokerUrl: 'mqtt://127.0.0.1', username: 'cam-1' },
    ...{ secret: '', trust: desk.keyring.roots(), enrolledAt: T0 },
    ...(root === null ? {} : { root: root.toString('base64') }),
  }
  const files = options.files ?? ((name) => desk.trust.repository.file(wireName(name)))
  const trust = openDeviceTrust({
    ...{ directory, identity, log: () => undefined, newestSignedAt: () => 0 },
    clock: { now: () => clock.at, monotonic: () => clock.at },
    source: { fetch: (name) => Promise.resolve(files(name)) },
    onChange: () => void (changes += 1),
  })
  return {
    trust,
    directory,
    changes: () => changes,
    hear: (timestamp) => trust.heard(timestamp ?? desk.trust.repository.file('timestamp')!),
  }
}

/** `2.root.json` as the console stores it: `root-2`. */
export function wireName(fileName: string): string {
  const versioned = /^(\d+)\.(\w+)\.json$/.exec(fileName)
  return versioned === null ? fileName.replace(/\.json$/, '') : `${versioned[2]!}-${versioned[1]!}`
}
