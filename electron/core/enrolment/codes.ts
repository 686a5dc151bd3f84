import { randomBytes } from 'node:crypto'
import { Problem } from '../../../shared/domain/problem.ts'
import { GUEST_PREFIX } from '../../../shared/protocol/enrolment.ts'
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

/** Why such an id is refused. */
export const GUEST_ID = `Ids that begin with ${GUEST_PREFIX} are those of guests who enrol.`

/** True for an id that a guest at the broker could take from the device; a device that has it already keeps it. */
export function isGuestId(store: FleetStore, device: string): boolean {
  return device.startsWith(GUEST_PREFIX) && store.devices.find(device) === null
}

/**
 * Makes a one-time code: `<fleet>.<id>.<secret>`, the secret of about 79 bits. Call it in a transaction.
 * @throws Problem `input.invalid` for the id of a guest
 */
export function createEnrolmentCode(store: FleetStore, wish: CodeWish): { code: string; codeId: string; expiresAt: number } {
  forgetStale(store, wish.now)
  return addEnrolmentCode(store, wish)
}

/** Like `createEnrolmentCode`, for one of many: what is stale was forgotten before the first. */
export function addEnrolmentCode(store: FleetStore, wish: CodeWish): { code: string; codeId: string; expiresAt: number } {
  if (wish.device !== null && isGuestId(store, wish.device)) throw new Problem('input.invalid', GUEST_ID)
  const codeId = randomText(6)
  const secret = [randomText(4), randomText(4), randomText(4), randomText(4)].join('-')
  const expiresAt = wish.now + wish.minutes * 60_000
  const { device, labels, confirm = null } = wish
  store.enrolment.add({ codeId, secret, device, labels, expiresAt, triesLeft: CODE_TRIES, confirm })
  return { code: `${wish.fleet}.${codeId}.${secret}`, codeId, expiresAt }
}

/**
 * Takes back the codes that were made for a device, and refuses whoever waits to join as it: a code that is open when a device is shut out would
 * let it in again, without a mark. Call it in a transaction.
 */
export function takeBackCodes(store: FleetStore, device: string, now: number): void {
  store.enrolment.burnOf(device)
  store.pending.refuseOf(device, now)
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
