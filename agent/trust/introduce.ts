import { Problem } from '../../shared/domain/problem.ts'
import { decodeMessage, decodeSigned } from '../../shared/protocol/decode.ts'
import type { TrustRoots } from '../../shared/protocol/enrolment.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import { introduction, introductionMessage } from '../../shared/protocol/trust.ts'
import { guardMetadata } from './metadata-guard.ts'
import { openEnvelope, trustedKeys } from './verify.ts'

/**
 * The first root for a device that was enrolled before there was one. Both keys that it pinned at its enrolment must have signed it: after the
 * ceremony the one for bundles exists no more, so nobody can introduce another root.
 * @throws Problem `trust.introduction-invalid`
 */
export function openIntroduction(message: Uint8Array, context: { fleet: string; trust: TrustRoots }): Buffer {
  try {
    const text = new TextDecoder('utf-8', { fatal: true })
    const { envelope } = decodeMessage(introductionMessage, text.decode(message), 'introduction')
    const byOrders = openEnvelope(envelope, payloadTypes.trust, trustedKeys(context.trust.assignment))
    const byBundles = openEnvelope(envelope, payloadTypes.trust, trustedKeys(context.trust.bundle))
    if (byOrders === null || byBundles === null) throw new Error('it is not signed by both keys that this device knows')
    const said = decodeSigned(introduction, text.decode(byOrders), 'introduction')
    if (said.fleet !== context.fleet) throw new Error(`it is of the fleet ${said.fleet}`)
    const root = Buffer.from(said.root, 'base64')
    guardMetadata(root, 'root')
    return root
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem('trust.introduction-invalid', `The introduction to the trust metadata is refused: ${why}.`, { cause: error })
  }
}
