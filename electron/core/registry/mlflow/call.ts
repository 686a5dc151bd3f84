import { lookup } from 'node:dns/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import { errorCodeOf, messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { musterVersion } from '../../../../shared/domain/version.ts'
import { addressRefusal } from '../../monitor/channels/addresses.ts'

/** A tracking server, and how we prove who we are to it. */
export interface MlflowServer {
  /** Its address; what stands in the path comes before every call. */
  url: string
  authorization: string | null
  /** Certificates (PEM) that its TLS is checked with; null: those of the system. */
  ca: string | null
}

/** One request to the server. */
export interface MlflowCall {
  method: 'GET' | 'POST'
  /** Below the address, such as `/api/2.0/mlflow/runs/get`; its segments are encoded already. */
  path: string
  query?: Readonly<Record<string, string>>
  body?: object
  /** A server that says nothing for so long is given up. */
  idleMs?: number
  signal: AbortSignal
}

const IDLE_MS = 20_000
const MOST_ERROR_BYTES = 16 * 1024
const SHOWN_ERROR = 300

/**
 * Sends a request and hands over the answer if the server says yes. The name is resolved here and the connection goes to the address that was
 * checked; addresses of this link, such as those of cloud metadata, are never asked. A redirect is not followed: it would take the secret along.
 * @throws Problem `source.unreachable`, `source.denied`, `source.no-version`, `source.answer`, `source.address`, `cancelled`
 */
export async function openAnswer(server: MlflowServer, call: MlflowCall): Promise<http.IncomingMessage> {
  const url = urlOf(server, call)
  const target = await resolved(url)
  const answer = await send(server, call, { url, target })
  const status = answer.statusCode ?? 0
  if (status === 200) return answer
  throw refusal(status, await saidBy(answer), url)
}

function urlOf({ url }: MlflowServer, { path, query }: MlflowCall): URL {
  if (!URL.canParse(url)) throw new Problem('source.address', `'${url}' is no address.`)
  const made = new URL(url)
  made.pathname = `${made.pathname.replace(/\/+$/, '')}${path}`
  made.search = new URLSearchParams(query).toString()
  made.hash = ''
  return made
}

interface Target {
  address: string
  family: number
}

async function resolved(url: URL): Promise<Target> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  let addresses: Target[]
  try {
    addresses = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }]
  } catch (error) {
    throw new Problem('source.unreachable', `The name ${host} is not found (${errorCodeOf(error) ?? messageOf(error)}).`, { cause: error })
  }
  const bad = addresses.find(({ address }) => addressRefusal(address, true) !== null)
  if (bad !== undefined) throw new Problem('source.address', `${host} is at ${bad.address}; nothing is asked there.`)
  const [target] = addresses
  if (target === undefined) throw new Problem('source.unreachable', `The name ${host} has no address.`)
  return target
}

function send(server: MlflowServer, call: MlflowCall, { url, target }: { url: URL; target: Target }): Promise<http.IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http
  const body = call.body === undefined ? null : JSON.stringify(call.body)
  return new Promise((done, fail) => {
    const sent = request(
      url,
      {
        ...{ method: call.method, agent: false, signal: call.signal },
        ...(server.ca === null ? {} : { ca: server.ca }),
        headers: {
          ...{ accept: '*/*', 'accept-encoding': 'identity', 'user-agent': `Muster/${musterVersion}`, connection: 'close' },
          ...(server.authorization === null ? {} : { authorization: server.authorization }),
          ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
        lookup: (_host, options, found) => (options.all === true ? found(null, [target]) : found(null, target.address, target.family)),
      },
      done,
    )
    const idleMs = call.idleMs ?? IDLE_MS
    sent.setTimeout(idleMs, () => sent.destroy(new Error(`the server said nothing for ${idleMs / 1000} s`)))
    sent.on('error', (error) => fail(unreachable(error, call.signal, url)))
    sent.end(body ?? undefined)
  })
}

/** What a broken connection means; a cut in the middle of an answer as well. */
export function unreachable(error: unknown, signal: AbortSignal, url: URL | string): Problem {
  if (error instanceof Problem) return error
  if (signal.aborted) return new Problem('cancelled', 'It was cancelled; nothing was stored.', { cause: error })
  const host = typeof url === 'string' ? (URL.canParse(url) ? new URL(url).host : url) : url.host
  return new Problem('source.unreachable', `${host} does not answer: ${messageOf(error)}`, { cause: error })
}

function refusal(status: number, { words, errorCode }: Said, url: URL): Problem {
  const said = words === '' ? '' : `: ${words}`
  if (status === 401 || status === 403) return new Problem('source.denied', `${url.host} does not let us in (${status})${said}`)
  if (status === 404)
    return new Problem(
      'source.no-version',
      `${url.host} has no such thing (404)${said}`,
      errorCode === '' ? {} : { cause: { code: errorCode } },
    )
  if (status >= 300 && status < 400)
    return new Problem('source.answer', `${url.host} sends on to another address (${status}); it is not followed. Set that address.`)
  if (status === 429 || status >= 500) return new Problem('source.unreachable', `${url.host} cannot answer now (${status})${said}`)
  return new Problem('source.answer', `${url.host} refuses the question (${status})${said}`)
}

interface Said {
  words: string
  /** `error_code` of MLflow, such as `RESOURCE_DOES_NOT_EXIST`; empty: it was not MLflow that spoke. */
  errorCode: string
}

/** What an error says: `message` of MLflow's JSON, or a plain text; a web page says nothing. */
async function saidBy(answer: http.IncomingMessage): Promise<Said> {
  const text = await bodyOf(answer, MOST_ERROR_BYTES).catch(() => '')
  try {
    const parsed: unknown = JSON.parse(text)
    const textAt = (key: string): string => {
      const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : null
      return typeof value === 'string' ? value.slice(0, SHOWN_ERROR) : ''
    }
    return { words: textAt('message'), errorCode: textAt('error_code') }
  } catch {
    return { words: /^\s*</.test(text) ? '' : text.trim().slice(0, SHOWN_ERROR), errorCode: '' }
  }
}

/** The whole body as text. @throws Problem `source.too-large`, and the error of the connection */
export async function bodyOf(answer: http.IncomingMessage, mostBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > mostBytes) {
      answer.destroy()
      throw new Problem('source.too-large', `The server answers with more than ${mostBytes} bytes.`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
