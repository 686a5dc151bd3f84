import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageBoxOptions } from 'electron'
import { z } from 'zod'
import { messageOf } from '../../shared/domain/problem.ts'
import { compareVersions, isVersion } from '../../shared/domain/query/values.ts'

// Muster asks for newer versions only where whoever packaged it named an address, and only when a person says so. It tells what it found;
// it downloads, installs and restarts nothing, because devices report to this console and its stop is a person's decision.

/** What is needed to ask for a newer version. */
export interface UpdateParts {
  /** Address below which releases lie. */
  feed: string
  version: string
  platform: NodeJS.Platform
  architecture: string
  fetch(url: string, init: RequestInit): Promise<Response>
}

/** What asking came to. */
export type UpdateAnswer = { state: 'newest' } | { state: 'newer'; version: string } | { state: 'unknown'; reason: string }

const PATIENCE_MS = 15_000
/** A feed has some hundred bytes. */
const MOST_BYTES = 64 * 1024

/** The address that the package names in its own archive; `null`: nobody is asked. */
export function updateFeedOf(appPath: string): string | null {
  try {
    const { updates } = z
      .looseObject({ updates: z.string().max(2048) })
      .parse(JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8')))
    return new URL(updates).protocol === 'https:' ? updates : null
  } catch {
    return null
  }
}

/** The feed of a system, under the name that electron-builder gives it. */
export function feedFile({ platform, architecture }: Pick<UpdateParts, 'platform' | 'architecture'>): string {
  if (platform === 'win32') return 'latest.yml'
  if (platform === 'darwin') return 'latest-mac.yml'
  return architecture === 'x64' ? 'latest-linux.yml' : `latest-linux-${architecture}.yml`
}

/** Asks once whether there is a newer version. That it cannot be known is an answer and no error: a console must not need the network. */
export async function askForUpdate(parts: UpdateParts): Promise<UpdateAnswer> {
  try {
    const response = await parts.fetch(`${parts.feed}/${feedFile(parts)}`, {
      ...{ redirect: 'error', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) },
    })
    if (!response.ok) return { state: 'unknown', reason: `The server answered with ${response.status}.` }
    const version = /^version: ['"]?([^\s'"]{1,64})['"]?\s*$/m.exec(await textOf(response))?.[1]
    if (version === undefined || !isVersion(version)) return { state: 'unknown', reason: 'The server answered with no version.' }
    return compareVersions(version, parts.version) > 0 ? { state: 'newer', version } : { state: 'newest' }
  } catch (error) {
    return { state: 'unknown', reason: messageOf(error) }
  }
}

/** The answer in words, for a dialog that closes and does nothing. */
export function updateMessage(answer: UpdateAnswer, { feed, version }: Pick<UpdateParts, 'feed' | 'version'>): MessageBoxOptions {
  const shown = { buttons: ['OK'], title: 'Muster' }
  if (answer.state === 'newest') return { ...shown, type: 'info', message: `Muster ${version} is the newest version.` }
  if (answer.state === 'unknown')
    return { ...shown, type: 'warning', message: 'Whether there is a newer version is not known.', detail: `${feed}: ${answer.reason}` }
  return {
    ...{ ...shown, type: 'info', message: `There is a newer version: Muster ${answer.version}.` },
    detail: `This is ${version}. The new one lies at ${feed}. Nothing was downloaded: install it when this console may stop.`,
  }
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw new Error('The server answered with more than a feed has.')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
