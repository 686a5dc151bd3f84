import { lookup } from 'node:dns/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import { errorCodeOf, messageOf } from '../../../../shared/domain/problem.ts'
import { musterVersion } from '../../../../shared/domain/version.ts'
import { addressRefusal } from './addresses.ts'
import { failed, refused, type Outcome } from './outcome.ts'

/** A receiver that has not answered by then is tried again. */
const TIMEOUT_MS = 10_000
/** More of an answer is not read. */
const MOST_ANSWER_BYTES = 16 * 1024
const MOST_BODY_BYTES = 256 * 1024
/** A receiver cannot put us off for longer. */
const MOST_RETRY_AFTER_MS = 86_400_000

/** What is posted, and where. */
export interface Post {
  url: string
  headers: Record<string, string>
  body: string
  allowsPrivate: boolean
  /** The answer is read: some receivers say in it what they did not take. */
  readsAnswer?: boolean
}

/** How names become addresses; a test plays a name server that changes its mind. */
export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>

const resolveByDns: Resolve = (host) => lookup(host, { all: true })

/**
 * Posts once. The name is resolved here, every address that it has is checked, and the connection goes to the one that was checked: a name
 * server that answers differently the second time leads nowhere. A redirect is not followed, for the same reason.
 */
export async function post(of: Post, resolve: Resolve = resolveByDns): Promise<Outcome> {
  if (Buffer.byteLength(of.body) > MOST_BODY_BYTES) return refused('input.too-large', 'The notice is too large to be sent.')
  const url = URL.canParse(of.url) ? new URL(of.url) : null
  const problem = url === null ? `'${of.url}' is no address.` : urlProblem(url)
  if (url === null || problem !== null) return refused('channel.address', problem ?? '')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let addresses: { address: string; family: number }[]
  try {
    addresses = isIP(host) === 0 ? await resolve(host) : [{ address: host, family: isIP(host) }]
  } catch (error) {
    return failed('channel.unreachable', `The name ${host} is not found (${errorCodeOf(error) ?? messageOf(error)}).`)
  }
  const bad = addresses.find(({ address }) => addressRefusal(address, of.allowsPrivate) !== null)
  const [target] = addresses
  if (target === undefined) return failed('channel.unreachable', `The name ${host} has no address.`)
  if (bad !== undefined) {
    const isPrivate = addressRefusal(bad.address, of.allowsPrivate) === 'private'
    const hint = isPrivate ? ' Allow private addresses for this channel if it is meant to be there.' : ''
    return refused('channel.address', `${host} is at ${bad.address}, which is not a public address. Nothing was sent.${hint}`)
  }
  return send(url, target, of)
}

/** What is wrong with an address itself; null: nothing. */
export function urlProblem(url: URL): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol.replace(':', '')} is no way to post: use https.`
  return url.username === '' && url.password === ''
    ? null
    : 'An address with a user name or password would show it to everybody who sees the channel.'
}

function send(url: URL, target: { address: string; family: number }, { headers, body, readsAnswer }: Post): Promise<Outcome> {
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((done) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const call = request(
      url,
      {
        method: 'POST',
        agent: false,
        signal,
        headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': `Muster/${musterVersion}`, connection: 'close' },
        lookup: (_host, options, found) => (options.all === true ? found(null, [target]) : found(null, target.address, target.family)),
      },
      (response) => {
        const outcome = outcomeOf(response.statusCode ?? 0, response.headers['retry-after'])
        const parts: Buffer[] = []
        let received = 0
        // An answer that never ends must not keep the connection.
        response.on('data', (chunk: Buffer) => {
          received += chunk.length
          if (readsAnswer === true) parts.push(chunk)
          if (received > MOST_ANSWER_BYTES) call.destroy()
        })
        response.on('error', () => undefined)
        if (readsAnswer !== true || !outcome.ok) done(outcome)
        else response.on('close', () => done({ ...outcome, answer: Buffer.concat(parts).toString('utf8') }))
      },
    )
    call.on('error', (error) =>
      done(failed('channel.unreachable', signal.aborted ? `No answer within ${TIMEOUT_MS / 1000} s.` : messageOf(error))),
    )
    call.end(body)
  })
}

function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { ok: true }
  if (status === 410)
    return {
      ...refused('channel.gone', 'The receiver says that it is gone (410). The channel was switched off.'),
      disables: true,
    }
  if (status >= 300 && status < 400)
    return refused(
      'channel.redirected',
      `The receiver sends on to another address (${status}). Set that address in the channel; it is not followed.`,
    )
  const outcome = { ...failed('channel.refused', `The receiver answered ${status}.`), status }
  const askedMs = retryAfter === undefined ? 0 : askedWait(retryAfter, Date.now())
  return askedMs > 0 ? { ...outcome, retryAfterMs: Math.min(MOST_RETRY_AFTER_MS, askedMs) } : outcome
}

/** What Retry-After asks for, ms: in seconds, or as the date of an end. 0: nothing that can be read. */
export function askedWait(retryAfter: string, now: number): number {
  const asked = /^\s*\d+\s*$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now
  return asked > 0 ? asked : 0
}
