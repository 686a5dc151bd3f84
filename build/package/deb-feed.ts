import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { musterVersion } from '../../shared/domain/version.ts'
import type { PackageArchitecture } from './package-config.ts'

/**
 * Writes the feed of a .deb beside it, in the form and under the name of electron-builder, which makes one for its own installers only.
 * @returns its path, or null where the AppImage of the same run has one already
 */
export function writeDebFeed(deb: string, architecture: PackageArchitecture): string | null {
  const file = join(dirname(deb), architecture === 'x64' ? 'latest-linux.yml' : `latest-linux-${architecture}.yml`)
  if (existsSync(file)) return null
  const name = basename(deb)
  const sha512 = createHash('sha512').update(readFileSync(deb)).digest('base64')
  const { size, mtime } = statSync(deb)
  const lines = [
    `version: ${musterVersion}`,
    'files:',
    ...[`  - url: ${name}`, `    sha512: ${sha512}`, `    size: ${size}`],
    `path: ${name}`,
    `sha512: ${sha512}`,
    `releaseDate: '${mtime.toISOString()}'`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}
