import { describe, expect, test } from 'vitest'
import { offeredAliases, sentenceAfter, sentenceBefore } from '../../../../renderer/screens/models/alias/move-words.ts'
import { comparePath } from '../../../../renderer/screens/models/compare/compare-path.ts'
import { verdictSentence } from '../../../../renderer/screens/models/compare/compare-words.ts'
import { confusionTable } from '../../../../renderer/components/confusion/confusion-shares.ts'
import { lineageOf } from '../../../../renderer/screens/models/version/lineage-graph.ts'
import { missingColumns } from '../../../../renderer/screens/models/version/missing-columns.ts'
import { runningDevices, runsSentence, runsState } from '../../../../renderer/screens/models/version/runs-words.ts'
import { stepSentence } from '../../../../shared/inference/words.ts'
import { contract } from '../../../../shared/rpc/contract.ts'

describe('moves of aliases', () => {
  test('are told before and after', () => {
    expect(sentenceBefore({ alias: 'production', from: '1.0.0', to: '1.1.0' })).toBe('production moves from 1.0.0 to 1.1.0.')
    expect(sentenceBefore({ alias: 'stable', from: null, to: '1.1.0' })).toBe('stable is new and will stand for 1.1.0.')
    expect(sentenceBefore({ alias: 'stable', from: '1.1.0', to: '1.1.0' })).toBe('stable stands for 1.1.0 already.')
    expect(sentenceAfter('digits', { alias: 'stable', from: '1.1.0', to: null })).toBe('stable of digits is removed; it stood for 1.1.0.')
    expect(sentenceAfter('digits', { alias: 'stable', from: null, to: '1.1.0' })).toBe('stable of digits stands for 1.1.0 now.')
  })

  test('the usual names are offered first, each once', () => {
    expect(offeredAliases(['stable', 'candidate'])).toEqual(['production', 'candidate', 'stable'])
  })
})

describe('where a version runs', () => {
  test.each([
    [0, 0, 'It runs nowhere and is not ordered.', 'offline'],
    [0, 1, '1 device still reports it; it is ordered nowhere.', 'attention'],
    [1, 1, 'The device that is ordered to run it reports it.', 'ok'],
    [5, 5, 'All 5 devices that are ordered to run it report it.', 'ok'],
    [120, 97, '97 of 120 devices that are ordered to run it report it.', 'working'],
  ])('%i ordered, %i reported: %s', (desired, active, says, state) => {
    const runs = { desired: { count: desired }, active: { count: active } }
    expect([runsSentence(runs), runsState(runs)]).toEqual([says, state])
  })
})

test('devices are told as far as both lists reach: what lies behind a cut is not called missing', () => {
  const known = runningDevices({ desired: { count: 9, devices: ['a', 'b', 'c'] }, active: { count: 8, devices: ['a', 'c', 'd'] } })
  expect(known).toEqual([
    { device: 'a', isOrdered: true, isReported: true },
    { device: 'b', isOrdered: true, isReported: false },
    { device: 'c', isOrdered: true, isReported: true },
  ])
  expect(runningDevices({ desired: { count: 1, devices: ['a'] }, active: { count: 1, devices: ['z'] } })).toEqual([
    { device: 'a', isOrdered: true, isReported: false },
    { device: 'z', isOrdered: false, isReported: true },
  ])
})

describe('a confusion matrix', () => {
  const { classes, cells, worst } = confusionTable(
    [
      [8, 2, 0],
      [1, 9, 0],
      [0, 0, 0],
    ],
    ['cat', 'dog'],
  )

  test('has the rates of each class; a class without rows has none', () => {
    expect(classes).toEqual([
      { label: 'cat', rows: 10, recall: 0.8, precision: 8 / 9 },
      { label: 'dog', rows: 10, recall: 0.9, precision: 9 / 11 },
      { label: '2', rows: 0, recall: null, precision: null },
    ])
  })

  test('shades what is right by its row and mistakes by the worst one, and names those', () => {
    expect(cells[0]?.map(({ level }) => level)).toEqual([0.8, 1, 0])
    expect(cells[1]?.map(({ level }) => level)).toEqual([0.5, 0.9, 0])
    expect(worst).toEqual([
      { truth: 'cat', predicted: 'dog', count: 2 },
      { truth: 'dog', predicted: 'cat', count: 1 },
    ])
  })
})

