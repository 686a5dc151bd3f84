import { randomUUID } from 'node:crypto'
import { messageOf } from '../../../shared/domain/problem.ts'
import { checkpoint, checkpointMessage, type Checkpoint, type CheckpointMessage } from '../../../shared/protocol/checkpoint.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Keyring } from '../trust/keys.ts'

/** Entries after which a checkpoint is signed, whatever the time. */
export const CHECKPOINT_ENTRIES = 1000
/** The longest time that an entry waits for a checkpoint. */
export const CHECKPOINT_MS = 3_600_000
const LOOK_MS = 30_000

interface KeeperParts {
  store: Pick<FleetStore, 'audit' | 'auditWitnesses' | 'outbox' | 'transact'>
  fleet: string
  keyring: Keyring
  now(): number
  onOutbox(): void
  /** A checkpoint was stored. */
  onSigned?(): void
  changed(): void
  log: Log
}

/** Signs what the audit log is, now and then, and sends it to the devices. */
export interface CheckpointKeeper {
  /** Signs the log as it is, if anything was added since the last time. @throws Problem `audit.damaged` */
  sign(): void
  /** Signs if it is time to. */
  look(): void
  /** The broker has lost what it retained. */
  resend(at: number): void
  stop(): void
}

/**
 * INVARIANTS
 * 1. A checkpoint and its message are stored in one transaction; the one of a full thousand in that of its last entry.
 * 2. A log that cannot be signed stops nobody from working: it is told, and tried again.
 */
export function startCheckpoints(parts: KeeperParts): CheckpointKeeper {
  const { store, log } = parts
  const { audit, auditWitnesses: table } = store
  /** When the oldest entry was added that no checkpoint covers; null: there is none. */
  const oldestOpen = (): number | null => audit.after(table.newest()?.size ?? 0, 1)[0]?.at ?? null

  const put = (at: number): void => {
    const size = audit.size()
    const before = table.newest()
    if (size === 0 || size <= (before?.size ?? 0)) return
    const message = signed(parts, { size, at, before })
    table.addCheckpoint({ ...message.row, at, message: message.json })
    parts.onSigned?.()
    send(message.json, at)
  }
  const send = (json: string, at: number): void => {
    const { qos, retain } = topics.checkpoint
    const topic = topicOf(parts.fleet, 'checkpoint', {})
    store.outbox.put({ key: 'checkpoint', topic, payload: Buffer.from(json), qos, retain, createdAt: at })
  }
  const told = (): void => {
    parts.onOutbox()
    parts.changed()
  }
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      log('error', 'the audit log was not signed', { reason: messageOf(error) })
    }
  }
  const sign = (): void => {
    store.transact(() => put(parts.now()))
    told()
  }
  audit.onAppended((size, at) => {
    if (size - (table.newest()?.size ?? 0) < CHECKPOINT_ENTRIES) return
    attempt(() => put(at))
    setImmediate(told)
  })
  const look = (): void => {
    const oldest = oldestOpen()
    if (oldest !== null && parts.now() - oldest >= CHECKPOINT_MS) attempt(sign)
  }
  const timer = setInterval(look, LOOK_MS)
  return {
    sign,
    look,
    resend(at) {
      const newest = table.newest()
      // One that was signed under another id of the fleet is no business of devices that know it by this one.
      if (newest !== null && fleetOf(newest.message) === parts.fleet) send(newest.message, at)
    },
    stop: () => clearInterval(timer),
  }
}

/** The newest that an admin has accepted: devices that keep one may go on. */
function acceptedHeads({ auditWitnesses }: KeeperParts['store']): Checkpoint['accepted'] {
  const accepted = auditWitnesses.contradictions().filter(({ acceptedAt }) => acceptedAt !== null)
  return [...new Map(accepted.map(({ size, root }) => [`${size} ${root}`, { size, root }])).values()].slice(-MOST_ACCEPTED)
}

const MOST_ACCEPTED = 20

function fleetOf(message: string): string {
  const { envelope } = checkpointMessage.parse(JSON.parse(message))
  return checkpoint.parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))).fleet
}

function signed(
  { store, fleet, keyring }: KeeperParts,
  { size, at, before }: { size: number; at: number; before: { size: number; root: string } | null },
): { row: { size: number; root: string; keyId: string }; json: string } {
  const view = store.audit.tree.view()
  const payload: Checkpoint = checkpoint.parse({
    ...{ v: 1, fleet, size, root: view.root(size), head: store.audit.head().hash, issuedAt: at },
    accepted: acceptedHeads(store),
    previous:
      before === null
        ? null
        : {
            ...{ size: before.size, root: before.root },
            proof: view.consistency(before.size, size).map((one) => Buffer.from(one).toString('base64')),
          },
  })
  const bytes = Buffer.from(JSON.stringify(payload))
  const signatures = keyring.sign(payloadTypes.checkpoint, bytes)
  const message: CheckpointMessage = {
    ...{ v: WIRE_VERSION, sentAt: at, id: randomUUID() },
    envelope: { payloadType: payloadTypes.checkpoint, payload: bytes.toString('base64'), signatures },
  }
  return { row: { size, root: payload.root, keyId: signatures[0]?.keyid ?? '' }, json: JSON.stringify(message) }
}
