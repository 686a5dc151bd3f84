import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'

/** Types of file systems, as statfs names them, that lie on another machine: NFS, SMB, CIFS. */
const networkTypes: Readonly<Record<number, string>> = { 0x6969: 'NFS', 0x517b: 'SMB', 0xff534d42: 'CIFS', 0xfe534d42: 'SMB' }

/** The name of a file system that lies on another machine; null for a local one. @param type as `statfs` tells it */
export function networkDisk(type: number): string | null {
  // Node gives it as a signed or an unsigned number, by platform.
  return networkTypes[type >>> 0] ?? null
}

/** @throws Problem `store.network-disk`: SQLite's locks and shared memory do not hold there */
export function checkPlace(directory: string): void {
  let type: number
  try {
    type = fs.statfsSync(directory).type
  } catch {
    return
  }
  const name = process.platform === 'linux' ? networkDisk(type) : null
  if (name !== null) throw new Problem('store.network-disk', `${directory} lies on another machine (${name}).`)
}

/**
 * A store that was there and is gone, or is an empty file, would be begun anew without a word, and the fleet would seem never to have been.
 * Telemetry is first written when fleet.db has long been.
 * @throws Problem `store.missing`, `store.corrupt`
 */
export function checkStillThere(file: string, { hasBegun }: { hasBegun: boolean }): void {
  if (!hasBegun) return
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new Problem('store.missing', `${file} was there and is gone. No empty one was made in its place.`)
  const hasJournal = (fs.statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  if (size === 0 && !hasJournal) throw new Problem('store.corrupt', `${file} is empty: 0 bytes. It was left as it is.`)
}

/** True if a fleet has worked in this directory: its telemetry and its keys are there, both made after fleet.db. */
export function hasWorkedHere(fleetFile: string): boolean {
  const has = (name: string): boolean => (fs.statSync(join(dirname(fleetFile), name), { throwIfNoEntry: false })?.size ?? 0) > 0
  return has('telemetry.db') && has('keys')
}
