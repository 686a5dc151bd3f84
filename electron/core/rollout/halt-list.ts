import { randomUUID } from 'node:crypto'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { haltList, type HaltList, type HaltMessage } from '../../../shared/protocol/halt.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import { nextCounter } from '../deployments/assign.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Keyring } from '../trust/keys.ts'
import type { Halts } from './halts.ts'

interface HaltListParts {
  store: Pick<FleetStore, 'settings' | 'outbox'>
  fleet: string
  keyring: Keyring
}

/** What was signed last; it is sent again as it is. */
export interface StoredHaltList {
  counter: number
  halts: HaltList['halts']
  /** JSON of the `halt` message. */
  message: string
}

/** The brake of the fleet: one signed list, retained by the broker. */
export function openHaltList(parts: HaltListParts): Halts & { resend(at: number): void; resign(at: number): void } {
  const send = (message: string, at: number): void => {
    const { qos, retain } = topics.halt
    const topic = topicOf(parts.fleet, 'halt', {})
    parts.store.outbox.put({ key: 'halt', topic, payload: Buffer.from(message), qos, retain, createdAt: at })
  }
  const listOf = (halted: Parameters<Halts['set']>[0], at: number): HaltList =>
    haltList.parse({
      ...{ v: 1, fleet: parts.fleet, counter: nextCounter(parts.store.settings.get('haltList')?.counter ?? 0, at), issuedAt: at },
      halts: [...halted].sort((a, b) => a.rollout - b.rollout),
    })
  const give = (list: HaltList, at: number): void => {
    const message = signed(parts.keyring, list, at)
    parts.store.settings.set('haltList', { counter: list.counter, halts: list.halts, message })
    send(message, at)
  }
  return {
    set(halted, at) {
      const list = listOf(halted, at)
      if (!isSame(parts.store.settings.get('haltList')?.halts ?? [], list.halts)) give(list, at)
    },
    /** Signs the list anew as it is: after a restore devices know a newer one. Call it in a transaction. */
    resign(at) {
      const before = parts.store.settings.get('haltList')
      if (before !== undefined) give(listOf(before.halts, at), at)
    },
    /** The broker has lost what it retained, as the embedded one does with every start. */
    resend(at) {
      const before = parts.store.settings.get('haltList')
      if (before !== undefined) send(before.message, at)
    },
  }
}

function signed(keyring: Keyring, list: HaltList, at: number): string {
  const bytes = Buffer.from(JSON.stringify(list))
  const message: HaltMessage = {
    ...{ v: WIRE_VERSION, sentAt: at, id: randomUUID() },
    envelope: { payloadType: payloadTypes.halt, payload: bytes.toString('base64'), signatures: keyring.sign(payloadTypes.halt, bytes) },
  }
  return JSON.stringify(message)
}

function isSame(a: HaltList['halts'], b: HaltList['halts']): boolean {
  const keys = (halts: HaltList['halts']): string =>
    JSON.stringify(halts.map(({ rollout, deployment, digest, since, reason }) => [rollout, deployment, digest, since, reason]))
  return keys(a) === keys(b)
}
