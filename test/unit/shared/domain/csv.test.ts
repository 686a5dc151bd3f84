import { expect, test } from 'vitest'
import { csvCell, csvText } from '../../../../shared/domain/csv.ts'

test('cells are quoted where they must be', () => {
  expect(['plain', 'a,b', 'say "no"', 'two\nlines', ' edge', '', null, true, 3, -3.5].map(csvCell)).toEqual([
    ...['plain', '"a,b"', '"say ""no"""', '"two\nlines"', '" edge"', '', '', 'true', '3', '-3.5'],
  ])
})

test('case 49: a text that a spreadsheet would run as a formula is not one; a number stays a number', () => {
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\uFF1D1', 'a=b', '5-3']
  expect(texts.map(csvCell)).toEqual([`'=1+1`, `'+1`, `'-1`, `'@SUM(A1)`, `'\t=1`, `"'\r=1"`, `' =1`, `'\uFF1D1`, 'a=b', '5-3'])
  expect(csvCell(-1)).toBe('-1')
})

test('a formula that hides behind a quote stays in its cell', () => {
  expect(csvCell('",=HYPERLINK("x")')).toBe('""",=HYPERLINK(""x"")"')
})

test('a table has a line per row', () => {
  expect(
    csvText(
      ['a', 'b'],
      [
        ['1', null],
        ['=x', 2],
      ],
    ),
  ).toBe(`a,b\r\n1,\r\n'=x,2\r\n`)
})
