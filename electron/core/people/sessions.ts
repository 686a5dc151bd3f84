import { SESSION_MS } from '../../../shared/domain/people.ts'
import type { SignedIn } from '../../../shared/rpc/contract/access.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { SessionRow } from '../store/fleet/sessions.ts'
import { makeId, makeSecret } from './secrets.ts'

/** Use is noted to the minute: a call must not cost a write. */
export const NOTED_EVERY_MS = 60_000

/** True if a session counts: neither too old nor unused for too long. */
export function isOpenSession({ usedAt, endsAt }: SessionRow, now: number): boolean {
  return now < endsAt && now < usedAt + SESSION_MS.idle
}

/** Opens a session and writes it into the audit log. */
export function openSession(
  store: FleetStore,
  account: AccountRow,
  { way, client, now }: { way: SessionRow['way']; client: string; now: number },
): SignedIn {
  const { secret, hash } = makeSecret('session')
  const session = makeId()
  const endsAt = now + SESSION_MS.most
  store.transact(() => {
    store.sessions.forget({ now, idleSince: now - SESSION_MS.idle })
    store.sessions.add({ session, hash, account: account.name, way, client: client.slice(0, 64), madeAt: now, usedAt: now, endsAt })
    store.accounts.noteSignIn(account.name, now)
    store.audit.append({ at: now, actor: `signed-in:${account.name}`, action: 'access.signIn', detail: { way, session } })
  })
  return { session: secret, account: account.name, displayName: account.displayName, role: account.role, endsAt }
}
