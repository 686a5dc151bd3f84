import { goldenSet, type Baseline, type GoldenSet } from '../../shared/domain/bundle.ts'
import { messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { compareTensors, type Tolerance } from '../../shared/inference/golden.ts'
import { readOutcomes } from '../../shared/inference/outcome.ts'
import { finishOutputs, prepareInputs } from '../../shared/inference/pipeline.ts'
import { elementCount, emptyData, tensorFromPlain, type Tensor } from '../../shared/inference/tensor.ts'
import type { ProbeResult, RuntimeDeployment } from './messages.ts'
import { readBaseline } from './read-baseline.ts'
import { loadModel, readArtifact, type LoadedModel } from './session.ts'

/** What came of loading one deployment; `model` is null if `result` has a problem. */
export interface Probed {
  result: ProbeResult
  model: LoadedModel | null
  /** What the golden set allows; null without one. */
  tolerance: Tolerance | null
  /** null: the bundle has none, or it cannot be read. */
  baseline: Baseline | null
}

/** What a probe measures with. */
export interface Gauges {
  monotonic(): number
  /** Resident memory of this process, bytes. */
  rssBytes(): number
}

const WARM_UPS = 3
const TIMED_RUNS = 9

/**
 * Loads a deployment, compares it with its golden set through the whole pipeline, holds it against its budget of time, and warms it up.
 * Never throws: the problem is in the result.
 */
export async function probe(of: RuntimeDeployment, gauges: Gauges): Promise<Probed> {
  const head = { deployment: of.deployment, digest: of.digest }
  const rssBefore = gauges.rssBytes()
  const grown = (): number => Math.max(0, gauges.rssBytes() - rssBefore)
  try {
    const model = await loadModel(of.manifest, of.modelPath)
    const { baseline, uncounted } = await baselineOf(of)
    const golden = of.goldenPath === null ? null : await readGolden(of, of.goldenPath)
    if (golden === null) {
      await warmUp(of, model)
      const result = { ...head, ...uncounted, problem: null, cases: 0, medianMs: null, memoryBytes: grown() }
      return { result, model, tolerance: null, baseline }
    }
    const inputs = await compareCases(of, model, golden)
    for (let i = 0; i < WARM_UPS; i += 1) await model.run(inputs[0]!)
    const medianMs = await timed(model, inputs, gauges)
    checkBudget(of, medianMs)
    const result = { ...head, ...uncounted, problem: null, cases: golden.cases.length, medianMs, memoryBytes: grown() }
    return { result, model, tolerance: golden.tolerance, baseline }
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem('probe.load-failed', messageOf(error), { cause: error })
    const result = { ...head, problem: reportOf(problem), cases: 0, medianMs: null, memoryBytes: grown() }
    return { result, model: null, tolerance: null, baseline: null }
  }
}

/** A candidate whose baseline cannot be read fails; a bundle that has passed goes on answering, and is not counted. */
async function baselineOf(of: RuntimeDeployment): Promise<{ baseline: Baseline | null; uncounted?: Pick<ProbeResult, 'uncounted'> }> {
  try {
    return { baseline: await readBaseline(of) }
  } catch (error) {
    if (of.isCandidate) throw error
    return { baseline: null, uncounted: { uncounted: reportOf(error) } }
  }
}

function checkBudget({ latencyBudgetMs }: RuntimeDeployment, medianMs: number): void {
  if (latencyBudgetMs === null || medianMs <= latencyBudgetMs) return
  const shown = (ms: number): string => String(Number(ms.toPrecision(3)))
  throw new Problem(
    'probe.budget',
    `The median run of the golden set takes ${shown(medianMs)} ms on this device; the budget is ${shown(latencyBudgetMs)} ms.`,
  )
}

async function readGolden(of: RuntimeDeployment, path: string): Promise<GoldenSet> {
  const entry = of.manifest.artifacts.golden
  if (entry === undefined) throw new Problem('probe.load-failed', 'The bundle has no golden set, but one was given to the probe.')
  const bytes = await readArtifact(path, entry)
  try {
    return goldenSet.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (error) {
    throw new Problem('probe.load-failed', `The golden set cannot be read: ${messageOf(error).slice(0, 500)}`, { cause: error })
  }
}

/** @returns the preprocessed inputs of every case, for timing. */
async function compareCases(of: RuntimeDeployment, model: LoadedModel, golden: GoldenSet): Promise<Tensor[][]> {
  const prepared: Tensor[][] = []
  for (const [number, goldenCase] of golden.cases.entries()) {
    const tensors = goldenCase.inputs.map((input) => tensorFromPlain(input.name, input.datatype, input.shape, input.data))
    const expected = goldenCase.outputs.map((output) => tensorFromPlain(output.name, output.datatype, output.shape, output.data))
    const findings = new Map<string, number>()
    const { inputs } = prepareInputs(of.manifest, tensors, { maxRows: Number.MAX_SAFE_INTEGER, findings })
    const actual = finishOutputs(of.manifest, await model.run(inputs), { findings }).outputs
    const { ok, worst } = compareTensors(expected, actual, golden.tolerance)
    if (!ok && worst !== null) {
      const where = worst.index < 0 ? `output "${worst.output}"` : `output "${worst.output}", value ${worst.index},`
      throw new Problem('probe.golden-mismatch', `Golden case ${number}: ${where} is ${worst.actual}; ${worst.expected} was expected.`)
    }
    readOutcomes(of.manifest, actual)
    prepared.push(inputs)
  }
  return prepared
}

async function timed(model: LoadedModel, inputs: readonly Tensor[][], { monotonic }: Gauges): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < TIMED_RUNS; i += 1) {
    const startedAt = monotonic()
    await model.run(inputs[i % inputs.length]!)
    times.push(monotonic() - startedAt)
  }
  return times.sort((a, b) => a - b)[(TIMED_RUNS - 1) / 2]!
}

/** Runs zeros through the model so that the first request does not pay for its first run. */
async function warmUp(of: RuntimeDeployment, model: LoadedModel): Promise<void> {
  const zeros = of.manifest.inputs.map((spec) => {
    const shape = spec.shape.map((size) => (size === -1 ? 1 : size))
    return { name: spec.name, datatype: spec.datatype, shape, data: emptyData(spec.datatype, elementCount(shape)) }
  })
  try {
    for (let i = 0; i < WARM_UPS; i += 1) await model.run(zeros)
  } catch {
    // Zeros may be no valid input of this model (an index, a text); that says nothing about real ones.
  }
}
