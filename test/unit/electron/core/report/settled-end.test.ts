import { expect, test } from 'vitest'
import { settledEnd } from '../../../../../electron/core/report/settled-end.ts'
import { T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR } from '../../../../harness/report-desk.ts'

const MINUTE = 60_000

test('a period whose end nobody says ends with the last whole hour that has had time to arrive', () => {
  expect(settledEnd(T0, T0 + DAY + 20 * MINUTE)).toBe(T0 + DAY)
  expect(settledEnd(T0, T0 + DAY + 10 * MINUTE)).toBe(T0 + DAY - HOUR)
})

test('a short period is one of what happens now', () => {
  expect(settledEnd(T0, T0 + 6 * HOUR + 10 * MINUTE)).toBe(T0 + 6 * HOUR + 10 * MINUTE)
  expect(settledEnd(T0, T0 + 10 * MINUTE)).toBe(T0 + 10 * MINUTE)
})
