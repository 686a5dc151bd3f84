import * as fs from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { replaceFile, syncDirectory } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import type { Progress } from '../jobs/jobs.ts'
import type { Keyring } from '../trust/keys.ts'
import { MANIFEST, writeManifest, type BackupManifest, type BackupReason } from './manifest.ts'
import { freeBytesAt, isSameDisk, newBackupName, partialOf, POOL } from './places.ts'
import { artifactsIn, lackingIn, removePartials } from './pool.ts'
import { copyInWorker } from './run-worker.ts'
import type { KeySeal } from './seal-keys.ts'
import { storeNames } from './snapshot.ts'

/** What stays free after a backup: for the journals of the stores, that grow while they are read. */
const MARGIN_BYTES = 16 * 1024 * 1024

export interface BackupRequest {
  dataDirectory: string
  folder: string
  reason: BackupReason
  seal: KeySeal | null
  fleet: string
  fleetName: string
  version: string
  now: number
}

/**
 * Makes one backup: copies and checks in a process of its own, then writes the signed manifest, then gives the folder its name. Until then it is
 * no backup to anybody; whatever goes wrong, what was begun is removed.
 * @returns its name
 * @throws Problem `backup.folder`, `backup.no-space`, `backup.source-damaged`, `cancelled`, `store.*`
 */
export async function makeBackup(
  request: BackupRequest,
  of: { keyring: Keyring; signal: AbortSignal; progress: Progress },
): Promise<string> {
  const { dataDirectory, folder, seal } = request
  prepareFolder(folder)
  removePartials(folder)
  checkSpace(dataDirectory, folder)
  const name = newBackupName(folder, request.now)
  const target = join(folder, partialOf(name))
  try {
    fs.mkdirSync(target, { mode: 0o700 })
    const data = await copyInWorker({ dataDirectory, folder, target, seal }, of)
    const { reason, fleet, fleetName, version, now } = request
    const manifest: BackupManifest = { v: 1, fleet, fleetName, madeBy: version, madeAt: now, reason, ...data }
    const bytes = Buffer.from(JSON.stringify(manifest))
    const signatures = of.keyring.sign(payloadTypes.backup, bytes)
    const signed = { payloadType: payloadTypes.backup, payload: bytes.toString('base64'), signatures }
    replaceFile(fs, { directory: target, name: MANIFEST }, writeManifest(signed, of.keyring.roots().assignment[0]!))
    fs.renameSync(target, join(folder, name))
    syncDirectory(fs, folder)
    return name
  } catch (error) {
    fs.rmSync(target, { recursive: true, force: true })
    const problem = storeProblem(error, folder)
    if (problem instanceof Problem || errorCodeOf(error) === undefined) throw problem
    throw new Problem('backup.folder', `The backup could not be written to ${folder}: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws Problem `backup.folder` unless the folder of the backups is there, or can be made, and can be written */
export function prepareFolder(folder: string): void {
  try {
    // One level only: a path with a mistake must not grow a tree, and where a system makes no folders (/proc) Node's recursion never ends.
    if (!fs.existsSync(folder)) fs.mkdirSync(folder, { mode: 0o700 })
    fs.accessSync(folder, fs.constants.W_OK)
    if (!fs.statSync(folder).isDirectory()) throw new Error(`${folder} is no folder`)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOSPC') throw storeProblem(error, folder)
    throw new Problem('backup.folder', `The folder of the backups cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

/** Bytes that a backup takes now: the stores in full, artifacts only where they are new and the disk is another one. */
export function neededBytes(dataDirectory: string, folder: string): number {
  const stores = storeNames.flatMap((name) => [name, `${name}-wal`]).reduce((sum, name) => sum + sizeOf(join(dataDirectory, name)), 0)
  if (isSameDisk(dataDirectory, folder)) return stores
  return lackingIn(folder, artifactsIn(join(dataDirectory, 'artifacts'))).reduce((sum, { bytes }) => sum + bytes, stores)
}

function checkSpace(dataDirectory: string, folder: string): void {
  const free = freeBytesAt(folder)
  const needed = neededBytes(dataDirectory, folder) + MARGIN_BYTES
  if (free !== null && free < needed) {
    throw new Problem(
      'backup.no-space',
      `A backup needs ${megabytes(needed)} MB in ${folder}; ${megabytes(free)} MB are free. The older ones were kept.`,
    )
  }
}

/** Bytes of a backup as it lies there, its artifacts counted in full: that is what a restore needs. */
export function bytesOf(manifest: BackupManifest): number {
  return [...manifest.files, ...manifest.artifacts].reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Removes a backup; artifacts that no other one names go with it. @param others those that stay */
export function removeBackup(folder: string, name: string): void {
  // The manifest first: half a backup must not pass for one.
  fs.rmSync(join(folder, name, MANIFEST), { force: true })
  fs.rmSync(join(folder, name), { recursive: true, force: true })
}

/** Where artifacts of a folder lie. */
export function poolOf(folder: string): string {
  return join(folder, POOL)
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)
}
