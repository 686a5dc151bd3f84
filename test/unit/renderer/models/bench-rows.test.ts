import { describe, expect, test } from 'vitest'
import { cellOf, parsePasted, textOf, withValues, type BenchRow } from '../../../../renderer/screens/models/bench/bench-rows.ts'
import { isSameAnswer, meetsExpectation, orderedProbabilities } from '../../../../renderer/screens/models/bench/outcome-words.ts'
import { levelOf, pointAfter } from '../../../../renderer/screens/models/bench/picture.ts'
import { pictureOf } from '../../../../shared/domain/picture-shape.ts'
import { emptyTensor, readTensor } from '../../../../renderer/screens/models/bench/tensor-values.ts'

describe('values of a row', () => {
  test('a number goes as a number, an empty box as missing, anything else as it stands', () => {
    expect(['1.5', ' 2e3 ', '', '  ', 'abc', 'NaN', '1,5'].map(cellOf)).toEqual([1.5, 2000, null, null, 'abc', 'NaN', '1,5'])
    expect(cellOf('x'.repeat(999))).toHaveLength(256)
    // A column of texts may hold digits that are no number.
    expect(['007', '-01', '0.5', '0'].map(cellOf)).toEqual(['007', '-01', 0.5, 0])
  })

  test('are shown without the noise of single precision', () => {
    expect([2.46000004, 0, -1e-20, 1235, 0.05].map(textOf)).toEqual(['2.46', '0', '0', '1235', '0.05'])
  })

  test('an edited row is not expected to give the old answer; an unchanged one stays the same object', () => {
    const row: BenchRow = { name: 'Example 1', values: ['1', '2'], expected: { kind: 'import', text: 'cat' } }
    expect(withValues(row, new Map([[1, '3']]))).toEqual({ name: 'Example 1', values: ['1', '3'], expected: null })
    expect(withValues(row, new Map([[1, '2']]))).toBe(row)
  })
})

