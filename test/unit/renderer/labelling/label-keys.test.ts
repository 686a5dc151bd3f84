import { describe, expect, test } from 'vitest'
import { findLabels, labelKeys } from '../../../../renderer/screens/labelling/label-keys.ts'

describe('keys of classes', () => {
  test('classes of one sign have their own key', () => {
    expect(labelKeys(['0', '7', 'B'])).toEqual([
      { key: '0', label: '0' },
      { key: '7', label: '7' },
      { key: 'b', label: 'B' },
    ])
  })

  test('others are numbered through, and go on with letters that are free', () => {
    const labels = Array.from({ length: 14 }, (_, i) => `class ${i}`)
    expect(
      labelKeys(labels)!
        .map(({ key }) => key)
        .join(''),
    ).toBe('1234567890abde')
    const all = labelKeys(Array.from({ length: 26 }, (_, i) => `class ${i}`))!.map(({ key }) => key)
    expect(new Set(all).size).toBe(26)
    expect(all.every((key) => /^[0-9a-z]$/.test(key))).toBe(true)
  })

  test('keys of the console stay free, also where a class is named like one', () => {
    const keys = labelKeys(['s', 'u', 'g'])!.map(({ key }) => key)
    expect(keys).toEqual(['1', '2', '3'])
    for (const taken of ['c', 'g', 's', 't', 'u'])
      expect(labelKeys(Array.from({ length: 26 }, (_, i) => `k${i}`))!.some(({ key }) => key === taken)).toBe(false)
  })

  test('too many classes, and values, are typed', () => {
    expect(labelKeys([])).toBeNull()
    expect(labelKeys(Array.from({ length: 27 }, (_, i) => `k${i}`))).toBeNull()
  })

  test('a label is found by how it begins, then by what is in it', () => {
    expect(findLabels(['hawk', 'sparrowhawk', 'owl', 'Hawfinch'], 'haw')).toEqual(['hawk', 'Hawfinch', 'sparrowhawk'])
    expect(findLabels(['a', 'b'], '')).toEqual(['a', 'b'])
  })
})
