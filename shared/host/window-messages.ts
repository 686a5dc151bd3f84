import { z } from 'zod'

/** A page of the console as the address bar would show it; it can neither leave the origin nor hide a scheme. */
export const uiPath = z
  .string()
  .max(512)
  .regex(/^\/(?!\/)[A-Za-z0-9/._~+@-]*(?:\?[A-Za-z0-9=&%.+_~-]*)?$/, 'is no page of the console')

/** Commands that the menu of the desktop gives to the page; the page does with them what its own shortcut does. */
export const menuCommands = ['command-palette', 'new-deployment', 'import-model', 'keyboard-map'] as const
export type MenuCommand = (typeof menuCommands)[number]

const report = z.object({ code: z.string().max(64), message: z.string().max(2000), hint: z.string().max(500).optional() })

/**
 * What the preload posts to its own window (`event.source === window` and `event.origin === location.origin`).
 * `port` carries the MessagePort in `event.ports[0]`: RPC frames as objects, first `{event:'welcome'}` from the core.
 */
export const windowMessage = z.discriminatedUnion('muster', [
  z.object({ muster: z.literal('port') }),
  z.object({ muster: z.literal('navigate'), path: uiPath }),
  z.object({ muster: z.literal('command'), id: z.enum(menuCommands) }),
  z.object({
    muster: z.literal('core'),
    /** `starting`: wait, a new port follows when asked; `failed`: it will not come back by itself, `problem` says why. */
    state: z.enum(['starting', 'running', 'failed']),
    problem: report.optional(),
  }),
])
export type WindowMessage = z.infer<typeof windowMessage>
/** Those that the main process sends through the preload; a port comes on a channel of its own. */
export type ToldMessage = Exclude<WindowMessage, { muster: 'port' }>
