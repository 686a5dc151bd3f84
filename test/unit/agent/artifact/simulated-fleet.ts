import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { vi } from 'vitest'
import type { BlockWire } from '../../../../agent/artifact/block-wire.ts'
import type { WantedArtifact } from '../../../../agent/artifact/layout.ts'
import { type FetchProgress, fetchArtifact } from '../../../../agent/artifact/receive.ts'
import type { Reusable } from '../../../../agent/artifact/reuse.ts'
import { type ArtifactStore, openArtifactStore } from '../../../../agent/artifact/store.ts'
import { startTransferServer, type TransferServer } from '../../../../electron/core/transfer/server.ts'
import type { Problem } from '../../../../shared/domain/problem.ts'
import { type BlockWantMessage, blockWantMessage } from '../../../../shared/protocol/block.ts'
import { decodeMessage } from '../../../../shared/protocol/decode.ts'
import { parseTopic } from '../../../../shared/protocol/topics.ts'
import { type SampleBundle, seeded } from './sample-artifact.ts'

/** What goes wrong on the simulated link; shares are of blocks, 0..1. */
export interface LinkFaults {
  lose: number
  duplicate: number
  corrupt: number
  /** Extra delay of up to so many ms per block: reorders. */
  jitterMs: number
  /** Cuts each device's connection every so many ms; 0: never. */
  cutEveryMs: number
  /** Requests of devices are delivered twice. */
  duplicateWants: boolean
  /** Blocks per second that a device's link takes; 0: no limit. */
  blocksPerSecond: number
}

const sound: LinkFaults = { lose: 0, duplicate: 0, corrupt: 0, jitterMs: 0, cutEveryMs: 0, duplicateWants: false, blocksPerSecond: 0 }
const LATENCY_MS = 5
const RECONNECT_MS = 150
/** Fake ms that pass at a time. */
const MS_PER_TURN = 2
/** While a fetch is awaited fake time is at most so many times faster than real time: the files are real, and must not seem stalled. */
const MAX_SPEED = 40
/** Real ms of one turn of the event loop that count, so that a pause of the test process is no leap in time. */
const MAX_TURN_MS = 2

interface SimulatedDevice {
  id: string
  wire: BlockWire
  store: ArtifactStore
  /** Payload bytes that reached it. */
  received: number
  wants: BlockWantMessage[]
  setConnected(isConnected: boolean): void
  faults: LinkFaults
}

