import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { decodeMessage, decodeSigned } from '../../../../shared/protocol/decode.ts'
import { payloadTypes } from '../../../../shared/protocol/envelope.ts'
import { keyIdOf, verifySignatures } from '../../trust/keys.ts'
import { readerAt } from '../inspect-onnx.ts'
import {
  BLOCK,
  bundleFileIndex,
  headerOf,
  INDEX,
  knownNames,
  memberLimits,
  memberNames,
  paddingAfter,
  signedIndex,
  type BundleFileIndex,
  type MemberName,
} from './format.ts'

/** Where a member lies in its archive. */
export interface MemberPlace {
  start: number
  sizeBytes: number
  sha256: string
}

/** An archive whose form and signature are sound. The content of its members is compared with their hashes by whoever copies them. */
export interface OpenedArchive {
  path: string
  index: BundleFileIndex
  members: ReadonlyMap<MemberName, MemberPlace>
  signer: { keyId: string; publicKey: string }
}

type Read = (offset: number, length: number) => Uint8Array

/**
 * Reads the index of a `.muster` file and finds its members.
 * @param path a file of the console's own, such as an upload
 * @throws Problem `bundle.file-invalid` for anything that no console would have written
 */
export function openArchive(path: string): OpenedArchive {
  const fd = openSync(path, 'r')
  try {
    return opened(path, fstatSync(fd).size, readerAt(fd, path))
  } catch (error) {
    if (error instanceof Problem && error.code === 'bundle.file-invalid') throw error
    throw invalid(messageOf(error), error)
  } finally {
    closeSync(fd)
  }
}

function opened(path: string, sizeBytes: number, read: Read): OpenedArchive {
  const first = memberAt(read, 0)
  if (first.name !== INDEX) throw invalid(`it begins with ${first.name} and not with ${INDEX}`)
  const bytes = Buffer.from(read(BLOCK, first.sizeBytes))
  const { index, signer } = openIndex(bytes)
  checkOrder(index)
  const members = new Map<MemberName, MemberPlace>()
  let at = endOf(read, { start: BLOCK, sizeBytes: first.sizeBytes })
  for (const file of index.files) {
    const found = memberAt(read, at)
    if (found.name !== file.name || found.sizeBytes !== file.sizeBytes)
      throw invalid(`${found.name} of ${found.sizeBytes} bytes stands where ${file.name} of ${file.sizeBytes} bytes must be`)
    const place = { start: at + BLOCK, sizeBytes: file.sizeBytes, sha256: file.sha256 }
    members.set(file.name, place)
    at = endOf(read, place)
  }
  // Two empty blocks end it; what came behind them would be seen by nobody.
  if (sizeBytes !== at + 2 * BLOCK || !isZero(read(at, 2 * BLOCK), 2 * BLOCK)) throw invalid('it does not end where its index says')
  return { path, index, members, signer }
}

/** Name and size of the member whose header is there: exactly the header that a console writes for them. */
function memberAt(read: Read, at: number): { name: MemberName | typeof INDEX; sizeBytes: number } {
  const header = Buffer.from(read(at, BLOCK))
  if (header.length < BLOCK) throw invalid('it is cut off')
  const written = header.toString('latin1', 0, 100).replace(/\0+$/, '')
  const name = knownNames.find((known) => known === written)
  const digits = header.toString('latin1', 124, 135)
  const sizeBytes = /^[0-7]{11}$/.test(digits) ? Number.parseInt(digits, 8) : 0
  if (name === undefined || sizeBytes === 0 || !headerOf(name, sizeBytes).equals(header))
    throw invalid('it is no file that a Muster console has exported')
  if (sizeBytes > memberLimits[name]) throw invalid(`${name} has ${sizeBytes} bytes; at most ${memberLimits[name]} are taken`)
  return { name, sizeBytes }
}

/** The place after a member, whose padding must be empty. */
function endOf(read: Read, { start, sizeBytes }: Pick<MemberPlace, 'start' | 'sizeBytes'>): number {
  const padding = paddingAfter(sizeBytes)
  if (!isZero(read(start + sizeBytes, padding), padding)) throw invalid('it is cut off, or something stands between its members')
  return start + sizeBytes + padding
}

function isZero(bytes: Uint8Array, length: number): boolean {
  return bytes.length === length && bytes.every((byte) => byte === 0)
}

function openIndex(bytes: Buffer): { index: BundleFileIndex; signer: OpenedArchive['signer'] } {
  const text = new TextDecoder('utf-8', { fatal: true })
  const { envelope, publicKey } = decodeMessage(signedIndex, text.decode(bytes), INDEX)
  const payload = Buffer.from(envelope.payload, 'base64')
  const isSound =
    envelope.payloadType === payloadTypes.bundleFile &&
    payload.toString('base64') === envelope.payload &&
    verifySignatures(payloadTypes.bundleFile, payload, envelope.signatures, [publicKey])
  if (!isSound) throw invalid('its signature is not of the key that it names: it was changed after the export')
  return {
    index: decodeSigned(bundleFileIndex, text.decode(payload), INDEX),
    signer: { keyId: keyIdOf(Buffer.from(publicKey, 'base64')), publicKey },
  }
}

/** Manifest and model first, each member once, in the one order that there is. */
function checkOrder({ files, digest, holdoutName }: BundleFileIndex): void {
  const places = files.map(({ name }) => memberNames.indexOf(name))
  const isOrdered = places.every((place, i) => i === 0 || place > places[i - 1]!)
  if (!isOrdered || places[0] !== 0 || places[1] !== 1) throw invalid('its index lists its files in no order of ours')
  if (files[0]!.sha256 !== digest) throw invalid('its index names another manifest than the one in it')
  if (files.some(({ name }) => name === 'holdout.csv') !== (holdoutName !== null))
    throw invalid('its index is not clear about hold-out rows')
}

/** The refusal of a file, with its reason. */
export function invalid(why: string, cause?: unknown): Problem {
  return new Problem('bundle.file-invalid', `The .muster file was refused: ${why.slice(0, 1000)}.`, { cause })
}

/** The bytes of a small member. @throws Problem `bundle.file-invalid` if they are not those that were signed */
export function readMember({ path, members }: OpenedArchive, name: MemberName): Buffer {
  const place = members.get(name)
  if (place === undefined) throw invalid(`it has no ${name}`)
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.from(readerAt(fd, path)(place.start, place.sizeBytes))
    if (createHash('sha256').update(bytes).digest('hex') !== place.sha256) throw invalid(`${name} is not the file that was signed`)
    return bytes
  } finally {
    closeSync(fd)
  }
}
