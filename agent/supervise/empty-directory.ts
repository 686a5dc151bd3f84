import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** An empty folder to run in, within a directory: a model that names external data relative to it finds nothing. */
export function emptyDirectory(directory: string): string {
  const path = join(directory, 'empty')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true })
  return path
}
