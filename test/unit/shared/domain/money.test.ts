import { expect, test } from 'vitest'
import { moneyText } from '../../../../shared/domain/money.ts'

test.each([
  [0, '0.00 EUR'],
  [12.3, '12.30 EUR'],
  [1234567.891, '1,234,567.89 EUR'],
  [0.01, '0.01 EUR'],
  [0.0042, '0.0042 EUR'],
  [0.000017925, '0.000018 EUR'],
  [8e-11, '0.000000000080 EUR'],
  [-3.5, '-3.50 EUR'],
])('%d is %s', (amount, text) => {
  expect(moneyText(amount, 'EUR')).toBe(text)
})
