import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EvaluationLimits } from '../../../../../electron/core/registry/evaluator.ts'
import { openRegistry, type ImportRequest } from '../../../../../electron/core/registry/registry.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { elem, graph, model, node, value } from '../../../../harness/onnx/model.ts'

const samplesFolder = fileURLToPath(new URL('../../../../../build/samples/', import.meta.url))

/** Path of a sample: `sample('wine', 'holdout.csv')`. */
export const sample = (folder: string, name: string): string => join(samplesFolder, folder, name)

export const quiet = (): Pick<ImportRequest, 'signal' | 'progress'> => ({ signal: new AbortController().signal, progress: () => undefined })

/** A folder with a registry in it, on a real database. */
export function openWorkshop(limits?: Partial<EvaluationLimits>) {
  const directory = mkdtempSync(join(tmpdir(), 'muster-registry-'))
  const artifactDirectory = join(directory, 'artifacts')
  const workDirectory = join(directory, 'work')
  const db = openFleet(join(directory, 'fleet.db'))
  const keyring = openKeyring(join(directory, 'keys'))
  let clock = 1_700_000_000_000
  const open = () =>
    openRegistry({ db, artifactDirectory, workDirectory, keyring, now: () => (clock += 1), ...(limits === undefined ? {} : { limits }) })
  return {
    directory,
    artifactDirectory,
    workDirectory,
    db,
    keyring,
    open,
    registry: open(),
    artifacts: (): string[] => readdirSync(artifactDirectory).sort(),
    artifact: (sha256: string): Buffer => readFileSync(join(artifactDirectory, sha256)),
    /** Rows of every table that an import writes. */
    rows: () =>
      ['bundle', 'model_version', 'evaluation'].map(
        (table) => db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n,
      ),
    write(name: string, content: string | Uint8Array): string {
      mkdirSync(join(directory, 'files'), { recursive: true })
      writeFileSync(join(directory, 'files', name), content)
      return join(directory, 'files', name)
    },
    close(): void {
      db.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** What an import of a sample with all its rows asks for. */
export function sampleImport(folder: string, file: string): ImportRequest {
  return {
    modelPath: sample(folder, file),
    modelFileName: file,
    trainPath: sample(folder, 'train.csv'),
    holdoutPath: sample(folder, 'holdout.csv'),
    holdoutName: 'holdout.csv',
    ...quiet(),
  }
}

/** y = x over float [rows, width]: the row is its own score. */
export const echoModel = (rows: number | string, width: number, metadata: readonly (readonly [string, string])[] = []): Uint8Array =>
  model({
    metadata,
    graph: graph({
      name: 'echo',
      nodes: [node({ op: 'Identity', in: ['x'], out: ['probabilities'] })],
      inputs: [value('x', elem.FLOAT, [rows, width])],
      outputs: [value('probabilities', elem.FLOAT, [rows, width])],
    }),
  })
