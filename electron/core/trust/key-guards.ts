import { dirname, join } from 'node:path'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Guard, GuardList } from './guards.ts'
import type { Keyring } from './keys.ts'
import { openKeyNames } from '../certificates/key-file.ts'
import { devicesOf } from './keys/devices.ts'
import { publicKeyOf } from './keys/signing-key.ts'
import { waitingFor } from './keys/waiting.ts'
import { LIST_IS_DUE_MS, type Repository } from './tuf/repository.ts'
import { readSignedList } from './tuf/signed-list.ts'

interface GuardParts {
  store: FleetStore
  keyring: Keyring
  repository: Repository
  dataDirectory: string
  now(): number
}

const DAY_MS = 86_400_000
/** A person needs time to find the keys. */
const WARN_MS = { root: 90 * DAY_MS, targets: LIST_IS_DUE_MS } as const
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
  const isWithPeople = parts.keyring.offline() !== null
  const damaged = damagedList(parts)
  if (damaged !== null) return { ...row, ...damaged }
  if (devices.ahead > 0)
    return {
      ...{ ...row, state: 'attention' },
      sentence: `${count(devices.ahead)} newer trust metadata than this console, which comes back from a backup. ${isWithPeople ? 'Unlock the targets key once, or restore the newest backup of the keys.' : 'Restore the newest backup of the keys, or enrol the devices anew.'}`,
      action: isWithPeople ? { label: 'Unlock', path: '/trust/keys', command: 'muster keys unlock' } : look,
    }
  if (devices.refusing > 0)
    return {
      ...{ ...row, state: 'attention' },
      sentence: `${devices.refusing} ${devices.refusing === 1 ? 'device refuses' : 'devices refuse'} the trust metadata of this console: serving goes on, nothing can be changed there. See what each one says.`,
      action: look,
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

/** The list in the store is not what was signed, or lacks models of the store. */
function damagedList({ store, keyring }: GuardParts): Pick<Guard, 'state' | 'sentence' | 'action'> | null {
  if (keyring.offline() === null) return null
  const list = readSignedList(store.trust, keyring.roots().bundle.map(publicKeyOf))
  if (!list.isGood)
    return {
      state: 'attention',
      sentence:
        'The list of models in the store is not the one that the targets key signed last: somebody wrote to the store, or it was damaged. Devices keep to what was signed; nothing is signed until a person has looked.',
      action: { label: 'Look at the keys', path: '/trust/keys', command: 'muster keys status' },
    }
  const waiting = waitingFor(store, list.targets).length
  if (waiting === 0) return null
  return {
    state: 'attention',
    sentence: `${waiting} ${waiting === 1 ? 'model waits' : 'models wait'} for the targets key before devices may run ${waiting === 1 ? 'it' : 'them'}. Whoever unlocks it sees which.`,
    action: { label: 'Unlock', path: '/trust/keys', command: 'muster keys unlock' },
  }
}

const HELD = 'People hold three root keys and the targets key; two root keys must agree on a change.'

/** Two root keys in one place are as good as one key. */
function whereTheyLie(store: FleetStore): Guard | null {
  const folders = store.trust
    .keys()
    .flatMap(({ role, endedAt, kept }) => (role === 'root' && endedAt === null && kept !== null ? [dirname(kept)] : []))
  if (new Set(folders).size === folders.length) return null
  return {
    ...{ id: 'offline-keys', title: 'A stolen console cannot authorise new models', state: 'attention' },
    sentence:
      'People hold the keys, but more than one root key was written to the same folder: whoever finds that stick decides alone. Copy each to a stick of its own, and delete it there.',
    action: { label: 'Copy a key', path: '/trust/keys', command: 'muster keys backup --key FILE --to FOLDER' },
  }
}

function peopleHoldKeys({ store, keyring, repository, now }: GuardParts): Guard {
  const row = { id: 'offline-keys', title: 'A stolen console cannot authorise new models' }
  if (keyring.offline() === null)
    return {
      ...{ ...row, state: 'off' },
      sentence: 'The console holds every key itself. The ceremony gives the keys for new models to people, on sticks.',
      action: { label: 'Begin the ceremony', path: '/trust/keys', command: 'muster keys create' },
    }
  if (!keyring.isSettled())
    return {
      ...{ ...row, state: 'attention' },
      sentence:
        'The keys of people count, but the disk of the console refuses writes: keys of before still lie on it. It is tried again each minute.',
      action: null,
    }
  const root = repository.root().expiresAt - now()
  const targets = repository.targets().expiresAt - now()
  const runsOut = root < WARN_MS.root ? 'root' : targets < WARN_MS.targets ? 'targets' : null
  if (runsOut === null) return whereTheyLie(store) ?? { ...row, state: 'on', sentence: HELD, action: null }
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

function atRest({ keyring, dataDirectory }: GuardParts): Guard {
  const row = { id: 'keys-at-rest', title: 'Key files of the console are sealed' }
  const action = { label: 'How to set one', path: null, command: 'MUSTER_PASSPHRASE_FILE=FILE muster console --headless' }
  if (keyring.atRest() === 'open')
    return {
      ...{ ...row, state: 'off', action },
      sentence: 'The keys that the console holds lie open in files for their owner only. A passphrase seals them.',
    }
  const open = openKeyNames(join(dataDirectory, 'certificates'))
  if (open.length === 0)
    return {
      ...row,
      state: 'on',
      sentence: 'The keys that the console holds, those of certificates too, lie under its passphrase.',
      action: null,
    }
  return {
    ...{ ...row, state: 'attention', action },
    sentence: `Keys of certificates lie open beside the sealed ones: ${open.join(', ')}. The next start with the passphrase seals them.`,
  }
}

function count(devices: number): string {
  return `${devices} ${devices === 1 ? 'device knows' : 'devices know'}`
}
