import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { FileFilter, OpenDialogOptions } from 'electron'
import { z } from 'zod'
import type { HostAnswer } from '../../shared/host/bridge.ts'
import {
  hostContract,
  isHostMethodName,
  type HostInputOf,
  type HostMethodName,
  type HostOutputOf,
  type HostParsedInputOf,
} from '../../shared/host/contract.ts'
import { Problem, problemFrom, reportOf } from '../../shared/domain/problem.ts'
import { firstIssue } from '../../shared/protocol/decode.ts'
import type { ChosenFiles } from './chosen-files.ts'
import type { CoreState } from './core-process.ts'
import type { UploadAnswer } from './forward-upload.ts'
import type { Note } from './notifications.ts'

export interface HostParts {
  facts: HostOutputOf<'host.describe'>
  chosen: ChosenFiles
  /** Path of the file that the system was told to open with the console, once. */
  takeOpened(): string | null
  openDialog(options: OpenDialogOptions): Promise<{ canceled: boolean; filePaths: string[] }>
  upload(ticket: string, body: ReturnType<typeof createReadStream>): Promise<UploadAnswer>
  /** Opens a folder in the file manager; what it returns says why it did not. */
  openFolder(folder: HostParsedInputOf<'host.showInFolder'>['folder']): Promise<string>
  openExternal(url: string): Promise<void>
  notify(note: Note): boolean
  setBadge(count: number): boolean
  setTheme(theme: HostInputOf<'host.setTheme'>['theme']): void
  restartCore(): CoreState['state']
}

type HostHandlers = { [Name in HostMethodName]: (input: HostParsedInputOf<Name>) => HostOutputOf<Name> | Promise<HostOutputOf<Name>> }

const call = z.strictObject({ method: z.string().max(64), input: z.unknown() })

const filters: Record<HostParsedInputOf<'host.chooseFile'>['kind'], FileFilter[]> = {
  model: [{ name: 'Models', extensions: ['onnx', 'json'] }],
  table: [{ name: 'Tables', extensions: ['csv'] }],
  any: [],
}

/** Answers calls of the page to the desktop; every failure is an answer with a code. */
export function hostHandler(parts: HostParts): (frame: unknown) => Promise<HostAnswer> {
  const handlers = hostHandlers(parts)
  return async (frame) => {
    try {
      const asked = call.safeParse(frame)
      if (!asked.success) throw new Problem('input.invalid', `The call is none: ${firstIssue(asked.error)}`)
      const { method } = asked.data
      if (!isHostMethodName(method)) throw new Problem('method.unknown', `The desktop has no method '${method}'.`)
      const input = hostContract[method].input.safeParse(asked.data.input ?? {})
      if (!input.success) throw new Problem('input.invalid', `${method}: ${firstIssue(input.error)}`)
      // The mapped type pairs each name with its input; that pairing is lost for a name known only at run time.
      const handler = handlers[method] as (input: unknown) => unknown
      return { ok: true, output: await handler(input.data) }
    } catch (error) {
      return { ok: false, error: reportOf(error) }
    }
  }
}

function hostHandlers(parts: HostParts): HostHandlers {
  return {
    'host.describe': () => parts.facts,
    'host.chooseFile': async ({ title, kind, several }) => {
      const { canceled, filePaths } = await parts.openDialog({
        title,
        filters: filters[kind],
        properties: ['openFile', ...(several ? (['multiSelections'] as const) : [])],
      })
      return { files: canceled ? [] : await parts.chosen.add(filePaths) }
    },
    'host.takeOpenedFile': async () => {
      const path = parts.takeOpened()
      if (path === null) return { file: null }
      // It may be gone by now, or be a folder: then there is nothing to import.
      const [file] = await parts.chosen.add([path]).catch(() => [])
      if (file === undefined)
        throw new Problem('usage', `${basename(path)} cannot be read.`, { hint: 'Check that the file is still there.' })
      return { file }
    },
    'host.sendFile': ({ handle, ticket }) => sendFile(parts, handle, ticket),
    'host.showInFolder': async ({ folder }) => {
      const reason = await parts.openFolder(folder)
      if (reason !== '') throw new Problem('internal', `The folder could not be shown: ${reason}`)
      return { shown: true }
    },
    'host.notify': ({ title, body, path }) => ({ shown: parts.notify({ title, body, path: path ?? '/' }) }),
    'host.openExternal': async ({ url }) => {
      await parts.openExternal(url)
      return { opened: true }
    },
    'host.setTheme': ({ theme }) => {
      parts.setTheme(theme)
      return { theme }
    },
    'host.restartCore': () => ({ state: parts.restartCore() }),
    'host.setBadge': ({ count }) => ({ shown: parts.setBadge(count) }),
  }
}

async function sendFile(parts: HostParts, handle: string, ticket: string): Promise<{ sizeBytes: number }> {
  const file = parts.chosen.find(handle)
  if (file === null)
    throw new Problem('input.invalid', 'This file was not chosen, or the window was loaded again since.', { hint: 'Choose it again.' })
  const { size } = await stat(file.path)
  const { status, body } = await parts.upload(ticket, createReadStream(file.path))
  if (status >= 300) throw refusalOf(body, file.name)
  return { sizeBytes: size }
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }) })

function refusalOf(body: string, name: string): Problem {
  try {
    const { code, message, hint } = refusal.parse(JSON.parse(body)).error
    return problemFrom(hint === undefined ? { code, message } : { code, message, hint })
  } catch {
    return new Problem('internal', `${name} was not taken by the core.`)
  }
}
