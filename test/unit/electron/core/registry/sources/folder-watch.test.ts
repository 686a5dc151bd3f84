import { linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { affineModel, elsewhere } from '../../../../../harness/onnx/external.ts'
import { floats } from '../../../../../harness/onnx/model.ts'
import { openSourceDesk } from '../../../../../harness/source-desk.ts'

// Each import starts a process: on a machine that is busy that takes seconds.
vi.setConfig({ testTimeout: 60_000 })

const SETTLE = 10_000
const inside = affineModel({ weights: { raw: floats(2, 3, 4) } })

async function watching() {
  const desk = openSourceDesk()
  const folder = join(desk.directory, 'drop')
  mkdirSync(folder)
  await desk.call('sources.add', { source: 'drop', settings: { kind: 'folder', folder } })
  const put = (name: string, files: Record<string, Uint8Array | string>): void => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, file, '..'), { recursive: true })
      writeFileSync(join(folder, name, file), content)
    }
  }
  /** Looks, waits as long as a folder must stay the same, and looks again. */
  const settled = async (): Promise<void> => {
    await desk.look()
    desk.clock.at += SETTLE
    await desk.look()
  }
  return { desk, folder, put, settled, offers: async () => (await desk.call('sources.offers', { source: 'drop' })).offers }
}

it('imports a subfolder under its name, as a draft, once', async () => {
  const { desk, put, settled, offers } = await watching()
  put('pump@1.0.0', { 'whatever.onnx': inside, 'bundle.json': JSON.stringify({ metrics: { rmse: 2 } }) })
  await settled()
  await settled()
  expect(desk.versions()).toEqual(['pump@1.0.0 draft'])
  expect(desk.registry.version('pump', '1.0.0')).toMatchObject({ importedBy: 'source-drop', manifest: { metrics: { rmse: 2 } } })
  expect(await offers()).toMatchObject([{ name: 'pump@1.0.0', state: 'imported', attempts: 1 }])
  expect((await desk.call('sources.origin', { model: 'pump', version: '1.0.0' })).origin).toMatchObject({ kind: 'folder' })
  expect(readdirSync(join(desk.dataDirectory, 'work', 'sources'))).toEqual([])
})

it('waits until nobody writes any more', async () => {
  const { desk, put } = await watching()
  put('pump@1', { 'm.onnx': inside.subarray(0, 40) })
  await desk.look()
  desk.clock.at += SETTLE - 1
  await desk.look()
  put('pump@1', { 'm.onnx': inside })
  desk.clock.at += SETTLE - 1
  await desk.look()
  expect(desk.versions()).toEqual([])
  desk.clock.at += SETTLE
  await desk.look()
  expect(desk.versions()).toEqual(['pump@1 draft'])
})

it('tries a file that came half again when it has grown, and never changes a version', async () => {
  const { put, settled, offers } = await watching()
  put('pump@1', { 'm.onnx': inside.subarray(0, 40) })
  await settled()
  expect(await offers()).toMatchObject([{ state: 'failed', problem: { code: 'model.invalid' }, nextAt: null }])
  put('pump@1', { 'm.onnx': inside })
  await settled()
  expect(await offers()).toMatchObject([{ state: 'imported' }])
  put('pump@1', { 'm.onnx': affineModel({ weights: { raw: floats(9, 9, 9) } }) })
  await settled()
  expect(await offers()).toMatchObject([{ state: 'failed', problem: { code: 'model.exists' } }])
})

it('joins weights that lie beside the model', async () => {
  const { desk, put, settled } = await watching()
  put('pump@1', { 'model.onnx': affineModel({ weights: { more: elsewhere({ location: 'w.bin' }) } }), 'w.bin': floats(2, 3, 4) })
  await settled()
  expect(desk.versions()).toEqual(['pump@1 draft'])
  expect((await desk.call('sources.origin', { model: 'pump', version: '1' })).origin).toMatchObject({ joined: ['w.bin'] })
})

it('leaves alone what is no version, and takes no link to a file of somebody else', async () => {
  const { desk, folder, put, settled, offers } = await watching()
  put('notes', { 'm.onnx': inside })
  put('.hidden@1', { 'm.onnx': inside })
  put('empty@1', { 'readme.txt': 'x' })
  put('elsewhere', { 'm.onnx': inside })
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'linked@1'))
  mkdirSync(join(folder, 'soft@1'))
  symlinkSync(join(folder, 'elsewhere', 'm.onnx'), join(folder, 'soft@1', 'm.onnx'))
  mkdirSync(join(folder, 'hard@1'))
  linkSync(join(folder, 'notes', 'm.onnx'), join(folder, 'hard@1', 'm.onnx'))
  put('rows@1', { 'm.onnx': inside })
  symlinkSync('/etc/hostname', join(folder, 'rows@1', 'train.csv'))
  await settled()
  expect(desk.versions()).toEqual([])
  const found = await offers()
  expect(found.map(({ name, problem }) => `${name} ${problem?.code}`).sort()).toEqual([
    ...['hard@1 source.unsafe', 'rows@1 source.unsafe', 'soft@1 source.unsafe'],
  ])
})

it('says that the folder is gone, and goes on when it is back', async () => {
  const { desk, folder, put, settled } = await watching()
  rmSync(folder, { recursive: true })
  await desk.look()
  await desk.look()
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ problem: { code: 'source.folder' } }])
  expect(desk.logged).toHaveLength(1)
  mkdirSync(folder)
  put('pump@1', { 'm.onnx': inside })
  await settled()
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ problem: null, offers: { imported: 1 } }])
})

it('does nothing while it is switched off', async () => {
  const { desk, folder, put, settled } = await watching()
  await desk.call('sources.change', { source: 'drop', settings: { kind: 'folder', folder, isEnabled: false } })
  put('pump@1', { 'm.onnx': inside })
  await settled()
  expect(desk.versions()).toEqual([])
})
