import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { affineModel } from '../../../../../harness/onnx/external.ts'
import { floats } from '../../../../../harness/onnx/model.ts'
import { startPlayedMlflow } from '../../../../../harness/mlflow-server.ts'
import { openSourceDesk } from '../../../../../harness/source-desk.ts'

// Each import starts a process: on a machine that is busy that takes seconds.
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000
const files = (weight: number) => ({ 'model.onnx': affineModel({ weights: { raw: floats(weight, 1, 1) } }) })

async function watching() {
  const server = await startPlayedMlflow()
  server.models['Churn'] = { versions: { 1: { files: files(1) }, 2: { files: files(2) } }, aliases: { champion: '1' } }
  const desk = openSourceDesk()
  const watches = [{ model: 'Churn', alias: 'champion' }]
  await desk.call('sources.add', { source: 'lab', settings: { kind: 'mlflow', url: server.url, watches } })
  await desk.look()
  return { server, desk, tags: (version: string) => server.models['Churn']!.versions[version]!.tags ?? {} }
}

it('imports the version of an alias as a draft, and the next one when the alias moves', async () => {
  const { server, desk } = await watching()
  expect(desk.versions()).toEqual(['churn@1 draft'])
  server.models['Churn']!.aliases['champion'] = '2'
  // Not before it is time to ask.
  desk.clock.at += 4 * MINUTE
  await desk.look()
  expect(desk.versions()).toEqual(['churn@1 draft'])
  desk.clock.at += MINUTE
  await desk.look()
  expect(desk.versions()).toEqual(['churn@1 draft', 'churn@2 draft'])
  // Nothing is ordered or approved by itself.
  expect(desk.store.deployments.all()).toEqual([])
  expect((await desk.call('sources.offers', { source: 'lab' })).offers).toMatchObject([
    { name: 'Churn@2', state: 'imported', model: 'churn', version: '2' },
    { name: 'Churn@1', state: 'imported' },
  ])
  expect(desk.registry.version('churn', '2').importedBy).toBe('source-lab')
})

it('asks each version once, however often the alias is looked at', async () => {
  const { server, desk } = await watching()
  const before = server.asked.filter((one) => one.includes('runs/get') || one.includes('artifacts')).length
  for (let n = 0; n < 3; n += 1) {
    desk.clock.at += 5 * MINUTE
    await desk.look()
  }
  expect(server.asked.filter((one) => one.includes('runs/get') || one.includes('artifacts')).length).toBe(before)
})

it('is quiet about a server that is away, says it once, and goes on when it is back', async () => {
  const { server, desk } = await watching()
  server.mode = 'hide'
  server.models['Churn']!.aliases['champion'] = '2'
  for (let n = 0; n < 3; n += 1) {
    desk.clock.at += 5 * MINUTE
    await desk.look()
  }
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ source: 'lab', problem: { code: 'source.unreachable' } }])
  expect(desk.logged.filter((one) => one.includes('could not be asked'))).toHaveLength(1)
  server.mode = 'answer'
  desk.clock.at += 5 * MINUTE
  await desk.look()
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ problem: null }])
  expect(desk.versions()).toContain('churn@2 draft')
})

it('tries again by itself what may pass, and what stays wrong only when somebody asks', async () => {
  const { server, desk } = await watching()
  desk.locked.isLocked = true
  server.models['Churn']!.aliases['champion'] = '2'
  desk.clock.at += 5 * MINUTE
  await desk.look()
  expect((await desk.call('sources.offers', { state: 'failed' })).offers).toMatchObject([
    { name: 'Churn@2', problem: { code: 'trust.locked' } },
  ])
  desk.locked.isLocked = false
  desk.clock.at += MINUTE
  await desk.look()
  expect(desk.versions()).toContain('churn@2 draft')

  server.models['Churn']!.versions['3'] = { files: { 'model.onnx': '<!doctype html>' } }
  server.models['Churn']!.aliases['champion'] = '3'
  desk.clock.at += 5 * MINUTE
  await desk.look()
  expect((await desk.call('sources.offers', { state: 'failed' })).offers).toMatchObject([{ name: 'Churn@3', attempts: 1, nextAt: null }])
  server.models['Churn']!.versions['3'].files = files(3)
  desk.clock.at += 60 * MINUTE
  await desk.look()
  expect(desk.versions()).not.toContain('churn@3 draft')
  const { job } = await desk.call('sources.poll', { source: 'lab' })
  expect(await desk.ended(job)).toMatchObject({ state: 'done', result: { imported: ['churn@3'], failed: [] } })
})

