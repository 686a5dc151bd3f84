import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { openAccess, type Access } from './access.ts'
import { openAttempts } from './attempts.ts'
import type { ConsoleKey } from './console-key.ts'
import { openOidc, type Oidc } from './oidc.ts'
import { openPasskeys, type Passkeys, type ProvenPasskey } from './passkeys.ts'
import { openPasswords, type Passwords } from './passwords.ts'
import { openRefusals, type Refusals, type SignInParts } from './sign-in.ts'
import { openTickets, type Tickets } from './tickets.ts'

/** A password that was hashed for a command to come. */
export interface PreparedPassword {
  hash: string
  /** The account whose current password was given with it; null: none was. */
  provedBy: string | null
  /** The account that it is for, as far as was said. */
  name: string
}

/** Everything about who may come in. */
export interface People extends SignInParts {
  access: Access
  consoleKey: ConsoleKey
  passkeys: Passkeys
  oidc: Oidc
  refusals: Refusals
  preparedPasswords: Tickets<PreparedPassword>
  preparedPasskeys: Tickets<ProvenPasskey>
  preparedTokens: Tickets<{ hash: string }>
  /** Connections whose caller may no longer come in end, in a moment: whoever is cut off by the own act still gets its answer. */
  recheck(): void
  stop(): void
}

/** How often sessions and tokens that have come to their end are looked for; a call notices at once. */
const EXPIRY_CHECK_MS = 15_000

export interface PeopleOptions {
  store: FleetStore
  now(): number
  consoleKey: ConsoleKey
  /** Address of the page; null: it is not served yet. */
  url(): string | null
  /** What holds connections. */
  listeners(): readonly ({ recheck(): void } | null)[]
  /** Cheaper passwords, for tests that are not about them. */
  passwords?: Passwords
}

/** Opens who may come in: nothing is asked of anybody until the first account is made. */
export function openPeople({ store, now, consoleKey, url, listeners, passwords = openPasswords() }: PeopleOptions): People {
  const port = (): number => Number(new URL(url() ?? 'http://localhost:0').port)
  const recheck = (): void => void setImmediate(() => listeners().forEach((one) => one?.recheck()))
  const timer = setInterval(recheck, EXPIRY_CHECK_MS)
  return {
    ...{ store, now, recheck, passwords, consoleKey, stop: () => clearInterval(timer) },
    attempts: openAttempts(now),
    access: openAccess({ store, consoleKey, now }),
    passkeys: openPasskeys({ store, now, port }),
    oidc: openOidc({ now, port }),
    refusals: openRefusals({ store, now }),
    preparedPasswords: openTickets(now),
    preparedPasskeys: openTickets(now),
    preparedTokens: openTickets(now),
  }
}
