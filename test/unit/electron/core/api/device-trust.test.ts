import { expect, it } from 'vitest'
import { deviceTrustHandlers } from '../../../../../electron/core/api/device-trust.ts'
import { devicesHandlers } from '../../../../../electron/core/api/devices.ts'
import type { ApiParts } from '../../../../../electron/core/api/parts.ts'
import { createEnrolmentCode } from '../../../../../electron/core/enrolment/codes.ts'
import { answerEnrolment, type EnrolContext } from '../../../../../electron/core/enrolment/enrol.ts'
import type { CommandContext } from '../../../../../shared/rpc/dispatch.ts'
import { deviceId } from '../../../../../shared/domain/ids.ts'
import { enrolled, enrolRequest, fleetStore, T0 } from '../../../../harness/fleet.ts'

const trust = { bundle: [`${'A'.repeat(43)}=`], assignment: [`${'B'.repeat(43)}=`] }

/** Handlers over a real store with cam-1 in it. */
function stage() {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  const told: string[] = []
  const parts = {
    ...{ store, now: () => T0 + 1, onDevicesChanged: () => void told.push('devices'), onCodesChanged: () => void told.push('codes') },
    ...{ changed: () => undefined, onOutbox: () => undefined },
  } as unknown as ApiParts
  const context = { caller: { actor: 'web:anna', role: 'admin' }, afterCommit: (work: () => void) => work() } as unknown as CommandContext
  const handlers = { ...devicesHandlers(parts), ...deviceTrustHandlers(parts) }
  const code = () =>
    store.transact(() => createEnrolmentCode(store, { fleet: 'plant-7', device: 'cam-1', labels: {}, minutes: 60, now: T0 })).code
  const base: EnrolContext = { fleet: 'plant-7', trust, now: T0 + 2 }
  const use = (text: string, request = 'r'.repeat(16)) => {
    const answer = answerEnrolment(store, enrolRequest(text, { device: deviceId.parse('cam-1'), request }), base)
    return answer.ok ? 'in' : answer.error.code
  }
  return { store, told, context, handlers, code, use, base }
}

const shuts = {
  revoked: ({ handlers, context }: ReturnType<typeof stage>) =>
    handlers['devices.revoke']({ device: 'cam-1', reason: 'stolen' } as never, context),
  'put in quarantine': ({ handlers, context }: ReturnType<typeof stage>) =>
    handlers['devices.quarantine']({ device: 'cam-1', reason: 'odd' } as never, context),
  removed: ({ handlers, context }: ReturnType<typeof stage>) => handlers['devices.remove']({ device: 'cam-1' } as never, context),
}

it.each(Object.entries(shuts))(
  'a code that was made for a device before it was %s lets nobody in; one that is made afterwards does',
  (_, shut) => {
    const desk = stage()
    const before = desk.code()
    desk.store.transact(() => shut(desk))
    expect([desk.use(before), desk.told.includes('codes')]).toEqual(['enrolment.code-invalid', true])
    expect(desk.use(desk.code(), 'q'.repeat(16))).toBe('in')
  },
)

it('whoever waits for a person as a device that is shut out is refused, also when somebody has confirmed it', () => {
  const desk = stage()
  const waiting = enrolRequest(desk.code(), { device: deviceId.parse('cam-1') })
  desk.store.pending.add({
    ...{ request: waiting.request, codeId: waiting.codeId, device: 'cam-1', isBound: true, secret: 's', labels: {}, askedAt: T0 },
    ...{ fingerprint: 'f', message: JSON.stringify(waiting) },
  })
  desk.store.pending.confirm(waiting.request, 'web:anna')
  desk.store.transact(() => shuts.revoked(desk))
  const answer = answerEnrolment(desk.store, waiting, desk.base)
  expect(answer).toMatchObject({ ok: false, error: { code: 'enrolment.refused' } })
  expect(desk.store.deviceTrust.find('cam-1')?.revoked).toMatchObject({ why: 'stolen' })
})

it('an id that a guest at the broker could take is given to no new device', () => {
  const { store, base } = stage()
  const wish = { fleet: 'plant-7', labels: {}, minutes: 60, now: T0 }
  expect(() => createEnrolmentCode(store, { ...wish, device: 'enrol-017' })).toThrow(/Ids that begin with enrol-/)
  const { code } = createEnrolmentCode(store, { ...wish, device: null })
  const request = enrolRequest(code, { device: deviceId.parse('enrol-017') })
  expect(answerEnrolment(store, request, base)).toMatchObject({ ok: false, error: { code: 'input.invalid' } })
  enrolled(store, 'enrol-018')
  expect(createEnrolmentCode(store, { ...wish, device: 'enrol-018' }).codeId).toHaveLength(6)
})
