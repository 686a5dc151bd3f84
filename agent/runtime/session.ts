import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { ArtifactEntry, Manifest, TensorSpec } from '../../shared/domain/bundle.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { datatypeOfOrt, elementCount, ortTypes, type Tensor, type TensorData } from '../../shared/inference/tensor.ts'

// onnxruntime-common 1.30 turns binary16 into a Float16Array where the engine has one, which its native part takes for empty.
// It looks when the first tensor is made; without the class it keeps the bits in a Uint16Array, as Tensor does.
Reflect.deleteProperty(globalThis, 'Float16Array')

/** What loading a model reads of its manifest. */
export type ModelFile = Pick<Manifest, 'inputs' | 'outputs'> & { artifacts: { model: Pick<ArtifactEntry, 'sha256' | 'sizeBytes'> } }

/** A model in memory. */
export interface LoadedModel {
  /**
   * Runs the model on checked, preprocessed inputs and gives every output that the manifest names.
   * onnxruntime blocks the thread meanwhile, so calls never overlap.
   * @throws Problem `inference.failed` with the words of onnxruntime, or if the outputs are too large to answer with
   */
  run(inputs: readonly Tensor[]): Promise<Tensor[]>
}

/** Elements of all outputs of one run: beyond it an answer would not fit into memory as JSON. */
const MAX_OUTPUT_ELEMENTS = 4 * 1024 * 1024

/**
 * Loads the model of a bundle from bytes (a path would let external data resolve beside the file) after checking that they are
 * the signed ones. One thread: an inference takes the time of one core, and none is left spinning.
 * @throws Problem `probe.load-failed`
 */
export async function loadModel(manifest: ModelFile, modelPath: string): Promise<LoadedModel> {
  const bytes = await readArtifact(modelPath, manifest.artifacts.model)
  let session: InferenceSession
  try {
    session = await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    })
  } catch (error) {
    throw new Problem('probe.load-failed', `onnxruntime cannot load the model: ${brief(error)}`, { cause: error })
  }
  checkSignature(manifest.inputs, session.inputMetadata, 'input')
  checkSignature(manifest.outputs, session.outputMetadata, 'output')
  const outputNames = manifest.outputs.map((output) => output.name)
  return { run: (inputs) => runSession(session, outputNames, inputs) }
}

/**
 * Reads an artifact and checks size and hash: a worn SD card must not change what is answered.
 * @throws Problem `probe.load-failed`
 */
export async function readArtifact(path: string, entry: Pick<ArtifactEntry, 'sha256' | 'sizeBytes'>): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new Problem('probe.load-failed', `The artifact cannot be read: ${messageOf(error)}`, { cause: error })
  }
  if (bytes.length !== entry.sizeBytes || createHash('sha256').update(bytes).digest('hex') !== entry.sha256) {
    throw new Problem('probe.load-failed', `The file ${path} is not the artifact ${entry.sha256.slice(0, 12)} that was signed.`)
  }
  return bytes
}

async function runSession(session: InferenceSession, outputNames: string[], inputs: readonly Tensor[]): Promise<Tensor[]> {
  const feeds: Record<string, OrtTensor> = {}
  for (const input of inputs) feeds[input.name] = toOrt(input)
  let results: InferenceSession.OnnxValueMapType
  try {
    results = await session.run(feeds, outputNames)
  } catch (error) {
    throw new Problem('inference.failed', `The model failed on this input: ${brief(error)}`, { cause: error })
  }
  const outputs = outputNames.map((name) => fromOrt(name, results[name]))
  const elements = outputs.reduce((sum, output) => sum + elementCount(output.shape), 0)
  if (elements > MAX_OUTPUT_ELEMENTS) {
    throw new Problem('inference.failed', `The model gave ${elements} elements; at most ${MAX_OUTPUT_ELEMENTS} can be answered.`)
  }
  return outputs
}

function toOrt(tensor: Tensor): OrtTensor {
  return new OrtTensor(ortTypes[tensor.datatype], tensor.data, tensor.shape)
}

function fromOrt(name: string, value: InferenceSession.OnnxValueMapType[string] | undefined): Tensor {
  if (!(value instanceof OrtTensor)) throw new Problem('inference.failed', `The model gave no tensor "${name}".`)
  const datatype = datatypeOfOrt(value.type)
  const data: unknown = value.data
  if (!isTensorData(data)) throw new Problem('inference.failed', `The model gave "${name}" in a form that is not known.`)
  return { name, datatype, shape: [...value.dims], data }
}

/** The binding gives exactly the array class of each type. */
function isTensorData(data: unknown): data is TensorData {
  return Array.isArray(data) || ArrayBuffer.isView(data)
}

function checkSignature(specs: readonly TensorSpec[], actual: readonly InferenceSession.ValueMetadata[], what: 'input' | 'output'): void {
  for (const spec of specs) {
    const found = actual.find((value) => value.name === spec.name)
    const type = found?.isTensor === true ? found.type : 'absent'
    if (type !== ortTypes[spec.datatype]) {
      throw new Problem('probe.load-failed', `The bundle declares ${what} "${spec.name}" of ${spec.datatype}; the model has it as ${type}.`)
    }
  }
}

function brief(error: unknown): string {
  const text = messageOf(error)
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}
