import { Asks } from './asks.ts'
import { Batcher } from './batcher.ts'
import type { ClientIds } from './client-ids.ts'
import type { Runner } from './compute.ts'
import { DeadlineBoard } from './deadline/board.ts'
import { DistributionWindows } from './distribution-windows.ts'
import type { CarriedPrediction, KnownBundle, LoadMessage, RuntimeDeployment } from './messages.ts'
import { labelFields } from './masking/label-masks.ts'
import { Masks } from './masking/masks.ts'
import { Metrics } from './metrics.ts'
import { placesOf } from './places.ts'
import { PredictionIds, subjectTag } from './prediction-id.ts'
import { Predictor } from './predictor.ts'
import { probe } from './probe.ts'
import type { RecordOutbox } from './record-outbox.ts'
import { RunLane } from './run-lane.ts'
import type { RuntimeHost } from './runtime.ts'
import { sampleRates, Sampler } from './sampler.ts'
import { createHttpServer, type HttpServer } from './serve/http-server.ts'
import { createRouter, type Router } from './serve/router.ts'
import { servedFrom, tuneServed, type Served } from './served.ts'
import { ShadowRunner } from './shadow.ts'
import { ShadowWindows } from './shadow-window.ts'
import { Windows } from './window.ts'

/** Everything that a loaded generation serves with. */
export interface Loaded {
  served: readonly Served[]
  http: HttpServer
  router: Router
  windows: Windows
  distributions: DistributionWindows
  sampler: Sampler
  masks: Masks
  shadows: { runner: ShadowRunner; windows: ShadowWindows; sampler: Sampler }
  clientIds: ClientIds
  board: DeadlineBoard
  config: LoadMessage['config']
}

/** What loading needs of the runtime around it. */
export interface LoadParts {
  host: RuntimeHost
  outbox: RecordOutbox
  asks: Asks
  clientIds: ClientIds
  onClientId(prediction: CarriedPrediction): void
  isReplaced(): boolean
}

/** Loads and probes every bundle of a set, telling of each, and builds the local API over them. */
export async function load(message: LoadMessage, parts: LoadParts): Promise<Loaded> {
  const { host } = parts
  const served: Served[] = []
  for (const deployment of message.deployments) {
    host.post({ type: 'loading', deployment: deployment.deployment })
    const gauges = { monotonic: () => host.clock.monotonic(), rssBytes: () => host.usage().rssBytes }
    const { result, model, tolerance, baseline } = await probe(deployment, gauges)
    host.post({ type: 'probed', result })
    served.push(servedFrom(deployment, { model, problem: result.problem, tolerance, baseline }))
  }
  return assembled(message, parts, served)
}

/** Changes rules of serving and shares of loaded bundles; what is not loaded here is passed over. */
export function tune(loaded: Loaded, rules: readonly Pick<RuntimeDeployment, 'deployment' | 'digest' | 'role' | 'serving'>[]): void {
  for (const rule of rules) {
    const found = loaded.served.find(({ subject }) => subject.deployment === rule.deployment && subject.digest === rule.digest)
    if (found !== undefined) tuneServed(found, rule)
  }
  describe(loaded.board, loaded.served)
}

function assembled(message: LoadMessage, parts: LoadParts, served: readonly Served[]): Loaded {
  const { host, outbox, asks, clientIds } = parts
  const { clock } = host
  const { limits, tokenKey } = message
  const board = new DeadlineBoard(limits.maxConnections)
  describe(board, served)
  const monotonic = (): number => clock.monotonic()
  const lane = new RunLane({ monotonic, board, served })
  const alone: Runner = { run: (one, { inputs, until }) => lane.run(one, inputs, until) }
  const { config } = message
  const windows = new Windows(clock, config.windowSeconds)
  const masks = new Masks(tokenKey, config.masks, config.privacy)
  const distributions = new DistributionWindows(clock, { seconds: config.distributionSeconds, masks: config.masks })
  const sampler = new Sampler(() => host.random(), masks, sampleRates(config))
  const metrics = new Metrics()
  const { maxRows } = limits
  const ids = new PredictionIds(tokenKey, Math.floor(host.random() * 2 ** 32))
  const counting = { clock, windows, distributions, sampler, clientIds, ids, metrics, onClientId: parts.onClientId }
  const predictor = new Predictor({ ...counting, runner: new Batcher(lane), maxRows })
  const shadowParts = {
    windows: new ShadowWindows(clock, config.windowSeconds),
    sampler: new Sampler(() => host.random(), masks, { random: 0, lowConfidence: 0, lowConfidenceBelow: 0, outlier: 0 }),
  }
  const runner = new ShadowRunner({
    monotonic,
    lane,
    windows,
    shadows: shadowParts.windows,
    sampler: shadowParts.sampler,
    runner: alone,
    maxRows,
    masks,
  })
  const known = knownByTag([...message.known, ...served.map(bundleOf)])
  const { agentVersion, isLoopbackOnly } = message
  const router = createRouter({
    ...{ served, known, predictor, metrics, outbox, asks, clientIds, masks, tokenKey, agentVersion, isLoopbackOnly, limits },
    places: placesOf(served),
    shadows: runner,
    config: () => loaded.config,
    usage: () => host.usage(),
    openConnections: () => http.openConnections(),
    isReplaced: () => parts.isReplaced(),
    now: () => clock.now(),
  })
  const http = createHttpServer((request, response, turn) => router.answer(request, response, turn), limits, board)
  const loaded: Loaded = {
    ...{ served, http, router, windows, distributions, sampler, masks, clientIds, board, config },
    shadows: { runner, ...shadowParts },
  }
  return loaded
}

function describe(board: DeadlineBoard, served: readonly Served[]): void {
  const names = served.map(
    ({ subject, role }) => `${role.kind === 'active' ? '' : `${role.kind} of `}${subject.deployment} ${subject.version}`,
  )
  board.describe(names, Math.min(...served.map((one) => one.serving.deadlineMs)))
}

function bundleOf({ subject, deployment: { manifest } }: Served): KnownBundle {
  return { ...subject, task: manifest.task, labels: manifest.labels, fields: labelFields(manifest) }
}

function knownByTag(bundles: readonly KnownBundle[]): Map<string, KnownBundle> {
  return new Map(bundles.map((bundle) => [subjectTag(bundle.deployment, bundle.digest).toString('hex'), bundle]))
}
