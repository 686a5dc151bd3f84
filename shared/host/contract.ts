import { z } from 'zod'
import { uiPath } from './window-messages.ts'

/** Sites whose documentation the page may open in the person's browser; nothing else leaves the window. */
export const documentationSites = ['https://onnx.ai', 'https://onnxruntime.ai', 'https://mosquitto.org', 'https://mqtt.org'] as const

/** An address on one of the documentation sites; `@`, `\\` and spaces are no part of it, so no other host can hide behind theirs. */
export const documentationUrl = z
  .string()
  .max(2048)
  .refine(
    (text) =>
      documentationSites.some((site) => text.startsWith(site) && /^(?:$|[/?#][A-Za-z0-9/?#=&%._~+-]*$)/.test(text.slice(site.length))),
    `only documentation is opened: ${documentationSites.join(', ')}`,
  )

const nothing = z.strictObject({})

/** A file that a person picked; the handle stands for its path. */
const chosenFile = z.object({ handle: z.string().max(64), name: z.string().max(255), sizeBytes: z.int().nonnegative() })

/**
 * What only a desktop can do, as data; a browser has none of it and works all the same. No method takes or gives a path of the file
 * system: a chosen file is a handle that counts until the window reloads, so a page that went wrong cannot read anything a person did not pick.
 */
export const hostContract = {
  'host.describe': {
    summary: 'Facts of the desktop that the settings show.',
    input: nothing,
    output: z.object({
      platform: z.enum(['linux', 'windows', 'macos']),
      version: z.string().max(64),
      electron: z.string().max(64),
      /** Whether small secrets are kept encrypted by the system, or why not. */
      secrets: z.enum(['encrypted', 'unavailable']),
      hasBadge: z.boolean(),
      hasNotifications: z.boolean(),
    }),
  },
  'host.chooseFile': {
    summary: 'Lets the person pick files; an empty list means they changed their mind.',
    input: z.strictObject({
      title: z.string().max(120),
      kind: z.enum(['model', 'table', 'any']),
      several: z.boolean().default(false),
    }),
    output: z.object({
      files: z.array(chosenFile).max(64),
    }),
  },
  'host.takeOpenedFile': {
    summary: 'The .muster file that the system was told to open with the console, once; null: there is none.',
    input: nothing,
    output: z.object({ file: chosenFile.nullable() }),
  },
  'host.sendFile': {
    summary: 'Sends a chosen file to the core under an upload ticket, as `PUT /uploads/<ticket>` does for a file the page holds.',
    input: z.strictObject({ handle: z.string().max(64), ticket: z.string().regex(/^[a-z0-9]{32}$/, 'is no ticket') }),
    output: z.object({ sizeBytes: z.int().nonnegative() }),
  },
  'host.showInFolder': {
    summary: 'Opens a folder of this console in the file manager.',
    input: z.strictObject({ folder: z.enum(['data', 'downloads']) }),
    output: z.object({ shown: z.boolean() }),
  },
  'host.notify': {
    summary: 'Shows a native notification; a click opens the window at the path.',
    input: z.strictObject({ title: z.string().min(1).max(120), body: z.string().max(500), path: uiPath.optional() }),
    output: z.object({ shown: z.boolean() }),
  },
  'host.openExternal': {
    summary: 'Opens a page of documentation in the browser.',
    input: z.strictObject({ url: documentationUrl }),
    output: z.object({ opened: z.boolean() }),
  },
  'host.setTheme': {
    summary: 'Tells the desktop which theme the person chose, so that the window opens in its colour.',
    input: z.strictObject({ theme: z.enum(['light', 'dark', 'system']) }),
    output: z.object({ theme: z.enum(['light', 'dark', 'system']) }),
  },
  'host.restartCore': {
    summary: 'Starts the core again after it gave up (`{muster:"core", state:"failed"}`); does nothing while one runs.',
    input: nothing,
    output: z.object({ state: z.enum(['starting', 'running', 'failed', 'stopped']) }),
  },
  'host.setBadge': {
    summary: 'Shows a number at the icon of the application; 0 takes it away.',
    input: z.strictObject({ count: z.int().min(0).max(9999) }),
    output: z.object({ shown: z.boolean() }),
  },
} as const

export type HostContract = typeof hostContract
export type HostMethodName = keyof HostContract
/** What a caller writes. */
export type HostInputOf<Name extends HostMethodName> = z.input<HostContract[Name]['input']>
/** What a handler receives. */
export type HostParsedInputOf<Name extends HostMethodName> = z.output<HostContract[Name]['input']>
export type HostOutputOf<Name extends HostMethodName> = z.output<HostContract[Name]['output']>

/** True if a text names a method of the desktop. */
export function isHostMethodName(name: string): name is HostMethodName {
  return Object.hasOwn(hostContract, name)
}