describe('pasted rows', () => {
  const columns = ['a', 'b']

  test('with a header are found by name, in any order, with the truth and without the rest', () => {
    const { rows, notes, problem } = parsePasted('b,label,a,x\r\n2,cat,1,9\r\n"4",,3,9\r\n', columns, 'label')
    expect(problem).toBeNull()
    expect(rows).toEqual([
      { name: 'Row 1', values: ['1', '2'], expected: { kind: 'truth', text: 'cat' } },
      { name: 'Row 2', values: ['3', '4'], expected: null },
    ])
    expect(notes).toEqual(['Left out: x.'])
  })

  test('without a header stand in the order of the features; one column more is the truth', () => {
    expect(parsePasted('1;2\n3;4', columns, null).rows.map(({ values }) => values)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
    const { rows, notes } = parsePasted('1\t2\tcat', columns, null)
    expect(rows[0]?.expected).toEqual({ kind: 'truth', text: 'cat' })
    expect(notes).toEqual(['The last column was taken for the truth.'])
  })

  test.each([
    ['', 'There is no row.'],
    ['a,b', 'There is a header, but no row.'],
    ['a,c\n1,2', 'Columns are missing: b.'],
    ['1,2,3,4', 'A row has 4 cells; the model takes 2 features.'],
    ['1,2\n3', 'Row 2 has 1 cells; the first has 2.'],
  ])('%j is refused: %s', (text, says) => {
    expect(parsePasted(text, columns, null)).toMatchObject({ rows: [], problem: says })
  })

  test('beyond a hundred are left out, and that is said; quotes may hold commas and line ends', () => {
    const many = parsePasted('1,2\n'.repeat(130), columns, null)
    expect(many.rows).toHaveLength(100)
    expect(many.notes).toEqual(['The first 100 of 130 rows were taken.'])
    expect(parsePasted('a,b\n"1,\n""x""",2', columns, null).rows[0]?.values).toEqual(['1,\n"x"', '2'])
  })
})

describe('features that are a picture', () => {
  const points = (name: (row: number, column: number, i: number) => string, side = 4) =>
    Array.from({ length: side * side }, (_, i) => ({ name: name(Math.floor(i / side), i % side, i), min: 0, max: i === 5 ? 16 : 8 }))

  test('are told by names with row and column, or by a word for points with a number', () => {
    expect(pictureOf(points((row, column) => `pixel_${row}_${column}`))).toEqual({ side: 4, low: 0, high: 16 })
    expect(pictureOf(points((row, column) => `p${row + 1}x${column + 1}`))?.side).toBe(4)
    expect(pictureOf(points((_row, _column, i) => `px${i}`))?.side).toBe(4)
  })

  test('are not taken for one by their count alone', () => {
    expect(pictureOf(points((_row, _column, i) => `sensor${i}`))).toBeNull()
    expect(pictureOf(points((row, column) => `pixel_${column}_${row}`))).toBeNull()
    expect(pictureOf(points((row, column) => `pixel_${row}_${column}`).slice(1))).toBeNull()
    expect(pictureOf(points((row, column) => `pixel_${row}_${column}`, 3))).toBeNull()
  })

  test('are as dark as their value, within the range; keys move within the picture', () => {
    const shape = { side: 4, low: 0, high: 16 }
    expect(['8', '16', '99', '-3', '', 'abc'].map((text) => levelOf(shape, text))).toEqual([0.5, 1, 1, 0, 0, 0])
    expect(['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Home', 'End', 'x'].map((key) => pointAfter(key, 3, 4))).toEqual([
      3,
      2,
      7,
      3,
      0,
      3,
      null,
    ])
    expect(pointAfter('ArrowDown', 13, 4)).toBe(13)
  })
})

describe('answers', () => {
  const cat = { kind: 'class' as const, index: 1, label: 'cat', confidence: 0.9 }

  test('are held against what was expected; a measured value is never met exactly', () => {
    expect(meetsExpectation(cat, { kind: 'truth', text: 'cat' })).toBe(true)
    expect(meetsExpectation(cat, { kind: 'truth', text: '1' })).toBe(true)
    expect(meetsExpectation(cat, { kind: 'import', text: 'dog' })).toBe(false)
    expect(meetsExpectation(cat, null)).toBeNull()
    expect(meetsExpectation({ kind: 'value', value: 10.001 }, { kind: 'import', text: '10' })).toBe(true)
    expect(meetsExpectation({ kind: 'value', value: 11 }, { kind: 'import', text: '10' })).toBe(false)
    expect(meetsExpectation({ kind: 'value', value: 10 }, { kind: 'truth', text: '10' })).toBeNull()
  })

  test('of two versions are the same by label or value', () => {
    expect(isSameAnswer(cat, { ...cat, confidence: 0.2 })).toBe(true)
    expect(isSameAnswer(cat, { ...cat, label: 'dog' })).toBe(false)
    expect(isSameAnswer(cat, { kind: 'value', value: 1 })).toBe(false)
    expect(isSameAnswer({ kind: 'value', value: 100 }, { kind: 'value', value: 100.05 })).toBe(true)
  })

  test('few classes keep their place, many stand by probability', () => {
    const few = [
      { label: 'b', probability: 0.9 },
      { label: 'a', probability: 0.1 },
    ]
    expect(orderedProbabilities(few, ['a', 'b']).map(({ label }) => label)).toEqual(['a', 'b'])
    const many = Array.from({ length: 13 }, (_, i) => ({ label: String(i), probability: (13 - i) / 91 }))
    expect(orderedProbabilities(many, [])).toBe(many)
  })
})

describe('inputs as tensors', () => {
  test('begin with one for each open dimension', () => {
    expect(emptyTensor({ name: 'x', datatype: 'FP32', shape: [-1, 2] })).toEqual({ name: 'x', shape: '1, 2', data: '0, 0' })
    expect(emptyTensor({ name: 's', datatype: 'BYTES', shape: [1] }).data).toBe('""')
    expect(emptyTensor({ name: 'big', datatype: 'FP32', shape: [1, 3, 224, 224] }).data).toBe('')
  })

  test('are read nested or flat, and say what is wrong', () => {
    expect(readTensor({ name: 'x', shape: '2 x 2', data: '[[1, 2], [3, 4]]' })).toEqual({ name: 'x', shape: [2, 2], data: [1, 2, 3, 4] })
    expect(readTensor({ name: 'x', shape: '', data: '7' })).toEqual({ name: 'x', shape: [], data: [7] })
    expect(readTensor({ name: 'x', shape: '2', data: '1' })).toBe('The shape has 2 values; the data has 1.')
    expect(readTensor({ name: 'x', shape: '-1', data: '1' })).toMatch(/^The shape is/)
    expect(readTensor({ name: 'x', shape: '1', data: '1 2' })).toMatch(/^The data is/)
    expect(readTensor({ name: 'x', shape: '1', data: '{"a":1}' })).toMatch(/^The data is/)
  })
})
