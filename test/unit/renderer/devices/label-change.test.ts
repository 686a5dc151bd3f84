import { describe, expect, test } from 'vitest'
import { keyProblem, labelChange, labelsOf, labelsProblem } from '../../../../renderer/screens/devices/label-change.ts'

describe('labels in a form', () => {
  test('only what differs is changed, what is gone is cleared', () => {
    expect(labelChange({ site: 'lyon', line: '3', camera: '' }, { site: 'oslo', camera: '', new: '' })).toEqual({
      line: null,
      site: 'oslo',
      new: '',
    })
    expect(labelChange({ site: 'lyon' }, { site: 'lyon' })).toEqual({})
  })

  test('names of the prototype are labels like others', () => {
    expect(labelChange({}, { constructor: 'x' })).toEqual({ constructor: 'x' })
    expect(labelChange({ constructor: 'x' }, {})).toEqual({ constructor: null })
  })

  test('empty rows do not count, spaces around do not either', () => {
    expect(
      labelsOf([
        { key: ' site ', value: ' lyon ' },
        { key: '', value: '' },
      ]),
    ).toEqual({ site: 'lyon' })
    expect(labelsProblem([{ key: '', value: '' }])).toBeNull()
  })

  test.each([
    { rows: [{ key: '', value: 'lyon' }], says: 'needs a name' },
    { rows: [{ key: 'Site', value: '' }], says: '1 to 64' },
    {
      rows: [
        { key: 'site', value: 'a' },
        { key: 'site ', value: 'b' },
      ],
      says: 'twice',
    },
    { rows: [{ key: 'site', value: 'x'.repeat(257) }], says: 'longer than 256' },
  ])('refused: $says', ({ rows, says }) => {
    expect(labelsProblem(rows)).toContain(says)
  })

  test('names', () => {
    expect(['site', 'a_b-c', '3rd'].map(keyProblem)).toEqual([null, null, null])
    for (const name of ['', '-a', 'ö', 'a b', 'x'.repeat(65)]) expect(keyProblem(name)).not.toBeNull()
  })
})
