import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../../../../shared/domain/problem.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import type { OnProgress } from '../copy-data.ts'
import { copyDurably, linkOrCopy } from '../file-bytes.ts'
import { freeBytesAt, POOL, type FoundBackup } from '../places.ts'
import { writeKeys } from '../seal-keys.ts'
import type { StoreName } from '../snapshot.ts'
import { newestSchemas } from '../schemas.ts'
import { verifyBackup } from '../verify.ts'
import { damagedStores, faultOf } from './damage.ts'
import { hasKeys, keyFolders, keysOf } from './keys-back.ts'
import { lossOf, type Loss } from './loss.ts'
import { finishRestore, isRestoring, removeStages, suffixes, swapIn } from './swap.ts'

/** What is put back: everything, what is damaged or missing, or one store. */
export const restoreScopes = ['everything', 'damaged', 'fleet', 'telemetry'] as const
export type RestoreScope = (typeof restoreScopes)[number]

export interface RestoreRequest {
  backup: FoundBackup
  /** Held by the caller: nothing else works in it. */
  dataDirectory: string
  scope: RestoreScope
  /** Opens the sealed keys; null: those that are there stay as they are. */
  passphrase: string | null
  /** Key id of another fleet's console whose signature a person takes. */
  acceptedKey: string | null
  actor: string
  now: number
}

/** What was done, and what it means. */
export interface RestoreReport {
  backup: string
  madeAt: number
  stores: StoreName[]
  /** Folder of the files that stood there before; null: there were none. */
  aside: string | null
  /** `none`: there are no keys, so no device trusts what this console signs; `foreign`: the same, as they did not sign the backup. */
  keys: 'kept' | 'foreign' | 'restored' | 'none'
  signedBy: { keyId: string; isOurs: boolean }
  loss: Loss
}

/** Space beyond the copies themselves. */
const MARGIN_BYTES = 16 * 1024 * 1024

/**
 * Puts a backup in the place of the stores of a data directory, or into a new one. The backup is read and compared in full before anything changes.
 * @throws Problem `backup.damaged`, `backup.untrusted`, `backup.newer`, `backup.no-space`, `backup.passphrase`, `input.invalid`, `store.*`
 */
export function restoreBackup(request: RestoreRequest, onProgress: OnProgress = () => undefined): RestoreReport {
  const { backup, dataDirectory, actor, now } = request
  finishRestore(dataDirectory)
  removeStages(dataDirectory)
  checkSigner(request)
  checkSchemas(backup)
  const stores = storesOf(request)
  checkFleet(request, stores)
  const folder = dirname(backup.directory)
  verifyBackup(backup.directory, folder, backup.manifest, (share, note) => onProgress(share * 0.7, note))
  checkSpace(request, stores)
  const keys = keysOf(request)
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')
  const stage = freeName(dataDirectory, `restore-${stamp}.partial`)
  try {
    fs.mkdirSync(join(dataDirectory, stage), { recursive: true, mode: 0o700 })
    for (const name of stores) {
      onProgress(0.8, `copying ${name}`)
      copyDurably(join(backup.directory, name), join(dataDirectory, stage, name))
    }
    bringArtifacts(request)
    if (keys !== null) writeKeys(join(dataDirectory, stage), keys)
    onProgress(0.95, 'putting it in its place')
    const loss = lossOf(dataDirectory, join(dataDirectory, stage), stores)
    const folders = keys === null ? [] : keyFolders(keys)
    const moved = [...stores.flatMap((name) => suffixes.map((suffix) => name + suffix)), ...folders]
    const isThere = moved.some((name) => fs.existsSync(join(dataDirectory, name)))
    const aside = isThere ? freeName(dataDirectory, `before-restore-${stamp}`) : null
    const { madeAt, devices } = backup.manifest
    swapIn(dataDirectory, { id: randomUUID(), backup: backup.name, madeAt, at: now, actor, stores, folders, stage, aside, devices })
    return {
      ...{ backup: backup.name, madeAt, stores, loss, signedBy: backup.signer },
      aside: aside === null ? null : join(dataDirectory, aside),
      keys: keys !== null ? 'restored' : !hasKeys(dataDirectory) ? 'none' : backup.signer.isOurs ? 'kept' : 'foreign',
    }
  } catch (error) {
    // A journal that was written is finished at the next start: what it moves must stay.
    if (!isRestoring(dataDirectory)) fs.rmSync(join(dataDirectory, stage), { recursive: true, force: true })
    throw storeProblem(error, dataDirectory)
  }
}

