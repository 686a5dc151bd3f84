import { createHash, randomBytes } from 'node:crypto'

/** What secrets begin with, so that a scanner of leaked texts can tell what it found. */
export const prefixes = { session: 'mss_', token: 'mst_' } as const

/** A secret that nobody guesses: 256 random bits. A plain hash of it is as good as a slow one. */
export function makeSecret(kind: keyof typeof prefixes): { secret: string; hash: string } {
  const secret = `${prefixes[kind]}${randomBytes(32).toString('base64url')}`
  return { secret, hash: hashOfSecret(secret) }
}

/** What is stored of a secret. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** An id that is no secret. */
export function makeId(): string {
  return randomBytes(8).toString('hex')
}
