import { randomBytes } from 'node:crypto'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** Letters and digits that nobody mistakes for another. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'
const CODE_TRIES = 5
/** A device that waits for a person longer than this asks with a new code. */
const PENDING_MS = 24 * 3_600_000

/** Text of `length` random characters that read well aloud. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // Bytes above a multiple of the alphabet's size would favour its first letters.
      if (byte < Math.floor(256 / alphabet.length) * alphabet.length && text.length < length) text += alphabet[byte % alphabet.length]!
    }
  }
  return text
}

/** What a code is made for. */
export interface CodeWish {
  fleet: string
  /** null: the device chooses its id. */
  device: string | null
  labels: Record<string, string>
  minutes: number
  /** Whether a person compares the fingerprint; left out or null: as the policy says. */
  confirm?: boolean | null
  now: number
}

/** Makes a one-time code: `<fleet>.<id>.<secret>`, the secret of about 79 bits. Call it in a transaction. */
export function createEnrolmentCode(store: FleetStore, wish: CodeWish): { code: string; codeId: string; expiresAt: number } {
  forgetStale(store, wish.now)
  return addEnrolmentCode(store, wish)
}

/** Like `createEnrolmentCode`, for one of many: what is stale was forgotten before the first. */
export function addEnrolmentCode(store: FleetStore, wish: CodeWish): { code: string; codeId: string; expiresAt: number } {
  const codeId = randomText(6)
  const secret = [randomText(4), randomText(4), randomText(4), randomText(4)].join('-')
  const expiresAt = wish.now + wish.minutes * 60_000
  const { device, labels, confirm = null } = wish
  store.enrolment.add({ codeId, secret, device, labels, expiresAt, triesLeft: CODE_TRIES, confirm })
  return { code: `${wish.fleet}.${codeId}.${secret}`, codeId, expiresAt }
}

/** Forgets codes that have expired, and devices that nobody has looked at for a day. */
export function forgetStale(store: FleetStore, now: number): void {
  store.enrolment.forgetExpired(now)
  store.pending.forgetBefore(now - PENDING_MS)
}

/** Public parts of the codes that may open a guest connection now: open ones, and those of devices that wait for an answer. */
export function guestCodes(store: FleetStore, now: number): string[] {
  return [...new Set([...store.enrolment.guests(now), ...store.pending.codes()])]
}
