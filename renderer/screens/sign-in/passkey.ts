import { startAuthentication, startRegistration } from '@simplewebauthn/browser'
import { Problem } from '../../../shared/domain/problem.ts'
import { hostBridge } from '../../transport/choose-link.ts'

type Passed = Record<string, unknown>

/** Where passkeys work: here, nowhere, or at the address that is returned. Authenticators know a console by the name `localhost` only. */
export function passkeyPlace(at: Pick<Location, 'hostname' | 'href'> = location, isDesktop = hostBridge() !== null): string {
  if (isDesktop) return 'nowhere'
  if (at.hostname === 'localhost') return 'here'
  const there = new URL(at.href)
  there.hostname = 'localhost'
  there.hash = ''
  return there.href
}

/** Asks the authenticator to sign in. @throws Problem `access.passkey-refused` */
export function answerWithPasskey(options: Passed): Promise<Passed> {
  return asked(() => startAuthentication({ optionsJSON: options as never }))
}

/** Asks the authenticator for a new passkey. @throws Problem `access.passkey-refused` */
export function makePasskey(options: Passed): Promise<Passed> {
  return asked(() => startRegistration({ optionsJSON: options as never }))
}

async function asked(work: () => Promise<object>): Promise<Passed> {
  try {
    return { ...(await work()) }
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    const isKnown = name === 'InvalidStateError'
    const message = isKnown
      ? 'This authenticator has a passkey of this account already.'
      : 'No passkey was given: it was cancelled, or took too long.'
    throw new Problem('access.passkey-refused', message, { cause: error })
  }
}
