import type { ShownKey, ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import { bundleDigest } from '../../../../shared/domain/ids.ts'
import { onlineRoles } from '../keys.ts'
import { readSignedList } from '../tuf/signed-list.ts'
import type { KeyDeskParts } from './desk-parts.ts'
import { devicesOf } from './devices.ts'
import { publicKeyOf } from './signing-key.ts'
import { waitingFor } from './waiting.ts'

const MOST_WAITING = 1000
const MOST_DIFFERENCES = 100

/** Everything about the keys, as people look at it. */
export function showKeys(parts: KeyDeskParts): ShownKeys {
  const { store, keyring, repository } = parts
  const root = repository.root()
  const targets = repository.targets()
  const lock = keyring.lockState()
  const list = readSignedList(store.trust, keyring.roots().bundle.map(publicKeyOf))
  const waiting = waitingFor(store, list.targets)
  return {
    mode: keyring.offline() === null ? 'console' : 'people',
    isLocked: lock.isLocked,
    unlockedUntil: lock.until,
    keys: [...peopleKeys(parts), ...consoleKeys(parts)],
    root: { version: root.version, expiresAt: root.expiresAt, threshold: root.keys.threshold },
    targets: { version: targets.version, expiresAt: targets.expiresAt, bundles: list.targets.size },
    list: {
      ...{ isGood: list.isGood, differs: list.differs.slice(0, MOST_DIFFERENCES), waitingCount: waiting.length },
      waiting: waiting.slice(0, MOST_WAITING).map(({ digest, versions }) => ({ digest: bundleDigest.parse(digest), versions })),
    },
    ...repository.stamps(),
    epoch: store.settings.get('epoch') ?? 0,
    isSettled: keyring.isSettled(),
    atRest: keyring.atRest(),
    devices: devicesOf(parts),
  }
}

function peopleKeys({ store }: KeyDeskParts): ShownKey[] {
  return store.trust.keys().map((row) => {
    const drill = store.trust.lastDrill(row.keyId)
    return {
      ...{ keyId: row.keyId, role: row.role, label: row.label, holder: 'people' as const, kept: row.kept },
      ...{ state: row.endedAt === null ? ('active' as const) : ('ended' as const), createdAt: row.createdAt },
      ...{ endedAt: row.endedAt, endReason: row.endReason },
      drill: drill === null ? null : { at: drill.at, actor: drill.actor, problem: drill.problem },
    }
  })
}

function consoleKeys({ keyring, repository }: KeyDeskParts): ShownKey[] {
  const { keys } = repository.root()
  const held = keyring.offline() === null ? (['root', 'targets', ...onlineRoles] as const) : onlineRoles
  return held.flatMap((role) =>
    keys[role].map(({ id }) => ({
      ...{ keyId: id, role, label: role, holder: 'console' as const, state: 'active' as const, kept: null },
      ...{ createdAt: null, endedAt: null, endReason: null, drill: null },
    })),
  )
}
