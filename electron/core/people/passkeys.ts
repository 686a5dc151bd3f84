import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { PasskeyRow } from '../store/fleet/passkeys.ts'
import { openTickets } from './tickets.ts'

/** Authenticators bind a passkey to a name, and an address of digits is none. */
const RELYING_PARTY = 'localhost'
/** What authenticators may sign with, by COSE: Ed25519, ECDSA P-256, RSA. */
const ALGORITHMS = [-8, -7, -257]

/** A passkey that was checked and is not stored yet. */
export type ProvenPasskey = Omit<PasskeyRow, 'title' | 'addedAt' | 'usedAt'>

export interface Passkeys {
  challenge(): Promise<{ challenge: string; options: Record<string, unknown> }>
  /** The account that an authenticator vouches for. @throws Problem `access.passkey-refused` */
  prove(challenge: string, response: unknown): Promise<AccountRow>
  beginAdding(account: AccountRow, fleetName: string): Promise<{ challenge: string; options: Record<string, unknown> }>
  /** @throws Problem `access.passkey-refused` */
  proveNew(account: AccountRow, challenge: string, response: unknown): Promise<ProvenPasskey>
}

/** Passkeys by WebAuthn: the authenticator checks the person (finger, face, PIN), and knows the account by itself. @param port of the page */
export function openPasskeys({ store, now, port }: { store: FleetStore; now(): number; port(): number }): Passkeys {
  const challenges = openTickets<{ challenge: string; account: string | null }>(now)
  const origin = (): string => `http://${RELYING_PARTY}:${port()}`
  /** A challenge counts once, whatever comes of it. */
  const answered = (ticket: string, account: string | null): string => {
    const kept = challenges.take(ticket)
    challenges.drop(ticket)
    if (kept.account !== account) throw new Problem('access.passkey-refused', 'This challenge was made for something else.')
    return kept.challenge
  }
  return {
    async challenge() {
      const options = await generateAuthenticationOptions({ rpID: RELYING_PARTY, userVerification: 'required' })
      return { challenge: challenges.keep({ challenge: options.challenge, account: null }), options: { ...options } }
    },
    async prove(ticket, response) {
      const challenge = answered(ticket, null)
      const { id } = response as { id?: unknown }
      const row = typeof id === 'string' ? store.passkeys.find(id) : null
      const account = row === null ? null : store.accounts.find(row.account)
      if (row === null || account === null || account.isDisabled)
        throw new Problem('access.passkey-refused', 'This passkey is of no account here.')
      const { verified, authenticationInfo } = await checked(() =>
        verifyAuthenticationResponse({
          response: response as AuthenticationResponseJSON,
          ...{ expectedChallenge: challenge, expectedOrigin: origin(), expectedRPID: RELYING_PARTY, requireUserVerification: true },
          credential: { id: row.passkey, publicKey: row.publicKey, counter: row.counter },
        }),
      )
      if (!verified) throw new Problem('access.passkey-refused', 'The signature of the passkey is not right.')
      store.transact(() => store.passkeys.noteUse(row.passkey, authenticationInfo.newCounter, now()))
      return account
    },
    async beginAdding(account, fleetName) {
      const options = await generateRegistrationOptions({
        ...{ rpName: `Muster: ${fleetName}`.slice(0, 64), rpID: RELYING_PARTY, supportedAlgorithmIDs: ALGORITHMS },
        ...{ userName: account.name, userDisplayName: account.displayName, attestationType: 'none' },
        userID: new Uint8Array(Buffer.from(account.handle, 'base64url')),
        excludeCredentials: store.passkeys.of(account.name).map(({ passkey, transports }) => ({ id: passkey, transports })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
      return { challenge: challenges.keep({ challenge: options.challenge, account: account.name }), options: { ...options } }
    },
    async proveNew(account, ticket, response) {
      const challenge = answered(ticket, account.name)
      const { verified, registrationInfo } = await checked(() =>
        verifyRegistrationResponse({
          response: response as RegistrationResponseJSON,
          ...{ expectedChallenge: challenge, expectedOrigin: origin(), expectedRPID: RELYING_PARTY, requireUserVerification: true },
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      )
      if (!verified) throw new Problem('access.passkey-refused', 'What the authenticator made is not right.')
      const { credential, credentialBackedUp } = registrationInfo
      return {
        ...{ passkey: credential.id, account: account.name, publicKey: new Uint8Array(credential.publicKey) },
        ...{ counter: credential.counter, transports: credential.transports ?? [], isBackedUp: credentialBackedUp },
      }
    },
  }
}

/** The library throws for whatever does not fit; what it says is for people who build authenticators. */
async function checked<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw new Problem('access.passkey-refused', `The answer of the authenticator was refused: ${messageOf(error)}`.slice(0, 500), {
      cause: error,
    })
  }
}
