import { beforeEach, describe, expect, test } from 'vitest'
import { openReleaseDesk, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
const production = 'production' as never
const set = (version: string, actor = 'kim') => desk.call('models.setAlias', { model: 'wine', alias: production, version }, { actor })

beforeEach(async () => {
  desk = openReleaseDesk()
  await desk.importSample('wine', '1.0.0')
  await desk.importSample('wine', '2.0.0')
})

describe('an alias', () => {
  test('moves, and every move is in the history with who, when, from and to', async () => {
    await set('1.0.0')
    await set('2.0.0', 'robin')
    expect(await set('2.0.0')).toMatchObject({ from: '2.0.0', to: '2.0.0' })
    await desk.call('models.removeAlias', { model: 'wine', alias: production })
    const shown = await desk.call('models.aliases', { model: 'wine' })
    expect(shown.aliases).toEqual([])
    expect(shown.history.map(({ by, from, to }) => [by, from, to])).toEqual([
      ['kim', '2.0.0', null],
      ['robin', '1.0.0', '2.0.0'],
      ['kim', null, '1.0.0'],
    ])
  })

  test('is shown with its version, and stands for it wherever a version is asked for', async () => {
    await set('1.0.0')
    await desk.call('models.setAlias', { model: 'wine', alias: 'candidate', version: 'production' })
    const { versions } = await desk.call('models.list', {})
    expect(versions.map(({ version, aliases }) => [version, aliases])).toEqual([
      ['1.0.0', ['candidate', 'production']],
      ['2.0.0', []],
    ])
    expect((await desk.call('models.show', { model: 'wine', version: 'production' })).version).toBe('1.0.0')
  })

  test('is never the name of a version, and a version never that of an alias', async () => {
    const v3 = { ...importOf('wine-2.0.0.onnx'), version: 'canary' }
    await desk.registry.import(v3)
    await expect(desk.call('models.setAlias', { model: 'wine', alias: 'canary', version: '1.0.0' })).rejects.toMatchObject({
      code: 'alias.conflict',
    })
    await set('1.0.0')
    await expect(desk.registry.import({ ...v3, version: 'production' })).rejects.toMatchObject({ code: 'alias.conflict' })
    expect((await desk.call('models.list', {})).versions.map(({ version }) => version)).toEqual(['1.0.0', '2.0.0', 'canary'])
    await expect(desk.call('models.setAlias', { model: 'wine', alias: '2.0', version: '1.0.0' })).rejects.toThrow(/starts with a letter/)
  })

  test('that is not there is said, with the nearest one', async () => {
    await set('1.0.0')
    await expect(desk.call('models.removeAlias', { model: 'wine', alias: 'producton' })).rejects.toMatchObject({
      code: 'alias.not-found',
      message: 'wine has no alias producton; is production meant?',
    })
    await expect(desk.call('models.setAlias', { model: 'wine', alias: production, version: '9' })).rejects.toMatchObject({
      code: 'model.not-found',
    })
  })

  const importOf = (file: string) => ({
    ...{ modelPath: `build/samples/wine/${file}`, modelFileName: file, signal: new AbortController().signal, progress: () => undefined },
  })
})

describe('a version shows', () => {
  test('its lineage, note, baseline, golden set and where it runs', async () => {
    desk.join('cam-1', 'cam-2')
    await desk.call('deployments.apply', { query: '', model: 'wine', version: '2.0.0' })
    const one = desk.registry.version('wine', '2.0.0')
    desk.runs('cam-2', 'wine', one)
    await desk.call('models.setNote', { model: 'wine', version: '2.0.0', text: ' Trained on <b>new</b> rows. ' }, { actor: 'robin' })
    const shown = await desk.call('models.show', { model: 'wine', version: '2.0.0' })
    expect(shown).toMatchObject({
      devices: { desired: 2, active: 1 },
      runs: { desired: { count: 2, devices: ['cam-1', 'cam-2'] }, active: { count: 1, devices: ['cam-2'] }, deployments: ['wine'] },
      lineage: { parent: '1.0.0', child: null, importedBy: 'kim', sourceName: 'wine-2.0.0.onnx', holdoutName: 'holdout.csv' },
      note: { text: 'Trained on <b>new</b> rows.', by: 'robin' },
      baselineRows: 110,
      hasHoldout: true,
    })
    expect(shown.goldenRows).toBeGreaterThan(3)
    expect(shown.evaluations[0]!.confusion).toHaveLength(3)
    const baseline = await desk.call('models.baseline', { model: 'wine', version: '2.0.0', offset: 1, limit: 2 })
    expect([baseline.rows, baseline.total, baseline.features.map(({ name }) => name)]).toEqual([
      110,
      shown.manifest.schema.features.length,
      shown.manifest.schema.features.slice(1, 3).map(({ name }) => name),
    ])
    await desk.call('models.setNote', { model: 'wine', version: '2.0.0', text: '' })
    expect((await desk.call('models.show', { model: 'wine', version: '2.0.0' })).note).toBeNull()
  })
})
