import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { siblingName } from '../../../../shared/onnx/external-data.ts'
import { onnxLimits } from '../../../../shared/onnx/limits.ts'
import { externalFiles } from '../sources/join-external.ts'
import type { ArtifactEntry, MlflowClient } from './client.ts'

/** A version of a registered model, and where its files go. */
export interface FetchRequest {
  client: MlflowClient
  model: string
  version: string
  /** An empty folder of this work alone. */
  directory: string
  progress: (fraction: number | null, note: string) => void
}

/** How the artifacts of a version are reached: through the store of the server, where they can be listed, or one by one. */
interface Artifacts {
  list: ((path: string) => Promise<ArtifactEntry[]>) | null
  download(path: string, to: string, mostBytes: number): Promise<void>
}

const MOST_CARD_BYTES = 1024 * 1024
const MOST_ROWS_BYTES = 4 * 1024 ** 3
const MAX_PATH = 1000
/** Files beside the model that an import knows. */
const beside: readonly (readonly [string, number])[] = [
  ['bundle.json', 8 * 1024 * 1024],
  ['train.csv', MOST_ROWS_BYTES],
  ['holdout.csv', MOST_ROWS_BYTES],
]
const isModel = (name: string): boolean => name.toLowerCase().endsWith('.onnx')

/** What is read of the `MLmodel` file of a logged model. */
const card = z.looseObject({ flavors: z.record(z.string(), z.looseObject({ data: z.unknown().optional() })).default({}) })

/**
 * Fetches the ONNX file of a version with the weights that it names and the files of an import beside it, as one folder.
 * @returns the path of the ONNX file among the artifacts
 * @throws Problem `source.*`, `model.*`, `cancelled`, `store.*`
 */
export async function fetchArtifacts(of: FetchRequest): Promise<string> {
  const artifacts = await reach(of)
  const found = await findModel(of, artifacts)
  const folder = found.split('/').slice(0, -1)
  const name = found.split('/').at(-1)!
  await artifacts.download(found, join(of.directory, name), onnxLimits.fileBytes)
  let left = onnxLimits.fileBytes
  for (const location of externalFiles(of.directory, name)) {
    if (location === name || beside.some(([extra]) => extra === location))
      throw new Problem(
        'model.external-data-forbidden',
        `The weights of ${name} are to lie in ${location}, which is another file of an import.`,
      )
    const to = join(of.directory, location)
    await artifacts.download([...folder, location].join('/'), to, left)
    left -= statSync(to).size
  }
  if (artifacts.list === null) return found
  const names = (await artifacts.list('')).filter(({ isFolder }) => !isFolder).map((entry) => entry.name)
  for (const [extra, mostBytes] of beside) if (names.includes(extra)) await artifacts.download(extra, join(of.directory, extra), mostBytes)
  return found
}

async function reach({ client, model, version, progress }: FetchRequest): Promise<Artifacts> {
  const uri = await client.artifactsOf(model, version)
  const told = (path: string) => (bytes: number) => progress(null, `fetching ${path}: ${(bytes / 1e6).toFixed(1)} MB`)
  const root = proxiedPath(uri)
  if (root === null) {
    const path = '/model-versions/get-artifact'
    return {
      list: null,
      download: (name, to, mostBytes) =>
        client.download({ path, query: { name: model, version, path: name }, to, mostBytes, progress: told(name) }),
    }
  }
  const full = (path: string): string => (path === '' ? root : `${root}/${path}`)
  return {
    list: async (path) => (await client.list(full(path))).filter(({ name }) => isPlain(name)),
    download: (name, to, mostBytes) => {
      const path = `/api/2.0/mlflow-artifacts/artifacts/${full(name).split('/').map(encodeURIComponent).join('/')}`
      return client.download({ path, to, mostBytes, progress: told(name) })
    },
  }
}

/**
 * The path of artifacts that the server itself hands out; null: they are in a store of its own, which it asks for us. The host of such an
 * address is not looked at: the server that we know is asked, and no other.
 */
export function proxiedPath(uri: string): string | null {
  if (!uri.startsWith('mlflow-artifacts:') || !URL.canParse(uri)) return null
  const segments = new URL(uri).pathname.split('/').filter((segment) => segment !== '')
  const decoded = segments.map(decodedOf)
  return decoded.every(isPlain) && decoded.join('/').length <= MAX_PATH ? decoded.join('/') : null
}

function decodedOf(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const isPlain = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\\\p{C}]/u.test(name)

/** The ONNX file that `MLmodel` names; where it names none, the only one there is. */
async function findModel(of: FetchRequest, artifacts: Artifacts): Promise<string> {
  const read = await readCard(of, artifacts)
  if (read?.data !== undefined) return checkedPath(read.data)
  const listed = artifacts.list === null ? [] : await onnxFiles(artifacts.list)
  const usual = listed.find((path) => path === 'model.onnx' || path === 'onnx/model.onnx')
  const only = listed.length === 1 ? listed[0] : usual
  if (only !== undefined) return checkedPath(only)
  const flavors = read === null ? '' : ` It was logged as ${read.flavors.join(', ').slice(0, 200)}.`
  const what = listed.length === 0 ? 'no .onnx file' : `${listed.length} .onnx files and does not say which one is meant`
  throw new Problem('source.no-model-file', `${of.model} version ${of.version} has ${what} among its artifacts.${flavors}`)
}

async function onnxFiles(list: (path: string) => Promise<ArtifactEntry[]>): Promise<string[]> {
  const root = await list('')
  const found = root.filter(({ name, isFolder }) => !isFolder && isModel(name)).map(({ name }) => name)
  if (!root.some(({ name, isFolder }) => isFolder && name === 'onnx')) return found
  return [...found, ...(await list('onnx')).filter(({ name, isFolder }) => !isFolder && isModel(name)).map(({ name }) => `onnx/${name}`)]
}

/** What `MLmodel` says; null: there is none. */
async function readCard(of: FetchRequest, artifacts: Artifacts): Promise<{ data: string | undefined; flavors: string[] } | null> {
  const to = join(of.directory, '.MLmodel')
  try {
    await artifacts.download('MLmodel', to, MOST_CARD_BYTES)
    // No aliases: a few lines of them can stand for gigabytes.
    const parsed = card.safeParse(parse(readFileSync(to, 'utf8'), { maxAliasCount: 0, schema: 'failsafe' }))
    if (!parsed.success) return null
    const data = parsed.data.flavors['onnx']?.data
    return { data: typeof data === 'string' ? data : undefined, flavors: Object.keys(parsed.data.flavors) }
  } catch (error) {
    if (error instanceof Problem && error.code === 'source.no-version') return null
    if (error instanceof Problem) throw error
    throw new Problem('source.answer', `MLmodel of ${of.model} version ${of.version} cannot be read: ${messageOf(error)}`, { cause: error })
  } finally {
    rmSync(to, { force: true })
  }
}

/** A path below the artifacts whose file goes into our folder under its own name. @throws Problem `source.no-model-file` */
function checkedPath(path: string): string {
  const segments = path.split('/')
  try {
    siblingName(segments.at(-1)!)
  } catch (error) {
    throw new Problem('source.no-model-file', `The ONNX file has a name that is not taken: ${JSON.stringify(path.slice(0, 100))}`, {
      cause: error,
    })
  }
  if (!segments.every(isPlain) || path.length > MAX_PATH)
    throw new Problem('source.no-model-file', `The ONNX file is not below the artifacts: ${JSON.stringify(path.slice(0, 100))}`)
  return path
}
