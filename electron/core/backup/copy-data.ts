import * as fs from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { hashFile } from './file-bytes.ts'
import type { BackupManifest } from './manifest.ts'
import { fillPool, artifactsIn, type PooledArtifact } from './pool.ts'
import { sealKeys, type KeySeal } from './seal-keys.ts'
import { copyStores } from './snapshot.ts'

/** What is copied, and where to. */
export interface CopyRequest {
  dataDirectory: string
  /** Folder of the backups, with the pool of artifacts. */
  folder: string
  /** Folder of this backup; it is there, and empty. */
  target: string
  /** Seals the keys; null: they are left out. */
  seal: KeySeal | null
}

/** The content of a backup, for its manifest. */
export type CopiedData = Pick<BackupManifest, 'schemas' | 'files' | 'artifacts' | 'devices'>

/** Tells how far the work is, from 0 to 1. */
export type OnProgress = (share: number, note: string) => void

/** Share of the work that the stores are; artifacts are mostly there already. */
const STORES_SHARE = 0.7

/** Copies stores, artifacts and keys, and checks what was copied. @throws Problem `backup.source-damaged`, `store.*` */
export async function copyData(request: CopyRequest, onProgress: OnProgress): Promise<CopiedData> {
  const { dataDirectory, target, seal } = request
  const copies = await copyStores(dataDirectory, target, (share, note) => onProgress(share * STORES_SHARE, note))
  const artifacts = copyArtifacts(request, (share) => onProgress(STORES_SHARE + share * (0.95 - STORES_SHARE), 'copying artifacts'))
  const files: CopiedData['files'] = copies.map(({ name }) => ({ name, ...hashFile(join(target, name)) }))
  const keys = seal === null ? null : sealKeys(dataDirectory, seal)
  if (keys !== null) {
    replaceFile(fs, { directory: target, name: 'keys.sealed' }, keys)
    files.push({ name: 'keys.sealed', ...hashFile(join(target, 'keys.sealed')) })
  }
  const schemaOf = (name: string): number | null => copies.find((one) => one.name === name)?.schema ?? null
  onProgress(0.98, 'writing the manifest')
  return {
    schemas: { fleet: schemaOf('fleet.db') ?? 0, telemetry: schemaOf('telemetry.db') },
    files,
    artifacts,
    devices: devicesOf(join(target, 'fleet.db')),
  }
}

function copyArtifacts({ dataDirectory, folder }: CopyRequest, onShare: (share: number) => void): PooledArtifact[] {
  const from = join(dataDirectory, 'artifacts')
  const artifacts = artifactsIn(from)
  const total = artifacts.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  return fillPool({
    ...{ from, folder, artifacts },
    onBytes(bytes) {
      done += bytes
      onShare(total === 0 ? 1 : done / total)
    },
  })
}

function devicesOf(file: string): number {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare<[], number>('SELECT count(*) FROM device').pluck().get() ?? 0
  } finally {
    db.close()
  }
}
