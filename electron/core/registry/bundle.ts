import { statSync } from 'node:fs'
import type { ArtifactEntry, Baseline, BundleFile, Manifest, OutcomeReference, Task } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { describeModel, requireOutcome, requireTabular, type ModelDescription, type ModelRules } from './describe.ts'
import type { Judgement } from './evaluate.ts'
import type { EvaluationLimits } from './evaluator.ts'
import { defaultTolerance } from './golden-set.ts'
import { inspectOnnxFile } from './inspect-onnx.ts'
import { readBundleFile } from './bundle-file.ts'
import { answerSpecs, checkPipeline } from '../../../shared/inference/pipeline.ts'
import { judgeModel } from './judge-model.ts'
import { classesOf, labelsFromData } from './labels.ts'
import { writeManifest, type ManifestBytes } from './manifest-bytes.ts'
import type { Staging } from './staging.ts'
import { readHoldoutNames, readTrainingData, type TrainingData } from './training-data.ts'
import { resolveName } from './version-name.ts'

/** The files of one import, and what the caller says about them. */
export interface BundleSources {
  modelPath: string
  /** Name of the model file as its owner called it. */
  modelFileName: string
  bundlePath?: string
  trainPath?: string
  holdoutPath?: string
  model?: string
  version?: string
  target?: string
}

/** What building needs from around it. */
export interface BundleWork {
  staging: Staging
  workDirectory: string
  signal: AbortSignal
  progress: (fraction: number, note: string) => void
  limits?: Partial<EvaluationLimits>
}

/** A bundle whose artifacts are staged; nothing is signed or recorded yet. */
export interface BuiltBundle {
  manifest: Manifest
  written: ManifestBytes
  judgement: Judgement | null
  holdoutSha256: string | null
  /** Why the baseline has no reference of outcomes although there were rows for it; `null`: it has one, or nothing to make it of. */
  outcomesMissing: string | null
}

/**
 * Makes a bundle of an ONNX file, with training rows (features, baseline) and hold-out rows (evaluation, golden set) where given.
 * Every model is loaded once in a child process, so that what onnxruntime refuses never reaches a device.
 * @throws Problem `model.*`, `bundle.*`, `data.*`, `evaluation.failed`, `input.invalid`, `cancelled`, `store.disk-full`
 */
export async function buildBundle(sources: BundleSources, work: BundleWork): Promise<BuiltBundle> {
  const { staging, progress } = work
  progress(0, 'inspecting the model')
  // Before the copy, so that a text file or a web page costs nothing; and after it, because the copy is what everybody will load.
  inspectOnnxFile(sources.modelPath)
  const sizeBytes = statSync(sources.modelPath).size
  const stored = await staging.file(sources.modelPath, (bytes) =>
    progress((0.1 * bytes) / sizeBytes, bytesNote('copying the model', bytes, sizeBytes)),
  )
  const modelPath = staging.pathOf(stored.sha256)
  const onnx = inspectOnnxFile(modelPath)
  const bundle = sources.bundlePath === undefined ? {} : readBundleFile(sources.bundlePath)
  const name = resolveName({
    explicit: { model: sources.model, version: sources.version },
    bundle: { model: bundle.model, version: bundle.version },
    fileName: sources.modelFileName,
    metadata: onnx.metadata,
    graphName: onnx.graphName,
  })
  const description = describeModel(onnx, bundle)
  const data = await readData(sources, { bundle, description, work })
  const labels =
    description.labels ??
    labelsOfData(description, data, classesOf(answerSpecs({ ...description, outputs: onnx.outputs }), description.outcome.probabilities))
  const rules: ModelRules = {
    task: description.task,
    labels,
    inputs: onnx.inputs,
    outputs: onnx.outputs,
    outcome: description.outcome,
    schema: {
      input: description.tabular?.name ?? null,
      features: featuresOf(description, data),
      target: data?.target ?? sources.target ?? bundle.target ?? null,
    },
    preprocessing: description.preprocessing,
    ...(description.postprocessing === undefined ? {} : { postprocessing: description.postprocessing }),
    ...(description.validation === undefined ? {} : { validation: description.validation }),
  }
  checkLabels(rules)
  checkPipeline(rules)
  progress(0.3, 'loading the model')
  const tolerance = bundle.goldenTolerance ?? defaultTolerance
  const training =
    sources.trainPath === undefined || data?.baseline === undefined ? null : { path: sources.trainPath, rows: data.baseline.rows }
  const judged = await judgeModel({ rules, tolerance, modelPath, holdoutPath: sources.holdoutPath, training }, work)
  const baseline = baselineOf(data?.baseline ?? null, judged.outcomes)
  progress(0.7, 'making the bundle')
  const holdout = sources.holdoutPath === undefined ? null : await staging.file(sources.holdoutPath)
  const entries = {
    model: await staging.entryOf(stored.sha256, (bytes) =>
      progress(0.7 + (0.28 * bytes) / sizeBytes, bytesNote('cutting the model into blocks', bytes, sizeBytes)),
    ),
    baseline: baseline === null ? null : await staging.entryOfBytes(jsonBytes(baseline)),
    golden: judged.golden === null ? null : await staging.entryOfBytes(jsonBytes(judged.golden)),
  }
  const manifest = manifestOf(name, rules, { onnx, metrics: bundle.metrics ?? {}, personal: bundle.personal ?? [], entries })
  const written = writeManifest(manifest)
  await staging.bytes(written.bytes)
  const { judgement, outcomesMissing } = judged
  return { manifest, written, judgement, holdoutSha256: holdout?.sha256 ?? null, outcomesMissing }
}

