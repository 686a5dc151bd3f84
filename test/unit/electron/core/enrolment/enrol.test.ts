import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createEnrolmentCode } from '../../../../../electron/core/enrolment/codes.ts'
import { answerEnrolment } from '../../../../../electron/core/enrolment/enrol.ts'
import type { FleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { deviceId } from '../../../../../shared/domain/ids.ts'
import { enrolResultProofText, parseEnrolmentCode, type EnrolResultMessage } from '../../../../../shared/protocol/enrolment.ts'
import { enrolled, enrolRequest, fleetStore, T0 } from '../../../../harness/fleet.ts'

const trust = { bundle: [`${'A'.repeat(43)}=`], assignment: [`${'B'.repeat(43)}=`] }

function codeFor(store: FleetStore, device: string | null = null): string {
  return store.transact(() => createEnrolmentCode(store, { fleet: 'plant-7', device, labels: { site: 'lyon' }, minutes: 10, now: T0 })).code
}

function answer(store: FleetStore, request: ReturnType<typeof enrolRequest>, now = T0): EnrolResultMessage {
  return answerEnrolment(store, request, { fleet: 'plant-7', trust, now })
}

function outcome(result: EnrolResultMessage): string {
  return result.ok ? `enrolled ${result.device}` : result.error.code
}

describe('a one-time code', () => {
  test('lets one device in, with its labels, and the answer proves that the console knows the code', () => {
    const store = fleetStore()
    const code = codeFor(store)
    const result = answer(store, enrolRequest(code))
    expect(outcome(result)).toBe('enrolled cam-12')
    if (!result.ok) return
    expect(result.proof).toBe(createHmac('sha256', parseEnrolmentCode(code)!.secret).update(enrolResultProofText(result)).digest('hex'))
    expect(store.devices.find('cam-12')).toMatchObject({ labels: { site: 'lyon' }, status: 'never-seen', secretHash: 'a'.repeat(64) })
  })

  test('is burned by its use: a second device with it is refused, the first one may ask again', () => {
    const store = fleetStore()
    const code = codeFor(store)
    const first = enrolRequest(code)
    const given = answer(store, first)
    expect(answer(store, first)).toEqual(given)
    expect(outcome(answer(store, enrolRequest(code, { request: 's'.repeat(16), device: deviceId.parse('cam-13') })))).toBe(
      'enrolment.code-invalid',
    )
    expect(store.devices.all().map((row) => row.device)).toEqual(['cam-12'])
  })

  test('a repeated request id with another proof learns nothing', () => {
    const store = fleetStore()
    const code = codeFor(store)
    answer(store, enrolRequest(code))
    expect(outcome(answer(store, enrolRequest(code, { proof: 'f'.repeat(64) })))).toBe('enrolment.code-invalid')
  })

  test('five wrong proofs burn it', () => {
    const store = fleetStore()
    const code = codeFor(store)
    const wrong = Array.from({ length: 5 }, (_, i) =>
      outcome(answer(store, enrolRequest(code, { request: `${'q'.repeat(15)}${i}`, proof: 'f'.repeat(64) }))),
    )
    expect(new Set(wrong)).toEqual(new Set(['enrolment.code-invalid']))
    expect(outcome(answer(store, enrolRequest(code)))).toBe('enrolment.code-invalid')
    expect(store.devices.all()).toEqual([])
  })

  test('expires', () => {
    const store = fleetStore()
    const code = codeFor(store)
    expect(outcome(answer(store, enrolRequest(code), T0 + 10 * 60_000))).toBe('enrolment.code-expired')
  })

  test('for any device does not take over an enrolled one; a code for that device does', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    expect(outcome(answer(store, enrolRequest(codeFor(store))))).toBe('enrolment.id-taken')
    const named = enrolRequest(codeFor(store, 'cam-12'), { request: 't'.repeat(16), secretHash: 'c'.repeat(64) })
    expect(outcome(answer(store, named))).toBe('enrolled cam-12')
    expect(store.devices.find('cam-12')?.secretHash).toBe('c'.repeat(64))
  })

  test('made for a device gives that id, whatever the device would like', () => {
    const store = fleetStore()
    expect(outcome(answer(store, enrolRequest(codeFor(store, 'press-1'))))).toBe('enrolled press-1')
  })
})
