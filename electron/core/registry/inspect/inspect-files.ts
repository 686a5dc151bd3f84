import type { BundleFile } from '../../../../shared/domain/bundle.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { estimateMemory } from '../../../../shared/onnx/memory-estimate.ts'
import type { OnnxSummary } from '../../../../shared/onnx/walk.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { readBundleFile } from '../bundle-file.ts'
import { describeModel, type ModelDescription, type TabularInput } from '../describe.ts'
import { inspectOnnxFile } from '../inspect-onnx.ts'
import { resolveName } from '../version-name.ts'
import { fileHead, refusal, type GivenFile } from './given-file.ts'
import { previewRows } from './preview-rows.ts'

type Inspected = ResultOf<'models.inspect'>
type InspectedModel = NonNullable<Inspected['model']>

const MOST_LABELS = 100
const MOST_VERSIONS = 50
const MOST_OPERATORS = 500
const MOST_METADATA = 100
const MOST_TEXT = 1000

/**
 * Looks into the files of an import without storing or loading anything: the ONNX file through the bounded walker, bundle.json through its
 * schema, of CSV files the first rows. What is wrong with a file stands beside it; nothing of it is thrown.
 */
export async function inspectFiles(
  files: Record<'model' | 'bundle' | 'train' | 'holdout', GivenFile | null>,
  of: { target: string | null; versionsOf(model: string): string[] },
): Promise<Inspected> {
  const bundle = files.bundle === null ? null : readBundle(files.bundle)
  const model = files.model === null ? null : inspectModel(files.model, bundle?.content ?? {}, of.versionsOf)
  const tabular: TabularInput | null = model?.description?.tabular ?? null
  const rules = { width: tabular?.width ?? -1, target: of.target ?? bundle?.content.target ?? null }
  const declared = tabular?.columns?.map(({ name }) => name) ?? null
  const train = files.train === null ? null : await previewRows(files.train, { what: 'Training data', features: declared, ...rules })
  const holdout =
    files.holdout === null
      ? null
      : await previewRows(files.holdout, { what: 'Hold-out data', features: declared ?? train?.features ?? null, ...rules })
  return { model: model?.shown ?? null, bundle: bundle?.shown ?? null, train: train?.shown ?? null, holdout: holdout?.shown ?? null }
}

function readBundle(file: GivenFile): { content: BundleFile; shown: NonNullable<Inspected['bundle']> } {
  try {
    const content = readBundleFile(file.path)
    return { content, shown: { ...fileHead(file, null), fields: Object.keys(content) } }
  } catch (error) {
    return { content: {}, shown: { ...fileHead(file, refusal(error)), fields: [] } }
  }
}

function inspectModel(
  file: GivenFile,
  bundle: BundleFile,
  versionsOf: (model: string) => string[],
): { shown: InspectedModel; description: ModelDescription | null } {
  let onnx: OnnxSummary
  try {
    onnx = inspectOnnxFile(file.path)
  } catch (error) {
    return { shown: { ...fileHead(file, refusal(error)), ...unknownModel }, description: null }
  }
  const name = guessName(file, bundle, onnx)
  const versions = name.model === null ? [] : versionsOf(name.model)
  const known = {
    ...name,
    taken: name.version !== null && versions.includes(name.version),
    versions: versions.slice(-MOST_VERSIONS),
    ...{ inputs: onnx.inputs, outputs: onnx.outputs, memoryBytes: neededMemory(onnx, fileHead(file, null).sizeBytes) },
    onnx: {
      ...{ irVersion: onnx.irVersion, opsets: onnx.opsets, producer: onnx.producer.slice(0, MOST_TEXT) },
      operators: onnx.operators.slice(0, MOST_OPERATORS).map((one) => one.slice(0, 256)),
      metadata: Object.fromEntries(
        Object.entries(onnx.metadata)
          .slice(0, MOST_METADATA)
          .map(([key, value]) => [key.slice(0, MOST_TEXT), value.slice(0, MOST_TEXT)]),
      ),
    },
  }
  try {
    const description = describeModel(onnx, bundle)
    return { shown: { ...fileHead(file, null), ...known, ...said(description) }, description }
  } catch (error) {
    return { shown: { ...fileHead(file, refusal(error)), ...unknownModel, ...known }, description: null }
  }
}

const unknownModel = {
  ...{ model: null, version: null, taken: false, versions: [], task: null, labels: [], labelCount: 0, inputs: [], outputs: [] },
  ...{ features: null, isTabular: false, memoryBytes: null, onnx: null },
}

/** What the preflight of a device compares with its limit and with what is free. */
function neededMemory(onnx: OnnxSummary, fileBytes: number): number {
  const { baseBytes, modelBytes } = estimateMemory(onnx, fileBytes)
  return baseBytes + modelBytes
}

function said({
  task,
  labels,
  tabular,
}: ModelDescription): Pick<InspectedModel, 'task' | 'labels' | 'labelCount' | 'features' | 'isTabular'> {
  return {
    task,
    labels: (labels ?? []).slice(0, MOST_LABELS),
    labelCount: labels?.length ?? 0,
    features: tabular === null || tabular.width === -1 ? null : tabular.width,
    isTabular: tabular !== null,
  }
}

/** What the import would call it: each part by itself, so that one that is missing does not hide the other. */
function guessName(
  file: GivenFile,
  bundle: BundleFile,
  { metadata, graphName }: OnnxSummary,
): { model: string | null; version: string | null } {
  const guess = (explicit: { model?: string; version?: string }) => {
    try {
      return resolveName({
        explicit,
        bundle: { model: bundle.model, version: bundle.version },
        fileName: file.fileName,
        metadata,
        graphName,
      })
    } catch (error) {
      if (error instanceof Problem) return null
      throw error
    }
  }
  return { model: guess({ version: '1' })?.model ?? null, version: guess({ model: 'model' })?.version ?? null }
}
