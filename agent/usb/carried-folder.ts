import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import {
  carriedEnvelope,
  carryIndex,
  carryLimits,
  carryPaths,
  unfinishedCarry,
  type CarriedDevice,
  type CarriedFile,
  type CarryIndex,
} from '../../shared/protocol/carry.ts'
import { decodeMessage, decodeSigned } from '../../shared/protocol/decode.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import { checkFolder, openPlain, readPlain } from '../../shared/store/carry-folder.ts'
import { sha256Of } from '../artifact/block-check.ts'
import { openEnvelope, type TrustedKey } from '../trust/verify.ts'

const READ_BYTES = 1024 * 1024

/** A folder whose index is signed by the fleet and is for this device. Files are checked against the index as they are read. */
export interface CarriedFolder {
  directory: string
  index: CarryIndex
  /** SHA-256 of the signed bytes of the index. */
  carry: string
  /** What is for this device. */
  own: CarriedDevice
  /** The file of a path; null: the index names none. */
  find(path: string): CarriedFile | null
  /** The bytes of a small file; null: the index names none. @throws Problem `usb.changed`, `usb.folder-unsafe` */
  read(path: string, maxBytes: number): Buffer | null
  /** Hashes a file of any size. @throws Problem `usb.changed`, `usb.folder-unsafe`, `cancelled` */
  verify(path: string, signal: AbortSignal): Promise<void>
}

/** What a folder is held against. */
export interface FolderContext {
  fleet: string
  device: string
  keys: readonly TrustedKey[]
  /** Epoch of the order that the device follows. */
  epoch: number
  /** Never before what a trusted key is known to have signed, epoch ms. */
  now: number
}

/**
 * Opens a carried folder: its form first, then the signature of the index, target, age and epoch.
 * @throws Problem `usb.*`; `assignment.rollback` for the folder of an earlier epoch
 */
export function openCarriedFolder(directory: string, context: FolderContext): CarriedFolder {
  const { index, carry } = signedIndex(directory, context.keys)
  if (index.fleet !== context.fleet)
    throw new Problem('usb.wrong-target', `The folder is of the fleet ${index.fleet}; this device belongs to ${context.fleet}.`)
  const own = index.devices.find(({ device }) => device === context.device)
  if (own === undefined) throw new Problem('usb.wrong-target', `The folder holds nothing for ${context.device}.`)
  if (context.now >= index.expiresAt)
    throw new Problem('usb.expired', `The folder was good until ${new Date(index.expiresAt).toISOString()}.`)
  if (index.epoch < context.epoch)
    throw new Problem('assignment.rollback', `The folder is of the epoch ${index.epoch}; this device follows the epoch ${context.epoch}.`)
  return new SignedFolder(directory, { index, carry, own })
}

function signedIndex(directory: string, keys: readonly TrustedKey[]): { index: CarryIndex; carry: string } {
  const found = checkFolder(fs, directory)
  if (!found.some(({ path }) => path === carryPaths.index))
    throw new Problem(
      'usb.not-carried',
      `${directory} holds no ${carryPaths.index}: nothing was exported to it, or the export did not come to its end.`,
    )
  const bytes = readPlain(fs, { directory, path: carryPaths.index, maxBytes: 2 * carryLimits.indexBytes })
  if (isUnfinished(bytes)) throw new Problem('usb.not-carried', `The export to ${directory} did not come to its end.`)
  try {
    const { envelope } = decodeMessage(carriedEnvelope, utf8(bytes), carryPaths.index)
    const payload = openEnvelope(envelope, payloadTypes.carry, keys)
    if (payload === null) throw new Problem('usb.untrusted', 'The index of the folder carries no valid signature of this fleet.')
    return { index: decodeSigned(carryIndex, utf8(payload), carryPaths.index), carry: sha256Of(payload) }
  } catch (error) {
    if (error instanceof Problem && error.code !== 'message.malformed') throw error
    throw new Problem('usb.untrusted', `The index of the folder cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function isUnfinished(bytes: Uint8Array): boolean {
  try {
    return unfinishedCarry.safeParse(JSON.parse(utf8(bytes))).success
  } catch {
    return false
  }
}

/** A file of the trust metadata before the index can be believed: such files prove themselves. null: it is not there. */
export function readUnproven(directory: string, path: string, maxBytes: number): Buffer | null {
  if (!fs.existsSync(`${directory}/${path}`)) return null
  return Buffer.from(readPlain(fs, { directory, path, maxBytes }))
}

class SignedFolder implements CarriedFolder {
  readonly directory: string
  readonly index: CarryIndex
  readonly carry: string
  readonly own: CarriedDevice
  readonly #files: ReadonlyMap<string, CarriedFile>

  constructor(directory: string, { index, carry, own }: { index: CarryIndex; carry: string; own: CarriedDevice }) {
    this.directory = directory
    this.index = index
    this.carry = carry
    this.own = own
    this.#files = new Map(index.files.map((file) => [file.path, file]))
  }

  find(path: string): CarriedFile | null {
    return this.#files.get(path) ?? null
  }

  read(path: string, maxBytes: number): Buffer | null {
    const file = this.find(path)
    if (file === null) return null
    const bytes = readPlain(fs, { directory: this.directory, path, maxBytes: Math.min(maxBytes, file.sizeBytes) })
    if (bytes.length !== file.sizeBytes || sha256Of(bytes) !== file.sha256) throw changed(path)
    return Buffer.from(bytes)
  }

  async verify(path: string, signal: AbortSignal): Promise<void> {
    const file = this.find(path)
    if (file === null) throw changed(path)
    const { fd, sizeBytes } = openPlain(fs, this.directory, path)
    try {
      if (sizeBytes !== file.sizeBytes) throw changed(path)
      const hash = createHash('sha256')
      const bytes = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, sizeBytes)))
      for (let start = 0; start < sizeBytes;) {
        if (signal.aborted) throw new Problem('cancelled', 'It was cancelled.')
        const read = await readAt(fd, bytes, start)
        if (read === 0) throw changed(path)
        hash.update(bytes.subarray(0, read))
        start += read
      }
      if (hash.digest('hex') !== file.sha256) throw changed(path)
    } finally {
      fs.closeSync(fd)
    }
  }
}

function readAt(fd: number, bytes: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, bytes, 0, bytes.length, position, (error, read) => {
      if (error === null) resolve(read)
      else reject(new Problem('usb.changed', `The folder cannot be read: ${messageOf(error)}`, { cause: error }))
    })
  })
}

function changed(path: string): Problem {
  return new Problem('usb.changed', `${path} is not the file that was signed. Nothing of the folder was taken.`)
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
