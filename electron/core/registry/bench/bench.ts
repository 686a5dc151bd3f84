import type { Manifest } from '../../../../shared/domain/bundle.ts'
import { Problem, reportOf } from '../../../../shared/domain/problem.ts'
import { readOutcomes, readProbabilities, type RowOutcome } from '../../../../shared/inference/outcome.ts'
import { finishOutputs, prepareInputs, requestSpecs } from '../../../../shared/inference/pipeline.ts'
import { batchSize } from '../../../../shared/inference/request-specs.ts'
import { plainData, tensorFromPlain, type Tensor } from '../../../../shared/inference/tensor.ts'
import { SHOWN_OUTPUT_VALUES } from '../../../../shared/rpc/contract/bench.ts'
import type { ParsedInputOf, ResultOf } from '../../../../shared/rpc/contract.ts'
import { tabularOf } from '../describe.ts'
import type { EvaluationLimits, Evaluator } from '../evaluator.ts'
import { readRow } from './bench-rows.ts'
import { openWarmEvaluators, type WarmEvaluator } from './warm-evaluators.ts'

type Given = Pick<ParsedInputOf<'models.try'>, 'rows' | 'inputs'>
type Tried = Pick<ResultOf<'models.try'>, 'runtimeVersion' | 'isWarm' | 'loadMs' | 'rows'>
type TriedRow = Tried['rows'][number]

/** A person waits for the answer: what takes longer than this is stopped. */
const benchLimits: EvaluationLimits = { loadMs: 30_000, runMs: 10_000 }
const MOST_VALUES = 1_000_000
const MOST_PROBABILITIES = 100
const MOST_ROWS = 100

/** Where a version of the registry is tried by hand. */
export interface Bench {
  /** @throws Problem `input.invalid`, `input.too-large`, `inference.overloaded`, and what loading the model throws */
  try(of: { manifest: Manifest; digest: string; modelPath(): Promise<string> }, given: Given): Promise<Tried>
  stop(): Promise<void>
}

export function openBench(options: { workDirectory: string; limits?: Partial<EvaluationLimits>; idleMs?: number }): Bench {
  const { workDirectory, limits = {}, idleMs } = options
  const warm = openWarmEvaluators({ workDirectory, limits: { ...benchLimits, ...limits }, ...(idleMs === undefined ? {} : { idleMs }) })
  return {
    try({ manifest, digest, modelPath }, given) {
      const runs = given.inputs === undefined ? rowRuns(manifest, given.rows) : [inputRun(manifest, given.inputs)]
      if (runs.every(({ inputs }) => inputs === null))
        return Promise.resolve({ runtimeVersion: null, isWarm: false, loadMs: 0, rows: runs.map(({ row }) => row) })
      return warm.use({ digest, modelPath }, (loaded) => runAll(manifest, runs, loaded))
    },
    stop: () => warm.stop(),
  }
}

/** One run of the model: what goes in, or why it is not run. */
interface Run {
  inputs: Tensor[] | null
  /** Rows that were given; a model of a fixed number of rows gets more. */
  given: number
  row: TriedRow
}

const untried: TriedRow = { problem: null, refused: [], unusual: [], outcome: null, probabilities: null, outputs: [], ms: null }

function rowRuns(manifest: Manifest, rows: Given['rows']): Run[] {
  if (rows.length === 0) throw new Problem('input.invalid', 'There is no row to try.', { hint: 'Give rows, or inputs.' })
  const tabular = tabularOf(manifest) ?? tabularOf({ ...manifest, schema: { ...manifest.schema, input: manifest.inputs[0]!.name } })
  if (tabular === null)
    throw new Problem('input.invalid', `${manifest.model}@${manifest.version} takes no rows of numbers.`, {
      hint: 'Give its inputs as tensors instead: name, shape and data of each.',
    })
  if (rows.reduce((sum, row) => sum + (Array.isArray(row) ? row.length : Object.keys(row).length), 0) > MOST_VALUES)
    throw new Problem('input.too-large', `More than ${MOST_VALUES} values at once.`)
  return rows.map((given) => {
    const { tensors, problem, refused, unusual } = readRow(manifest, tabular, given)
    return rowRun(manifest, tensors, { ...untried, problem, refused, unusual })
  })
}

/** What the pipeline refuses of a row is told in the row, as what is wrong with its values. */
function rowRun(manifest: Manifest, tensors: Tensor[] | null, row: TriedRow): Run {
  if (tensors === null) return { inputs: null, given: 0, row }
  try {
    return { ...runOf(manifest, tensors), row }
  } catch (error) {
    const { code, message } = reportOf(error)
    if (code !== 'inference.bad-input') throw error
    return { inputs: null, given: 0, row: { ...row, problem: { code, message: message.slice(0, 2000) } } }
  }
}

