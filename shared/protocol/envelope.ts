import { z } from 'zod'
import { base64 } from './message.ts'

/** Payload types that are signed. The type is part of the signed bytes, so one kind can never pass for another. */
export const payloadTypes = {
  assignment: 'application/vnd.muster.assignment+json',
  bundle: 'application/vnd.muster.bundle+json',
  halt: 'application/vnd.muster.halt+json',
  checkpoint: 'application/vnd.muster.checkpoint+json',
  trust: 'application/vnd.muster.trust+json',
  certificate: 'application/vnd.muster.certificate+json',
  certificateRequest: 'application/vnd.muster.certificate-request',
  backup: 'application/vnd.muster.backup+json',
  carry: 'application/vnd.muster.carry+json',
  receipt: 'application/vnd.muster.receipt+json',
  bundleFile: 'application/vnd.muster.bundle-file+json',
  report: 'application/vnd.muster.report+json',
} as const

export type PayloadType = (typeof payloadTypes)[keyof typeof payloadTypes]

/** One signature: the key's id (hex SHA-256 of its raw public bytes, first 32 digits) and the Ed25519 signature. */
export const signature = z.looseObject({
  keyid: z.string().regex(/^[0-9a-f]{32}$/),
  sig: base64.max(128),
})
export type Signature = z.infer<typeof signature>

/** A DSSE envelope (https://github.com/secure-systems-lab/dsse): the payload travels as the exact bytes that were signed. */
export const envelope = z.looseObject({
  payloadType: z.string().max(128),
  payload: base64,
  signatures: z.array(signature).min(1).max(8),
})
export type Envelope = z.infer<typeof envelope>

/**
 * The pre-authentication encoding of DSSE v1: the bytes that a signature covers.
 * `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`, lengths in decimal bytes.
 */
export function preAuthEncoding(payloadType: string, body: Uint8Array): Uint8Array {
  const type = utf8(payloadType)
  const before = utf8(`DSSEv1 ${type.length} ${payloadType} ${body.length} `)
  const encoded = new Uint8Array(before.length + body.length)
  encoded.set(before, 0)
  encoded.set(body, before.length)
  return encoded
}

/** UTF-8 bytes of a text, without `TextEncoder` (this layer has neither DOM nor Node types). */
export function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text.toWellFormed())
  const bytes: number[] = []
  for (let i = 0; i < escaped.length; i += 1) {
    if (escaped[i] === '%') {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16))
      i += 2
    } else bytes.push(escaped.charCodeAt(i))
  }
  return Uint8Array.from(bytes)
}
