import { errorCodeOf, messageOf, Problem } from '../domain/problem.ts'
import { carryLimits, carryPaths } from '../protocol/carry.ts'

interface FileFacts {
  isFile(): boolean
  isDirectory(): boolean
  nlink: number
  size: number
}

/** The file calls that reading a carried folder needs (node:fs has them); passed in because this layer has no Node. */
export interface CarryCalls {
  readdirSync(path: string): string[]
  lstatSync(path: string): FileFacts
  openSync(path: string, flags: number): number
  fstatSync(fd: number): FileFacts
  readSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  closeSync(fd: number): void
  constants: { O_RDONLY: number; O_NOFOLLOW?: number; O_NONBLOCK?: number }
}

const folders: readonly string[] = [carryPaths.trust, carryPaths.orders, carryPaths.artifacts, carryPaths.receipts]
/** A write that was cut off leaves its file under this name. */
const CUT = '.new'
const rootFiles: readonly string[] = [carryPaths.index, carryPaths.halt, carryPaths.checkpoint].flatMap((name) => [name, `${name}${CUT}`])
const MAX_ENTRIES = 2 * (carryLimits.files + carryLimits.devices)
/** Batches of devices lie one folder deeper. */
const MAX_DEPTH = 2
const plainName = /^[a-z0-9_-]{1,80}(?:\.json)?(?:\.new)?$/

/** A file of a carried folder, found by `checkFolder`. */
export interface FoundFile {
  path: string
  sizeBytes: number
}

/**
 * Looks at everything of ours in a folder that strangers may have filled, before any of it is read: nothing but plain files and folders under
 * plain names. What else lies on a stick, and names with a dot in front as some systems leave them, is not looked at and never opened.
 * @throws Problem `usb.folder-unsafe` at the first link, special file, strange name, or two names that differ by case; `usb.folder` if there is none
 */
export function checkFolder(fs: CarryCalls, directory: string): FoundFile[] {
  const found: FoundFile[] = []
  const names = listed(fs, directory, directory)
  refuseTwins(names.filter((name) => [...folders, ...rootFiles].includes(name.toLowerCase())))
  for (const name of names) {
    if (folders.includes(name)) walk(fs, { directory, path: name, depth: 1, found })
    else if (rootFiles.includes(name)) found.push(plainFile(fs, directory, name))
  }
  return found
}

function walk(fs: CarryCalls, at: { directory: string; path: string; depth: number; found: FoundFile[] }): void {
  const { directory, path, depth, found } = at
  if (!fs.lstatSync(`${directory}/${path}`).isDirectory()) throw unsafe(`${path} is no plain folder`)
  const names = listed(fs, `${directory}/${path}`, directory).filter((name) => !name.startsWith('.'))
  if (names.length > MAX_ENTRIES) throw unsafe(`it holds more than ${MAX_ENTRIES} files`)
  refuseTwins(names)
  for (const name of names) {
    if (found.length > MAX_ENTRIES) throw unsafe(`it holds more than ${MAX_ENTRIES} files`)
    if (!plainName.test(name)) throw unsafe(`${path}/${name.slice(0, 100)} is no name that Muster gives`)
    const child = `${path}/${name}`
    const isFolder = path === carryPaths.receipts && depth < MAX_DEPTH && !/\.(?:json|new)$/.test(name)
    if (isFolder) walk(fs, { directory, path: child, depth: depth + 1, found })
    else found.push(plainFile(fs, directory, child))
  }
}

function plainFile(fs: CarryCalls, directory: string, path: string): FoundFile {
  const facts = fs.lstatSync(`${directory}/${path}`)
  assertPlain(facts, path)
  return { path, sizeBytes: facts.size }
}

function assertPlain(facts: FileFacts, path: string): void {
  if (!facts.isFile()) throw unsafe(`${path} is a link or no file at all`)
  if (facts.nlink > 1) throw unsafe(`${path} is also known under another name`)
}

function listed(fs: CarryCalls, path: string, directory: string): string[] {
  try {
    return fs.readdirSync(path)
  } catch (error) {
    throw new Problem('usb.folder', `The folder ${directory} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function refuseTwins(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    const folded = name.toLowerCase()
    if (seen.has(folded)) throw unsafe(`it holds ${name.slice(0, 100)} twice, in upper and lower case`)
    seen.add(folded)
  }
}

function unsafe(why: string): Problem {
  return new Problem('usb.folder-unsafe', `The folder is refused: ${why}. Nothing of it was taken.`)
}

/**
 * Opens a plain file without following a link, as it is now and not as it was looked at before.
 * @throws Problem `usb.folder-unsafe`, `usb.changed` if it is not there
 */
export function openPlain(fs: CarryCalls, directory: string, path: string): { fd: number; sizeBytes: number } {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  let fd: number
  try {
    // A pipe in its place must not hold whoever opens it.
    fd = fs.openSync(`${directory}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (errorCodeOf(error) === 'ELOOP') throw unsafe(`${path} is a link`)
    throw new Problem('usb.changed', `${path} is missing from the folder, or cannot be read: ${messageOf(error)}`, { cause: error })
  }
  try {
    const facts = fs.fstatSync(fd)
    assertPlain(facts, path)
    return { fd, sizeBytes: facts.size }
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
}

/**
 * Reads a whole file.
 * @throws Problem `usb.folder-unsafe`, `usb.changed` if it is not there or longer than it may be
 */
export function readPlain(fs: CarryCalls, at: { directory: string; path: string; maxBytes: number }): Uint8Array {
  const { fd, sizeBytes } = openPlain(fs, at.directory, at.path)
  try {
    if (sizeBytes > at.maxBytes) throw new Problem('usb.changed', `${at.path} has ${sizeBytes} bytes; at most ${at.maxBytes} are read.`)
    const bytes = new Uint8Array(sizeBytes)
    let filled = 0
    while (filled < sizeBytes) {
      const read = fs.readSync(fd, bytes, filled, sizeBytes - filled, filled)
      if (read === 0) throw new Problem('usb.changed', `${at.path} became shorter while it was read.`)
      filled += read
    }
    return bytes
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('usb.changed', `${at.path} cannot be read: ${messageOf(error)}`, { cause: error })
  } finally {
    fs.closeSync(fd)
  }
}
