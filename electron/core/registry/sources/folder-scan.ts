import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { parseModelReference } from '../../../../shared/domain/ids.ts'
import { errorCodeOf, messageOf, Problem } from '../../../../shared/domain/problem.ts'

/** A subfolder that is named after a version, and how its files look. */
export interface FoundSubfolder {
  name: string
  model: string
  version: string
  /** Changes with every file that comes, goes, grows or is written. */
  fingerprint: string
  /** When a file of it last changed, by the clock of the disk. */
  changedAt: number
}

/** What a watched folder holds. */
export interface FolderScan {
  found: FoundSubfolder[]
  /** Subfolders that are left alone, each with the reason. */
  ignored: string[]
}

const MAX_SUBFOLDERS = 2000
const MAX_FILES = 1000
/** The folder itself, and the `onnx` of an export within it. */
const DEPTH = 2

/**
 * Looks at the subfolders of a watched folder; nothing is opened, and no link is followed.
 * @throws Problem `source.folder` if it cannot be read
 */
export function scanFolder(folder: string): FolderScan {
  const scan: FolderScan = { found: [], ignored: [] }
  for (const name of listed(folder)) {
    if (name.startsWith('.')) continue
    const stats = statOf(join(folder, name))
    if (stats === null || !stats.isDirectory()) continue
    if (scan.found.length >= MAX_SUBFOLDERS) throw new Problem('source.folder', `${folder} holds more than ${MAX_SUBFOLDERS} versions.`)
    const reason = lookAt(folder, name, scan)
    if (reason !== null) scan.ignored.push(`${name.slice(0, 100)}: ${reason}`)
  }
  return scan
}

/** @returns why the subfolder is left alone; null: it was found */
function lookAt(folder: string, name: string, scan: FolderScan): string | null {
  const named = parseModelReference(name)
  if (named === null) return 'it is not named MODEL@VERSION'
  const files: FoundFile[] = []
  try {
    walk(join(folder, name), { prefix: '', depth: 1, files })
  } catch (error) {
    // Who fills the folder may take it away while we look.
    return error instanceof Problem ? error.message : messageOf(error)
  }
  if (!files.some(({ path }) => /^(onnx\/)?[^/.][^/]*\.onnx$/i.test(path))) return 'it holds no .onnx file yet'
  scan.found.push({ name, ...named, fingerprint: fingerprintOf(files), changedAt: Math.max(...files.map(({ changedAt }) => changedAt)) })
  return null
}

interface FoundFile {
  path: string
  text: string
  changedAt: number
}

function walk(directory: string, of: { prefix: string; depth: number; files: FoundFile[] }): void {
  for (const name of listed(directory)) {
    const stats = statOf(join(directory, name))
    if (stats === null) continue
    const path = `${of.prefix}${name}`
    if (of.files.length >= MAX_FILES) throw new Problem('source.folder', `it holds more than ${MAX_FILES} files`)
    of.files.push({ path, text: `${path}\0${stats.mode}\0${stats.size}\0${stats.mtimeMs}\0${stats.ino}`, changedAt: stats.ctimeMs })
    if (stats.isDirectory() && of.depth < DEPTH) walk(join(directory, name), { prefix: `${path}/`, depth: of.depth + 1, files: of.files })
  }
}

function fingerprintOf(files: readonly FoundFile[]): string {
  const hash = createHash('sha256')
  for (const { text } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) hash.update(`${text}\n`)
  return hash.digest('hex')
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw new Problem('source.folder', `There is no folder ${directory}.`, { cause: error })
    throw new Problem('source.folder', `${directory} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** Null: it went away meanwhile. */
function statOf(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw new Problem('source.folder', `${path} cannot be looked at: ${messageOf(error)}`, { cause: error })
  }
}
