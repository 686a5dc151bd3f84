import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { artifactsOf, type Manifest } from '../../../shared/domain/bundle.ts'
import { bundleDigest, type BundleDigest, type ModelName, type ModelVersionName } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { nearestName } from '../../../shared/domain/query/nearest.ts'
import type { BundleReference } from '../../../shared/protocol/assignment.ts'
import { payloadTypes, type Signature } from '../../../shared/protocol/envelope.ts'
import type { EvaluationRecord } from '../../../shared/rpc/contract/models.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { openModelTable, type ModelVersionRow } from '../store/fleet/models.ts'
import type { WriteDb } from '../store/open.ts'
import type { Keyring } from '../trust/keys.ts'
import { openAliases } from './aliases.ts'
import { openArtifactStore, sha256OfFile } from './artifact-store.ts'
import { openBench } from './bench/bench.ts'
import { buildBundle, type BuiltBundle, type BundleSources, type BundleWork } from './bundle.ts'
import { buildArchived } from './bundle-archive/build-archived.ts'
import { blocksOfBundle, openContents, sizeOfBundle } from './contents.ts'
import { evaluateHoldout, type Judgement } from './evaluate.ts'
import { startEvaluator, type EvaluationLimits } from './evaluator.ts'
import { evaluatingNote } from './judge-model.ts'
import { readManifest } from './manifest-bytes.ts'
import { stageArtifacts, type Staging } from './staging.ts'
import { parseEvaluation, parseSignatures } from './stored-json.ts'
import { openTravelSizes } from './travel-sizes.ts'

export interface RegistryOptions {
  db: WriteDb
  /** Content-addressed files: artifacts, manifests, hold-out data. Nobody else writes here. */
  artifactDirectory: string
  /** For working directories of child processes; emptied at the start. */
  workDirectory: string
  keyring: Keyring
  /** Names a bundle in the trust metadata of the fleet, in the transaction of its import. @throws Problem `trust.locked` */
  authorise?(digest: string, sizeBytes: number): void
  /** Told of a version within the transaction of its import. */
  onRecorded?(manifest: Manifest, importedBy: string | null): void
  now: () => number
  limits?: Partial<EvaluationLimits>
}

/** What every long work takes: a signal that ends it, and a place to tell how far it is (0 to 1). */
interface Supervised {
  signal: AbortSignal
  progress: (fraction: number, note: string) => void
}

export type ImportRequest = BundleSources & Supervised & { holdoutName?: string; importedBy?: string }

/** An exported version on its way in. */
export type ArchiveRequest = Supervised & { path: string; fileName: string; holdoutName: string | null; importedBy?: string }

export interface ImportedVersion {
  model: ModelName
  version: ModelVersionName
  digest: BundleDigest
  evaluation: EvaluationRecord | null
  /** Why the bundle has no reference of what the model answers, although rows came along; `null`: nothing is missing. */
  outcomesMissing: string | null
}

export type EvaluateRequest = Supervised & { model: string; version: string; holdoutPath?: string; holdoutName?: string }

/** A model version as the registry knows it. */
export interface RegisteredVersion {
  model: ModelName
  version: ModelVersionName
  digest: BundleDigest
  manifest: Manifest
  signatures: Signature[]
  importedAt: number
  importedBy: string | null
  sourceName: string
  holdout: { sha256: string; name: string } | null
  note: { text: string; by: string; at: number } | null
  /** From the newest to the oldest. */
  evaluations: EvaluationRecord[]
}

const WORK_PREFIX = 'evaluate-'
const CACHED_MANIFESTS = 512

export type Registry = ReturnType<typeof openRegistry>

/**
 * The model versions of a fleet: imports, evaluates and describes them.
 *
 * INVARIANTS
 * 1. A version, its signed bundle and the evaluation of its import are recorded in one transaction, after every artifact is on disk.
 * 2. An import that does not come to that transaction leaves no artifact that was not there before; after a kill, the next start
 *    takes them away.
 * 3. Imports run one after the other, so no import relies on an artifact that another one takes away again.
 * 4. (model, version) never changes its content.
 */
