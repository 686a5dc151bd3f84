import { describe, expect, test } from 'vitest'
import { guessMapping, labelsOf, readLabelFile, type LabelFile } from '../../../../renderer/screens/labelling/label-file.ts'

const fileOf = (text: string): LabelFile => readLabelFile('labels.csv', text) as LabelFile

describe('a file of labels', () => {
  test('columns are found by the names that tools give them', () => {
    expect(guessMapping(['request_id', 'Truth', 'row', 'note'])).toEqual({ prediction: 0, label: 1, row: 2, device: null })
    expect(guessMapping(['a', 'b'])).toEqual({ prediction: null, label: null, row: null, device: null })
  })

  test('lines that hold no label are told with their number, the others are taken', () => {
    const file = fileOf('prediction,label,row,device\np1,cat,,\np2,,0,\n,cat,0,\np3,dog,x,\np4,dog,2,cam-1\np5,dog\n')
    const { labels, lines, bad } = labelsOf(file, guessMapping(file.header))
    expect(labels).toEqual([
      { prediction: 'p1', label: 'cat', row: 0 },
      { prediction: 'p4', label: 'dog', row: 2, device: 'cam-1' },
    ])
    expect(lines).toEqual([2, 6])
    expect(bad.map(({ line, why }) => `${line} ${why}`)).toEqual([
      '3 no label',
      '4 no id of a prediction',
      "5 'x' is no row, which count from 0",
      '7 2 cells under 4 columns',
    ])
  })

  test('what is no CSV says so', () => {
    expect(readLabelFile('x.csv', '')).toBe('x.csv is empty.')
    expect(readLabelFile('x.csv', 'a,b\n')).toBe('x.csv has a header, but no row.')
    expect(readLabelFile('x.csv', 'a,b\n"open,1')).toContain('is not CSV')
  })
})
