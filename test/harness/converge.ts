import type { BlockWire } from '../../agent/artifact/block-wire.ts'
import { openArtifactStore } from '../../agent/artifact/store.ts'
import { openBundles } from '../../agent/converge/bundles.ts'
import { startConvergence, type Convergence } from '../../agent/converge/converge.ts'
import { openJournal, type Journal } from '../../agent/converge/journal.ts'
import type { RuntimePort } from '../../agent/converge/runtime-port.ts'
import { preflight } from '../../agent/supervise/preflight.ts'
import type { Happening } from '../../agent/telemetry/events.ts'
import { trustedKeys } from '../../agent/trust/verify.ts'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { artifactsOf } from '../../shared/domain/bundle.ts'
import { deviceId, fleetId } from '../../shared/domain/ids.ts'
import { Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import { desiredMessage, type DesiredMessage } from '../../shared/protocol/assignment.ts'
import { BlockSet } from '../../shared/protocol/bitmap.ts'
import { PLAIN_BLOCK_BYTES } from '../../shared/protocol/block.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import { signWith, testKey, type TestBundle } from './small-console.ts'

const bundleKey = testKey()
const assignmentKey = testKey()

/** Signs an order as a console would. */
export function signedOrder(
  counter: number,
  wanted: Record<string, TestBundle>,
  change: { expiresAt?: number; badBundleKey?: boolean; as?: { version: string } } = {},
): DesiredMessage {
  const now = Date.now()
  const deployments = Object.entries(wanted).map(([name, { digest, manifest, manifestBytes }]) => {
    const signatures = [signWith(change.badBundleKey === true ? testKey() : bundleKey, payloadTypes.bundle, manifestBytes)]
    return [
      name,
      {
        model: manifest.model,
        version: change.as?.version ?? manifest.version,
        role: 'active',
        bundle: { digest, sizeBytes: manifestBytes.length, signatures },
      },
    ]
  })
  const config = { windowSeconds: 60, samplesPerWindow: 0 }
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
}

export function fakeRuntime(): FakeRuntime {
  const runtime: FakeRuntime = {
    serving: [],
    problems: new Map(),
    probed: [],
    failNext: null,
    configure: () => undefined,
    prepare(set) {
      const failure = runtime.failNext
      runtime.failNext = null
      if (failure !== null) return Promise.reject(failure)
      runtime.probed.push(...set.filter(({ isCandidate }) => isCandidate).map(({ digest }) => digest))
      const results = set.map(({ deployment, digest }) => ({
        deployment,
        digest,
        problem: runtime.problems.get(digest) ?? null,
        cases: 1,
        medianMs: 1,
      }))
      return Promise.resolve({
        results,
        promote: () => {
          runtime.serving = set
          return Promise.resolve()
        },
        discard: () => Promise.resolve(),
      })
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
  stop(): Promise<void>
}

/** Starts it. `dieAtSave`: from that write of the journal on (from 1) nothing is written any more, as if the process were gone. */
export function startLife(
  directory: string,
  bundles: readonly TestBundle[],
  options: { dieAtSave?: number; runtime?: FakeRuntime } = {},
): Life {
  const { journal } = openJournal(directory, 0)
  const store = openArtifactStore(directory)
  const runtime = options.runtime ?? fakeRuntime()
  const wire = answeringWire(bundles)
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
  const convergence = startConvergence({
    ...{ fleet: fleetId.parse('test'), device: deviceId.parse('cam-1'), wire, store, clock, preflight, runtime },
    journal: mortal,
    bundles: openBundles(store, trustedKeys([bundleKey.publicKey])),
    assignmentKeys: trustedKeys([assignmentKey.publicKey]),
    tell: (happening) => void told.push(happening),
    log: () => undefined,
    onChange: () => undefined,
  })
  return { convergence, journal, runtime, wire, told, clock, names: () => told.map(({ name }) => name), stop: () => convergence.stop() }
}