export function openRegistry(options: RegistryOptions) {
  const { db, keyring, now, workDirectory } = options
  const table = openModelTable(db)
  const aliases = openAliases(db, table)
  const store = openArtifactStore(options.artifactDirectory)
  const contents = openContents(store)
  const travel = openTravelSizes({ db, artifactDirectory: options.artifactDirectory })
  const bench = openBench({ workDirectory, ...(options.limits === undefined ? {} : { limits: options.limits }) })
  clearWork(workDirectory)
  clearUnsettled()
  const manifests = new Map<string, Manifest>()
  let last: Promise<unknown> = Promise.resolve()

  function manifestOf(digest: string): Manifest {
    const known = manifests.get(digest)
    if (known !== undefined) return known
    const row = table.bundle(digest)
    if (row === null) throw new Problem('model.not-found', `No bundle has the digest ${digest.slice(0, 80)}.`)
    const manifest = readManifest(row.manifest)
    if (manifests.size >= CACHED_MANIFESTS) manifests.clear()
    manifests.set(digest, manifest)
    return manifest
  }

  function registered(row: ModelVersionRow): RegisteredVersion {
    const manifest = manifestOf(row.digest)
    return {
      model: manifest.model,
      version: manifest.version,
      digest: bundleDigest.parse(row.digest),
      manifest,
      signatures: parseSignatures(table.signatures(row.digest)?.signatures ?? '[]'),
      importedAt: row.importedAt,
      importedBy: row.importedBy,
      sourceName: row.sourceName,
      holdout: row.holdoutSha256 === null ? null : { sha256: row.holdoutSha256, name: row.holdoutName ?? 'holdout.csv' },
      note: row.note === null ? null : { text: row.note, by: row.notedBy ?? '', at: row.notedAt ?? row.importedAt },
      evaluations: table.evaluations(row.digest).map(({ record }) => parseEvaluation(record)),
    }
  }

  /** By version, else by alias: the two never have the same name. */
  function found(model: string, version: string): ModelVersionRow {
    const row = table.version(model, version) ?? table.version(model, aliases.versionOf(model, version) ?? '')
    if (row !== null) return row
    throw new Problem('model.not-found', notFound(model, version, table.versions()))
  }

  /** Records a built bundle; the same content again is no error. */
  function record(built: BuiltBundle, request: ImportRequest, staging: Staging): ImportedVersion {
    const { manifest, written, outcomesMissing } = built
    const { model, version } = manifest
    const existing = table.version(model, version)
    if (existing !== null) {
      if (existing.digest !== written.digest)
        throw new Problem('model.exists', `${model}@${version} is there with other content (${existing.digest.slice(0, 12)}…).`)
      return { model, version, digest: written.digest, evaluation: registered(existing).evaluations[0] ?? null, outcomesMissing }
    }
    aliases.assertFree(model, version)
    const at = now()
    const holdoutName = nameOfData(request.holdoutName, request.holdoutPath)
    const evaluation =
      built.judgement === null ? null : evaluationRecord(built.judgement, { name: holdoutName, sha256: built.holdoutSha256 ?? '', at })
    db.transaction(() => {
      const signatures = JSON.stringify(keyring.sign(payloadTypes.bundle, written.bytes))
      options.onRecorded?.(manifest, request.importedBy ?? null)
      options.authorise?.(written.digest, written.bytes.length)
      table.addBundle({ digest: written.digest, manifest: written.bytes, signatures, createdAt: at })
      const sourceName = request.modelFileName.slice(0, 512)
      table.addVersion({
        model,
        version,
        digest: written.digest,
        sourceName,
        holdoutSha256: built.holdoutSha256,
        holdoutName: built.holdoutSha256 === null ? null : holdoutName,
        importedAt: at,
        importedBy: request.importedBy ?? null,
      })
      for (const [artifact, sizes] of staging.travel) travel.note(artifact, sizes)
      if (evaluation !== null) addEvaluation(evaluation, written.digest)
    }).immediate()
    return { model, version, digest: written.digest, evaluation, outcomesMissing }
  }

  function addEvaluation(evaluation: EvaluationRecord, digest: string): void {
    table.addEvaluation({
      evaluation: evaluation.evaluation,
      digest,
      evaluatedAt: evaluation.evaluatedAt,
      record: JSON.stringify(evaluation),
    })
  }

  async function importNow(
    request: ImportRequest,
    make: (work: BundleWork) => Promise<BuiltBundle> = (work) => buildBundle(request, work),
  ): Promise<ImportedVersion> {
    const { signal, progress } = request
    // Found now and not after minutes of work; and a key that is there at the beginning stays until the end.
    keyring.targets()
    const release = keyring.hold()
    const staging = stageArtifacts(store, signal)
    try {
      if (signal.aborted) throw new Problem('cancelled', 'It was cancelled; nothing was stored.')
      const built = await make({
        staging,
        workDirectory,
        signal,
        progress,
        ...(options.limits === undefined ? {} : { limits: options.limits }),
      })
      if (signal.aborted) throw new Problem('cancelled', 'It was cancelled; nothing was stored.')
      const made = record(built, request, staging)
      staging.settle()
      progress(1, 'imported')
      return made
    } catch (error) {
      staging.rollBack()
      // The usual hint says that the version was kept; here it was not.
      if (error instanceof Problem && error.code === 'evaluation.failed')
        throw new Problem(error.code, error.message, { hint: 'Nothing was imported. Read the cause.', cause: error })
      throw storeProblem(error, 'fleet.db')
    } finally {
      release()
    }
  }

  function inTurn(work: () => Promise<ImportedVersion>): Promise<ImportedVersion> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  /** Settles what a killed import left: artifacts that a version has stay, the others go. */
  function clearUnsettled(): void {
    const unsettled = store.unsettled()
    if (unsettled.length === 0) return
    const needed = new Set<string>()
    for (const { digest, holdoutSha256 } of table.versions()) {
      needed.add(digest)
      if (holdoutSha256 !== null) needed.add(holdoutSha256)
      for (const { entry } of artifactsOf(readManifest(table.bundle(digest)!.manifest))) needed.add(entry.sha256)
    }
    for (const sha256 of unsettled) {
      if (needed.has(sha256)) store.settle(sha256)
      else store.remove(sha256)
    }
  }

  /** Where an artifact is, read and compared with its name first. */
  async function soundPath(sha256: string): Promise<string> {
    if (!(await store.isSound(sha256)))
      throw new Problem('store.corrupt', `Artifact ${sha256} is damaged or gone.`, {
        hint: 'Import the model again, under the same version.',
      })
    return store.pathOf(sha256)
  }

  return {
    /**
     * Imports a model with what came along, all or nothing.
     * @throws Problem `model.*`, `bundle.*`, `data.*`, `evaluation.failed`, `input.*`, `cancelled`, `store.*`
     */
    import: (request: ImportRequest): Promise<ImportedVersion> => inTurn(() => importNow(request)),

    /**
     * Imports what another console has exported, under the digest that it has there; it is signed anew, by the key of this fleet.
     * @throws Problem `bundle.file-invalid` and what `import` throws
     */
    importArchive({ path, fileName, holdoutName, importedBy, signal, progress }: ArchiveRequest): Promise<ImportedVersion> {
      const names = { modelPath: path, modelFileName: fileName, ...(holdoutName === null ? {} : { holdoutName }) }
      const request = { ...names, ...(importedBy === undefined ? {} : { importedBy }), signal, progress }
      return inTurn(() => importNow(request, (work) => buildArchived(path, work)))
    },

    /**
     * Judges a version on the given rows, or on the hold-out rows of its import, and stores the result.
     * @throws Problem `model.not-found`, `data.*`, `evaluation.failed`, `cancelled`, `store.*`
     */
    async evaluate(request: EvaluateRequest): Promise<EvaluationRecord> {
      const row = found(request.model, request.version)
      const manifest = manifestOf(row.digest)
      const data = dataOf(request, row)
      if (data.sha256 !== null) await soundPath(data.sha256)
      const { signal, progress } = request
      progress(0, 'loading the model')
      const sha256 = data.sha256 ?? (await sha256OfFile(data.path))
      const modelPath = await soundPath(manifest.artifacts.model.sha256)
      const evaluator = await startEvaluator({
        modelPath,
        workDirectory,
        signal,
        ...(options.limits === undefined ? {} : { limits: options.limits }),
      })
      try {
        const told = (fraction: number, rows: number): void => progress(0.05 + 0.9 * fraction, evaluatingNote(rows))
        const judgement = await evaluateHoldout({ rules: manifest, evaluator, holdoutPath: data.path, progress: told })
        const evaluation = evaluationRecord(judgement, { name: data.name, sha256, at: now() })
        addEvaluation(evaluation, row.digest)
        progress(1, 'evaluated')
        return evaluation
      } catch (error) {
        throw storeProblem(error, 'fleet.db')
      } finally {
        await evaluator.stop()
      }
    },

    /** All versions, or those of one model; by model, then from the oldest to the newest. */
    versions: (model?: string): RegisteredVersion[] => table.versions(model).map(registered),

    /** One version, by its name or an alias. @throws Problem `model.not-found` with the nearest name there is */
    version: (model: string, version: string): RegisteredVersion => registered(found(model, version)),

    /** Writes the note of a version; an empty text removes it. Call it in a transaction. */
    setNote(of: { model: string; version: string; text: string; actor: string; at: number }): void {
      const { model, version, text, actor: notedBy, at: notedAt } = of
      table.setNote({ model, version, ...(text === '' ? { note: null, notedBy: null, notedAt: null } : { note: text, notedBy, notedAt }) })
    },

    aliases,
    contents,
    soundPath,

    /** What a digest stands for; null: this registry does not know it (records of devices outlive bundles). */
    manifest: (digest: string): Manifest | null => (manifests.has(digest) || table.bundle(digest) !== null ? manifestOf(digest) : null),

    /** Bytes and blocks of a bundle. @throws Problem `model.not-found` */
    sizeOf: (digest: string): { bytes: number; blocks: number } => sizeOfBundle(manifestOf(digest)),

    /** Blocks of a bundle by hash; null if there is no such bundle. */
    blocksOf: (digest: string): Map<string, number> | null =>
      table.signatures(digest) === null ? null : blocksOfBundle(manifestOf(digest)),

    /** What a bundle weighs on the wire, by hash of its blocks, with its manifest; null if there is no such bundle. */
    travelOf(digest: string): Map<string, number> | null {
      const row = table.signatures(digest)
      return row === null ? null : travel.blocksOf(manifestOf(digest), { digest, manifestBytes: row.sizeBytes })
    },

    /** Measures blocks of versions that were imported before that was done at the import. @returns how many artifacts were measured */
    measureTravel: (signal: AbortSignal): Promise<number> =>
      travel.measure(
        table.versions().map(({ digest }) => manifestOf(digest)),
        signal,
      ),

    /** Tries rows on a version. @throws Problem what the bench throws, `store.corrupt` */
    try: (of: RegisteredVersion, given: Parameters<typeof bench.try>[1]): ReturnType<typeof bench.try> =>
      bench.try({ manifest: of.manifest, digest: of.digest, modelPath: () => soundPath(of.manifest.artifacts.model.sha256) }, given),

    /** Stops what is kept loaded for the test bench. */
    stop: (): Promise<void> => bench.stop(),

    /** What an assignment says of a bundle. @throws Problem `model.not-found` */
    reference(digest: string): BundleReference {
      const row = table.signatures(digest)
      if (row === null) throw new Problem('model.not-found', `No bundle has the digest ${digest.slice(0, 80)}.`)
      return { digest: bundleDigest.parse(digest), sizeBytes: row.sizeBytes, signatures: parseSignatures(row.signatures) }
    },
  }

  function dataOf(request: EvaluateRequest, row: ModelVersionRow): { path: string; name: string; sha256: string | null } {
    if (request.holdoutPath !== undefined)
      return { path: request.holdoutPath, name: nameOfData(request.holdoutName, request.holdoutPath), sha256: null }
    if (row.holdoutSha256 === null) {
      throw new Problem('data.invalid', `${row.model}@${row.version} came without hold-out rows.`, {
        hint: 'Give a CSV with the features and the true labels or values.',
      })
    }
    return { path: store.pathOf(row.holdoutSha256), name: row.holdoutName ?? 'holdout.csv', sha256: row.holdoutSha256 }
  }
}

