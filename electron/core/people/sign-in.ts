import { Problem } from '../../../shared/domain/problem.ts'
import type { SignedIn } from '../../../shared/rpc/contract/access.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Attempts } from './attempts.ts'
import type { Passwords } from './passwords.ts'
import { openSession } from './sessions.ts'

/** Entries about failures per hour: whoever guesses must not fill the audit log. */
const MOST_NOTED = 60

export interface SignInParts {
  store: FleetStore
  passwords: Passwords
  attempts: Attempts
  now(): number
}

/** Ways in that fail are written down, but not without end. */
export interface Refusals {
  note(of: { account: string | null; way: string; detail?: Record<string, unknown> }): void
}

export function openRefusals({ store, now }: Pick<SignInParts, 'store' | 'now'>): Refusals {
  let hour = 0
  let noted = 0
  let unsaid = 0
  return {
    note({ account, way, detail = {} }) {
      const current = Math.floor(now() / 3_600_000)
      if (current !== hour) [hour, noted] = [current, 0]
      if (noted >= MOST_NOTED) {
        unsaid += 1
        return
      }
      noted += 1
      // A name that is no account may be a password that was typed into the wrong field: it is not written down.
      const said = { way, account: account ?? '(unknown)', ...detail, ...(unsaid > 0 ? { unsaidBefore: unsaid } : {}) }
      unsaid = 0
      store.transact(() => store.audit.append({ at: now(), actor: 'guest', action: 'access.refused', detail: said }))
    },
  }
}

/**
 * Signs in with a password. An unknown name, a wrong password and a disabled account are one answer, and take the same time.
 * @throws Problem `access.wrong-password`, `access.too-many`
 */
export async function signInWithPassword(
  parts: SignInParts & { refusals: Refusals },
  { name, password, client }: { name: string; password: string; client: string },
): Promise<SignedIn> {
  const { store, now, refusals } = parts
  const account = await provePassword(parts, { name, password })
  if (account !== null) return openSession(store, account, { way: 'password', client, now: now() })
  refusals.note({ account: store.accounts.find(nameOf(name))?.name ?? null, way: 'password' })
  throw new Problem('access.wrong-password', 'The name or the password is wrong.')
}

/** The account whose password this is; null: none. @throws Problem `access.too-many` */
export async function provePassword(
  parts: SignInParts,
  { name, password }: { name: string; password: string },
): Promise<AccountRow | null> {
  const { store, passwords, attempts } = parts
  const key = nameOf(name)
  const attempt = attempts.begin(key)
  try {
    const isRight = await passwords.check(password, store.accounts.find(key)?.password ?? null)
    // Read again: it may have been disabled while the hash was made.
    const account = store.accounts.find(key)
    if (!isRight || account === null || account.isDisabled) return null
    attempt.succeeded()
    return account
  } finally {
    attempt.ended()
  }
}

function nameOf(name: string): string {
  return name.trim().toLowerCase()
}
