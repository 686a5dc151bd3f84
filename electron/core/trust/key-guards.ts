import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Guard, GuardList } from './guards.ts'
import type { Keyring } from './keys.ts'
import { devicesOf } from './keys/devices.ts'
import type { Repository } from './tuf/repository.ts'

interface GuardParts {
  store: FleetStore
  keyring: Keyring
  repository: Repository
  now(): number
}

const DAY_MS = 86_400_000
/** A person needs time to find the keys. */
const WARN_MS = { root: 90 * DAY_MS, targets: 45 * DAY_MS } as const
const DRILL_DAYS = 365

/** The guards that keys are. */
export function addKeyGuards(guards: GuardList, parts: GuardParts): void {
  guards.add(() => signedBytes(parts))
  guards.add(() => peopleHoldKeys(parts))
  guards.add(() => rehearsed(parts))
  guards.add(() => atRest(parts))
}

function signedBytes(parts: GuardParts): Guard {
  const devices = devicesOf(parts)
  const row = { id: 'signed-bytes', title: 'Devices run signed models only' }
  const look = { label: 'See the devices', path: '/devices', command: 'muster devices list' }
  if (devices.ahead > 0)
    return {
      ...{ ...row, state: 'attention' },
      sentence: `${count(devices.ahead)} newer trust metadata than this console, which comes back from a backup. Unlock the targets key once, or restore the newest backup of the keys.`,
      action: { label: 'Unlock', path: '/trust/keys', command: 'muster keys unlock' },
    }
  if (devices.stale > 0)
    return {
      ...{ ...row, state: 'attention' },
      sentence: `${devices.stale} ${devices.stale === 1 ? 'device has' : 'devices have'} expired trust metadata: serving goes on, changes wait until the console is heard again.`,
      action: look,
    }
  if (devices.oldCount > 0)
    return {
      ...{ ...row, state: 'attention' },
      sentence: `${devices.oldCount} ${devices.oldCount === 1 ? 'device trusts' : 'devices trust'} the keys of the enrolment only. An update of the agent gives them expiry and revocation too.`,
      action: look,
    }
  return {
    ...row,
    state: 'on',
    sentence: 'Each model is named in metadata that expires, and is signed before a device takes its first byte.',
    action: null,
  }
}

function peopleHoldKeys({ keyring, repository, now }: GuardParts): Guard {
  const row = { id: 'offline-keys', title: 'A stolen console cannot authorise new models' }
  if (keyring.offline() === null)
    return {
      ...{ ...row, state: 'off' },
      sentence: 'The console holds every key itself. The ceremony gives the keys for new models to people, on sticks.',
      action: { label: 'Begin the ceremony', path: '/trust/keys', command: 'muster keys create' },
    }
  const root = repository.root().expiresAt - now()
  const targets = repository.targets().expiresAt - now()
  const runsOut = root < WARN_MS.root ? 'root' : targets < WARN_MS.targets ? 'targets' : null
  if (runsOut === null)
    return {
      ...row,
      state: 'on',
      sentence: 'People hold three root keys and the targets key; two root keys must agree on a change.',
      action: null,
    }
  const days = Math.max(0, Math.floor((runsOut === 'root' ? root : targets) / DAY_MS))
  return {
    ...{ ...row, state: 'attention' },
    sentence:
      runsOut === 'root'
        ? `The root runs out in ${days} days; after that devices change nothing. Two root keys renew it.`
        : `The list of models runs out in ${days} days; after that devices change nothing. Unlocking the targets key renews it.`,
    action:
      runsOut === 'root'
        ? { label: 'Renew the root', path: '/trust/keys', command: 'muster keys rotate online --root-key FILE --root-key FILE' }
        : { label: 'Unlock', path: '/trust/keys', command: 'muster keys unlock' },
  }
}

function rehearsed({ store, keyring, now }: GuardParts): Guard | null {
  if (keyring.offline() === null) return null
  const row = { id: 'key-drill', title: 'The keys of people open' }
  const active = store.trust.keys().filter(({ endedAt }) => endedAt === null)
  const undone = active.filter(({ keyId, createdAt }) => {
    const drill = store.trust.lastDrill(keyId)
    return now() - (drill === null || drill.problem !== null ? createdAt - DRILL_DAYS * DAY_MS : drill.at) >= DRILL_DAYS * DAY_MS
  })
  const action = { label: 'Rehearse', path: '/trust/keys', command: 'muster keys drill --key FILE' }
  if (undone.length === 0)
    return { ...row, state: 'on', sentence: 'Each key was opened in a rehearsal within the last year.', action: null }
  return {
    ...{ ...row, state: 'attention', action },
    sentence: `${undone.map(({ label }) => label).join(', ')}: nobody has shown within a year that the passphrase still opens ${undone.length === 1 ? 'it' : 'them'}.`,
  }
}

function atRest({ keyring }: GuardParts): Guard {
  const row = { id: 'keys-at-rest', title: 'Key files of the console are sealed' }
  return keyring.atRest() === 'sealed'
    ? { ...row, state: 'on', sentence: 'The keys that the console holds lie under its passphrase.', action: null }
    : {
        ...{ ...row, state: 'off' },
        sentence: 'The keys that the console holds lie open in files for their owner only. A passphrase seals them.',
        action: { label: 'How to set one', path: null, command: 'MUSTER_PASSPHRASE_FILE=FILE npm run -s muster -- console --headless' },
      }
}

function count(devices: number): string {
  return `${devices} ${devices === 1 ? 'device knows' : 'devices know'}`
}