function evaluationRecord(judgement: Judgement, of: { name: string; sha256: string; at: number }): EvaluationRecord {
  return { evaluation: randomUUID(), dataset: of.name, datasetSha256: of.sha256, ...judgement, evaluatedAt: of.at }
}

function nameOfData(name: string | undefined, path: string | undefined): string {
  return (name ?? basename(path ?? 'holdout.csv')).slice(0, 512)
}

/** Says what there is instead: the versions of the model, or the model that is meant. */
function notFound(model: string, version: string, rows: readonly ModelVersionRow[]): string {
  const shown = (text: string): string => text.slice(0, 80)
  const versions = rows.filter((row) => row.model === model).map((row) => row.version)
  if (versions.length > 0) {
    const nearest = nearestName(version, versions)
    return `${shown(model)} has no version ${shown(version)}${nearest === null ? '.' : `; is ${nearest} meant?`} There are ${versions.slice(-5).join(', ')}.`
  }
  const nearest = nearestName(model, [...new Set(rows.map((row) => row.model))])
  return `There is no model ${shown(model)}${nearest === null ? '.' : `; is ${nearest} meant?`}`
}

/** Removes what a killed console left of its children's directories. */
function clearWork(workDirectory: string): void {
  mkdirSync(workDirectory, { recursive: true })
  for (const name of readdirSync(workDirectory))
    if (name.startsWith(WORK_PREFIX)) rmSync(join(workDirectory, name), { recursive: true, force: true })
}
