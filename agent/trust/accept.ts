import { createHash } from 'node:crypto'
import { Problem } from '../../shared/domain/problem.ts'
import { assignment, type Assignment } from '../../shared/protocol/assignment.ts'
import { decodeSigned } from '../../shared/protocol/decode.ts'
import { payloadTypes, type Envelope } from '../../shared/protocol/envelope.ts'
import { openWithKey, type TrustedKey } from './verify.ts'

/** The order that a device works on. */
export interface AcceptedAssignment {
  assignment: Assignment
  /** Hex SHA-256 of the signed bytes: the same counter with other bytes is a lie. */
  payloadHash: string
  /** Key that signed it. */
  keyid: string
}

interface AcceptContext {
  fleet: string
  device: string
  /** Keys that may sign assignments. */
  keys: readonly TrustedKey[]
  /** The highest order ever accepted, by epoch, counter and signed bytes; `keyid` is null for one from before keys were noted. */
  known: { epoch?: number; counter: number; payloadHash: string; keyid?: string | null } | null
  /** Newest time that a trusted key signed, epoch ms. */
  newestSignedAt?: number
  /** Operating system and architecture of this device; null: not compared. */
  hardware?: string | null
  now: number
}

/**
 * Checks an order: signature first, then form, target, epoch, counter and expiry, all over the same bytes.
 * @returns the order, and whether it is the one known already
 * @throws Problem `assignment.signature-invalid`, `assignment.wrong-target`, `assignment.rollback`, `assignment.equivocation`,
 * `assignment.expired`, `message.malformed`, `message.unsupported-version`
 */
export function acceptAssignment(envelope: Envelope, context: AcceptContext): AcceptedAssignment & { isKnown: boolean } {
  const opened = openWithKey(envelope, payloadTypes.assignment, context.keys)
  if (opened === null)
    throw new Problem('assignment.signature-invalid', 'The order carries no valid signature of an assignment key of this fleet.')
  const { bytes, keyid } = opened
  const parsed = decodeSigned(assignment, new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'assignment')
  checkTarget(parsed, context)
  const payloadHash = createHash('sha256').update(bytes).digest('hex')
  const isKnown = checkCounter(parsed, payloadHash, floorOf(context))
  if (isExpired(parsed, context.newestSignedAt ?? 0, context.now)) {
    throw new Problem('assignment.expired', `Order ${parsed.counter} expired at ${new Date(parsed.expiresAt).toISOString()}.`)
  }
  return { assignment: parsed, payloadHash, keyid, isKnown }
}

function checkTarget(order: Assignment, { fleet, device, hardware = null }: AcceptContext): void {
  if (order.fleet !== fleet || order.device !== device)
    throw new Problem('assignment.wrong-target', `The order is for ${order.fleet}/${order.device}, not for ${fleet}/${device}.`)
  if (order.hardware !== null && hardware !== null && order.hardware !== hardware)
    throw new Problem('assignment.wrong-target', `The order is made for ${order.hardware}; this device is ${hardware}.`)
}

/**
 * The order that a new one must not stand behind. When the fleet has taken the key of that one back, it counts no more: whoever stole it may have
 * signed the highest number there is, and the fleet must be able to go on.
 */
function floorOf({ known, keys }: AcceptContext): AcceptContext['known'] {
  if (known === null || known.keyid === undefined || known.keyid === null) return known
  return keys.some(({ keyid }) => keyid === known.keyid) ? known : null
}

function checkCounter(order: Assignment, payloadHash: string, known: AcceptContext['known']): boolean {
  if (known === null) return false
  const epoch = known.epoch ?? 0
  if (order.epoch > epoch) return false
  if (order.epoch < epoch) {
    throw new Problem(
      'assignment.rollback',
      `Order ${order.counter} is of the epoch ${order.epoch}; this device follows the epoch ${epoch}, of another or a restored console.`,
    )
  }
  if (order.counter > known.counter) return false
  if (order.counter < known.counter) {
    throw new Problem('assignment.rollback', `Order ${order.counter} is older than order ${known.counter}, which was accepted.`)
  }
  if (payloadHash !== known.payloadHash) {
    throw new Problem('assignment.equivocation', `Two different orders carry the counter ${order.counter}.`)
  }
  return true
}

/**
 * True if an order no longer allows changes. A device without a clock battery may stand years in the past, so the newest time that a
 * trusted key ever signed is a lower bound of now: setting the clock back does not revive an order.
 */
export function isExpired(order: Pick<Assignment, 'issuedAt' | 'expiresAt'>, newestSignedAt: number, now: number): boolean {
  return Math.max(now, newestSignedAt, order.issuedAt) >= order.expiresAt
}