it('goes on after a restart in the middle of an import', async () => {
  const { server, desk } = await watching()
  server.models['Churn']!.aliases['champion'] = '2'
  desk.clock.at += 5 * MINUTE
  await desk.sources.look()
  await desk.close()
  const again = openSourceDesk(desk.directory)
  again.clock.at = desk.clock.at + MINUTE
  await again.look()
  expect(again.versions()).toContain('churn@2 draft')
})

it('tells the server where its versions run, only what has changed, and again when it was away', async () => {
  const { server, desk, tags } = await watching()
  desk.clock.at += MINUTE
  await desk.look()
  const told = {
    'muster.fleet': 'Plant',
    'muster.version': 'churn@1',
    'muster.stage': 'draft',
    'muster.ordered': '0',
    'muster.deployed': '0',
  }
  expect(tags('1')).toEqual(told)
  const written = () => server.asked.filter((one) => one.endsWith('set-tag')).length
  const before = written()
  desk.clock.at += MINUTE
  await desk.look()
  expect(written()).toBe(before)

  desk.store.transact(() =>
    desk.store.versionDecisions.add({
      ...{ model: 'churn', version: '1', at: desk.clock.at, actor: 'test:anna', act: 'approve', from: 'draft', to: 'approved' },
      ...{ why: '', isDespiteGates: false, gates: '[]' },
    }),
  )
  server.mode = 'hide'
  desk.clock.at += MINUTE
  await desk.look()
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ tags: { written: 4, waiting: 1 } }])
  server.mode = 'answer'
  desk.clock.at += 2 * MINUTE
  await desk.look()
  expect(tags('1')).toEqual({ ...told, 'muster.stage': 'approved' })
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ tags: { written: 5, waiting: 0 } }])
})

it('does not take the 404 of a proxy for a version that was deleted', async () => {
  const { server, desk, tags } = await watching()
  server.mode = 'lost'
  desk.clock.at += MINUTE
  await desk.look()
  expect((await desk.call('sources.list', {})).sources).toMatchObject([{ tags: { written: 0, waiting: 5 } }])
  server.mode = 'answer'
  desk.clock.at += 2 * MINUTE
  await desk.look()
  expect(tags('1')).toMatchObject({ 'muster.stage': 'draft' })
  // A clock that was a year ahead for a moment does not keep the next tags back for a year.
  desk.store.transact(() => desk.store.sources.noteTags('lab', 1, desk.clock.at + 365 * 24 * 60 * MINUTE))
  delete server.models['Churn']!.versions['1']!.tags
  desk.store.transact(() =>
    desk.store.versionDecisions.add({
      ...{ model: 'churn', version: '1', at: desk.clock.at, actor: 'test:anna', act: 'approve', from: 'draft', to: 'approved' },
      ...{ why: '', isDespiteGates: false, gates: '[]' },
    }),
  )
  desk.clock.at += MINUTE
  await desk.look()
  expect(tags('1')).toEqual({ 'muster.stage': 'approved' })
})

it('offers a version anew where the model was deleted and registered again, and does not mix the two up', async () => {
  const { server, desk } = await watching()
  server.models['Churn']!.versions['1'] = { files: files(3), createdAt: 1_800_000_000_000 }
  desk.clock.at += 5 * MINUTE
  await desk.look()
  expect((await desk.call('sources.offers', { source: 'lab' })).offers).toMatchObject([
    { name: 'Churn@1', state: 'failed', problem: { code: 'model.exists' } },
  ])
})

it('looks at a folder while a server takes its time', async () => {
  const { server, desk } = await watching()
  const folder = join(desk.directory, 'drop')
  mkdirSync(folder)
  await desk.call('sources.add', { source: 'drop', settings: { kind: 'folder', folder } })
  await desk.look()
  rmSync(folder, { recursive: true })
  server.mode = 'drip'
  desk.clock.at += 5 * MINUTE
  const asked = server.asked.length
  const look = desk.sources.look()
  await vi.waitFor(async () => {
    const { sources } = await desk.call('sources.list', {})
    expect(sources.find(({ source }) => source === 'drop')).toMatchObject({ problem: { code: 'source.folder' } })
    expect(server.asked.length).toBeGreaterThan(asked)
  })
  server.mode = 'answer'
  server.stop()
  await look
})

it('tells nothing to another server under the name of the source', async () => {
  const { desk } = await watching()
  const other = await startPlayedMlflow()
  await desk.call('sources.change', { source: 'lab', settings: { kind: 'mlflow', url: other.url } })
  desk.clock.at += MINUTE
  await desk.look()
  expect(other.asked.filter((one) => one.startsWith('POST'))).toEqual([])
})
