import type { OtlpChoice } from '../../../shared/rpc/contract/metrics.ts'
import { post, urlProblem } from '../monitor/channels/post.ts'

/** How an export ended: taken (perhaps but for some), to be tried again, or never to be taken. */
export type OtlpOutcome =
  | { kind: 'taken'; rejected: number }
  | { kind: 'later'; message: string; retryAfterMs?: number }
  | { kind: 'never'; message: string }

type Receiver = Pick<OtlpChoice, 'url' | 'header' | 'secret' | 'allowsPrivate'>

/** Sends one request; a test plays the receiver. */
export type PostOtlp = (to: Receiver, signal: 'metrics' | 'logs', body: string) => Promise<OtlpOutcome>

/**
 * Refusals that are about what was sent: the same bytes will never be taken. Everything else passes, or ends when a person changes the
 * address, the secret or the receiver: it is tried again, at growing pauses.
 */
const aboutTheBody = [400, 413, 415, 422]

/** Posts one request of OTLP/HTTP in JSON. */
export const postOtlp: PostOtlp = async (to, signal, body) => {
  const outcome = await post({
    url: `${to.url.replace(/\/+$/, '')}/v1/${signal}`,
    headers: { 'content-type': 'application/json', ...(to.secret === null ? {} : { [to.header.toLowerCase()]: to.secret }) },
    body,
    allowsPrivate: to.allowsPrivate,
    readsAnswer: true,
  })
  if (outcome.ok) return taken(outcome.answer ?? '')
  const { message, retryAfterMs, status } = outcome
  if (status !== undefined && aboutTheBody.includes(status)) return { kind: 'never', message }
  return { kind: 'later', message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** What is wrong with the address of a receiver; null: nothing. */
export function otlpUrlProblem(text: string): string | null {
  if (!URL.canParse(text)) return `'${text.slice(0, 200)}' is no address.`
  const url = new URL(text)
  if (url.search !== '' || url.hash !== '') return 'The base address of a receiver has neither ? nor #.'
  return urlProblem(url)
}

/** A receiver may take a request but for some points, and says how many. */
function taken(answer: string): OtlpOutcome {
  try {
    const { partialSuccess } = JSON.parse(answer) as { partialSuccess?: Record<string, unknown> | null }
    const rejected = Number(partialSuccess?.['rejectedDataPoints'] ?? partialSuccess?.['rejectedLogRecords'] ?? 0)
    return { kind: 'taken', rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0 }
  } catch {
    // Receivers that answer with nothing, or not in JSON, have taken it: the status says so.
    return { kind: 'taken', rejected: 0 }
  }
}
