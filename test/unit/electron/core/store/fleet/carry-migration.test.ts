import { expect, it } from 'vitest'
import { openCarryTable, type ReceiptRow } from '../../../../../../electron/core/store/fleet/carries.ts'
import { enrolled, fleetStore, T0 } from '../../../../../harness/fleet.ts'

function receipt(change: Partial<ReceiptRow>): ReceiptRow {
  return {
    ...{ device: 'cam-1', hash: 'a', carryNumber: 1, receiptNumber: 1, issuedAt: T0, importedAt: T0, actor: 'cli:anna' },
    ...{ applied: null, deployments: {}, records: 3 },
    ...change,
  }
}

it('finds the newest receipt of a device, and those of an export, by index', () => {
  const { db } = fleetStore()
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  const newest = "SELECT * FROM carry_receipt WHERE device = 'x' ORDER BY carry_number DESC, receipt_number DESC LIMIT 1"
  expect(plan(newest)).toContain('USING INDEX carry_receipt_in_order')
  expect(plan('SELECT count(DISTINCT device) FROM carry_receipt WHERE carry_number = 7')).toContain('carry_receipt_by_export')
})

it('keeps each receipt once, tells the newest whatever came last, and forgets them with their device', () => {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  const { carries } = store
  const row = { number: 2, createdAt: T0, expiresAt: T0 + 1, actor: 'cli:anna', folder: '/stick', devices: ['cam-1'], bytes: 0 }
  carries.add({ ...row, state: 'writing' })
  carries.putReceipt(receipt({ hash: 'b', carryNumber: 2 }))
  carries.putReceipt(receipt({ hash: 'a', carryNumber: 1, receiptNumber: 9 }))
  carries.putReceipt(receipt({ hash: 'b', carryNumber: 2, records: 99 }))
  expect(carries.lastReceipts()).toMatchObject([{ hash: 'b', records: 3 }])
  expect(carries.newest(10)).toMatchObject([{ number: 2, state: 'writing', answered: 1 }])
  // A console that starts again will not finish what was cut off.
  expect(openCarryTable(store.db).newest(10)).toMatchObject([{ state: 'failed' }])
  expect(carries.highest()).toBe(2)
  store.transact(() => store.devices.remove('cam-1'))
  expect(carries.lastReceipts()).toEqual([])
})
