import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'

/** The key of a secret: Standard Webhooks writes it in base64 behind `whsec_`; any other text is taken as it is. */
export function signingKey(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret, 'utf8')
}

/** Bytes that Standard Webhooks asks of a key; an empty one, as base64 that is none would give, could be guessed by anybody. */
const KEY_BYTES = { least: 24, most: 64 } as const

/** What is wrong with a secret; null: nothing. */
export function secretProblem(secret: string): string | null {
  if (!secret.startsWith(PREFIX)) return secret.trim() === '' ? 'The secret is empty.' : null
  const { length } = signingKey(secret)
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(secret.slice(PREFIX.length))
  return isBase64 && length >= KEY_BYTES.least && length <= KEY_BYTES.most
    ? null
    : `Behind ${PREFIX} a secret is ${KEY_BYTES.least} to ${KEY_BYTES.most} bytes in base64.`
}

/**
 * The headers of Standard Webhooks: `webhook-id` tells repetitions, `webhook-timestamp` (seconds) old ones, and `webhook-signature` is
 * `v1,` + base64(HMAC-SHA256(key, id.timestamp.body)). Without a secret there is no signature.
 */
export function webhookHeaders(of: { uid: string; now: number; body: string; secret: string | null }): Record<string, string> {
  const timestamp = String(Math.floor(of.now / 1000))
  const headers = { 'webhook-id': of.uid, 'webhook-timestamp': timestamp }
  if (of.secret === null) return headers
  const signature = createHmac('sha256', signingKey(of.secret)).update(`${of.uid}.${timestamp}.${of.body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}
