import * as fs from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { carryIndex, carriedEnvelope, carryLimits, carryPaths, unfinishedCarry } from '../../../shared/protocol/carry.ts'
import { checkFolder, readPlain } from '../../../shared/store/carry-folder.ts'

const ours: readonly string[] = [carryPaths.trust, carryPaths.orders, carryPaths.artifacts]
/** What stands in a folder that somebody works in: nothing of ours belongs beside it. */
const dataFiles = ['fleet.db', 'telemetry.db', 'identity.json', 'spool.db']

/**
 * A folder that may be written to: it exists, is no data directory, and its folders of our names, if there are any, are of an export.
 * @returns the paths that an earlier export wrote
 * @throws Problem `usb.folder`, `usb.folder-unsafe`
 */
export function writableFolder(folder: string, dataDirectory: string): string[] {
  const path = existingFolder(folder)
  const fromData = relative(resolve(dataDirectory), path)
  const isInside = fromData === '' || (!fromData.startsWith('..') && !isAbsolute(fromData))
  if (isInside || dataFiles.some((name) => fs.existsSync(join(path, name))))
    throw new Problem('usb.folder', `${folder} holds the data of a console or of an agent; nothing is exported there.`)
  try {
    fs.accessSync(path, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  } catch (error) {
    throw new Problem('usb.folder', `${folder} cannot be written: ${messageOf(error)}`, { cause: error })
  }
  const found = checkFolder(fs, path)
  if (found.some(({ path: one }) => one === carryPaths.index)) return earlierFiles(path)
  const foreign = found.find(({ path: one }) => ours.some((name) => one.startsWith(`${name}/`)))
  if (foreign !== undefined)
    throw new Problem('usb.folder', `${folder} holds ${foreign.path}, which no export wrote. Choose another folder.`)
  return []
}

/** The whole path of a folder. @throws Problem `usb.folder` */
export function existingFolder(folder: string): string {
  if (!isAbsolute(folder)) throw new Problem('usb.folder', `'${folder}' is no whole path of a folder.`)
  const facts = fs.statSync(folder, { throwIfNoEntry: false })
  if (facts?.isDirectory() !== true) throw new Problem('usb.folder', `There is no folder ${folder}.`)
  return fs.realpathSync(folder)
}

/** Files of the export that lies there, finished or not; what cannot be read names none, and nothing is removed by it. */
function earlierFiles(folder: string): string[] {
  try {
    const bytes = readPlain(fs, { directory: folder, path: carryPaths.index, maxBytes: 2 * carryLimits.indexBytes })
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const unfinished = unfinishedCarry.safeParse(value)
    if (unfinished.success) return unfinished.data.files
    const { envelope } = carriedEnvelope.parse(value)
    return carryIndex.parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))).files.map(({ path }) => path)
  } catch {
    return []
  }
}
