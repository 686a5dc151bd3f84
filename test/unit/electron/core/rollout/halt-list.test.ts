import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEnvelope, trustedKeys } from '../../../../../agent/trust/verify.ts'
import { openHaltList } from '../../../../../electron/core/rollout/halt-list.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { payloadTypes } from '../../../../../shared/protocol/envelope.ts'
import { haltList, haltMessage, type HaltList } from '../../../../../shared/protocol/halt.ts'
import { fleetStore, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

function desk() {
  const store = fleetStore()
  const keyring = openKeyring(join(temporaryDirectory(), 'keys'))
  const halts = openHaltList({ store, keyring, fleet: 'plant' })
  /** What waits to be said: the list as a device reads it. */
  const waiting = (): { topic: string; retain: number; list: HaltList }[] =>
    store.outbox.next(0, 10).map(({ topic, retain, payload }) => {
      const { envelope } = haltMessage.parse(JSON.parse(payload.toString()))
      const bytes = openEnvelope(envelope, payloadTypes.halt, trustedKeys(keyring.roots().assignment))
      return { topic, retain, list: haltList.parse(JSON.parse(bytes!.toString())) }
    })
  return { store, halts, waiting }
}

const halted = { rollout: 7, deployment: 'reader', digest: 'a'.repeat(64), since: T0, reason: 'too slow' }

describe('the halt list of a fleet', () => {
  it('is signed, retained, and said once for one state', () => {
    const { store, halts, waiting } = desk()
    halts.set([halted], T0)
    expect(waiting()).toEqual([
      {
        topic: 'muster/1/plant/halt',
        retain: 1,
        list: { v: 1, fleet: 'plant', counter: Math.floor(T0 / 1000), issuedAt: T0, halts: [halted] },
      },
    ])
    store.outbox.clear()
    halts.set([halted], T0 + 5000)
    expect(waiting()).toEqual([])
  })

  it('counts up also within a second, and lets go with an empty list', () => {
    const { halts, waiting } = desk()
    halts.set([halted], T0)
    halts.set([], T0 + 1)
    expect(waiting().map(({ list }) => [list.counter, list.halts])).toEqual([[Math.floor(T0 / 1000) + 1, []]])
  })

  it('says nothing in a fleet that never halted anything', () => {
    const { halts, waiting } = desk()
    halts.set([], T0)
    halts.resend(T0)
    expect(waiting()).toEqual([])
  })

  it('is said again as it was signed when the broker has lost it', () => {
    const { store, halts, waiting } = desk()
    halts.set([halted], T0)
    const first = waiting()
    store.outbox.clear()
    halts.resend(T0 + 60_000)
    expect(waiting()).toEqual(first)
  })
})
