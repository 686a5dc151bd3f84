import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { Batcher } from '../../agent/runtime/batcher.ts'
import { ClientIds } from '../../agent/runtime/client-ids.ts'
import { DeadlineBoard } from '../../agent/runtime/deadline/board.ts'
import { DistributionWindows } from '../../agent/runtime/distribution-windows.ts'
import { Masks } from '../../agent/runtime/masking/masks.ts'
import { Metrics } from '../../agent/runtime/metrics.ts'
import { PredictionIds } from '../../agent/runtime/prediction-id.ts'
import { Predictor } from '../../agent/runtime/predictor.ts'
import { RunLane } from '../../agent/runtime/run-lane.ts'
import { Sampler } from '../../agent/runtime/sampler.ts'
import { servedFrom, type Served } from '../../agent/runtime/served.ts'
import { loadModel } from '../../agent/runtime/session.ts'
import { Windows } from '../../agent/runtime/window.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import { digitsRows, trainingOf } from './baseline.ts'
import { digitsDeployment, INPUT, pixelRows } from './digits.ts'
import { quantile } from './quantile.ts'

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Time of one inference, microseconds, in the process itself. */
export interface InProcess {
  rows: number
  bareP50: number
  bareP99: number
  agentP50: number
  agentP99: number
  /** Cost of counting alone: window, vitals, metrics, ns. */
  telemetryNs: number
}

/** Runs the same rows bare and through the predictor, in turns, so that both meet the same moments of the machine. */
export async function benchInProcess(rows: number, seconds: number): Promise<InProcess> {
  const data = pixelRows(rows)
  const bare = await bareRun(rows, data)
  const agent = await predictorRun(rows, data)
  const times = { bare: [] as number[], agent: [] as number[] }
  for (let i = 0; i < 300; i += 1) await bare().then(agent)
  const endAt = performance.now() + seconds * 1000
  while (performance.now() < endAt) {
    for (const [name, run] of [
      ['bare', bare],
      ['agent', agent],
    ] as const) {
      for (let i = 0; i < 50; i += 1) {
        const startedAt = performance.now()
        await run()
        times[name].push((performance.now() - startedAt) * 1000)
      }
    }
  }
  return {
    rows,
    bareP50: quantile(times.bare, 0.5),
    bareP99: quantile(times.bare, 0.99),
    agentP50: quantile(times.agent, 0.5),
    agentP99: quantile(times.agent, 0.99),
    telemetryNs: countingNs(agent.served),
  }
}

async function bareRun(rows: number, data: Float32Array): Promise<() => Promise<unknown>> {
  const session = await InferenceSession.create(readFileSync(digitsDeployment('bare').modelPath), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })
  const names = [...session.outputNames]
  return async () => session.run({ [INPUT]: new OrtTensor('float32', data, [rows, 64]) }, names)
}

async function predictorRun(rows: number, data: Float32Array): Promise<(() => Promise<unknown>) & { served: Served }> {
  const { features, baseline } = await trainingOf(digitsRows)
  const bare = digitsDeployment('reader')
  // With its features, as a bundle with training rows has them: what is counted costs too.
  const deployment = { ...bare, manifest: { ...bare.manifest, schema: { input: INPUT, features, target: null } } }
  const model = await loadModel(deployment.manifest, deployment.modelPath)
  const served = servedFrom(deployment, { model, problem: null, tolerance: null, baseline })
  const board = new DeadlineBoard(16)
  board.describe(['reader'], served.serving.deadlineMs)
  const lane = new RunLane({ monotonic: () => clock.monotonic(), board, served: [served] })
  const predictor = new Predictor({
    clock,
    windows: new Windows(clock, 60),
    distributions: new DistributionWindows(clock, { seconds: 300, masks: {} }),
    sampler: new Sampler(() => Math.random(), new Masks('key of the bench', {}), {
      ...{ random: 0, lowConfidence: 0, lowConfidenceBelow: 0, outlier: 0 },
    }),
    clientIds: new ClientIds(),
    ids: new PredictionIds('key of the bench', 1),
    runner: new Batcher(lane),
    metrics: new Metrics(),
    maxRows: 16_384,
    onClientId: () => undefined,
  })
  const inputs: Tensor[] = [{ name: INPUT, datatype: 'FP32', shape: [rows, 64], data }]
  const run = (): Promise<unknown> => predictor.predict(served, { id: null, inputs, outputs: null }, predictor.begin(served))
  return Object.assign(run, { served })
}

/** What an inference pays for being counted. */
function countingNs(served: Served): number {
  const windows = new Windows(clock, 60)
  const metrics = new Metrics()
  const findings = new Map<string, number>()
  const count = (latencyMs: number): void => {
    windows.count(served.subject, { ok: true, rows: 1, latencyMs, runMs: latencyMs, isFinite: true, findings })
    served.vital.answered(latencyMs, true)
    metrics.answered(served, { latencyMs, isCacheHit: false, isFinite: true })
  }
  for (let i = 0; i < 50_000; i += 1) count(0.01 + (i % 100) / 1000)
  const startedAt = performance.now()
  const times = 200_000
  for (let i = 0; i < times; i += 1) count(0.01 + (i % 100) / 1000)
  return ((performance.now() - startedAt) / times) * 1e6
}
