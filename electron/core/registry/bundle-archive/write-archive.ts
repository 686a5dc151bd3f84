import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { payloadTypes } from '../../../../shared/protocol/envelope.ts'
import { syncDirectory } from '../../../../shared/store/durable-file.ts'
import { isDiskFull } from '../../../../shared/store/sqlite-rules.ts'
import type { Progress } from '../../jobs/jobs.ts'
import type { Keyring } from '../../trust/keys.ts'
import { BLOCK, headerOf, INDEX, memberLimits, paddingAfter, type BundleFileIndex, type MemberName } from './format.ts'

/** A file that goes into an archive. */
export interface ArchiveMember {
  name: MemberName
  path: string
  sizeBytes: number
  sha256: string
}

/** What is exported, and whither. */
export interface ArchiveContent extends Omit<BundleFileIndex, 'v' | 'files'> {
  members: readonly ArchiveMember[]
  file: string
}

/** What an export made. */
export interface WrittenArchive {
  file: string
  sizeBytes: number
  /** Id of the key that signed the index. */
  signedBy: string
}

/**
 * The whole path that a person named for an export.
 * @throws Problem `bundle.file-place` outside of an existing folder, in the data directory or without the ending, `bundle.file-exists`
 */
export function archivePlace(file: string, { dataDirectory, replace }: { dataDirectory: string; replace: boolean }): string {
  if (!isAbsolute(file) || !file.endsWith('.muster') || file.includes('\0'))
    throw new Problem('bundle.file-place', `'${file.slice(0, 200)}' is no whole path of a .muster file.`)
  const path = resolve(file)
  if (fs.statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Problem('bundle.file-place', `There is no folder ${dirname(path)}.`)
  const fromData = relative(fs.realpathSync(dataDirectory), fs.realpathSync(dirname(path)))
  if (fromData === '' || (!fromData.startsWith('..') && !isAbsolute(fromData)))
    throw new Problem('bundle.file-place', `${path} is in the data directory of the console; nothing is exported there.`)
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined && (!replace || !found.isFile())) throw new Problem('bundle.file-exists', `${path} is there already.`)
  return path
}

/**
 * Writes an archive beside its place and renames it when it is whole and on the disk.
 * @throws Problem `store.disk-full`, `bundle.file-place`, `cancelled`, `store.corrupt` if an artifact has another size than it must have
 */
export async function writeArchive(
  content: ArchiveContent,
  keyring: Pick<Keyring, 'sign' | 'onlinePublic'>,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<WrittenArchive> {
  const { file, members } = content
  for (const { name, sizeBytes } of members) {
    if (sizeBytes > memberLimits[name])
      throw new Problem(
        'bundle.file-invalid',
        `${name} of this version has ${sizeBytes} bytes; a file holds at most ${memberLimits[name]} of it.`,
      )
  }
  const index = signedIndexOf(content, keyring)
  const temporary = join(dirname(file), `.${randomBytes(6).toString('hex')}.muster-part`)
  const total = members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  try {
    await pipeline(
      archiveBytes(index, members, (bytes) =>
        progress(bytes / total, `writing ${(bytes / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`),
      ),
      fs.createWriteStream(temporary, { mode: 0o644, flags: 'wx', flush: true }),
      { signal },
    )
    const { size } = fs.statSync(temporary)
    fs.renameSync(temporary, file)
    syncDirectory(fs, dirname(file))
    return { file, sizeBytes: size, signedBy: keyring.onlinePublic('assignment').id }
  } catch (error) {
    if (signal.aborted) throw new Problem('cancelled', 'It was cancelled; nothing was written.', { cause: error })
    if (error instanceof Problem) throw error
    if (isDiskFull(error)) throw new Problem('store.disk-full', `No space for ${file}.`, { cause: error })
    throw new Problem('bundle.file-place', `${file} cannot be written: ${messageOf(error)}`, { cause: error })
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function signedIndexOf(content: ArchiveContent, keyring: Pick<Keyring, 'sign' | 'onlinePublic'>): Buffer {
  const { fleet, exportedAt, model, version, digest, holdoutName } = content
  const files = content.members.map(({ name, sizeBytes, sha256 }) => ({ name, sizeBytes, sha256 }))
  const payload = Buffer.from(JSON.stringify({ v: 1, fleet, exportedAt, model, version, digest, holdoutName, files }))
  const signatures = keyring.sign(payloadTypes.bundleFile, payload)
  const { publicKey } = keyring.onlinePublic('assignment')
  const envelope = { payloadType: payloadTypes.bundleFile, payload: payload.toString('base64'), signatures }
  const bytes = Buffer.from(JSON.stringify({ envelope, publicKey }))
  if (bytes.length > memberLimits[INDEX]) throw new Problem('bundle.file-invalid', `The index would have ${bytes.length} bytes.`)
  return bytes
}

async function* archiveBytes(index: Buffer, members: readonly ArchiveMember[], onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  yield headerOf(INDEX, index.length)
  yield index
  yield Buffer.alloc(paddingAfter(index.length))
  let done = 0
  for (const { name, path, sizeBytes } of members) {
    yield headerOf(name, sizeBytes)
    let bytes = 0
    for await (const chunk of fs.createReadStream(path) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      done += chunk.length
      onBytes(done)
      yield chunk
    }
    if (bytes !== sizeBytes) throw new Problem('store.corrupt', `The artifact of ${name} has ${bytes} bytes and not ${sizeBytes}.`)
    yield Buffer.alloc(paddingAfter(sizeBytes))
  }
  yield Buffer.alloc(2 * BLOCK)
}
