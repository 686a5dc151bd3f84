import { expect, test } from 'vitest'
import { openReleaseDesk } from '../../../../harness/release-desk.ts'

test('a version in a list carries who imported it, and the interval of its newest evaluation', async () => {
  const desk = openReleaseDesk()
  const { evaluation } = await desk.importSample('wine', '1.0.0')
  const { versions } = await desk.call('models.list', {})
  expect(versions[0]).toMatchObject({ version: '1.0.0', importedBy: 'kim', interval: { metric: 'accuracy', level: 0.95 } })
  expect(versions[0]?.interval).toEqual(evaluation?.interval)
})

test('a version tells what it answers to the rows of its import; a baseline of answers alone has no training rows', async () => {
  const desk = openReleaseDesk()
  await desk.importSample('wine', '1.0.0')
  const shown = await desk.call('models.show', { model: 'wine', version: '1.0.0' })
  expect(shown).toMatchObject({
    baselineRows: 110,
    outcomes: {
      ...{ rows: 68, from: 'holdout', isCalibrated: false, accuracy: { rows: 68, right: 68 } },
      ...{ outcome: { kind: 'categorical' }, confidence: { kind: 'numeric' } },
    },
  })
  await desk.registry.import({
    ...{ modelPath: 'build/samples/wine/wine-1.0.0.onnx', modelFileName: 'wine-1.0.0.onnx', version: '1.0.1' },
    ...{ holdoutPath: 'build/samples/wine/holdout.csv', signal: new AbortController().signal, progress: () => undefined },
  })
  const bare = await desk.call('models.show', { model: 'wine', version: '1.0.1' })
  expect([bare.baselineRows, bare.outcomes]).toEqual([null, shown.outcomes])
  expect(await desk.call('models.baseline', { model: 'wine', version: '1.0.1' })).toEqual({ rows: null, total: 0, features: [] })
})