/** Hold-out rows tell of the answers, never of the training: without training rows the baseline has no feature. */
function baselineOf(trained: Baseline | null, outcomes: OutcomeReference | null): Baseline | null {
  if (outcomes === null) return trained
  return { ...(trained ?? { v: 1, rows: outcomes.rows, features: [] }), outcomes }
}

type BundleData = Pick<TrainingData, 'features' | 'target' | 'labels'> & { baseline?: TrainingData['baseline'] }

/** What the rows that came along say about the columns; `null` without rows. */
async function readData(
  sources: BundleSources,
  of: { bundle: BundleFile; description: ModelDescription; work: BundleWork },
): Promise<BundleData | null> {
  const { description, work } = of
  const target = sources.target ?? of.bundle.target ?? null
  // A model that cannot be judged is refused before its training rows are read.
  if (sources.holdoutPath !== undefined) requireOutcome(description)
  if (sources.trainPath !== undefined)
    return readTrainingData({
      ...{ path: sources.trainPath, tabular: requireTabular(description, 'Training data'), target, signal: work.signal },
      progress: (fraction, rows) => work.progress(0.1 + 0.2 * fraction, `reading the training rows: ${rows} rows`),
    })
  if (sources.holdoutPath === undefined) return null
  const tabular = requireTabular(description, 'Hold-out data')
  return readHoldoutNames({
    path: sources.holdoutPath,
    tabular,
    target,
    labels: description.task === 'classification' && description.labels === null,
  })
}

/** The columns of a row: declared ones with the range that they state, else that of the training rows. */
function featuresOf({ tabular }: ModelDescription, data: BundleData | null): Manifest['schema']['features'] {
  const trained = data?.features ?? []
  if (tabular === null || tabular.columns === null) return trained
  return tabular.columns.map(({ name, min, max }) => {
    const seen = trained.find((feature) => feature.name === name)
    return { name, min: min ?? seen?.min ?? null, max: max ?? seen?.max ?? null }
  })
}

function labelsOfData({ task }: { task: Task }, data: BundleData | null, classes: number | null): string[] {
  return task !== 'classification' || data === null || data.labels.size === 0 ? [] : labelsFromData(data.labels, classes)
}

/** As many labels as the model has classes. @throws Problem `bundle.invalid` */
export function checkLabels(rules: ModelRules): void {
  const { task, labels, outcome } = rules
  const classes = task === 'classification' ? classesOf(answerSpecs(rules), outcome.probabilities) : null
  if (classes !== null && labels.length > 0 && labels.length !== classes) {
    throw new Problem('bundle.invalid', `${labels.length} labels are declared; output "${outcome.probabilities}" has ${classes} classes.`)
  }
}

function manifestOf(
  name: Pick<Manifest, 'model' | 'version'>,
  rules: ModelRules,
  of: {
    onnx: ReturnType<typeof inspectOnnxFile>
    metrics: Manifest['metrics']
    personal: readonly string[]
    entries: { model: ArtifactEntry; baseline: ArtifactEntry | null; golden: ArtifactEntry | null }
  },
): Manifest {
  const { model, baseline, golden } = of.entries
  return {
    v: 1,
    model: name.model,
    version: name.version,
    task: rules.task,
    labels: rules.labels,
    inputs: rules.inputs,
    outputs: rules.outputs,
    outcome: rules.outcome,
    schema: rules.schema,
    preprocessing: rules.preprocessing,
    ...(rules.postprocessing === undefined ? {} : { postprocessing: rules.postprocessing }),
    ...(rules.validation === undefined ? {} : { validation: rules.validation }),
    onnx: {
      irVersion: of.onnx.irVersion,
      opsets: of.onnx.opsets,
      operators: of.onnx.operators,
      producer: of.onnx.producer,
      metadata: of.onnx.metadata,
    },
    ...(of.personal.length === 0 ? {} : { personal: [...of.personal] }),
    metrics: of.metrics,
    artifacts: { model, ...(baseline === null ? {} : { baseline }), ...(golden === null ? {} : { golden }) },
  }
}

function bytesNote(doing: string, bytes: number, of: number): string {
  return `${doing}: ${(bytes / 1e6).toFixed(1)} of ${(of / 1e6).toFixed(1)} MB`
}

function jsonBytes(content: object): Buffer {
  return Buffer.from(JSON.stringify(content))
}
