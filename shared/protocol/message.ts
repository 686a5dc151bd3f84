import { z } from 'zod'

/** The major version of the wire. A higher one is refused by name; fields may be added within it. */
export const WIRE_VERSION = 1

/** What every JSON message begins with. Objects are loose: unknown fields are kept and ignored. */
export const head = {
  v: z.literal(WIRE_VERSION).describe('Major version of the wire.'),
  sentAt: z.int().nonnegative().describe('Sender clock when the message was made, epoch ms, UTC.'),
}

export const epochMs = z.int().nonnegative().max(8_640_000_000_000_000).describe('Epoch ms, UTC; no later than a date can say.')
export const count = z.int().nonnegative()
export const sizeBytes = z.int().nonnegative().describe('Bytes.')
/** Standard base64 with padding. */
export const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, 'standard base64')
/** Free text from a person or a device: always shown as text, never as markup. */
export const text = (max: number) => z.string().max(max)
