import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readBundleFile } from '../../../../../electron/core/registry/bundle-file.ts'
import { planColumns } from '../../../../../electron/core/registry/columns.ts'
import { openCsv, type CsvRow } from '../../../../../electron/core/registry/csv-rows.ts'
import { numberOf } from '../../../../../electron/core/registry/feature-rows.ts'
import { labelLookup, labelsFromData, labelsOfMetadata } from '../../../../../electron/core/registry/labels.ts'
import { nameOfFile, resolveName, type NameSources } from '../../../../../electron/core/registry/version-name.ts'
import { openWorkshop } from './workshop.ts'

let workshop: ReturnType<typeof openWorkshop>
beforeEach(() => {
  workshop = openWorkshop()
})
afterEach(() => workshop.close())

async function csv(content: string | Uint8Array): Promise<{ header: string[]; rows: CsvRow[] }> {
  const file = await openCsv(workshop.write('data.csv', content), 'Data')
  try {
    const rows: CsvRow[] = []
    for await (const row of file.rows) rows.push(row)
    return { header: file.header, rows }
  } finally {
    file.close()
  }
}

describe('CSV', () => {
  test('BOM, quotes, blank lines, CRLF, blanks around names', async () => {
    expect(await csv('\ufeffa, b \r\n1,"x, ""y""\nz"\r\n\r\n3,4')).toEqual({
      header: ['a', 'b'],
      rows: [
        { row: 1, line: 3, cells: ['1', 'x, "y"\nz'] },
        { row: 2, line: 5, cells: ['3', '4'] },
      ],
    })
  })

  test('line ends of any kind, also mixed', async () => {
    const { rows } = await csv('a,b\r\n1,2\n3,4\r5,6\r\n\n7,8')
    expect(rows.map(({ row, cells }) => [row, ...cells])).toEqual([1, 2, 3, 4].map((row) => [row, String(2 * row - 1), String(2 * row)]))
  })

  test('what spreadsheets leave: lines and columns without a value', async () => {
    const { header, rows } = await csv(',,\na,b,\n1,2,\n , ,\n3,,\n5,6\n   \n')
    expect([header, rows.map((row) => row.cells)]).toEqual([['a', 'b'], [['1', '2'], ['3', ''], ['5', '6']]]) // prettier-ignore
  })

  test.each([
    ['nothing', '', 'data.invalid', /empty/],
    ['semicolons', 'a;b\n1;2', 'data.schema-mismatch', /separated by commas/],
    ['tabs', 'a\tb\n1\t2', 'data.schema-mismatch', /separated by commas/],
    ['Latin-1', Buffer.from('temp\xe9rature,b\n1,2', 'latin1'), 'data.invalid', /not UTF-8/],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2', 'utf16le'), 'data.invalid', /not UTF-8/],
    ['a character cut off', Buffer.from('a,b\n1,\xc3', 'latin1'), 'data.invalid', /not UTF-8/],
    ['a long name', `${'a'.repeat(257)},b\n1,2`, 'data.schema-mismatch', /column 1 has 257 characters/],
    ['a repeated column', 'a,a\n1,2', 'data.schema-mismatch', /two columns are named "a"/],
    ['a column without a name', 'a,,c\n1,2,3', 'data.schema-mismatch', /column 2 has no name/],
    ['a short row', 'a,b\n1,2\n3', 'data.invalid', /row 2 \(line 3\): 1 values for 2 columns/],
    ['a long row', 'a,b\n1,2,3', 'data.invalid', /row 1 \(line 2\): 3 values for 2 columns/],
    ['an open quote', 'a,b\n1,"2\n3,4', 'data.invalid', /cannot be read as CSV/],
    ['a record without end', `a,b\n1,"${'x'.repeat(17 * 1024 * 1024)}`, 'data.invalid', /cannot be read as CSV/],
  ])('%s', async (_, content, code, message) => {
    await expect(csv(content)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  test('a file that is not there', async () => {
    await expect(openCsv('/absent.csv', 'Data')).rejects.toMatchObject({ code: 'data.invalid' })
  })

  test('numbers as CSV writes them', () => {
    const cells = ['1', ' -2.50 ', '+.5', '1e-3', '7.', '', 'NaN', 'null', '-inf', 'Infinity', '0x10', '1,5', '1e999', 'one', '1_000', '١']
    expect(cells.map(numberOf)).toEqual([
      1,
      -2.5,
      0.5,
      0.001,
      7,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      null,
      null,
      null,
      null,
      null,
      null,
    ])
  })
})

describe('columns', () => {
  const rules = { what: 'Data', width: 2, features: null, target: null }
  test.each([
    ['the column left over is the truth', ['a', 'b', 'y'], rules, ['a', 'b'], [0, 1], 'y', 2],
    ['no truth', ['a', 'b'], rules, ['a', 'b'], [0, 1], null, null],
    ['a truth that says so, in front', ['Label', 'a', 'b'], rules, ['a', 'b'], [1, 2], 'Label', 0],
    ['two that say so: the last', ['label', 'a', 'target'], rules, ['label', 'a'], [0, 1], 'target', 2],
    ['a named truth anywhere', ['y', 'a', 'b'], { ...rules, target: 'y' }, ['a', 'b'], [1, 2], 'y', 0],
    ['known features in any order', ['b', 'y', 'a'], { ...rules, features: ['a', 'b'] }, ['a', 'b'], [2, 0], 'y', 1],
    ['a variable width', ['a', 'b', 'c', 'y'], { ...rules, width: -1 }, ['a', 'b', 'c'], [0, 1, 2], 'y', 3],
  ])('%s', (...[, header, rule, features, featureAt, target, targetAt]) => {
    expect(planColumns(header, rule)).toEqual({ features, featureAt, target, targetAt })
  })

  test.each([
    ['too few', ['a'], rules, /has 1 columns; the model takes 2/],
    ['a named truth that is not there', ['a', 'b', 'y'], { ...rules, target: 'z' }, /has 3 columns and none named "z"/],
    ['too many', ['a', 'b', 'c', 'y'], rules, /has 4 columns; the model takes 2/],
    [
      'missing and extra names',
      ['a', 'x', 'z'],
      { ...rules, features: ['a', 'b'], target: 'y' },
      /columns missing: "b"; columns too many: "x", "z"/,
    ],
    [
      'a truth that is a feature too many',
      ['a', 'b', 'c'],
      { ...rules, target: 'c', width: 3 },
      /has 2 columns besides the true "c"; the model takes 3/,
    ],
    ['only the truth', ['y'], { ...rules, width: -1 }, /no column for a feature/],
    ['many names are cut', Array.from({ length: 20 }, (_, i) => `c${i}`), { ...rules, features: [] }, /"c7" and 12 more/],
  ])('%s', (_, header, rule, message) => {
    expect(() => planColumns(header, rule)).toThrow(
      expect.objectContaining({ code: 'data.schema-mismatch', message: expect.stringMatching(message) as string }),
    )
  })
})

describe('labels', () => {
  test('of metadata', () => {
    const rows: [string, string[] | null][] = [
      ['["a", "b"]', ['a', 'b']],
      ['[0, 1]', ['0', '1']],
      ['["a", null]', null],
      ['[]', null],
      ['{"0": "a"}', null],
      ['a,b', null],
    ]
    expect(rows.map(([labels]) => labelsOfMetadata({ labels }))).toEqual(rows.map(([, expected]) => expected))
    expect(labelsOfMetadata({})).toBeNull()
  })

  test('a cell is found by name, then by position', () => {
    const named = labelLookup(['cat', 'dog'])
    expect(['cat', ' dog ', '0', '1.0', '2', '-1', '', 'cow', '0.5'].map(named)).toEqual([0, 1, 0, 1, -1, -1, -1, -1, -1])
    const numbered = labelLookup(['1', '2', '3'])
    // As on a device: a number that is no name is no class, or a column of positions would be scored as a column of names.
    expect(['1', '3.0', '0', '__proto__'].map(numbered)).toEqual([0, 2, -1, -1])
  })

  test('from data', () => {
    expect(labelsFromData(new Set(['10', '9', '2']), 3)).toEqual(['2', '9', '10'])
    expect(labelsFromData(new Set(['b', 'a']), null)).toEqual(['a', 'b'])
    expect(labelsFromData(new Set(['10.5', '2.5']), 2)).toEqual(['2.5', '10.5'])
    expect(() => labelsFromData(new Set(Array.from({ length: 10_001 }, (_, i) => String(i))), null)).toThrow(/more than 10000 different/)
    expect(() => labelsFromData(new Set(['a', 'b'.repeat(300)]), null)).toThrow(/label of 300 characters/)
    expect(labelsFromData(new Set(['0', '2']), 4)).toEqual(['0', '1', '2', '3'])
    expect(() => labelsFromData(new Set(['a', 'b']), 3)).toThrow(expect.objectContaining({ code: 'data.schema-mismatch' }))
  })
})

describe('name and version', () => {
  const sources = (parts: Partial<NameSources>): NameSources => ({
    explicit: {},
    bundle: {},
    fileName: 'model.onnx',
    metadata: {},
    graphName: '',
    ...parts,
  })

  test.each([
    ['digits-1.1.0.onnx', { model: 'digits', version: '1.1.0' }],
    ['digits-1.3.0-regressed.onnx', { model: 'digits', version: '1.3.0-regressed' }],
    ['resnet-50-1.0.0.onnx', { model: 'resnet-50', version: '1.0.0' }],
    ['yolo_v8.onnx', { model: 'yolo', version: '8' }],
    ['C:\\models\\pump@2.4.onnx', { model: 'pump', version: '2.4' }],
    ['model.onnx', null],
    ['1.0.0.onnx', null],
  ])('%s', (file, expected) => {
    expect(nameOfFile(file)).toEqual(expected)
  })

  test.each([
    [
      'the caller wins',
      sources({ explicit: { model: 'a', version: '9' }, bundle: { model: 'b', version: '8' }, fileName: 'c-7.onnx' }),
      'a@9',
    ],
    ['each part from its own source', sources({ explicit: { version: '9' }, bundle: { model: 'b' }, fileName: 'c-7.onnx' }), 'b@9'],
    ['file name', sources({ fileName: 'Pump Model-7.1.onnx', metadata: { version: '1' }, graphName: 'g' }), 'pump-model@7.1'],
    ['metadata and graph', sources({ metadata: { version: ' 1.2 ' }, graphName: 'Main Graph' }), 'main-graph@1.2'],
  ])('%s', (_, given, expected) => {
    const { model, version } = resolveName(given)
    expect(`${model}@${version}`).toBe(expected)
  })

  test.each([
    ['nobody says', sources({}), 'model.name-needed'],
    ['no version', sources({ explicit: { model: 'a' } }), 'model.name-needed'],
    ['a name that is none', sources({ explicit: { model: 'Not A Name', version: '1' } }), 'input.invalid'],
    ['a version that is none', sources({ explicit: { model: 'a', version: '../1' } }), 'input.invalid'],
  ])('%s', (_, given, code) => {
    expect(() => resolveName(given)).toThrow(expect.objectContaining({ code }))
  })
})

describe('bundle.json', () => {
  const read = (content: string | Uint8Array) => () => readBundleFile(workshop.write('bundle.json', content))

  test('what the schema names', () => {
    const content = { model: 'pump', labels: ['a'], preprocessing: { v: 1, steps: [{ step: 'fill-missing', values: [0] }] } }
    expect(read(JSON.stringify(content))()).toEqual(content)
  })

  test.each([
    ['not JSON', '{', 'bundle.invalid', /not JSON/],
    ['not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'bundle.invalid', /cannot be read/],
    ['an unknown field', '{"modell": "a"}', 'bundle.invalid', /modell/],
    ['a label without a name', '{"labels": ["", "b"]}', 'bundle.invalid', /labels/],
    ['a wrong kind', '{"task": "ranking"}', 'bundle.invalid', /task/],
    [
      'a step that is not known',
      '{"preprocessing": {"v": 1, "steps": [{"step": "whiten"}]}}',
      'bundle.step-unknown',
      /'whiten'; known are fill-missing, clip, scale/,
    ],
    [
      'a division by zero',
      '{"preprocessing": {"v": 1, "steps": [{"step": "scale", "subtract": [0], "divide": [0]}]}}',
      'bundle.invalid',
      /must not be 0/,
    ],
    ['a prototype', '{"__proto__": {}}', 'bundle.invalid', /__proto__/],
    ['too deep', '['.repeat(1000), 'bundle.invalid', /nested/],
  ])('%s', (_, content, code, message) => {
    expect(read(content)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }))
  })
})
