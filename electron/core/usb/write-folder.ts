import { createHash, randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { fleetId } from '../../../shared/domain/ids.ts'
import {
  artifactPath,
  carryLimits,
  carryPaths,
  type CarriedDevice,
  type CarriedEnvelope,
  type CarriedFile,
  type CarryIndex,
} from '../../../shared/protocol/carry.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { replaceFile, syncDirectory } from '../../../shared/store/durable-file.ts'
import type { CarryExported } from '../../../shared/rpc/contract/carry.ts'
import { freeBytesAt } from '../backup/places.ts'
import type { Progress } from '../jobs/jobs.ts'
import type { Keyring } from '../trust/keys.ts'

/** What goes into a folder. */
export interface FolderContent {
  folder: string
  /** Content-addressed store of the console. */
  artifactDirectory: string
  fleet: string
  epoch: number
  number: number
  createdAt: number
  expiresAt: number
  artifacts: ReadonlyMap<string, number>
  files: ReadonlyMap<string, Buffer>
  own: CarriedDevice[]
  /** Paths that an earlier export wrote there. */
  earlier: readonly string[]
}

/** Files of this size and more do not fit on FAT32, which most sticks are. */
const FAT_FILE_BYTES = 2 ** 32 - 1
const FAT_TYPE = 0x4d44
/** Room beside the files, for what a file system takes for itself and for receipts. */
const SPARE_BYTES = 4 * 1024 * 1024

/**
 * Writes a folder: artifacts first, the signed index last. Whatever is cut off leaves a folder that says so; the next export keeps what is whole.
 * @throws Problem `usb.no-space` before the first byte, `usb.folder`, `cancelled`, `store.corrupt` if the console's own copy is damaged
 */
export async function writeFolder(
  content: FolderContent,
  keyring: Pick<Keyring, 'sign'>,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<CarryExported> {
  const { folder } = content
  try {
    progress(null, 'looking at what is there')
    const lacking = await lackingIn(content, signal)
    const missing = [...lacking.values()].reduce((sum, bytes) => sum + bytes, 0)
    checkSpace(content, missing)
    begin(content)
    await copyAll(content, lacking, { signal, progress, total: missing })
    progress(1, 'signing')
    const files = writeSmall(content)
    const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    finish(content, files, keyring)
    const { number, expiresAt, own } = content
    return { number, folder, devices: own.length, files: files.length, bytes, copied: missing, expiresAt }
  } catch (error) {
    if (signal.aborted) throw new Problem('cancelled', 'It was cancelled; what was copied stays in the folder for the next export.')
    if (error instanceof Problem) throw error
    if (errorCodeOf(error) === 'ENOSPC') throw new Problem('usb.no-space', `${folder} is full: ${messageOf(error)}`, { cause: error })
    throw new Problem('usb.folder', `${folder} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}

/** Artifacts that are not there, or not whole. */
async function lackingIn({ folder, artifacts }: FolderContent, signal: AbortSignal): Promise<Map<string, number>> {
  const lacking = new Map<string, number>()
  for (const [sha256, sizeBytes] of artifacts) {
    const path = join(folder, artifactPath(sha256))
    const size = fs.statSync(path, { throwIfNoEntry: false })?.size
    if (size !== sizeBytes || (await hashOf(path, signal)) !== sha256) lacking.set(sha256, sizeBytes)
  }
  return lacking
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(fs.createReadStream(path), hash, { signal })
  return hash.digest('hex')
}

function checkSpace({ folder, artifacts, files }: FolderContent, missing: number): void {
  const small = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  const needed = missing + 2 * small + SPARE_BYTES
  const free = freeBytesAt(folder)
  if (free !== null && free < needed)
    throw new Problem('usb.no-space', `${folder} has ${megabytes(free)} free; ${megabytes(needed)} are needed. Nothing was written.`)
  const largest = Math.max(0, ...artifacts.values())
  if (largest > FAT_FILE_BYTES && fs.statfsSync(folder).type === FAT_TYPE)
    throw new Problem('usb.no-space', `A model of ${megabytes(largest)} does not fit on a FAT disk. Format the stick as exFAT or ext4.`)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** From here until the end the folder says that it is not finished, and which files are of it. */
function begin({ folder, artifacts, files, earlier }: FolderContent): void {
  const paths = [...new Set([...earlier, ...files.keys(), ...[...artifacts.keys()].map(artifactPath)])]
  const unfinished = { v: 1, unfinished: true, files: paths.slice(0, carryLimits.files) }
  replaceFile(fs, { directory: folder, name: carryPaths.index, mode: 0o644 }, Buffer.from(JSON.stringify(unfinished)))
  for (const name of [carryPaths.trust, carryPaths.orders, carryPaths.artifacts, carryPaths.receipts])
    fs.mkdirSync(join(folder, name), { recursive: true })
  syncDirectory(fs, folder)
}

async function copyAll(
  { folder, artifactDirectory }: FolderContent,
  lacking: ReadonlyMap<string, number>,
  { signal, progress, total }: { signal: AbortSignal; progress: Progress; total: number },
): Promise<void> {
  let done = 0
  for (const [sha256, sizeBytes] of lacking) {
    const path = join(folder, artifactPath(sha256))
    const hash = createHash('sha256')
    const counting = new Transform({
      transform(bytes: Buffer, _, next) {
        hash.update(bytes)
        done += bytes.length
        progress(total === 0 ? 1 : done / total, `${megabytes(done)} of ${megabytes(total)}`)
        next(null, bytes)
      },
    })
    await pipeline(
      fs.createReadStream(join(artifactDirectory, sha256)),
      counting,
      fs.createWriteStream(`${path}.new`, { mode: 0o644, flush: true }),
      { signal },
    )
    if (hash.digest('hex') !== sha256 || fs.statSync(`${path}.new`).size !== sizeBytes) {
      fs.rmSync(`${path}.new`, { force: true })
      throw new Problem('store.corrupt', `The console's copy of artifact ${sha256} is damaged. Import the version again.`)
    }
    fs.renameSync(`${path}.new`, path)
  }
  syncDirectory(fs, join(folder, carryPaths.artifacts))
}

function writeSmall({ folder, files, artifacts }: FolderContent): CarriedFile[] {
  const carried = [...files].map(([path, bytes]): CarriedFile => {
    const at = join(folder, path)
    replaceFile(fs, { directory: dirname(at), name: at.slice(dirname(at).length + 1), mode: 0o644 }, bytes)
    return { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  })
  return [...carried, ...[...artifacts].map(([sha256, sizeBytes]): CarriedFile => ({ path: artifactPath(sha256), sizeBytes, sha256 }))]
}

/** Puts the signed index in place, then takes away what only an earlier export had. */
function finish(content: FolderContent, files: CarriedFile[], keyring: Pick<Keyring, 'sign'>): void {
  const { folder, epoch, number, createdAt, expiresAt, own } = content
  const index: CarryIndex = { v: 1, fleet: fleetId.parse(content.fleet), epoch, number, createdAt, expiresAt, devices: own, files }
  const bytes = Buffer.from(JSON.stringify(index))
  if (bytes.length > carryLimits.indexBytes)
    throw new Problem('usb.no-space', 'The folder would hold more than a device reads. Export for fewer devices at once.')
  const signatures = keyring.sign(payloadTypes.carry, bytes)
  const signed: CarriedEnvelope = {
    ...{ v: WIRE_VERSION, sentAt: createdAt, id: randomUUID() },
    envelope: { payloadType: payloadTypes.carry, payload: bytes.toString('base64'), signatures },
  }
  replaceFile(fs, { directory: folder, name: carryPaths.index, mode: 0o644 }, Buffer.from(JSON.stringify(signed)))
  const kept = new Set(files.map(({ path }) => path))
  for (const path of content.earlier) if (!kept.has(path)) fs.rmSync(join(folder, path), { force: true })
}
