import { expect, test } from 'vitest'
import {
  exactPrice,
  microsOf,
  moneyOfCompute,
  moneyOfStorage,
  moneyOfTransfer,
  monthParts,
} from '../../../../../electron/core/costs/exact-money.ts'

const day = (text: string): number => Date.parse(text) / 86_400_000

test('a tenth of a cent a thousand times is a tenth of a thousand cents: sums do not drift', () => {
  const one = BigInt(100_000) * exactPrice(10)
  let sum = 0n
  let drifting = 0
  for (let at = 0; at < 1000; at += 1) {
    sum += one
    drifting += moneyOfTransfer(one)
  }
  expect(moneyOfTransfer(one)).toBe(0.001)
  expect(moneyOfTransfer(sum)).toBe(1)
  expect(drifting).not.toBe(1)
})

test.each([
  { what: '2.5 GB at 4 a gigabyte', money: () => moneyOfTransfer(2_500_000_000n * exactPrice(4)), is: 10 },
  { what: 'one byte at 0.08 a gigabyte', money: () => moneyOfTransfer(exactPrice(0.08)), is: 8e-11 },
  { what: 'an exabyte at 0.01', money: () => moneyOfTransfer(10n ** 18n * exactPrice(0.01)), is: 10_000_000 },
  { what: '90 minutes of CPU at 0.02 an hour', money: () => moneyOfCompute(BigInt(microsOf(5400)), 0.02), is: 0.03 },
  { what: 'nothing', money: () => moneyOfCompute(0n, 5), is: 0 },
])('$what costs $is', ({ money, is }) => {
  expect(money()).toBe(is)
})

test.each([
  { month: '2026-01', days: 31 },
  { month: '2026-02', days: 28 },
  { month: '2028-02', days: 29 },
  { month: '2026-04', days: 30 },
])('a gigabyte on the disk on all $days days of $month costs one gigabyte-month', ({ month, days }) => {
  const first = day(`${month}-01T00:00:00Z`)
  let parts = 0n
  for (let at = first; at < first + days; at += 1) parts += 1_000_000_000n * BigInt(monthParts(at))
  expect(moneyOfStorage(parts, 0.25)).toBe(0.25)
})