function inputRun(manifest: Manifest, inputs: NonNullable<Given['inputs']>): Run {
  const specs = requestSpecs(manifest)
  const tensors = inputs.map(({ name, shape, data }) => {
    const spec = specs.find((one) => one.name === name)
    if (spec === undefined)
      throw new Problem(
        'inference.bad-input',
        `The model has no input ${JSON.stringify(name)}; its inputs are ${specs.map((one) => JSON.stringify(one.name)).join(', ')}.`,
      )
    return tensorFromPlain(name, spec.datatype, shape, data)
  })
  return { ...runOf(manifest, tensors), row: untried }
}

/** What refuses the values refuses them here, before a process is asked for. */
function runOf(manifest: Manifest, tensors: Tensor[]): Pick<Run, 'inputs' | 'given'> {
  const { inputs } = prepareInputs(manifest, filledUp(manifest, tensors), {
    maxRows: Math.max(MOST_ROWS, batchSize(manifest.inputs)),
    findings: new Map(),
  })
  return { inputs, given: tensors[0]?.shape[0] ?? 1 }
}

async function runAll(manifest: Manifest, runs: Run[], { evaluator, isWarm, loadMs }: WarmEvaluator): Promise<Tried> {
  const rows: TriedRow[] = []
  let isFirst = !isWarm
  for (const { inputs, given, row } of runs) {
    if (inputs === null) rows.push(row)
    else {
      // The first run of a model allocates; its time would say nothing about the row.
      if (isFirst) await evaluator.run(inputs)
      isFirst = false
      rows.push(...(await runOnce(manifest, { inputs, given }, evaluator)).map((ran) => ({ ...row, ...ran })))
    }
  }
  return { runtimeVersion: evaluator.runtimeVersion, isWarm, loadMs, rows }
}

/** Runs the model once. An answer that cannot be read is told in the row; that the model or its process failed is thrown. */
async function runOnce(
  manifest: Manifest,
  { inputs, given }: { inputs: Tensor[]; given: number },
  evaluator: Evaluator,
): Promise<Partial<TriedRow>[]> {
  const ran = await evaluator.run(inputs)
  let outputs = ran.outputs.map(shownOutput)
  try {
    const finished = finishOutputs(manifest, ran.outputs, { findings: new Map() }).outputs
    outputs = finished.map(shownOutput)
    const outcomes = readOutcomes(manifest, finished)?.slice(0, given) ?? []
    const scores = manifest.task === 'classification' ? finished.find(({ name }) => name === manifest.outcome.probabilities) : undefined
    const probabilities = scores === undefined ? [] : readProbabilities(scores, manifest.labels)
    if (outcomes.length === 0) return [{ outputs, ms: ran.ms }]
    return outcomes.map((outcome, i) => ({
      outcome: shownOutcome(outcome),
      probabilities: probabilities[i] === undefined ? null : mostProbable(manifest, probabilities[i]),
      ...(i === 0 ? { outputs, ms: ran.ms } : {}),
    }))
  } catch (error) {
    const { code, message } = reportOf(error)
    return [{ problem: { code, message: message.slice(0, 2000) }, outputs, ms: ran.ms }]
  }
}

/** A model of a fixed number of rows gets a single row so many times. */
function filledUp(manifest: Manifest, tensors: Tensor[]): Tensor[] {
  const fixed = batchSize(manifest.inputs)
  if (fixed <= 1 || tensors.some(({ shape }) => shape[0] !== 1)) return tensors
  return tensors.map((tensor) => {
    const values = plainData(tensor)
    const repeated = Array.from({ length: fixed }, () => values).flat()
    return tensorFromPlain(tensor.name, tensor.datatype, [fixed, ...tensor.shape.slice(1)], repeated)
  })
}

function shownOutput(tensor: Tensor): TriedRow['outputs'][number] {
  const isCut = tensor.data.length > SHOWN_OUTPUT_VALUES
  const part = isCut ? { ...tensor, data: tensor.data.slice(0, SHOWN_OUTPUT_VALUES) } : tensor
  // JSON has no NaN and no infinity.
  const data = plainData(part).map((value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : typeof value === 'string' ? value.slice(0, 1000) : value,
  )
  return { name: tensor.name, datatype: tensor.datatype, shape: [...tensor.shape], data, isCut }
}

/** An outcome as the interface carries it. */
export function shownOutcome(outcome: RowOutcome): TriedRow['outcome'] {
  return outcome.kind === 'value'
    ? outcome
    : { kind: 'class', index: outcome.index, label: outcome.label.slice(0, 256), confidence: outcome.confidence }
}

function mostProbable({ labels }: Manifest, probabilities: readonly number[]): NonNullable<TriedRow['probabilities']> {
  return probabilities
    .map((probability, i) => ({ label: labels[i] ?? String(i), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, MOST_PROBABILITIES)
}
