import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What the provider does wrong. */
export interface ProviderFaults {
  /** Changes the claims of the ID token before it is signed. */
  claims?: (claims: Record<string, unknown>) => Record<string, unknown>
  /** Signs with a key that it does not publish. */
  otherKey?: boolean
  /** Puts another state on the way back. */
  state?: string
  /** Sends the browser back with an error. */
  error?: string
}

/** A small provider of OpenID Connect on loopback: everybody who comes is the person that the test says. It signs real tokens, and asks for PKCE and the secret. */
export interface OidcProvider {
  issuer: string
  /** Claims of whoever signs in next. */
  person: Record<string, unknown>
  faults: ProviderFaults
  /** What the browser does: goes there and is sent back. @returns what stands behind the ? of the address */
  visit(url: string): Promise<{ redirectUri: string; parameters: string }>
  /** Ends it before the test does. */
  stop(): void
}

export const CLIENT = { id: 'muster', secret: 'a secret of the client' }

interface Grant {
  challenge: string
  nonce: string
  redirectUri: string
}

export async function startOidcProvider({ userInfo = false }: { userInfo?: boolean } = {}): Promise<OidcProvider> {
  const [own, other] = [keyPair(), keyPair()]
  const grants = new Map<string, Grant>()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => json(response, 500, { error: String(error) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => void server.close())
  const provider: OidcProvider = {
    ...{
      issuer,
      person: { sub: 'u-1', preferred_username: 'Cleo.Marin@plant.example', name: 'Cléo Marin', groups: ['operators'] },
      faults: {},
    },
    async visit(url) {
      const back = (await fetch(url, { redirect: 'manual' })).headers.get('location')
      if (back === null) throw new Error('the provider sent nobody back')
      const to = new URL(back)
      return { redirectUri: `${to.origin}${to.pathname}`, parameters: to.search.slice(1) }
    },
    stop: () => void server.close(),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer)
    if (url.pathname === '/.well-known/openid-configuration') json(response, 200, metadata(issuer, userInfo))
    else if (url.pathname === '/jwks') json(response, 200, { keys: [own.jwk] })
    else if (url.pathname === '/authorize') authorize(url, response)
    else if (url.pathname === '/userinfo') json(response, 200, provider.person)
    else if (url.pathname === '/token') await token(new URLSearchParams(await bodyOf(request)), response)
    else json(response, 404, {})
  }
  function authorize({ searchParams: asked }: URL, response: ServerResponse): void {
    const { faults } = provider
    const redirectUri = asked.get('redirect_uri')!
    const back = new URL(redirectUri)
    const code = randomBytes(16).toString('hex')
    grants.set(code, { challenge: asked.get('code_challenge') ?? '', nonce: asked.get('nonce') ?? '', redirectUri })
    back.searchParams.set('state', faults.state ?? asked.get('state')!)
    if (faults.error === undefined) back.searchParams.set('code', code)
    else back.searchParams.set('error', faults.error)
    response.writeHead(302, { location: back.href }).end()
  }
  async function token(body: URLSearchParams, response: ServerResponse): Promise<void> {
    const grant = grants.get(body.get('code') ?? '')
    grants.delete(body.get('code') ?? '')
    const proof = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    const isClient = body.get('client_id') === CLIENT.id && body.get('client_secret') === CLIENT.secret
    if (!isClient) return json(response, 401, { error: 'invalid_client' })
    if (grant === undefined || proof !== grant.challenge || body.get('redirect_uri') !== grant.redirectUri)
      return json(response, 400, { error: 'invalid_grant' })
    const seconds = Math.floor(Date.now() / 1000)
    const { groups, ...alone } = provider.person
    const claims = {
      ...{ iss: issuer, aud: CLIENT.id, iat: seconds, exp: seconds + 300, nonce: grant.nonce },
      ...(userInfo ? alone : { ...alone, groups }),
    }
    const changed = provider.faults.claims?.(claims) ?? claims
    const signed = jwt(changed, { kid: own.jwk.kid, key: provider.faults.otherKey === true ? other.privateKey : own.privateKey })
    json(response, 200, { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 300, id_token: signed })
  }
  return provider
}

function metadata(issuer: string, userInfo: boolean): Record<string, unknown> {
  return {
    ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` },
    ...(userInfo ? { userinfo_endpoint: `${issuer}/userinfo` } : {}),
    ...{ response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] },
    code_challenge_methods_supported: ['S256'],
  }
}

function keyPair(): { privateKey: KeyObject; jwk: Record<string, unknown> & { kid: string } } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256', use: 'sig' } }
}

function jwt(claims: Record<string, unknown>, { kid, key }: { kid: string; key: KeyObject }): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString()
  return body
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
