import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
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
 * Joins the weights that lie beside a model with it, and reads a Hugging Face export, into a folder that is gone when the work is done. A path that
 * needs neither is left as it is (null).
 * @throws Problem `model.*`, `bundle.*`, `source.*`, and what the work throws
 */
export async function withBroughtTogether(path: string, work: (brought: BroughtTogether | null) => Promise<void>): Promise<void> {
  const place = placeOf(path)
  if (place === null) return work(null)
  const directory = mkdtempSync(join(tmpdir(), 'muster-import-'))
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
    rmSync(directory, { recursive: true, force: true })
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
