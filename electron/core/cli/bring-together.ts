import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'
import { externalFiles } from '../registry/sources/join-external.ts'
import { prepareFolder, prepareModel, type PreparedFolder } from '../registry/sources/read-folder.ts'

/** What was made one of several files before it is uploaded. */
export interface BroughtTogether {
  modelPath: string
  parts: { bundle?: string; train?: string; holdout?: string }
  notes: string[]
}

/**
 * Joins the weights that lie beside a model with it, and reads a Hugging Face export, also one in the cache of their tools, into a folder that is gone
 * when the work is done. A path that needs none of it is left as it is (null).
 * @throws Problem `model.*`, `bundle.*`, `source.*`, and what the work throws
 */
export async function withBroughtTogether(path: string, work: (brought: BroughtTogether | null) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-import-'))
  try {
    const place = placeOf(isCached(path) ? copyOfCached(path, join(directory, 'snapshot')) : path)
    await (place === null ? work(null) : bringTogether(place, directory, work))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** True for a folder whose files are links to blobs of the same cache, as the tools of Hugging Face lay a model down. */
function isCached(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isDirectory()) return false
  return readdirSync(path).some((name) => lstatSync(join(path, name)).isSymbolicLink()) && existsSync(resolve(path, '../../blobs'))
}

/** Copies such a folder with what its links lead to. @throws Problem `source.unsafe` for a link that leads elsewhere */
function copyOfCached(path: string, to: string): string {
  const cache = realpathSync(resolve(path, '../..')) + sep
  cpSync(path, to, {
    ...{ recursive: true, dereference: true },
    filter(from) {
      if (!realpathSync(from).startsWith(cache)) throw new Problem('source.unsafe', `${from} leads out of its cache.`)
      return true
    },
  })
  return to
}

type Place = NonNullable<ReturnType<typeof placeOf>>

async function bringTogether(place: Place, directory: string, work: (brought: BroughtTogether) => Promise<void>): Promise<void> {
  const abort = new AbortController()
  const stop = (): void => abort.abort()
  process.once('SIGINT', stop)
  try {
    const of = { directory: place.directory, workDirectory: directory, signal: abort.signal, progress: () => undefined }
    const prepared = place.name === null ? await prepareFolder(of) : await prepareModel({ ...of, name: place.name })
    process.off('SIGINT', stop)
    await work(broughtOf(prepared, directory, place.name ?? prepared.modelFileName))
  } finally {
    process.off('SIGINT', stop)
  }
}

/** The console takes the name of the model from that of the file. */
function broughtOf(prepared: PreparedFolder, directory: string, name: string): BroughtTogether {
  const modelPath = join(directory, name)
  if (modelPath !== prepared.modelPath) renameSync(prepared.modelPath, modelPath)
  const { bundlePath, trainPath, holdoutPath, joined, notes } = prepared
  const parts = {
    ...(bundlePath === undefined ? {} : { bundle: bundlePath }),
    ...(trainPath === undefined ? {} : { train: trainPath }),
    ...(holdoutPath === undefined ? {} : { holdout: holdoutPath }),
  }
  return { modelPath, parts, notes: [...(joined.length === 0 ? [] : [`weights joined from ${joined.join(', ')}`]), ...notes] }
}

/** What must be brought together: a folder (`name` null) or one file; null: nothing. */
function placeOf(path: string): { directory: string; name: string | null } | null {
  if (!existsSync(path)) return null
  const whole = resolve(path)
  if (statSync(path).isDirectory()) {
    const names = readdirSync(whole)
    const models = names.filter((name) => name.toLowerCase().endsWith('.onnx'))
    const isExport = models.length === 0 && names.includes('onnx')
    return isExport || models.some((name) => hasWeightsBeside(whole, name)) ? { directory: whole, name: null } : null
  }
  const [directory, name] = [dirname(whole), basename(whole)]
  return hasWeightsBeside(directory, name) ? { directory, name } : null
}

/** What is wrong with the file itself is said by the import. */
function hasWeightsBeside(directory: string, name: string): boolean {
  try {
    return externalFiles(directory, name).length > 0
  } catch (error) {
    if (error instanceof Problem && (error.code === 'model.external-data-forbidden' || !/^(model|source)\./.test(error.code))) throw error
    return false
  }
}