describe('the lineage of a version', () => {
  const shown = {
    ...{ model: 'digits', version: '1.1.0', digest: 'd'.repeat(64), baselineRows: 1000, goldenRows: 32 },
    lineage: {
      ...{ sourceName: 'digits.onnx', importedAt: 1, importedBy: null, parent: '1.0.0', child: '1.2.0' },
      ...{ holdoutName: 'holdout.csv', holdoutSha256: 'h' },
    },
    runs: { desired: { count: 5, devices: [] }, active: { count: 4, devices: [] }, deployments: ['gate', 'desk'] },
  } as unknown as Parameters<typeof lineageOf>[0]

  test('leads from the files over the bundle to the devices', () => {
    const { nodes, scene } = lineageOf(shown)
    expect(scene.edges.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      'model > bundle',
      'train > bundle',
      'holdout > bundle',
      'bundle > self',
      'parent > self',
      'self > deployment gate',
      'self > deployment desk',
      'self > child',
      'deployment gate > devices',
      'deployment desk > devices',
    ])
    expect(nodes.get('devices')?.title).toBe('4 of 5 devices')
    expect(new Set(scene.nodes.map(({ x }) => x)).size).toBe(5)
  })

  test('has only what there is', () => {
    const { scene } = lineageOf({
      ...shown,
      ...{ baselineRows: null, lineage: { ...shown.lineage, holdoutName: null, parent: null, child: null } },
      runs: { ...shown.runs, deployments: [] },
    })
    expect(scene.nodes.map(({ id }) => id)).toEqual(['model', 'bundle', 'self'])
  })
})

describe('a comparison in one sentence', () => {
  const titles = { leftTitle: '1.0.0', rightTitle: '1.1.0' }
  const interval = { low: -0.02, high: 0.05, level: 0.95, method: 'Newcombe' }
  const compared = (parts: object) => {
    const metric = { metric: 'accuracy', better: 'higher', left: 0.9, right: 0.92, difference: 0.02, interval, verdict: 'unsure', note: '' }
    const metrics = contract['models.compare'].output.shape.metrics.parse([{ ...metric, ...parts }])
    return { metrics, right: { version: { task: 'classification', metrics: { accuracy: 0.92 } } } }
  }

  test.each([
    [{ verdict: 'right' }, 'ok', '1.1.0 is better than 1.0.0 on accuracy.'],
    [{ verdict: 'left' }, 'attention', '1.1.0 is worse than 1.0.0 on accuracy.'],
    [{ verdict: 'same' }, 'ok', '1.1.0 and 1.0.0 are the same on accuracy.'],
    [{}, 'unsure', 'Not enough evidence: the difference on accuracy is within the interval.'],
    [{ interval: null }, 'unsure', 'Not enough evidence: there is no interval for the difference on accuracy.'],
    [{ left: null, difference: null, verdict: null }, 'unsure', '1.1.0 cannot be judged against 1.0.0: both have to be evaluated.'],
  ])('%j', (parts, state, text) => {
    expect(verdictSentence(compared(parts), titles)).toEqual({ state, text })
  })

  test('has an address, also with another model', () => {
    expect(comparePath({ model: 'a', version: '1' }, { model: 'a', version: '2+b' })).toBe('/models/a/compare/1/2%2Bb')
    expect(comparePath({ model: 'a', version: '1' }, { model: 'b', version: '2' })).toBe('/models/a/compare/1/2?with=b')
  })
})

describe('what a file lacks for an evaluation', () => {
  const schema = { features: [{ name: 'a' }, { name: 'b' }], target: 'truth' }

  test('are features and the truth; a file with more columns than are listed is not judged here', () => {
    expect(missingColumns({ columns: ['b', 'x'], columnCount: 2 }, schema)).toEqual(['a', 'truth'])
    expect(missingColumns({ columns: ['b', 'a', 'truth'], columnCount: 3 }, schema)).toEqual([])
    expect(missingColumns({ columns: ['b'], columnCount: 900 }, schema)).toEqual([])
  })
})

test('steps of preprocessing are told in sentences', () => {
  expect(stepSentence({ step: 'fill-missing', values: [0, 0] })).toBe('A missing value becomes 0.')
  expect(stepSentence({ step: 'clip', min: [1, 2], max: [9, 9] })).toBe('Values are kept between 1, 2 (by feature) and 9.')
  expect(stepSentence({ step: 'scale', subtract: [1, 2, 3, 4, 5], divide: [2, 2, 2, 2, 2] })).toBe(
    '1, 2, 3, 4, … (by feature) is subtracted, then the result is divided by 2.',
  )
})
