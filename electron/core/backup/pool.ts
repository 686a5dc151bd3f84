import * as fs from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf, Problem } from '../../../shared/domain/problem.ts'
import { syncDirectory } from '../../../shared/store/durable-file.ts'
import { hashFile, linkOrCopy } from './file-bytes.ts'
import { POOL, partialOf } from './places.ts'

/** An artifact of a backup. */
export interface PooledArtifact {
  sha256: string
  bytes: number
}

const artifactName = /^[0-9a-f]{64}$/

/** Artifacts that lie in a folder, by name. */
export function artifactsIn(directory: string): PooledArtifact[] {
  let names: string[]
  try {
    names = fs.readdirSync(directory).filter((name) => artifactName.test(name))
  } catch {
    return []
  }
  return names.sort().flatMap((sha256) => {
    const stat = fs.statSync(join(directory, sha256), { throwIfNoEntry: false })
    return stat?.isFile() === true ? [{ sha256, bytes: stat.size }] : []
  })
}

/** Artifacts that the pool of a folder lacks. */
export function lackingIn(folder: string, artifacts: readonly PooledArtifact[]): PooledArtifact[] {
  return artifacts.filter(({ sha256 }) => !fs.existsSync(join(folder, POOL, sha256)))
}

/**
 * Brings artifacts into the pool of a folder of backups: a second name for the file on the same disk, else a copy. What comes in is read once
 * and compared with its name, so that damage does not spread. @throws Problem `backup.source-damaged`
 */
export function fillPool(options: {
  from: string
  folder: string
  artifacts: readonly PooledArtifact[]
  onBytes(bytes: number): void
}): PooledArtifact[] {
  const pool = join(options.folder, POOL)
  fs.mkdirSync(pool, { recursive: true, mode: 0o700 })
  const held: PooledArtifact[] = []
  for (const one of options.artifacts) {
    if (bringIn(join(options.from, one.sha256), join(pool, one.sha256), one.sha256)) held.push(one)
    options.onBytes(one.bytes)
  }
  syncDirectory(fs, pool)
  return held
}

/** @returns false: it was taken away meanwhile, and so was what refers to it */
function bringIn(from: string, to: string, sha256: string): boolean {
  if (fs.existsSync(to)) return true
  try {
    linkOrCopy(from, to)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return false
    throw error
  }
  if (hashFile(to).sha256 === sha256) return true
  fs.rmSync(to, { force: true })
  throw new Problem('backup.source-damaged', `The artifact ${sha256} is damaged: its bytes do not fit its name.`)
}

/** Removes artifacts of the pool that no backup names. @param named those that are still wanted */
export function prunePool(folder: string, named: ReadonlySet<string>): void {
  for (const { sha256 } of artifactsIn(join(folder, POOL))) if (!named.has(sha256)) fs.rmSync(join(folder, POOL, sha256), { force: true })
}

/** Removes what an interrupted backup left. Only while no other one is made. */
export function removePartials(folder: string): void {
  let names: string[]
  try {
    names = fs.readdirSync(folder)
  } catch {
    return
  }
  for (const name of names) if (name.endsWith(partialOf(''))) fs.rmSync(join(folder, name), { recursive: true, force: true })
}
