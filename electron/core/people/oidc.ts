import * as client from 'openid-client'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { reaches, type PersonRole } from '../../../shared/domain/people.ts'
import type { OidcChoice } from '../../../shared/rpc/contract/people.ts'
import { openTickets } from './tickets.ts'

const TIMEOUT_S = 10
const signedInAddress = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})\/signed-in$/

/** Somebody whom the provider of the organisation vouches for. */
export interface VouchedFor {
  /** Issuer and subject: what stays the same when names change. */
  subject: string
  name: string
  displayName: string
  role: PersonRole
}

interface Flow {
  verifier: string
  state: string
  nonce: string
  redirectUri: string
  config: client.Configuration
  settings: OidcChoice
}

export interface Oidc {
  begin(settings: OidcChoice, redirectUri: string): Promise<{ flow: string; url: string }>
  /** @param parameters what the provider put behind the ? of the address @throws Problem `access.oidc-refused`, `access.oidc-unreachable` */
  finish(flow: string, parameters: string): Promise<VouchedFor>
  /** What is wrong with a provider, in a sentence; null: it can be used. */
  check(of: Pick<OidcChoice, 'issuer' | 'clientId'>): Promise<string | null>
}

/** Signing in at a provider by OpenID Connect: authorization code with PKCE, state and nonce, back to a page on loopback. @param port of the page */
export function openOidc({ now, port }: { now(): number; port(): number }): Oidc {
  const flows = openTickets<Flow>(now)
  return {
    async begin(settings, redirectUri) {
      // Anywhere else the code would be sent to somebody else.
      if (Number(signedInAddress.exec(redirectUri)?.[1]) !== port())
        throw new Problem('input.invalid', 'redirectUri: one comes back to /signed-in of this console only.')
      const config = await discover(settings)
      const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()]
      const url = client.buildAuthorizationUrl(config, {
        ...{ redirect_uri: redirectUri, scope: settings.scopes, state, nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      })
      return { flow: flows.keep({ verifier, state, nonce, redirectUri, config, settings }), url: url.href }
    },
    async finish(ticket, parameters) {
      const flow = flows.take(ticket)
      flows.drop(ticket)
      const { config, settings, redirectUri } = flow
      try {
        const tokens = await client.authorizationCodeGrant(config, new URL(`${redirectUri}?${parameters.replace(/^\?/, '')}`), {
          ...{ pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce, idTokenExpected: true },
        })
        const claims = tokens.claims()!
        return vouchedFor(settings, await withUserInfo(config, settings, { claims, accessToken: tokens.access_token }))
      } catch (error) {
        if (error instanceof Problem) throw error
        throw new Problem('access.oidc-refused', `The provider's answer was refused: ${reasonOf(error)}`.slice(0, 500), { cause: error })
      }
    },
    async check(of) {
      try {
        const { authorization_endpoint: at, token_endpoint: tokens } = (await discover({ ...of, secret: null })).serverMetadata()
        return at === undefined || tokens === undefined ? 'The provider names no place to sign in at.' : null
      } catch (error) {
        return messageOf(error)
      }
    },
  }
}

/** @throws Problem `input.invalid`, `access.oidc-unreachable` */
async function discover({ issuer, clientId, secret }: Pick<OidcChoice, 'issuer' | 'clientId' | 'secret'>): Promise<client.Configuration> {
  const url = URL.canParse(issuer) ? new URL(issuer) : null
  const isHere = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)))
    throw new Problem('input.invalid', 'issuer: write https://…; http:// is for a provider on this machine only.')
  try {
    return await client.discovery(url, clientId, secret ?? undefined, secret === null ? client.None() : undefined, {
      timeout: TIMEOUT_S,
      // The signature of what vouches for a person is checked as well, not only the connection that it came over.
      execute: [client.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : [])],
    })
  } catch (error) {
    throw new Problem('access.oidc-unreachable', `${url.origin} does not answer as a provider: ${reasonOf(error)}`.slice(0, 500), {
      cause: error,
    })
  }
}

type Claims = Record<string, unknown> & { iss: string; sub: string }

/** Some providers tell groups only when asked again. */
async function withUserInfo(
  config: client.Configuration,
  settings: OidcChoice,
  { claims, accessToken }: { claims: Claims; accessToken: string },
): Promise<Claims> {
  const isComplete = claims[settings.roleClaim] !== undefined && claims[settings.nameClaim] !== undefined
  if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return claims
  const more = await client.fetchUserInfo(config, accessToken, claims.sub)
  return { ...more, ...claims }
}

/** What a provider's claims make of somebody. @throws Problem `access.oidc-refused` */
export function vouchedFor(settings: OidcChoice, claims: Claims): VouchedFor {
  const said = claims[settings.roleClaim]
  const values = new Set((Array.isArray(said) ? said : [said]).filter((value) => typeof value === 'string'))
  const roles = settings.roles.filter(({ value }) => values.has(value)).map(({ role }) => role)
  const role = roles.reduce<PersonRole | null>((best, one) => (best === null || reaches(one, best) ? one : best), settings.otherwise)
  if (role === null)
    throw new Problem(
      'access.oidc-refused',
      `No rule of this console lets you in: '${settings.roleClaim}' has none of the values that it asks for.`,
    )
  const text = (claim: string): string => (typeof claims[claim] === 'string' ? claims[claim] : '')
  const name = [text(settings.nameClaim), text('email'), claims.sub].find((one) => one !== '')!
  return { subject: `${claims.iss} ${claims.sub}`, name: accountNameFrom(name), displayName: text('name'), role }
}

/** The name of an account from a name of elsewhere. */
function accountNameFrom(name: string): string {
  const plain = name
    .split('@')[0]!
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 36)
  return plain === '' ? 'person' : plain
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${messageOf(error)}${cause}`
}
