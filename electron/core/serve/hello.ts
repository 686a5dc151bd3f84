import { z } from 'zod'

/** The first frame of a connection: a token never stands in a URL, which would be logged. Without one the sender wants to sign in. */
export const helloFrame = z.strictObject({
  token: z.string().max(256).optional(),
  client: z.string().max(64).optional(),
  person: z.string().max(256).optional(),
})
export type Hello = z.infer<typeof helloFrame>

/** The code with which a connection ends that may not, or no longer, come in. */
export const REFUSED = 4401
