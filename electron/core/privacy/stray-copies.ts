import * as fs from 'node:fs'
import { join } from 'node:path'
import { COPIES_FOLDER } from '../store/copy-before-migration.ts'

/** Folders of a data directory that hold copies of its stores: from before a new schema, from before a restore, and damaged ones. */
const folderPattern = new RegExp(`^(${COPIES_FOLDER}|before-restore-.*|damaged-telemetry-.*)$`)

/** Copies of stores that lie in a data directory beside the ones that count. */
export function strayCopies(dataDirectory: string): string[] {
  return (
    fs
      .readdirSync(dataDirectory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && folderPattern.test(entry.name))
      .flatMap(({ name }) => fs.readdirSync(join(dataDirectory, name)).map((file) => join(dataDirectory, name, file)))
      // A journal whose store is gone holds rows too, and nothing can be looked up in it.
      .filter((file) => file.endsWith('.db') || (file.endsWith('.db-wal') && !fs.existsSync(file.slice(0, -'-wal'.length))))
      .sort()
  )
}
