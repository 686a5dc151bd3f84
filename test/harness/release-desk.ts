import { createHash, randomUUID } from 'node:crypto'
import { copyFileSync, cpSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import { approvalsHandlers } from '../../electron/core/api/approvals.ts'
import { benchHandlers } from '../../electron/core/api/bench.ts'
import { configHandlers } from '../../electron/core/api/config.ts'
import { deploymentsHandlers } from '../../electron/core/api/deployments.ts'
import { importsHandlers } from '../../electron/core/api/imports.ts'
import { modelsHandlers } from '../../electron/core/api/models.ts'
import { ordersHandlers } from '../../electron/core/api/orders.ts'
import type { ReleaseParts } from '../../electron/core/api/release-parts.ts'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { openApprovals } from '../../electron/core/approval/open-approvals.ts'
import { openConfigKeeper } from '../../electron/core/config/keeper.ts'
import { takeIn } from '../../electron/core/devices/intake.ts'
import { startJobs } from '../../electron/core/jobs/jobs.ts'
import { openOrderBook } from '../../electron/core/orders/book.ts'
import { openRegistry, type ImportedVersion } from '../../electron/core/registry/registry.ts'
import { openUploads } from '../../electron/core/serve/uploads.ts'
import { openKeyring } from '../../electron/core/trust/keys.ts'
import { contract, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import type { CommandContext } from '../../shared/rpc/dispatch.ts'
import type { ReportedDeployment, ReportedMessage } from '../../shared/protocol/reported.ts'
import { createReadStream } from 'node:fs'
import { enrolled, fleetStore, report, T0, temporaryDirectory } from './fleet.ts'

type Handler = (input: unknown, context: unknown) => unknown

const SAMPLES = 'build/samples'

/** The handlers of models, deployments and orders over a real store, a real registry and real keys; only devices are played. */
export type ReleaseDesk = ReturnType<typeof openReleaseDesk>

/** @param from a data directory whose copy it begins with */
export function openReleaseDesk(from: string | null = null) {
  const directory = temporaryDirectory()
  if (from !== null) cpSync(from, directory, { recursive: true })
  const store = fleetStore(directory)
  const clock = { at: T0 }
  const now = (): number => clock.at
  const keyring = openKeyring(join(directory, 'keys'))
  const registry = openRegistry({
    ...{ db: store.db, artifactDirectory: join(directory, 'artifacts'), workDirectory: join(directory, 'work'), keyring },
    now: () => (clock.at += 1),
  })
  onTestFinished(() => registry.stop())
  const jobs = startJobs({ onChange: () => undefined, now })
  onTestFinished(() => jobs.stop())
  const uploads = openUploads(join(directory, 'uploads'), now)
  onTestFinished(() => uploads.close())
  const sizeOf = (digest: string) => registry.sizeOf(digest)
  const book = openOrderBook({ store, now, sizeOf })
  const told: string[] = []
  const quiet = { onOutbox: () => undefined, changed: (...topics: string[]) => void told.push(...topics) }
  const config = openConfigKeeper({ store, fleet: 'test', keyring, reference: (digest) => registry.reference(digest), jobs, now, ...quiet })
  const parts: ReleaseParts = {
    ...{
      store,
      fleet: 'test',
      keyring,
      reference: (digest) => registry.reference(digest),
      registry,
      book,
      sizeOf,
      jobs,
      uploads,
      now,
      config,
      approvals: openApprovals(store),
    },
    onDevicesChanged: () => undefined,
    onOutbox: () => undefined,
    changed: (...topics) => void told.push(...topics),
  }
  const handlers: Partial<Record<MethodName, unknown>> = {
    ...modelsHandlers(parts),
    ...importsHandlers(parts),
    ...benchHandlers(parts),
    ...approvalsHandlers(parts),
    ...deploymentsHandlers({ ...parts, rollouts: { atHand: () => [] } }),
    ...ordersHandlers({ ...parts, rollouts: { atHand: () => [] } }),
    ...configHandlers(parts),
  }
  const run = commandRunner(store, now)

  /** Calls a method as the dispatch does: input and output are checked by the contract. */
  async function call<Name extends MethodName>(
    method: Name,
    input: InputOf<Name>,
    as: { commandId?: string; actor?: string } = {},
  ): Promise<OutputOf<Name>> {
    const handler = handlers[method] as Handler
    const parsed = contract[method].input.parse(input)
    const caller = { actor: as.actor ?? 'kim', role: 'operator' as const }
    const work = (context: CommandContext): unknown => handler(parsed, context)
    const output =
      contract[method].kind === 'query'
        ? await handler(parsed, caller)
        : run({ method, input: parsed, commandId: as.commandId ?? randomUUID(), caller }, work)
    return contract[method].output.parse(JSON.parse(JSON.stringify(output))) as OutputOf<Name>
  }

  /** Uploads a file as a browser does. @returns its ticket */
  async function upload(path: string, fileName = basename(path)): Promise<string> {
    const { ticket } = await call('models.beginUpload', { fileName, sizeBytes: statSync(path).size })
    const copy = join(directory, `upload-${ticket}`)
    copyFileSync(path, copy)
    await uploads.receive(ticket, Readable.from(createReadStream(copy)) as unknown as IncomingMessage)
    return ticket
  }

  async function jobEnd(job: string): Promise<ReturnType<typeof jobs.show>> {
    for (;;) {
      const shown = jobs.show(job)
      if (shown.state !== 'running') return shown
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Imports a sample with its training and hold-out rows, under another version if told so. */
  async function importSample(
    model: string,
    version: string,
    change: { onProgress?: (note: string) => void; as?: string } = {},
  ): Promise<ImportedVersion> {
    return registry.import({
      ...{ modelPath: join(SAMPLES, model, `${model}-${version}.onnx`), modelFileName: `${model}-${version}.onnx`, importedBy: 'kim' },
      ...{ trainPath: join(SAMPLES, model, 'train.csv'), holdoutPath: join(SAMPLES, model, 'holdout.csv'), holdoutName: 'holdout.csv' },
      ...(change.as === undefined ? {} : { version: change.as }),
      signal: new AbortController().signal,
      progress: (_, note) => change.onProgress?.(note),
    })
  }

  const sequences = new Map<string, number>()
  /** Plays a report of a device, through intake and the order book, as the core does. */
  function reportOf(device: string, change: Partial<ReportedMessage>): void {
    const sequence = (sequences.get(device) ?? 0) + 1
    sequences.set(device, sequence)
    clock.at += 1
    const message = report(device, { sequence, ...change })
    const { devices } = takeIn(store, [{ name: 'reported', sender: device, json: JSON.stringify(message), receivedAt: clock.at }])
    book.settle([...devices])
  }

  return {
    ...{ parts, handlers },
    ...{ directory, store, registry, book, jobs, uploads, clock, config, told, call, upload, importSample, jobEnd, reportOf },
    /** Enrols devices and connects them. */
    join(...devices: string[]): void {
      for (const device of devices) {
        enrolled(store, device)
        this.connect(device, 'online')
      }
    },
    connect(device: string, status: 'online' | 'offline'): void {
      clock.at += 1
      const json = JSON.stringify({ v: 1, sentAt: clock.at, device, status, boot: 'boot-1', agentVersion: '0.1.0' })
      book.settle([...takeIn(store, [{ name: 'presence', sender: device, json, receivedAt: clock.at }]).devices])
    },
    counter: (device: string): number => store.deployments.assignment(device)?.counter ?? 0,
    /** The device has taken its newest order up and is at a state with it. */
    at(device: string, deployment: string, slots: Partial<ReportedDeployment>): void {
      reportOf(device, {
        assignmentCounter: this.counter(device),
        deployments: { [deployment]: slotted(slots) },
      })
    },
    /** The device runs a version. */
    runs(device: string, deployment: string, of: { digest: string; model: string; version: string }): void {
      this.at(device, deployment, { state: 'active', active: slotOf(of) })
    },
    desired: (device: string, deployment: string) =>
      store.deployments.ofDevice(device).find((one) => one.deployment === deployment)?.version ?? null,
  }
}

/** What fills a slot. */
export function slotOf(of: { digest: string; model: string; version: string }): NonNullable<ReportedDeployment['active']> {
  return { digest: of.digest, model: of.model, version: of.version, since: T0 } as NonNullable<ReportedDeployment['active']>
}

function slotted(change: Partial<ReportedDeployment>): ReportedDeployment {
  return {
    state: 'idle',
    active: null,
    candidate: null,
    lastGood: null,
    progress: null,
    problem: null,
    watch: null,
    beside: null,
    ...change,
  }
}

/** Any digest. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
