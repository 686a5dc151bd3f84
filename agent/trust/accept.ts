import { createHash } from 'node:crypto'
import { Problem } from '../../shared/domain/problem.ts'
import { assignment, type Assignment } from '../../shared/protocol/assignment.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { payloadTypes, type Envelope } from '../../shared/protocol/envelope.ts'
import { openEnvelope, type TrustedKey } from './verify.ts'

/** The order that a device works on. */
export interface AcceptedAssignment {
  assignment: Assignment
  /** Hex SHA-256 of the signed bytes: the same counter with other bytes is a lie. */
  payloadHash: string
}

interface AcceptContext {
  fleet: string
  device: string
  /** Keys that may sign assignments. */
  keys: readonly TrustedKey[]
  /** The highest order ever accepted, by counter and signed bytes. */
  known: { counter: number; payloadHash: string; issuedAt: number } | null
  now: number
}

/**
 * Checks an order: signature first, then form, target, counter and expiry, all over the same bytes.
 * @returns the order, and whether it is the one known already
 * @throws Problem `assignment.signature-invalid`, `assignment.wrong-target`, `assignment.rollback`, `assignment.equivocation`,
 * `assignment.expired`, `message.malformed`, `message.unsupported-version`
 */
export function acceptAssignment(envelope: Envelope, context: AcceptContext): AcceptedAssignment & { isKnown: boolean } {
  const bytes = openEnvelope(envelope, payloadTypes.assignment, context.keys)
  if (bytes === null)
    throw new Problem('assignment.signature-invalid', 'The order carries no valid signature of an assignment key of this fleet.')
  const parsed = decodeMessage(assignment, new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'assignment')
  if (parsed.fleet !== context.fleet || parsed.device !== context.device) {
    throw new Problem(
      'assignment.wrong-target',
      `The order is for ${parsed.fleet}/${parsed.device}, not for ${context.fleet}/${context.device}.`,
    )
  }
  const payloadHash = createHash('sha256').update(bytes).digest('hex')
  const isKnown = checkCounter(parsed, payloadHash, context.known)
  if (isExpired(parsed, context.known?.issuedAt ?? 0, context.now)) {
    throw new Problem('assignment.expired', `Order ${parsed.counter} expired at ${new Date(parsed.expiresAt).toISOString()}.`)
  }
  return { assignment: parsed, payloadHash, isKnown }
}

function checkCounter(order: Assignment, payloadHash: string, known: AcceptContext['known']): boolean {
  if (known === null || order.counter > known.counter) return false
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
