import { lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import type { BundleFile } from '../../../../shared/domain/bundle.ts'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { onnxLimits } from '../../../../shared/onnx/limits.ts'
import { firstIssue, parseJson } from '../../../../shared/protocol/decode.ts'
import { readBundleFile } from '../bundle-file.ts'
import { describeModel } from '../describe.ts'
import { inspectOnnxFile } from '../inspect-onnx.ts'
import { copySibling } from './copy-sibling.ts'
import { modelConfig, preprocessorConfig, readExport, type ReadExport } from './hugging-face.ts'
import { joinExternalData } from './join-external.ts'
import { readSibling } from './plain-file.ts'

/** A folder with a model, and where its parts are brought together. */
export interface FolderRequest {
  directory: string
  /** An empty folder of this work alone; whoever made it takes it away again. */
  workDirectory: string
  signal: AbortSignal
  progress: (fraction: number, note: string) => void
}

/** The parts of an import, each a file of the work directory. */
export interface PreparedFolder {
  modelPath: string
  modelFileName: string
  bundlePath?: string
  trainPath?: string
  holdoutPath?: string
  /** Weights that were joined into the model. */
  joined: string[]
  /** What the folder says and a device will not do. */
  notes: string[]
}

const MAX_JSON_BYTES = 8 * 1024 * 1024
const MAX_ROWS_BYTES = 4 * 1024 ** 3
const EXPORT_FOLDER = 'onnx'
const USUAL_NAME = 'model.onnx'
const isModel = (name: string): boolean => name.toLowerCase().endsWith('.onnx') && !name.startsWith('.')

/** Where the model of a folder is. @throws Problem `source.folder`, `bundle.invalid` where it is not clear which one is meant */
export function findModel(directory: string): { directory: string; name: string; isExport: boolean } {
  const names = namesIn(directory)
  const models = names.filter(isModel)
  if (models.length === 1) return { directory, name: models[0]!, isExport: names.includes('config.json') }
  const inner = join(directory, EXPORT_FOLDER)
  const isExport = models.length === 0 && names.includes(EXPORT_FOLDER) && lstatSync(inner).isDirectory()
  const exported = isExport ? namesIn(inner).filter(isModel) : []
  // An export keeps smaller forms of the same model beside it; they are imported by name.
  const name = exported.length === 1 ? exported[0] : exported.find((one) => one === USUAL_NAME)
  if (name !== undefined) return { directory: inner, name, isExport: true }
  const count = isExport ? exported.length : models.length
  throw new Problem('bundle.invalid', `${directory} holds ${count} .onnx files; it must be clear which one is meant.`, {
    hint: 'Import one of the files by its name, or leave one in the folder.',
  })
}

/**
 * Brings the parts of a folder together: the model with the weights that lie beside it, `bundle.json`, rows, and what a Hugging Face export says
 * of its labels and pictures. What `bundle.json` says itself counts more.
 * @throws Problem `source.*`, `bundle.*`, `model.*`, `cancelled`, `store.*`
 */
export async function prepareFolder(of: FolderRequest): Promise<PreparedFolder> {
  const found = findModel(of.directory)
  const prepared = await prepareModel({ ...of, directory: found.directory, name: found.name })
  const names = namesIn(of.directory)
  for (const [key, name] of [['trainPath', 'train.csv'] as const, ['holdoutPath', 'holdout.csv'] as const]) {
    if (!names.includes(name)) continue
    const to = join(of.workDirectory, name)
    await copySibling({ directory: of.directory, name, maxBytes: MAX_ROWS_BYTES }, to, of)
    prepared[key] = to
  }
  const own = names.includes('bundle.json') ? ownBundle(of) : null
  const exported = found.isExport ? exportOf(of.directory, names, prepared.modelPath) : { bundle: {}, notes: [] }
  const { bundle, notes } = withOwn(exported, own, prepared.modelPath)
  if (Object.keys(bundle).length > 0) {
    prepared.bundlePath = join(of.workDirectory, 'bundle.json')
    writeFileSync(prepared.bundlePath, JSON.stringify(bundle), { mode: 0o600 })
  }
  prepared.notes.push(...notes)
  return prepared
}

/** One model file with the weights beside it. @throws Problem like `prepareFolder` */
export async function prepareModel(of: FolderRequest & { name: string }): Promise<PreparedFolder> {
  const modelPath = join(of.workDirectory, 'model.onnx')
  const joined = await joinExternalData({ ...of, to: modelPath })
  if (joined === null) await copySibling({ ...of, maxBytes: onnxLimits.fileBytes }, modelPath, of)
  return { modelPath, modelFileName: of.name, joined: joined?.files ?? [], notes: [] }
}

function ownBundle({ directory, workDirectory }: FolderRequest): BundleFile {
  const copy = join(workDirectory, 'own-bundle.json')
  writeFileSync(copy, readSibling(directory, 'bundle.json', MAX_JSON_BYTES), { mode: 0o600 })
  return readBundleFile(copy)
}

function exportOf(directory: string, names: readonly string[], modelPath: string): ReadExport {
  const { inputs, outputs } = inspectOnnxFile(modelPath)
  const read = <Content>(name: string, schema: z.ZodType<Content>): Content | null =>
    names.includes(name) ? jsonOf(directory, name, schema) : null
  return readExport({
    ...{ config: read('config.json', modelConfig), preprocessor: read('preprocessor_config.json', preprocessorConfig), inputs, outputs },
  })
}

function jsonOf<Content>(directory: string, name: string, schema: z.ZodType<Content>): Content {
  const text = readSibling(directory, name, MAX_JSON_BYTES).toString('utf8')
  let content: unknown
  try {
    content = parseJson(text, name)
  } catch (error) {
    throw new Problem('bundle.invalid', messageOf(error), { cause: error })
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new Problem('bundle.invalid', `${name}: ${firstIssue(parsed.error)}`)
}

/** What was read of an export is a help: where it does not fit the model it is left out, and a note says so. */
function withOwn(exported: ReadExport, own: BundleFile | null, modelPath: string): ReadExport {
  const both = { ...exported.bundle, ...own }
  if (Object.keys(exported.bundle).length === 0) return { bundle: both, notes: exported.notes }
  try {
    describeModel(inspectOnnxFile(modelPath), both)
    return { bundle: both, notes: exported.notes }
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('bundle.')) throw error
    const note = `What config.json and preprocessor_config.json say does not fit the model and was left out: ${error.message}`
    return { bundle: own ?? {}, notes: [note] }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    throw new Problem('source.folder', `${directory} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
