import { expect, it } from 'vitest'
import { enrolled, fleetStore, T0 } from '../../../../../harness/fleet.ts'

it('finds the certificates of a device and what was taken back by index', () => {
  const { db } = fleetStore()
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  expect(plan("SELECT * FROM device_certificate WHERE device = 'x' ORDER BY issued_at")).toContain(
    'USING INDEX device_certificate_by_device',
  )
  expect(plan('SELECT serial FROM device_certificate WHERE revoked_at IS NOT NULL')).toContain('device_certificate_revoked')
})

it('keeps marks with their device, clears them when it joins anew, and the list of devices says so', () => {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  store.transact(() => store.deviceTrust.quarantine('cam-1', { at: T0, by: 'cli:anna', why: 'odd' }))
  expect(store.roster.entry('cam-1')?.state).toMatchObject({ health: 'attention', cause: 'quarantined' })
  store.transact(() => store.deviceTrust.revoke('cam-1', { at: T0, by: 'cli:anna', why: 'stolen' }))
  expect(store.roster.entry('cam-1')?.state).toMatchObject({ health: 'offline', cause: 'revoked' })
  store.transact(() => store.deviceTrust.admit('cam-1'))
  expect(store.deviceTrust.find('cam-1')).toMatchObject({ revoked: null, quarantined: null, cloned: null })
  expect(store.roster.entry('cam-1')?.state.cause).toBe('never-seen')
  store.transact(() => store.devices.remove('cam-1'))
  expect(store.deviceTrust.find('cam-1')).toBeNull()
})
