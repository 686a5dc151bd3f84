import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../shared/domain/clock.ts'
import { artifactsOf, type Manifest } from '../../shared/domain/bundle.ts'
import { Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import { desiredMessage, type DesiredMessage } from '../../shared/protocol/assignment.ts'
import { artifactPath, carryLimits, carryPaths, trustPath, type CarriedOutcome } from '../../shared/protocol/carry.ts'
import { checkpointMessage } from '../../shared/protocol/checkpoint.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { haltMessage } from '../../shared/protocol/halt.ts'
import type { ReportedMessage } from '../../shared/protocol/reported.ts'
import { maxMetadataBytes } from '../../shared/protocol/trust.ts'
import { MAX_MANIFEST_BYTES, parseManifest } from '../artifact/manifest.ts'
import type { ArtifactStore } from '../artifact/store.ts'
import type { Bundles } from '../converge/bundles.ts'
import type { Convergence } from '../converge/converge.ts'
import type { Journal } from '../converge/journal.ts'
import { newestSignedAt, standingEpoch } from '../converge/signed-time.ts'
import type { Identity } from '../identity.ts'
import type { Sender } from '../telemetry/sender.ts'
import type { Spool } from '../telemetry/spool.ts'
import { acceptAssignment } from '../trust/accept.ts'
import type { DeviceTrust } from '../trust/device-trust.ts'
import { levelOf } from '../trust/metadata-wire.ts'
import type { MetadataSource } from '../trust/tuf-client.ts'
import type { Witness } from '../witness/witness.ts'
import { openCarriedFolder, readUnproven, type CarriedFolder, type FolderContext } from './carried-folder.ts'
import type { CarriedWire } from './carried-wire.ts'
import { standingOf } from './outcome.ts'
import { writeReceipt, type WrittenReceipt } from './receipt.ts'

/** The parts of a running agent that a folder speaks to: the same ones that the broker speaks to. */
export interface ApplyParts {
  directory: string
  identity: Identity
  hardware: string
  clock: Clock
  journal: Journal
  running: Convergence
  sender: Sender
  spool: Spool
  store: ArtifactStore
  bundles: Bundles
  trust: DeviceTrust
  /** Where metadata is asked for; null: of the console. */
  trustFrom(source: MetadataSource | null): void
  witness: Witness
  wire: CarriedWire
  report(now: number): ReportedMessage
}

/** What became of a carried folder. */
export interface Applied {
  carry: string
  /** Why nothing was applied; null: it was. */
  problem: ProblemReport | null
  deployments: Record<string, CarriedOutcome>
  /** null: there is none, and why. */
  written: WrittenReceipt | null
  unwritten: ProblemReport | null
}

export interface ApplyOptions {
  folder: string
  /** Work that is still going on after so long goes on later, with the folder or with the broker, ms. */
  waitMs: number
  signal: AbortSignal
  note(what: string): void
}

const LOOK_MS = 200

/**
 * Takes in a carried folder as if the console had said it over the broker.
 *
 * INVARIANTS
 * 1. Everything that is for this device is checked, every byte of it, before the first of it is taken; a refusal takes nothing.
 * 2. Trust metadata goes first, where only it makes the rest believable. It proves itself, as over the broker.
 * 3. From then on convergence, journal and probation are those of any order. A cut is made good by applying the folder once more.
 * @throws Problem `usb.*` for a folder that cannot be believed: no receipt answers that
 */
export async function applyFolder(parts: ApplyParts, options: ApplyOptions): Promise<Applied> {
  const folder = await believed(parts, options)
  let problem: ProblemReport | null = null
  try {
    const order = readOrder(parts, folder)
    await checkBytes(parts, { folder, order, options })
    await take(parts, { folder, order, options })
  } catch (error) {
    if (options.signal.aborted) throw error
    problem = reportOf(error)
  } finally {
    parts.wire.lay(null)
    parts.trustFrom(null)
  }
  options.note('writing the receipt')
  const { deployments } = standingOf(parts)
  const said = { index: folder.index, carry: folder.carry, problem, deployments, reported: parts.report(parts.clock.now()) }
  try {
    return { carry: folder.carry, problem, deployments, written: writeReceipt(parts, said), unwritten: null }
  } catch (error) {
    return { carry: folder.carry, problem, deployments, written: null, unwritten: reportOf(error) }
  }
}

/** Opens the folder; if its signature is of a key that is not known yet, the metadata beside it may make it known. */
async function believed(parts: ApplyParts, { folder, note }: ApplyOptions): Promise<CarriedFolder> {
  note('reading the index')
  parts.trustFrom(metadataOf((path, maxBytes) => readUnproven(folder, path, maxBytes)))
  try {
    return openCarriedFolder(folder, contextOf(parts))
  } catch (error) {
    const timestamp = isUntrusted(error) ? readUnproven(folder, trustPath('timestamp'), maxMetadataBytes.timestamp) : null
    if (timestamp === null) {
      parts.trustFrom(null)
      throw error
    }
    note('reading the trust metadata')
    await parts.trust.heard(timestamp)
    try {
      return openCarriedFolder(folder, contextOf(parts))
    } catch (second) {
      parts.trustFrom(null)
      throw second
    }
  }
}

function isUntrusted(error: unknown): boolean {
  return error instanceof Problem && error.code === 'usb.untrusted'
}

function contextOf({ identity, journal, trust, clock }: ApplyParts): FolderContext {
  const keys = trust.assignmentKeys()
  const now = Math.max(clock.now(), newestSignedAt(journal.state, keys))
  return { fleet: identity.fleet, device: identity.device, keys, epoch: standingEpoch(journal.state, keys), now }
}

/** The order, checked as the convergence will check it; null: there is none for this device. */
function readOrder({ identity, hardware, journal, trust, clock }: ApplyParts, folder: CarriedFolder): DesiredMessage | null {
  if (folder.own.order === null) return null
  const message = messageIn(folder, folder.own.order, (json) => decodeMessage(desiredMessage, json, 'order'))
  if (message === null) throw new Problem('usb.changed', `${folder.own.order} is not in the index.`)
  const { order } = journal.state
  const keys = trust.assignmentKeys()
  acceptAssignment(message.envelope, {
    ...{ fleet: identity.fleet, device: identity.device, keys, hardware, now: clock.now() },
    known: order === null ? null : { ...order.assignment, payloadHash: order.payloadHash, keyid: order.keyid ?? null },
    newestSignedAt: newestSignedAt(journal.state, keys),
  })
  return message
}

interface Taking {
  folder: CarriedFolder
  order: DesiredMessage | null
  options: ApplyOptions
}

/** Hashes what the device lacks of the order, and everything small. */
async function checkBytes(parts: ApplyParts, { folder, order, options }: Taking): Promise<void> {
  for (const { path } of folder.index.files) if (path.startsWith(`${carryPaths.trust}/`)) folder.read(path, maxMetadataBytes.targets)
  for (const path of [carryPaths.halt, carryPaths.checkpoint]) folder.read(path, carryLimits.messageBytes)
  if (order === null) return
  const wanted = acceptedDigests(order)
  for (const digest of wanted) {
    const lacking = artifactsOf(manifestOf(parts, folder, digest)).filter(({ entry }) => !parts.store.has(entry.sha256))
    for (const { entry } of lacking) {
      const path = artifactPath(entry.sha256)
      const file = folder.find(path)
      if (file === null) throw new Problem('usb.incomplete', `The folder lacks artifact ${entry.sha256}, and so does the device.`)
      if (file.sizeBytes !== entry.sizeBytes) throw new Problem('usb.changed', `${path} has another size than its bundle says.`)
      options.note(`checking ${(file.sizeBytes / 1e6).toFixed(1)} MB`)
      await folder.verify(path, options.signal)
    }
  }
}

/** Bundles that an order names; it was checked before. */
function acceptedDigests({ envelope }: DesiredMessage): string[] {
  const { deployments } = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as {
    deployments: Record<string, { bundle: { digest: string }; beside?: { bundle: { digest: string } } | null }>
  }
  return [
    ...new Set(
      Object.values(deployments).flatMap(({ bundle, beside }) =>
        beside == null ? [bundle.digest] : [bundle.digest, beside.bundle.digest],
      ),
    ),
  ]
}

function manifestOf({ store, bundles }: ApplyParts, folder: CarriedFolder, digest: string): Manifest {
  if (store.has(digest)) return bundles.manifest(digest)
  const bytes = folder.read(artifactPath(digest), MAX_MANIFEST_BYTES)
  if (bytes === null) throw new Problem('usb.incomplete', `The folder lacks the bundle ${digest}, and so does the device.`)
  return parseManifest(bytes, digest)
}

/** Says to each part what the console would say, then waits until nothing moves any more. */
async function take(parts: ApplyParts, { folder, order, options }: Taking): Promise<void> {
  const { running, trust, sender, spool, witness, wire, clock } = parts
  options.note('taking it in')
  parts.trustFrom(metadataOf((path, maxBytes) => folder.read(path, maxBytes)))
  const timestamp = folder.read(trustPath('timestamp'), maxMetadataBytes.timestamp)
  if (timestamp !== null) await trust.heard(timestamp)
  const halt = messageIn(folder, carryPaths.halt, (json) => decodeMessage(haltMessage, json, 'halt list'))
  if (halt !== null) running.halt(halt)
  const checkpoint = messageIn(folder, carryPaths.checkpoint, (json) => decodeMessage(checkpointMessage, json, 'checkpoint'))
  if (checkpoint !== null) witness.take(checkpoint)
  for (const ack of folder.own.spools) {
    if (ack.spool === spool.id) sender.acknowledged({ v: 1, sentAt: folder.index.createdAt, ...ack })
  }
  wire.lay(folder)
  if (order !== null) running.order(order)
  running.connected()
  const until = clock.monotonic() + options.waitMs
  for (let standing = standingOf(parts); !standing.isSettled && clock.monotonic() < until; standing = standingOf(parts)) {
    options.note(noteOf(standing.deployments, parts))
    await sleep(LOOK_MS, undefined, { signal: options.signal })
  }
}

function noteOf(deployments: Record<string, CarriedOutcome>, { running }: ApplyParts): string {
  const [name] = Object.entries(deployments).find(([, { state }]) => state === 'waiting') ?? []
  const now = name === undefined ? undefined : running.deployments()[name]
  if (now === undefined) return 'working'
  const { progress } = now
  return progress === null ? `${name}: ${now.state}` : `${name}: ${now.state}, ${progress.blocksHave} of ${progress.blocksTotal} blocks`
}

function messageIn<Message>(folder: CarriedFolder, path: string, decode: (json: string) => Message): Message | null {
  const bytes = folder.read(path, carryLimits.messageBytes)
  return bytes === null ? null : decode(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
}

/** Metadata from the folder alone: whoever carries it has no console to ask. */
function metadataOf(read: (path: string, maxBytes: number) => Buffer | null): MetadataSource {
  return { fetch: (fileName, maxBytes) => Promise.resolve(read(trustPath(levelOf(fileName)), maxBytes)) }
}
