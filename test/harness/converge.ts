import type { BlockWire } from '../../agent/artifact/block-wire.ts'
import { openArtifactStore } from '../../agent/artifact/store.ts'
import { openBundles } from '../../agent/converge/bundles.ts'
import { startConvergence, type Convergence } from '../../agent/converge/converge.ts'
import { openJournal, type Journal } from '../../agent/converge/journal.ts'
import type { RuntimePort } from '../../agent/converge/runtime-port.ts'
import { isSameSet, tuned } from '../../agent/supervise/bundle-set.ts'
import { preflight } from '../../agent/supervise/preflight.ts'
import type { Happening } from '../../agent/telemetry/events.ts'
import { trustedKeys } from '../../agent/trust/verify.ts'
import type { RuntimeDeployment, Vital } from '../../agent/runtime/messages.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import { artifactsOf } from '../../shared/domain/bundle.ts'
import { deviceId, fleetId } from '../../shared/domain/ids.ts'
import { Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import {
  desiredMessage,
  type AssignedBeside,
  type DesiredMessage,
  type ProbationRules,
  type RuntimeConfig,
  type ServingRules,
} from '../../shared/protocol/assignment.ts'
import { BlockSet } from '../../shared/protocol/bitmap.ts'
import { PLAIN_BLOCK_BYTES } from '../../shared/protocol/block.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import { haltMessage, type HaltMessage } from '../../shared/protocol/halt.ts'
import { signWith, testKey, type TestBundle } from './small-console.ts'

const bundleKey = testKey()
const assignmentKey = testKey()

/** What a test changes in an order. */
export interface OrderChange {
  expiresAt?: number
  badBundleKey?: boolean
  as?: { version: string }
  /** Counter of the order that asked for the bundles; absent: this one does. */
  asked?: number
  probation?: Partial<ProbationRules>
  serving?: Partial<ServingRules>
  /** Second bundles by deployment. */
  beside?: Record<string, Partial<AssignedBeside> & { of: TestBundle }>
  config?: Partial<RuntimeConfig>
}

/** Signs a halt list as a console would. */
export function signedHalt(
  counter: number,
  halted: Record<string, TestBundle>,
  change: { fleet?: string; isForged?: boolean } = {},
): HaltMessage {
  const now = Date.now()
  const halts = Object.entries(halted).map(([deployment, { digest }]) => ({ deployment, digest, rollout: 1, since: now, reason: 'slow' }))
  const bytes = Buffer.from(JSON.stringify({ v: 1, fleet: change.fleet ?? 'test', counter, issuedAt: now, halts }))
  const signatures = [signWith(change.isForged === true ? testKey() : assignmentKey, payloadTypes.halt, bytes)]
  const envelope = { payloadType: payloadTypes.halt, payload: bytes.toString('base64'), signatures }
  return haltMessage.parse({ v: 1, sentAt: now, id: String(counter), envelope })
}

/** Signs an order as a console would. */
export function signedOrder(counter: number, wanted: Record<string, TestBundle>, change: OrderChange = {}): DesiredMessage {
  const now = Date.now()
  const assigned = ({ digest, manifest, manifestBytes }: TestBundle): object => {
    const signatures = [signWith(change.badBundleKey === true ? testKey() : bundleKey, payloadTypes.bundle, manifestBytes)]
    const version = change.as?.version ?? manifest.version
    return { model: manifest.model, version, bundle: { digest, sizeBytes: manifestBytes.length, signatures } }
  }
  const deployments = Object.entries(wanted).map(([name, bundle]) => {
    const { of: second, ...casting } = change.beside?.[name] ?? { of: null }
    const beside = second === null ? null : { role: 'shadow', ...casting, ...assigned(second) }
    const { probation, serving } = change
    return [
      name,
      { ...assigned(bundle), role: 'active', asked: change.asked ?? null, beside, probation: probation ?? {}, serving: serving ?? {} },
    ]
  })
  const config = { windowSeconds: 60, samplesPerWindow: 0, ...change.config }
  const payload = {
    v: 1,
    fleet: 'test',
    device: 'cam-1',
    counter,
    issuedAt: now,
    expiresAt: change.expiresAt ?? now + 86_400_000,
    deployments: Object.fromEntries(deployments),
    config,
  }
  const bytes = Buffer.from(JSON.stringify(payload))
  const envelope = {
    payloadType: payloadTypes.assignment,
    payload: bytes.toString('base64'),
    signatures: [signWith(assignmentKey, payloadTypes.assignment, bytes)],
  }
  return desiredMessage.parse({ v: 1, sentAt: now, id: String(counter), envelope })
}

/** A wire that answers each request from the given bundles, until `isCut`. Counts what it was asked for. */
export function answeringWire(bundles: readonly TestBundle[]): BlockWire & { isCut: boolean; asked: string[] } {
  const handlers = new Set<(artifact: string, block: number, payload: Uint8Array) => void>()
  const wire = {
    connected: true,
    isCut: false,
    asked: [] as string[],
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
    onConnected: () => () => undefined,
    onBlock(handler: (artifact: string, block: number, payload: Uint8Array) => void) {
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
    want(message: Parameters<BlockWire['want']>[0]) {
      const bundle = bundles.find(({ files }) => files.has(message.artifact))
      const missing = BlockSet.from(message.blocks, Buffer.from(message.missing, 'base64'))!
      if (wire.isCut || bundle === undefined) return Promise.resolve()
      if (missing.count > 0) wire.asked.push(message.artifact)
      const bytes = bundle.files.get(message.artifact)!
      const sizes = artifactsOf(bundle.manifest)
        .find(({ entry }) => entry.sha256 === message.artifact)
        ?.entry.blocks.map(([size]) => size)
      setImmediate(() => {
        for (const block of missing) {
          const start = sizes === undefined ? block * PLAIN_BLOCK_BYTES : sizes.slice(0, block).reduce((sum, size) => sum + size, 0)
          const piece = bytes.subarray(start, start + (sizes?.[block] ?? PLAIN_BLOCK_BYTES))
          for (const handler of handlers) handler(message.artifact, block, piece)
        }
      })
      return Promise.resolve()
    },
  }
  return wire
}

/** A runtime that serves by saying so; problems are set per digest, once or for ever. */
export interface FakeRuntime extends RuntimePort {
  serving: RuntimeDeployment[]
  problems: Map<string, ProblemReport>
  probed: string[]
  /** Thrown by the next `prepare`. */
  failNext: Problem | null
  /** Number of the latest generation; a warm one that is taken again keeps its own. */
  generation: number
  prepared: number
  warm: RuntimeDeployment[] | null
  tuned: number
  medianMs: number
  memoryBytes: number
  /** Holds every `prepare` back until it resolves or the change is called off. */
  gate: Promise<void> | null
}

export function fakeRuntime(): FakeRuntime {
  const runtime: FakeRuntime = {
    serving: [],
    problems: new Map(),
    probed: [],
    failNext: null,
    generation: 0,
    prepared: 0,
    warm: null,
    tuned: 0,
    medianMs: 1,
    memoryBytes: 0,
    gate: null,
    configure: () => undefined,
    tune(tunings) {
      runtime.tuned += 1
      runtime.serving = tuned(runtime.serving, tunings)
    },
    keepWarm(set) {
      if (set === null || runtime.warm === null || !isSameSet(runtime.warm, set)) runtime.warm = null
    },
    async prepare(set, signal) {
      const failure = runtime.failNext
      runtime.failNext = null
      if (failure !== null) throw failure
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      if (runtime.gate !== null) await Promise.race([runtime.gate, aborted])
      if (signal.aborted) throw new Problem('cancelled', 'called off')
      const isWarm = runtime.warm !== null && isSameSet(runtime.warm, set) && !set.some(({ isCandidate }) => isCandidate)
      if (!isWarm) runtime.prepared += 1
      runtime.generation += 1
      runtime.probed.push(...set.filter(({ isCandidate }) => isCandidate).map(({ digest }) => digest))
      const results = set.map(({ deployment, digest }) => ({
        deployment,
        digest,
        problem: runtime.problems.get(digest) ?? null,
        cases: 1,
        medianMs: runtime.medianMs,
        memoryBytes: runtime.memoryBytes,
      }))
      return {
        generation: runtime.generation,
        results,
        promote: (keepWarm) => {
          const others = [runtime.serving, ...(runtime.warm === null ? [] : [runtime.warm])]
          runtime.warm = others.find((one) => keepWarm !== null && isSameSet(one, keepWarm)) ?? null
          runtime.serving = set
          return Promise.resolve()
        },
        discard: () => Promise.resolve(),
      }
    },
  }
  return runtime
}

/** One life of an agent's convergence in a directory. */
export interface Life {
  convergence: Convergence
  journal: Journal
  runtime: FakeRuntime
  wire: ReturnType<typeof answeringWire>
  told: Happening[]
  clock: { wall: number; ran: number; now(): number; monotonic(): number }
  names(): string[]
  /** A sign of life of the newest generation with what its bundles did: failed, not finite and so on by digest. */
  beat(vitals: Record<string, Partial<Vital>>, rssBytes?: number): void
  stop(): Promise<void>
}

/** The parts of a convergence over any runtime: keys, wire and store of this harness. */
export function convergeOver(
  directory: string,
  parts: { bundles: readonly TestBundle[]; runtime: RuntimePort; clock: Clock; journal: Journal; tell(happening: Happening): void },
): { convergence: Convergence; wire: Life['wire'] } {
  const { runtime, clock, journal, tell } = parts
  const store = openArtifactStore(directory)
  const wire = answeringWire(parts.bundles)
  const convergence = startConvergence({
    ...{ fleet: fleetId.parse('test'), device: deviceId.parse('cam-1'), wire, store, clock, preflight, runtime, journal, tell },
    bundles: openBundles(store, trustedKeys([bundleKey.publicKey])),
    assignmentKeys: trustedKeys([assignmentKey.publicKey]),
    log: () => undefined,
    onChange: () => undefined,
  })
  return { convergence, wire }
}

/** Starts it. `dieAtSave`: from that write of the journal on (from 1) nothing is written any more, as if the process were gone. */
export function startLife(
  directory: string,
  bundles: readonly TestBundle[],
  options: { dieAtSave?: number; runtime?: FakeRuntime } = {},
): Life {
  const { journal } = openJournal(directory, 0)
  const runtime = options.runtime ?? fakeRuntime()
  const told: Happening[] = []
  const clock = { wall: Date.now(), ran: 0, now: () => clock.wall, monotonic: () => clock.ran }
  let saves = 0
  const mortal: Journal = {
    get state() {
      return journal.state
    },
    save(next) {
      saves += 1
      if (saves >= (options.dieAtSave ?? Number.POSITIVE_INFINITY)) throw new Problem('store.disk-full', 'dead')
      journal.save(next)
    },
    saveOrHold: (next) => journal.saveOrHold(next),
  }
  const tell = (happening: Happening): void => void told.push(happening)
  const { convergence, wire } = convergeOver(directory, { bundles, runtime, clock, journal: mortal, tell })
  const beat: Life['beat'] = (vitals, rssBytes = 100_000_000) =>
    convergence.beat({
      generation: runtime.generation,
      isServing: true,
      rssBytes,
      vitals: runtime.serving.map(({ deployment, digest }) => ({
        ...{ deployment, digest, inferences: 0, failed: 0, notFinite: 0, medianMs: 1 },
        ...vitals[digest],
      })),
    })
  const names = (): string[] => told.map(({ name }) => name)
  return { convergence, journal, runtime, wire, told, clock, names, beat, stop: () => convergence.stop() }
}
