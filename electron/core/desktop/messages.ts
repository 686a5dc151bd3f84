import { z } from 'zod'

/** What the desktop's main process says to the core. A `port` message brings the port of one caller beside it. */
export const toCore = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    argv: z.array(z.string().max(8192)).max(64).describe('As `muster console` takes them.'),
    secretKey: z.string().max(64).nullable().describe('Key that seals small secrets, base64; null: the system keeps none safely.'),
  }),
  z.object({
    type: z.literal('port'),
    for: z.enum(['page', 'desktop']).describe('Whose port it is: of the page, where a person acts, or of the desktop, which only looks.'),
  }),
  z.object({ type: z.literal('stop') }),
])
export type ToCore = z.infer<typeof toCore>

const problem = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() })

/** What the core answers. */
export const fromCore = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    url: z.string(),
    uploadKey: z.string().describe('Sends files for pages of the desktop.'),
    brokerUrl: z.string(),
    fleet: z.string(),
    dataDirectory: z.string(),
  }),
  z.object({ type: z.literal('failed'), problem }),
])
export type FromCore = z.infer<typeof fromCore>
/** Where the running core is reached, and what it is. */
export type CoreFacts = Omit<Extract<FromCore, { type: 'ready' }>, 'type'>
