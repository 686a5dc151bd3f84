import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assign, type AssignParts } from '../../../../../electron/core/deployments/assign.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { assignment, desiredMessage, type Assignment } from '../../../../../shared/protocol/assignment.ts'
import { enrolled, fleetStore, report, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const YEAR = 365 * 86_400_000

function rig() {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  const parts: AssignParts = {
    store,
    fleet: 'demo',
    keyring: openKeyring(join(temporaryDirectory(), 'keys')),
    reference: () => {
      throw new Error('nothing is deployed here')
    },
  }
  const order = (now: number): Assignment => {
    store.transact(() => assign(parts, 'cam-1', { now }))
    const message = desiredMessage.parse(JSON.parse(store.deployments.assignment('cam-1')!.message))
    return assignment.parse(JSON.parse(Buffer.from(message.envelope.payload, 'base64').toString()))
  }
  return { store, order }
}

describe('an order', () => {
  it('is never issued before an earlier one: a clock that ran ten years ahead and was set right again locks no device out', () => {
    const { order } = rig()
    const ahead = order(T0 + 10 * YEAR)
    const right = order(T0)
    expect(right.counter).toBe(ahead.counter + 1)
    expect(right.issuedAt).toBe(ahead.issuedAt)
    expect(right.expiresAt).toBeGreaterThan(ahead.issuedAt)
  })

  it('is above the one that the device works on, although this console forgot it in a restored backup', () => {
    const { store, order } = rig()
    const counter = Math.floor(T0 / 1000) + 5000
    store.devices.noteReport(report('cam-1', { assignmentCounter: counter }), T0)
    expect(order(T0).counter).toBe(counter + 1)
  })

  it('does not follow a counter that no console can have given', () => {
    const { store, order } = rig()
    store.devices.noteReport(report('cam-1', { assignmentCounter: Number.MAX_SAFE_INTEGER }), T0)
    expect(order(T0).counter).toBe(Math.floor(T0 / 1000))
  })
})
