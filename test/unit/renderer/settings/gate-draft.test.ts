import { expect, test } from 'vitest'
import { draftOf, freshGate, gatesOf, isSameGates } from '../../../../renderer/screens/settings/gate-draft.ts'

test('gates go through the editor unchanged', () => {
  const gates = [
    { metric: 'accuracy', kind: 'at-least', value: 0.9 },
    { metric: 'logLoss', kind: 'at-most', value: 1 },
  ] as const
  const back = gatesOf(gates.map(draftOf))
  expect(back).toEqual(gates)
  expect(isSameGates(back!, gates)).toBe(true)
  expect(isSameGates(back!, [gates[1], gates[0]])).toBe(false)
})

test('a gate that is not complete is none yet', () => {
  expect(gatesOf([{ ...freshGate, value: '' }])).toBeNull()
  expect(gatesOf([{ ...freshGate, metric: '  ' }])).toBeNull()
  expect(gatesOf([{ ...freshGate, metric: ' mae ' }])).toEqual([{ metric: 'mae', kind: 'not-worse', value: 0.02 }])
  expect(gatesOf([])).toEqual([])
})
