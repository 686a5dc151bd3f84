import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import {
  baseline,
  goldenSet,
  isConsistentArtifact,
  type ArtifactEntry,
  type GoldenSet,
  type Manifest,
} from '../../../../shared/domain/bundle.ts'
import { bundleDigest } from '../../../../shared/domain/ids.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { compareTensors } from '../../../../shared/inference/golden.ts'
import { checkPipeline, finishOutputs, prepareInputs } from '../../../../shared/inference/pipeline.ts'
import { tensorFromPlain } from '../../../../shared/inference/tensor.ts'
import { decodeMessage } from '../../../../shared/protocol/decode.ts'
import { checkLabels, type BuiltBundle, type BundleWork } from '../bundle.ts'
import { evaluateHoldout, type Judgement } from '../evaluate.ts'
import { startEvaluator, type Evaluator } from '../evaluator.ts'
import { inspectOnnxFile } from '../inspect-onnx.ts'
import { evaluatingNote } from '../judge-model.ts'
import { readManifest } from '../manifest-bytes.ts'
import { invalid, openArchive, type OpenedArchive } from './read-archive.ts'
import type { MemberName } from './format.ts'

/**
 * Makes a bundle of an exported one: the same manifest, byte for byte, so that it has the same digest in every fleet. What the manifest says is
 * believed only as far as it is found again: hashes and blocks, what the ONNX file says of itself, and the answers of the golden set.
 * @throws Problem `bundle.file-invalid`, `model.*`, `bundle.*`, `evaluation.failed`, `cancelled`, `store.disk-full`
 */
export async function buildArchived(path: string, work: BundleWork): Promise<BuiltBundle> {
  const { staging, progress } = work
  progress(0, 'reading the file')
  const archive = openArchive(path)
  const manifestSha = await stage(archive, 'manifest.json', work)
  const bytes = readFileSync(staging.pathOf(manifestSha))
  const manifest = manifestOf(archive, bytes)
  const model = await stage(archive, 'model.onnx', work)
  checkModel(manifest, staging.pathOf(model))
  progress(0.3, 'comparing the blocks')
  checkEntry('model.onnx', manifest.artifacts.model, await staging.entryOf(model))
  await stageEntry(archive, work, { name: 'baseline.json', entry: manifest.artifacts.baseline })
  await stageEntry(archive, work, { name: 'golden.json', entry: manifest.artifacts.golden })
  const golden = readContents(manifest, staging)
  const holdout = archive.members.has('holdout.csv') ? await stage(archive, 'holdout.csv', work) : null
  const judgement = await judge(manifest, { golden, holdoutPath: holdout === null ? null : staging.pathOf(holdout) }, work)
  return {
    manifest,
    written: { bytes, digest: bundleDigest.parse(manifestSha) },
    judgement,
    holdoutSha256: holdout,
    outcomesMissing: null,
  }
}

/** Copies a member into the store. @returns its hash, which is the one that was signed */
async function stage(archive: OpenedArchive, name: MemberName, { staging, progress }: BundleWork): Promise<string> {
  const place = archive.members.get(name)
  if (place === undefined) throw invalid(`it has no ${name}`)
  const { start, sizeBytes } = place
  const stored = await staging.file({ path: archive.path, start, sizeBytes }, (bytes) =>
    progress(name === 'model.onnx' ? (0.3 * bytes) / sizeBytes : 0.4, `copying ${name}`),
  )
  if (stored.sha256 !== place.sha256) throw invalid(`${name} is not the file that was signed`)
  return stored.sha256
}

async function stageEntry(
  archive: OpenedArchive,
  work: BundleWork,
  { name, entry }: { name: MemberName; entry: ArtifactEntry | undefined },
): Promise<void> {
  if (archive.members.has(name) !== (entry !== undefined)) throw invalid(`the manifest and the file do not agree about ${name}`)
  if (entry === undefined) return
  checkEntry(name, entry, await work.staging.entryOf(await stage(archive, name, work)))
}

