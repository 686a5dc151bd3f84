import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { modelName } from '../../../../shared/domain/ids.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { MlflowSettings, TrainingRun, VersionOrigin } from '../../../../shared/rpc/contract/sources.ts'
import type { JobWork } from '../../jobs/jobs.ts'
import type { RemoteVersion } from '../../store/fleet/source-offers.ts'
import type { SourceRow } from '../../store/fleet/sources.ts'
import { pairsOf, type MlflowVersion } from '../mlflow/answers.ts'
import { fetchArtifacts } from '../mlflow/artifacts.ts'
import { openMlflow, type MlflowClient } from '../mlflow/client.ts'
import { serverOf } from '../mlflow/server-of.ts'
import type { ImportedVersion, Registry } from '../registry.ts'
import { asModelName } from '../version-name.ts'
import { prepareFolder, type PreparedFolder } from './read-folder.ts'

/** What bringing a version in needs. */
export interface ImportParts {
  registry: Pick<Registry, 'import'>
  /** Says at once if nothing can be signed now, and not after gigabytes. @throws Problem `trust.locked` */
  requireKeys(): void
  /** Folders of imports that are under way. */
  workDirectory: string
}

/** A version that came in, and from where. */
export interface BroughtVersion {
  imported: ImportedVersion
  origin: VersionOrigin
}

type Context = Parameters<JobWork>[0]

/** Of the progress: fetching, preparing, and the import itself. */
const FETCHED = 0.4
const PREPARED = 0.5

/**
 * Imports a version of a tracking server with its run. Only what the server calls ready is taken.
 * @throws Problem `source.*`, and what an import throws
 */
export function importRemote(
  parts: ImportParts,
  of: { row: SourceRow; settings: MlflowSettings; remote: RemoteVersion; actor: string },
  context: Context,
): Promise<BroughtVersion> {
  const { row, settings, remote, actor } = of
  return inWork(parts, async (directory) => {
    parts.requireKeys()
    const client = openMlflow(serverOf(row, settings), context.signal)
    const version = await client.versionOf(remote.model, remote.version)
    requireReady(version)
    const run = await runOf(client, version)
    const fetched = join(directory, 'fetched')
    mkdirSync(fetched)
    const artifact = await fetchArtifacts({ client, ...remote, directory: fetched, progress: (_, note) => context.progress(null, note) })
    const prepared = await prepareIn(directory, fetched, context)
    const imported = await importPrepared(parts, prepared, {
      ...{
        model: remote.as ?? nameOf(remote.model),
        version: remote.version,
        fileName: `${remote.model}-${remote.version}.onnx`,
        actor,
        context,
      },
    })
    const about = { description: (version.description ?? '').slice(0, 5000), tags: pairsOf(version.tags), run }
    const { joined, notes } = prepared
    return { imported, origin: { kind: 'mlflow', url: settings.url, ...remoteOf(remote), artifact, ...about, joined, notes } }
  })
}

/** Imports a subfolder MODEL@VERSION of a watched folder. @throws Problem `source.*`, and what an import throws */
export function importSubfolder(
  parts: ImportParts,
  of: { folder: string; name: string; model: string; version: string; actor: string },
  context: Context,
): Promise<BroughtVersion> {
  return inWork(parts, async (directory) => {
    parts.requireKeys()
    const folder = join(of.folder, of.name)
    const prepared = await prepareIn(directory, folder, context)
    const { model, version, actor } = of
    const imported = await importPrepared(parts, prepared, { model, version, fileName: prepared.modelFileName, actor, context })
    return { imported, origin: { kind: 'folder', folder, joined: prepared.joined, notes: prepared.notes } }
  })
}

async function inWork<Result>({ workDirectory }: ImportParts, work: (directory: string) => Promise<Result>): Promise<Result> {
  mkdirSync(workDirectory, { recursive: true, mode: 0o700 })
  const directory = mkdtempSync(join(workDirectory, 'import-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function prepareIn(directory: string, from: string, { signal, progress }: Context): Promise<PreparedFolder> {
  const workDirectory = join(directory, 'prepared')
  mkdirSync(workDirectory)
  const told = (fraction: number, note: string): void => progress(FETCHED + (PREPARED - FETCHED) * fraction, note)
  return prepareFolder({ directory: from, workDirectory, signal, progress: told })
}

function importPrepared(
  { registry }: ImportParts,
  prepared: PreparedFolder,
  of: { model: string; version: string; fileName: string; actor: string; context: Context },
): Promise<ImportedVersion> {
  const { modelPath, bundlePath, trainPath, holdoutPath } = prepared
  return registry.import({
    ...{ modelPath, modelFileName: of.fileName, model: of.model, version: of.version, importedBy: of.actor, signal: of.context.signal },
    ...(bundlePath === undefined ? {} : { bundlePath }),
    ...(trainPath === undefined ? {} : { trainPath }),
    ...(holdoutPath === undefined ? {} : { holdoutPath, holdoutName: 'holdout.csv' }),
    progress: (fraction, note) => of.context.progress(PREPARED + (1 - PREPARED) * fraction, note),
  })
}

/** @throws Problem `source.no-version` unless the server has all of it */
export function requireReady({ name, version, status }: MlflowVersion): void {
  if (status === null || status === undefined || status === 'READY') return
  throw new Problem('source.no-version', `${name} version ${version} is not ready on the server (${status.slice(0, 60)}).`, {
    hint: 'Wait until the server says READY, or register the version again.',
  })
}

/** The run behind a version; one that was deleted, or is hidden from us, does not keep a model from coming in. */
async function runOf(client: MlflowClient, { run_id: id }: MlflowVersion): Promise<TrainingRun | null> {
  if (id === null || id === undefined || id === '') return null
  try {
    return await client.run(id)
  } catch (error) {
    if (error instanceof Problem && (error.code === 'source.no-version' || error.code === 'source.denied')) return null
    throw error
  }
}

/** The name of a model here. @throws Problem `model.name-needed` if nothing of the name there can stand in one */
export function nameOf(remote: string): string {
  const made = modelName.safeParse(asModelName(remote))
  if (made.success) return made.data
  throw new Problem('model.name-needed', `Nothing of the name ${JSON.stringify(remote.slice(0, 80))} can stand in a name here.`, {
    hint: 'Say which: --as NAME',
  })
}

const remoteOf = ({ model, version }: RemoteVersion): { model: string; version: string } => ({ model, version })
