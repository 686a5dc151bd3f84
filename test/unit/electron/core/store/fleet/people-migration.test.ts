import { expect, it } from 'vitest'
import { fleetStore } from '../../../../../harness/fleet.ts'

it('finds what somebody comes in with, and what belongs to an account, by index', () => {
  const { db } = fleetStore()
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  for (const table of ['session', 'token']) expect(plan(`SELECT * FROM ${table} WHERE hash = 'x'`)).toMatch(/SEARCH \w+ USING INDEX/)
  expect(plan("SELECT * FROM session WHERE account = 'x'")).toContain('USING INDEX session_by_account')
  expect(plan("SELECT * FROM passkey WHERE account = 'x'")).toContain('USING INDEX passkey_by_account')
  expect(plan("SELECT * FROM account WHERE subject = 'x'")).toMatch(/SEARCH account USING INDEX/)
})

it('takes no role that there is none of, and an account once', () => {
  const { accounts } = fleetStore()
  const row = {
    name: 'anna',
    displayName: 'Anna',
    role: 'admin' as const,
    handle: 'h',
    password: null,
    subject: null,
    addedAt: 1,
    addedBy: 'x',
  }
  accounts.add(row)
  expect(() => accounts.add({ ...row, handle: 'i' })).toThrow(/UNIQUE/)
  expect(() => accounts.add({ ...row, name: 'ben', handle: 'i', role: 'root' as never })).toThrow(/CHECK/)
  expect(accounts.all()).toMatchObject([{ name: 'anna', isDisabled: false, signedInAt: null }])
})
