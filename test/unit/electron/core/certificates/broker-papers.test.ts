import { expect, it } from 'vitest'
import { brokerPapersGuard, noteBrokerPapers, noteRevocationList } from '../../../../../electron/core/certificates/broker-papers.ts'
import { lifeDays } from '../../../../../electron/core/certificates/authority.ts'
import type { BrokerOptions } from '../../../../../electron/core/hub/messages.ts'
import { enrolled, fleetStore, T0 } from '../../../../harness/fleet.ts'

const DAY = 86_400_000
const mosquitto: BrokerOptions = { kind: 'external', url: 'mqtts://broker:8883', username: null, password: null }

function stage() {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  const row = { fingerprint: 'f', certificate: 'p', notBefore: T0, notAfter: T0 + 90 * DAY, issuedAt: T0, device: 'cam-1' }
  store.certificates.add({ ...row, serial: 'aa' })
  store.certificates.add({ ...row, serial: 'bb' })
  noteBrokerPapers(store, T0 + lifeDays.server * DAY, T0)
  return { store, guard: (at: number, broker = mosquitto) => brokerPapersGuard(store, broker, at) }
}

it('the papers of a broker that others run are asked for before they end: first its certificate, then its list', () => {
  const { store, guard } = stage()
  expect(guard(T0 + DAY)).toMatchObject({ state: 'on', sentence: expect.stringContaining('2027-01-01') })
  expect(guard(T0 + 334 * DAY)).toMatchObject({ state: 'on' })
  expect(guard(T0 + 336 * DAY)).toMatchObject({
    ...{ state: 'attention', sentence: expect.stringMatching(/certificate of the broker ends on 2027-01-01/) },
    action: { command: expect.stringContaining('mosquitto-config') },
  })
  expect(guard(T0 + 366 * DAY)).toMatchObject({ sentence: expect.stringMatching(/ended on 2027-01-01/) })
  noteBrokerPapers(store, T0 + 10 * 365 * DAY, T0)
  expect(guard(T0 + 371 * DAY)).toMatchObject({ state: 'attention', action: { command: expect.stringContaining('broker revoked') } })
  noteRevocationList(store, T0 + 371 * DAY)
  expect(guard(T0 + 372 * DAY)).toMatchObject({ state: 'on' })
})

it('a device that was revoked since its list was written is named, until the list is written; what was only replaced is not', () => {
  const { store, guard } = stage()
  store.certificates.noteUse('bb', T0 + 1)
  store.certificates.revoke('aa', T0 + 1, 'superseded')
  expect(guard(T0 + 2)).toMatchObject({ state: 'on' })
  store.certificates.revokeAll('cam-1', T0 + 3, 'stolen')
  expect(guard(T0 + 4)).toMatchObject({ state: 'attention', sentence: expect.stringMatching(/^cam-1 was shut out .* restarted\.$/) })
  noteRevocationList(store, T0 + 5)
  expect(guard(T0 + 6)).toMatchObject({ state: 'on' })
})

it('no row for a broker of the console, or one that Muster made nothing for', () => {
  const { guard } = stage()
  expect(guard(T0, { kind: 'embedded', host: '127.0.0.1', port: 1883 })).toBeNull()
  expect(guard(T0, { ...mosquitto, url: 'mqtt://127.0.0.1:1883' })).toBeNull()
  expect(brokerPapersGuard(fleetStore(), mosquitto, T0)).toBeNull()
})