/** Devices fetch what the manifest lists, so it must list what is there. */
function checkEntry(name: MemberName, said: ArtifactEntry, found: ArtifactEntry): void {
  const { sha256, sizeBytes, encoding, blocks } = said
  if (!isConsistentArtifact(said) || !isDeepStrictEqual({ sha256, sizeBytes, encoding, blocks }, found))
    throw invalid(`the manifest describes ${name} otherwise than it is`)
}

function manifestOf({ index }: OpenedArchive, bytes: Buffer): Manifest {
  const manifest = readManifest(bytes)
  if (manifest.model !== index.model || manifest.version !== index.version)
    throw invalid(`its index says ${index.model}@${index.version} and its manifest ${manifest.model}@${manifest.version}`)
  checkLabels(manifest)
  checkPipeline(manifest)
  return manifest
}

/** What the manifest says of the model is what the model says of itself. */
function checkModel(manifest: Manifest, path: string): void {
  const { irVersion, opsets, operators, producer, metadata, inputs, outputs } = inspectOnnxFile(path)
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
  const found = plain({ onnx: { irVersion, opsets, operators, producer, metadata }, inputs, outputs })
  if (!isDeepStrictEqual(plain({ onnx: manifest.onnx, inputs: manifest.inputs, outputs: manifest.outputs }), found))
    throw invalid('the manifest describes another model than the one in it')
}

function readContents({ artifacts }: Manifest, { pathOf }: BundleWork['staging']): GoldenSet | null {
  const text = (sha256: string): string => readFileSync(pathOf(sha256), 'utf8')
  if (artifacts.baseline !== undefined) decodeMessage(baseline, text(artifacts.baseline.sha256), 'baseline.json')
  return artifacts.golden === undefined ? null : decodeMessage(goldenSet, text(artifacts.golden.sha256), 'golden.json')
}

/** Loads the model once in a child, asks it the golden set, and judges it where rows came along. */
async function judge(
  manifest: Manifest,
  { golden, holdoutPath }: { golden: GoldenSet | null; holdoutPath: string | null },
  { staging, workDirectory, signal, limits, progress }: BundleWork,
): Promise<Judgement | null> {
  progress(0.5, 'loading the model')
  const modelPath = staging.pathOf(manifest.artifacts.model.sha256)
  const evaluator = await startEvaluator({ modelPath, workDirectory, signal, ...(limits === undefined ? {} : { limits }) })
  try {
    progress(0.6, 'asking the golden set')
    if (golden !== null) await checkGolden(manifest, evaluator, golden)
    if (holdoutPath === null) return null
    const told = (fraction: number, rows: number): void => progress(0.7 + 0.29 * fraction, evaluatingNote(rows))
    return await evaluateHoldout({ rules: manifest, evaluator, holdoutPath, progress: told })
  } finally {
    await evaluator.stop()
  }
}

/** What devices will check before they activate it is checked here first. @throws Problem `bundle.file-invalid` */
async function checkGolden(manifest: Manifest, evaluator: Evaluator, golden: GoldenSet): Promise<void> {
  for (const [number, { inputs, outputs }] of golden.cases.entries()) {
    const tensors = inputs.map((one) => tensorFromPlain(one.name, one.datatype, one.shape, one.data))
    const expected = outputs.map((one) => tensorFromPlain(one.name, one.datatype, one.shape, one.data))
    const findings = new Map<string, number>()
    const prepared = prepareInputs(manifest, tensors, { maxRows: Number.MAX_SAFE_INTEGER, findings })
    const answered = await evaluator.run(prepared.inputs)
    const actual = finishOutputs(manifest, answered.outputs, { findings }).outputs
    const { ok, worst } = compareTensors(expected, actual, golden.tolerance)
    if (!ok)
      throw new Problem(
        'bundle.file-invalid',
        `The model does not answer as its golden set says: case ${number}, output ${worst?.output ?? ''}.`,
      )
  }
}