export interface SimulatedFleet {
  directory: string
  devices: Map<string, SimulatedDevice>
  server: TransferServer
  published: { topic: string; bytes: number; at: number }[]
  refused: { device: string; problem: Problem }[]
  assigned: Map<string, Set<string>>
  addDevice(id: string, faults?: Partial<LinkFaults>): SimulatedDevice
  /** Replaces the console's server, as a restart of its process does. */
  restartServer(): Promise<void>
  fetch(
    id: string,
    wanted: WantedArtifact,
    more?: { reuse?: Reusable[]; signal?: AbortSignal; onProgress?(progress: FetchProgress): void },
  ): Promise<string>
  /** Lets time pass until the promise settles. */
  settle<Result>(work: Promise<Result>): Promise<Result>
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** The transfer server and real receivers with real files, joined by links in memory, in fake time. */
export function simulateFleet(seed: number, options: { limitBytesPerSecond?: number } = {}): SimulatedFleet {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  const random = seeded(seed)
  const directory = mkdtempSync(join(tmpdir(), 'muster-fleet-'))
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const devices = new Map<string, SimulatedDevice>()
  const subscriptions = new Map<string, Set<string>>()
  const published: SimulatedFleet['published'] = []
  const refused: SimulatedFleet['refused'] = []
  const assigned = new Map<string, Set<string>>()
  const arrivals = new Map<string, (artifact: string, block: number, payload: Uint8Array) => void>()

  const startServer = (): TransferServer =>
    startTransferServer({
      fleet: 'home',
      publish(topic, payload) {
        published.push({ topic, bytes: payload.length, at: Date.now() })
        const parsed = parseTopic('home', topic)!
        const { artifact, block, device } = parsed.parameters
        for (const id of device === undefined ? (subscriptions.get(artifact!) ?? []) : [device]) {
          arrivals.get(id)?.(artifact!, Number(block), Uint8Array.from(payload))
        }
        return Promise.resolve()
      },
      backlogBytes: () => 0,
      isAssigned: (device, bundle) => assigned.get(device)?.has(bundle) ?? false,
      audience: (bundle) => [...devices.values()].filter(({ id, wire }) => wire.connected && assigned.get(id)?.has(bundle)).length,
      artifactDirectory: directory,
      clock,
      limitBytesPerSecond: options.limitBytesPerSecond ?? null,
      onChange: () => undefined,
      refuse: (device, problem) => void refused.push({ device, problem }),
    })

  const fleet: SimulatedFleet = {
    directory,
    devices,
    server: startServer(),
    published,
    refused,
    assigned,
    addDevice(id, faults = {}) {
      const folder = join(directory, 'devices', id)
      mkdirSync(folder, { recursive: true })
      const link = simulateLink({ id, random, faults: { ...sound, ...faults }, server: () => fleet.server, subscriptions })
      arrivals.set(id, link.arrive)
      const device = Object.assign(link.device, { store: openArtifactStore(folder) })
      devices.set(id, device)
      assigned.set(id, new Set())
      return device
    },
    async restartServer() {
      await fleet.settle(fleet.server.stop())
      fleet.server = startServer()
    },
    fetch(id, artifact, { reuse = [], signal = new AbortController().signal, onProgress = () => undefined } = {}) {
      const { wire, store } = devices.get(id)!
      return fetchArtifact({ wire, store, fleet: 'home', device: id, artifact, reuse, signal, clock, onProgress })
    },
    async settle(work) {
      let isSettled = false
      const done = (): void => {
        isSettled = true
      }
      work.then(done, done)
      let allowance = 0
      while (!isSettled) {
        const turnedAt = performance.now()
        await turn()
        allowance += MAX_SPEED * Math.min(MAX_TURN_MS, performance.now() - turnedAt)
        if (allowance < MS_PER_TURN) continue
        allowance -= MS_PER_TURN
        vi.advanceTimersByTime(MS_PER_TURN)
      }
      return work
    },
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += MS_PER_TURN) {
        vi.advanceTimersByTime(MS_PER_TURN)
        await turn()
      }
    },
    async close() {
      await fleet.settle(fleet.server.stop())
      vi.useRealTimers()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return fleet
}

interface LinkParts {
  id: string
  random: () => number
  faults: LinkFaults
  server(): TransferServer
  subscriptions: Map<string, Set<string>>
}

function simulateLink({ id, random, faults, server, subscriptions }: LinkParts) {
  const handlers = new Set<(artifact: string, block: number, payload: Uint8Array) => void>()
  const connects = new Set<() => void>()
  /** Counts connections: what was on its way in an older one never arrives. */
  let connection = 1
  let isConnected = true
  let freeAt = 0

  const onLink = (delayMs: number, deliver: () => void): void => {
    const mine = connection
    setTimeout(() => {
      if (isConnected && mine === connection) deliver()
    }, delayMs)
  }
  const device: Omit<SimulatedDevice, 'store'> = {
    id,
    received: 0,
    wants: [],
    faults,
    setConnected(now) {
      if (now === isConnected) return
      isConnected = now
      if (now) {
        connection += 1
        connects.forEach((handler) => handler())
      } else {
        for (const set of subscriptions.values()) set.delete(id)
        freeAt = 0
        server().deviceGone(id)
      }
    },
    wire: {
      want(message) {
        device.wants.push(message)
        const decoded = decodeMessage(blockWantMessage, JSON.stringify(message), 'want')
        for (let copy = 0; copy < (faults.duplicateWants ? 2 : 1); copy += 1)
          onLink(LATENCY_MS + copy * 40, () => server().want(id, decoded))
        return Promise.resolve()
      },
      subscribe(artifact) {
        if (!isConnected) return Promise.reject(new Error('not connected'))
        subscriptions.set(artifact, (subscriptions.get(artifact) ?? new Set()).add(id))
        return Promise.resolve()
      },
      unsubscribe(artifact) {
        subscriptions.get(artifact)?.delete(id)
        return Promise.resolve()
      },
      onBlock: (handler) => {
        handlers.add(handler)
        return () => handlers.delete(handler)
      },
      onConnected: (handler) => {
        connects.add(handler)
        return () => connects.delete(handler)
      },
      get connected() {
        return isConnected
      },
    },
  }
  if (faults.cutEveryMs > 0) {
    setInterval(() => {
      device.setConnected(false)
      setTimeout(() => device.setConnected(true), RECONNECT_MS * (1 + random()))
    }, faults.cutEveryMs)
  }

  function arrive(artifact: string, block: number, payload: Uint8Array): void {
    if (!isConnected || random() < faults.lose) return
    if (random() < faults.corrupt) payload[Math.floor(random() * payload.length)]! ^= 0x40
    const queuedMs = faults.blocksPerSecond > 0 ? Math.max(0, freeAt - Date.now()) + 1000 / faults.blocksPerSecond : 0
    freeAt = Date.now() + queuedMs
    for (let copy = 0; copy < (random() < faults.duplicate ? 2 : 1); copy += 1) {
      onLink(LATENCY_MS + queuedMs + random() * faults.jitterMs, () => {
        device.received += payload.length
        handlers.forEach((handler) => handler(artifact, block, payload))
      })
    }
  }
  return { device, arrive }
}

/** The model of a bundle as a device asks for it. */
export function modelOf(bundle: SampleBundle): WantedArtifact {
  return { sha256: bundle.entry.sha256, sizeBytes: bundle.entry.sizeBytes, manifest: bundle.digest, entry: bundle.entry }
}
