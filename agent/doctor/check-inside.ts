import Database from 'better-sqlite3'
import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Problem } from '../../shared/domain/problem.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'
import { openArtifactStore } from '../artifact/store.ts'
import { openBundles } from '../converge/bundles.ts'
import { runtimeVersion } from '../facts.ts'
import { diskSpace } from '../telemetry/resources.ts'
import { checksumOf, type SpoolRow } from '../telemetry/spool-rows.ts'
import { attention, ok, type Finding, type Patient } from './finding.ts'

const MiB = 1024 * 1024
/** Below the first nothing works for long; below the second a large model may not fit. */
const FREE = { failed: 64 * MiB, attention: 512 * MiB } as const

/** The directory is there and can be written. */
export function checkDirectory({ directory }: Patient): Finding {
  if (!existsSync(directory)) return attention('directory', `${directory} is not there yet`, 'It is made when this agent is enrolled.')
  const probe = join(directory, `.doctor-${process.pid}`)
  try {
    writeFileSync(probe, 'x', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const problem = storeProblem(error, directory)
    throw problem instanceof Problem
      ? problem
      : new Problem('data-directory.read-only', `${directory} cannot be written.`, { cause: error })
  }
  rmSync(probe, { force: true })
  return ok('directory', `${directory} can be written`)
}

/** There is space for records and models. */
export function checkDisk({ directory }: Patient): Finding {
  if (!existsSync(directory)) return attention('disk', 'not measured: the directory is not there yet', 'Enrol this agent first.')
  const { freeBytes } = diskSpace(directory)
  const message = `${Math.floor(freeBytes / MiB)} MiB are free`
  if (freeBytes < FREE.failed) throw new Problem('store.disk-full', `Only ${message}.`)
  return freeBytes < FREE.attention
    ? attention('disk', message, 'Free disk space: a model needs twice its size while it arrives.')
    : ok('disk', message)
}

/** The spool is a sound database, and its records carry their checksums. */
export function checkSpool({ directory }: Patient): Finding {
  const file = join(directory, 'spool.db')
  if (!existsSync(file)) return ok('spool', 'there is none yet')
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    db.pragma('busy_timeout = 5000')
    const sound = db.pragma('quick_check(1)', { simple: true })
    if (sound !== 'ok')
      throw new Problem('store.corrupt', `${file} is damaged: ${String(sound)}`, { hint: 'The agent moves it aside at its next start.' })
    let records = 0
    let damaged = 0
    for (const row of db.prepare<[], SpoolRow>('SELECT * FROM record ORDER BY seq').iterate()) {
      records += 1
      if (checksumOf(row) !== row.crc) damaged += 1
    }
    if (damaged === 0) return ok('spool', `${records} records, all sound`)
    return attention(
      'spool',
      `${damaged} of ${records} records are damaged`,
      'They are left out and declared when they are sent. Check the disk.',
    )
  } catch (error) {
    throw storeProblem(error, file)
  } finally {
    db?.close()
  }
}

/** Every file of every bundle that is active or at hand has its hash. Nothing is removed here. */
export async function checkModels({ directory, journal }: Patient): Promise<Finding> {
  const slots = Object.values(journal?.deployments ?? {}).flatMap(({ active, lastGood }) => [active, lastGood])
  const digests = [...new Set(slots.flatMap((slot) => (slot === null ? [] : [slot.digest])))]
  if (digests.length === 0) return ok('models', 'none yet')
  const untouched = { ...openArtifactStore(directory), remove: () => undefined }
  for (const digest of digests) await openBundles(untouched, []).verifyFiles(digest)
  return ok('models', `${digests.length} bundles, all files sound`)
}

const LOAD_MS = 30_000

/** onnxruntime loads on this machine; in a process of its own, because it may crash. */
export async function checkRuntime(): Promise<Finding> {
  const version = runtimeVersion()
  if (version === null)
    throw new Problem('probe.load-failed', 'onnxruntime-node is not installed.', { hint: 'Install the agent again, for this platform.' })
  const url = pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-node')).href
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `await import(${JSON.stringify(url)})`], { timeout: LOAD_MS })
    return ok('runtime', `onnxruntime ${version} loads`)
  } catch (error) {
    const said =
      error instanceof Error && 'stderr' in error
        ? String(error.stderr)
            .trim()
            .split('\n')
            .find((line) => line.includes('Error'))
        : undefined
    throw new Problem('probe.load-failed', `onnxruntime ${version} does not load: ${said ?? 'the process ended'}`, {
      hint: 'Install the agent again, for this platform.',
      cause: error,
    })
  }
}