function checkSigner({ backup, dataDirectory, acceptedKey }: RestoreRequest): void {
  const { isOurs, keyId } = backup.signer
  // A new machine has no keys yet: nothing there could tell a true backup from a false one, and nothing is lost by it either.
  if (isOurs || keyId === acceptedKey || !hasKeys(dataDirectory)) return
  throw new Problem('backup.untrusted', `The backup ${backup.name} was signed by the key ${keyId}, which is none of this console.`)
}

function checkSchemas({ manifest, name }: FoundBackup): void {
  const newest = newestSchemas()
  if (manifest.schemas.fleet > newest.fleet || (manifest.schemas.telemetry ?? 0) > newest.telemetry) {
    throw new Problem(
      'backup.newer',
      `The backup ${name} was made by Muster ${manifest.madeBy} (schemas ${manifest.schemas.fleet} and ${manifest.schemas.telemetry ?? 0}); this version knows ${newest.fleet} and ${newest.telemetry}.`,
    )
  }
}

function storesOf({ backup, dataDirectory, scope }: RestoreRequest): StoreName[] {
  const has = (name: StoreName): boolean => backup.manifest.files.some((file) => file.name === name)
  const wanted: StoreName[] =
    scope === 'everything'
      ? ['fleet.db', 'telemetry.db']
      : scope === 'damaged'
        ? damagedStores(dataDirectory)
        : [scope === 'fleet' ? 'fleet.db' : 'telemetry.db']
  const stores = wanted.filter(has)
  if (stores.length > 0) return stores
  if (scope === 'damaged')
    throw new Problem('input.invalid', 'Neither store is damaged; nothing was changed.', {
      hint: 'To go back all the same: --only everything',
    })
  throw new Problem('input.invalid', `The backup ${backup.name} holds no ${wanted.join(' nor ')}.`)
}

/** Telemetry of a fleet that is not there would be the beginning of an empty one. @throws Problem `input.invalid` */
function checkFleet({ dataDirectory }: RestoreRequest, stores: readonly StoreName[]): void {
  if (stores.includes('fleet.db')) return
  const fault = faultOf(dataDirectory, 'fleet.db')
  if (fault?.code !== 'store.corrupt' && fault?.code !== 'store.missing') return
  throw new Problem('input.invalid', `${fault.message} Telemetry alone is no fleet; nothing was changed.`, {
    hint: 'To put back whatever is damaged or missing: --only damaged',
  })
}

function checkSpace({ backup, dataDirectory }: RestoreRequest, stores: readonly StoreName[]): void {
  const files = backup.manifest.files.filter(({ name }) => stores.some((store) => store === name))
  const lacking = backup.manifest.artifacts.filter(({ sha256 }) => !fs.existsSync(join(dataDirectory, 'artifacts', sha256)))
  const needed = [...files, ...lacking].reduce((sum, { bytes }) => sum + bytes, MARGIN_BYTES)
  const free = freeBytesAt(dataDirectory)
  if (free !== null && free < needed) {
    const mega = (bytes: number): string => (bytes / 1e6).toFixed(0)
    throw new Problem(
      'backup.no-space',
      `The restore needs ${mega(needed)} MB in ${dataDirectory}; ${mega(free)} MB are free. Nothing was changed.`,
    )
  }
}

/** Artifacts that are lacking, or have another size, come from the pool; they were compared with their names before. */
function bringArtifacts({ backup, dataDirectory }: RestoreRequest): void {
  const to = join(dataDirectory, 'artifacts')
  fs.mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const { sha256, bytes } of backup.manifest.artifacts) {
    const file = join(to, sha256)
    const stat = fs.statSync(file, { throwIfNoEntry: false })
    if (stat !== undefined && stat.size !== bytes) fs.renameSync(file, freeFile(`${file}.damaged`))
    if (stat?.size !== bytes) linkOrCopy(join(dirname(backup.directory), POOL, sha256), file)
  }
}

function freeName(directory: string, name: string): string {
  for (let n = 1; ; n += 1) {
    const tried = n === 1 ? name : `${name}-${n}`
    if (!fs.existsSync(join(directory, tried))) return tried
  }
}

function freeFile(path: string): string {
  return join(dirname(path), freeName(dirname(path), path.slice(dirname(path).length + 1)))
}
