import type { Socket } from 'node:net'
import type { Clock } from '../../shared/domain/clock.ts'
import { ClientIds } from './client-ids.ts'
import type { FromRuntime, KnownBundle, LoadMessage, ToRuntime, UnspooledRecord } from './messages.ts'
import { subjectTag } from './prediction-id.ts'
import { Predictor, servedFrom, type Served } from './predictor.ts'
import { probe } from './probe.ts'
import { RecordOutbox } from './record-outbox.ts'
import { Sampler } from './sampler.ts'
import { createHttpServer, type HttpServer } from './serve/http-server.ts'
import { createRouter, type Router } from './serve/router.ts'
import { Windows } from './window.ts'

/** What a runtime needs from the process it runs in. */
export interface RuntimeHost {
  post(message: FromRuntime): void
  clock: Clock
  /** Uniform in [0, 1). */
  random(): number
  usage(): { rssBytes: number; cpuMicros: number }
}

/** The runtime of one generation, as its process drives it. */
export interface Runtime {
  receive(message: ToRuntime, socket: Socket | undefined): void
  /** Ends orderly, as after a `drain` message. */
  drain(graceMs: number): void
  stop(): void
}

const HEARTBEAT_MS = 1000
/** Windows that the spool refused are offered again after so long, ms: a full disk does not empty at once. */
const RETRY_MS = 5000

interface Loaded {
  /** How many deployments it serves. */
  deployments: number
  http: HttpServer
  router: Router
  windows: Windows
  sampler: Sampler
  clientIds: ClientIds
}

/**
 * Starts the runtime of one generation: it loads what the `load` message names, answers on the connections it is given, and
 * hands out records.
 *
 * INVARIANTS
 * 1. `loaded` is set once, before the message `loaded` is posted; connections come only after that.
 * 2. A connection is answered with `accepted` at once: from then on it is lost if this process dies.
 * 3. After `drain`, `drained` is posted exactly once, when no connection is left and every record is stored or handed back.
 */
export function startRuntime(host: RuntimeHost): Runtime {
  const outbox = new RecordOutbox((message) => host.post(message))
  let loaded: Loaded | null = null
  let isDraining = false
  let windowTimer: NodeJS.Timeout | undefined
  let retryAt = 0

  const heartbeat = setInterval(() => {
    const state = { openConnections: loaded?.http.openConnections() ?? 0, inFlight: loaded?.router.inFlight() ?? 0 }
    host.post({ type: 'heartbeat', ...host.usage(), ...state })
  }, HEARTBEAT_MS)

  /** @returns records that the spool refused, windows excepted: those go back to where they were counted. */
  const send = async (
    windows: Windows,
    records: { windows: UnspooledRecord[]; samples: UnspooledRecord[] },
  ): Promise<UnspooledRecord[]> => {
    const [windowProblem, sampleProblem] = await Promise.all([outbox.send(records.windows), outbox.send(records.samples)])
    if (windowProblem === null) windows.stored(records.windows)
    else {
      windows.refused(records.windows)
      retryAt = host.clock.monotonic() + RETRY_MS
    }
    return sampleProblem === null ? [] : records.samples
  }
  const flushDue = (): void => {
    if (loaded === null || isDraining) return
    const { windows, sampler } = loaded
    const isDue = windows.dueInMs() === 0
    if (isDue || host.clock.monotonic() >= retryAt)
      void send(windows, { windows: windows.takeClosed(), samples: isDue ? sampler.take() : [] })
    windowTimer = setTimeout(flushDue, Math.max(1, Math.min(1000, windows.dueInMs())))
  }
  const drain = async (graceMs: number): Promise<void> => {
    // A second drain comes when the agent stops meanwhile: only the grace is shorter then.
    if (isDraining) return void loaded?.http.drain(graceMs)
    isDraining = true
    clearTimeout(windowTimer)
    if (loaded === null) return host.post({ type: 'drained', unsent: [] })
    const { http, windows, sampler, clientIds } = loaded
    windows.cover(false)
    host.post({ type: 'carried', predictions: clientIds.all() })
    // A generation that serves nothing has no answer worth waiting for: its idle connections end at once.
    await http.drain(loaded.deployments === 0 ? 0 : graceMs)
    const samples = await send(windows, { windows: windows.takeAll(), samples: sampler.take() })
    host.post({ type: 'drained', unsent: [...windows.takeAll(), ...samples] })
  }
  const onClientId = (prediction: Parameters<ClientIds['add']>[0]): void => {
    if (isDraining) host.post({ type: 'carried', predictions: [prediction] })
  }

  return {
    receive(message, socket) {
      switch (message.type) {
        case 'load':
          void load(message, { host, outbox, onClientId, isReplaced: () => isDraining }).then((parts) => {
            loaded = parts
            flushDue()
            host.post({ type: 'loaded' })
          })
          return
        case 'connection':
          host.post({ type: 'accepted', key: message.key })
          if (socket !== undefined) loaded?.http.accept(socket)
          return
        case 'serve':
          return loaded?.windows.cover(true)
        case 'configure':
          loaded?.windows.setLength(message.config.windowSeconds)
          return loaded?.sampler.setRate(message.config.samplesPerWindow)
        case 'carried':
          return loaded?.clientIds.carryOver(message.predictions)
        case 'drain':
          return void drain(message.graceMs)
        case 'stored':
          return outbox.stored(message.id, message.problem)
      }
    },
    drain: (graceMs) => void drain(graceMs),
    stop() {
      clearInterval(heartbeat)
      clearTimeout(windowTimer)
    },
  }
}

interface LoadParts {
  host: RuntimeHost
  outbox: RecordOutbox
  onClientId: (prediction: Parameters<ClientIds['add']>[0]) => void
  isReplaced(): boolean
}

async function load(message: LoadMessage, { host, outbox, onClientId, isReplaced }: LoadParts): Promise<Loaded> {
  const { clock } = host
  const served: Served[] = []
  for (const deployment of message.deployments) {
    host.post({ type: 'loading', deployment: deployment.deployment })
    const { result, model } = await probe(deployment, () => clock.monotonic())
    host.post({ type: 'probed', result })
    served.push(servedFrom(deployment, model, result.problem))
  }
  const windows = new Windows(clock, message.config.windowSeconds)
  const sampler = new Sampler(() => host.random(), message.config.samplesPerWindow)
  const clientIds = new ClientIds()
  const { tokenKey, agentVersion, isLoopbackOnly, limits } = message
  const firstNonce = Math.floor(host.random() * 2 ** 32)
  const predictor = new Predictor({ clock, windows, sampler, clientIds, tokenKey, firstNonce, maxRows: limits.maxRows, onClientId })
  const known = knownByTag([...message.known, ...served.map(bundleOf)])
  const router = createRouter({
    served,
    known,
    predictor,
    outbox,
    clientIds,
    tokenKey,
    agentVersion,
    isLoopbackOnly,
    limits,
    isReplaced,
    now: () => clock.now(),
  })
  const http = createHttpServer((request, response) => router.answer(request, response), limits)
  return { deployments: served.length, http, router, windows, sampler, clientIds }
}

function bundleOf({ subject, deployment }: Served): KnownBundle {
  return { ...subject, task: deployment.manifest.task, labels: deployment.manifest.labels }
}

function knownByTag(bundles: readonly KnownBundle[]): Map<string, KnownBundle> {
  return new Map(bundles.map((bundle) => [subjectTag(bundle.deployment, bundle.digest).toString('hex'), bundle]))
}
