import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { bundleFile, type BundleFile } from '../../shared/domain/bundle.ts'
import { ownValue } from '../../shared/domain/own-value.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { guessOutcome, guessTask } from '../../shared/inference/outcome-guess.ts'
import { answerSpecs, checkPipeline, type PipelineRules } from '../../shared/inference/pipeline.ts'
import type { OnnxSummary } from '../../shared/onnx/walk.ts'
import { firstIssue, parseJson } from '../../shared/protocol/decode.ts'
import { openArtifactStore } from '../artifact/store.ts'
import { openBundles } from '../converge/bundles.ts'
import { readJournal } from '../converge/journal.ts'
import type { ModelFile } from '../runtime/session.ts'
import { preflight } from '../supervise/preflight.ts'

/** Where a model comes from: a folder with `model.onnx` and `bundle.json`, an `.onnx` file, or a deployment of an agent on this machine. */
export type ModelSource = string | { agent: string; deployment: string }

/** A model that passed preflight, with how its inputs and outputs are treated. */
export interface FoundModel {
  path: string
  file: ModelFile
  rules: PipelineRules
  name: { model: string; version: string }
}

/**
 * Finds a model and inspects its file, before any of it is loaded.
 * @throws Problem `model.*`, `bundle.*`, `inference.not-found`, `store.corrupt`
 */
export function findModel(source: ModelSource): FoundModel {
  return typeof source === 'string' ? fromFiles(resolve(source)) : fromAgent(resolve(source.agent), source.deployment)
}

function fromAgent(directory: string, deployment: string): FoundModel {
  const journal = existsSync(directory) ? readJournal(join(directory, 'journal.json')) : null
  const active = ownValue(journal?.deployments ?? {}, deployment)?.active ?? null
  if (active === null) throw new Problem('inference.not-found', `The agent of ${directory} has no active model in '${deployment}'.`)
  // Only read: the files belong to the agent, which may be running.
  const store = { ...openArtifactStore(directory), remove: () => undefined }
  const manifest = openBundles(store, []).manifest(active.digest)
  const path = store.path(manifest.artifacts.model.sha256)
  preflight(path)
  return { path, file: manifest, rules: manifest, name: { model: manifest.model, version: manifest.version } }
}

function fromFiles(path: string): FoundModel {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const modelPath = isFolder ? join(path, 'model.onnx') : path
  const summary = preflight(modelPath)
  const bundlePath = join(path, 'bundle.json')
  const bundle = isFolder && existsSync(bundlePath) ? readBundle(bundlePath) : {}
  const rules = rulesOf(summary, bundle)
  const bytes = readFileSync(modelPath)
  const model = {
    sha256: createHash('sha256').update(bytes).digest('hex') as ModelFile['artifacts']['model']['sha256'],
    sizeBytes: bytes.length,
  }
  return {
    path: modelPath,
    file: { inputs: rules.inputs, outputs: rules.outputs, artifacts: { model } },
    rules,
    name: { model: bundle.model ?? basename(isFolder ? path : modelPath, '.onnx'), version: bundle.version ?? '0.0.0' },
  }
}

function readBundle(path: string): BundleFile {
  let value: unknown
  try {
    value = parseJson(readFileSync(path, 'utf8'), 'bundle.json')
  } catch (error) {
    throw new Problem('bundle.invalid', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  const parsed = bundleFile.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Problem('bundle.invalid', `${path}: ${firstIssue(parsed.error)}`)
}

/** What bundle.json says, else what the file looks like; the same guesses as at an import into the console. */
function rulesOf(summary: OnnxSummary, bundle: BundleFile): PipelineRules {
  const { inputs, outputs, metadata } = summary
  if (inputs.length === 0) throw new Problem('model.unsupported', 'The model has no inputs; nothing could be asked of it.')
  const { postprocessing, validation, preprocessing = { v: 1, steps: [] } } = bundle
  const made = answerSpecs({ outputs, ...(postprocessing === undefined ? {} : { postprocessing }) }).slice(outputs.length)
  const answers = [...made, ...outputs]
  const task = bundle.task ?? guessTask(metadata, answers)
  const { label = null, probabilities = null, value = null } = bundle.outcome ?? guessOutcome(task, answers)
  const absent = [label, probabilities, value].find((name) => name !== null && !answers.some((spec) => spec.name === name))
  if (absent != null) throw new Problem('bundle.invalid', `bundle.json: outcome names "${absent}", which is no output.`)
  const [input, second] = inputs
  const isTabular = second === undefined && input!.shape.length === 2 && input!.datatype !== 'BYTES' && input!.datatype !== 'BOOL'
  const rules: PipelineRules = {
    ...{ task, labels: bundle.labels ?? metadataLabels(metadata), inputs, outputs, preprocessing },
    outcome: { label, probabilities, value },
    schema: { input: isTabular ? input!.name : null, features: [], target: bundle.target ?? null },
    ...(postprocessing === undefined ? {} : { postprocessing }),
    ...(validation === undefined ? {} : { validation }),
  }
  checkPipeline(rules)
  return rules
}

function metadataLabels(metadata: Readonly<Record<string, string>>): string[] {
  try {
    const labels: unknown = JSON.parse(metadata['labels'] ?? '[]')
    return Array.isArray(labels) && labels.every((label) => typeof label === 'string' || typeof label === 'number')
      ? labels.map(String)
      : []
  } catch {
    // Whatever an exporter keeps under this name, it is no list of labels.
    return []
  }
}
