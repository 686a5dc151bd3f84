import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startPlayedMlflow } from '../../../../harness/mlflow-server.ts'
import { openSourceDesk } from '../../../../harness/source-desk.ts'

const token = (secret: string | null) => ({ kind: 'token' as const, secret })

it('keeps a secret sealed, never shows it, and sends it to its server alone', async () => {
  const server = await startPlayedMlflow()
  server.authorization = 'Bearer s3cret-of-lab'
  const desk = openSourceDesk()
  const made = await desk.call('sources.add', {
    source: 'lab',
    settings: { kind: 'mlflow', url: server.url, auth: token('s3cret-of-lab') },
  })
  expect(made.source).toMatchObject({ hasSecret: true, settings: { auth: { kind: 'token', secret: null } } })
  const raw = desk.store.db.prepare<[], { row: string }>("SELECT settings || coalesce(secret, '') AS row FROM model_source").get()
  expect(raw?.row).not.toContain('s3cret')
  expect(JSON.stringify(await desk.call('sources.list', {}))).not.toContain('s3cret')
  expect(await desk.call('sources.check', { source: 'lab' })).toMatchObject({ server: '3.6.0' })

  // What is not given stays, but not for another server.
  await desk.call('sources.change', {
    source: 'lab',
    settings: { kind: 'mlflow', url: `${server.url}/`, auth: token(null), everyMinutes: 30 },
  })
  expect(await desk.call('sources.check', { source: 'lab' })).toMatchObject({ server: '3.6.0' })
  const other = await startPlayedMlflow()
  await expect(
    desk.call('sources.change', { source: 'lab', settings: { kind: 'mlflow', url: other.url, auth: token(null) } }),
  ).rejects.toMatchObject({ code: 'source.secret' })
  const basic = { kind: 'basic' as const, username: 'anna', secret: null }
  await expect(
    desk.call('sources.change', { source: 'lab', settings: { kind: 'mlflow', url: server.url, auth: basic } }),
  ).rejects.toMatchObject({ code: 'source.secret' })
})

it('proves who it is with a name and a password', async () => {
  const server = await startPlayedMlflow()
  server.authorization = `Basic ${Buffer.from('anna:pass word').toString('base64')}`
  const desk = openSourceDesk()
  const auth = { kind: 'basic' as const, username: 'anna', secret: 'pass word' }
  await desk.call('sources.add', { source: 'lab', settings: { kind: 'mlflow', url: server.url, auth } })
  expect(await desk.call('sources.check', { source: 'lab' })).toMatchObject({ server: '3.6.0' })
})

it.each([
  ['ftp://host', 'source.address'],
  ['http://user:pass@host/', 'source.address'],
  ['https://host/?a=b', 'source.address'],
  ['http://mlflow.plant.example', 'source.address'],
  ['no address', 'source.address'],
])('refuses %s as the address of a server with a secret', async (url, code) => {
  const desk = openSourceDesk()
  await expect(desk.call('sources.add', { source: 'lab', settings: { kind: 'mlflow', url, auth: token('x') } })).rejects.toMatchObject({
    code,
  })
})

it('asks no address of this link, such as that of cloud metadata', async () => {
  const desk = openSourceDesk()
  await desk.call('sources.add', { source: 'lab', settings: { kind: 'mlflow', url: 'http://169.254.169.254' } })
  await expect(desk.call('sources.check', { source: 'lab' })).rejects.toMatchObject({ code: 'source.address' })
})

it('watches a folder that it can read, and neither its own nor one around it', async () => {
  const desk = openSourceDesk()
  const add = (folder: string) => desk.call('sources.add', { source: 'drop', settings: { kind: 'folder', folder } })
  await expect(add('relative')).rejects.toMatchObject({ code: 'source.folder' })
  await expect(add(join(desk.directory, 'none'))).rejects.toMatchObject({ code: 'source.folder' })
  await expect(add(desk.dataDirectory)).rejects.toMatchObject({ code: 'source.folder' })
  await expect(add(join(desk.dataDirectory, 'artifacts'))).rejects.toMatchObject({ code: 'source.folder' })
  await expect(add(desk.directory)).rejects.toMatchObject({ code: 'source.folder' })
  mkdirSync(join(desk.directory, 'drop', 'not a version'), { recursive: true })
  expect((await add(join(desk.directory, 'drop'))).source).toMatchObject({ source: 'drop', hasSecret: false })
  expect(await desk.call('sources.check', { source: 'drop' })).toEqual({
    ...{ server: null, models: 0, ignored: ['not a version: it is not named MODEL@VERSION'] },
  })
  await expect(add(join(desk.directory, 'drop'))).rejects.toMatchObject({ code: 'source.exists' })
  await expect(desk.call('mlflow.models', { source: 'drop' })).rejects.toMatchObject({ code: 'input.invalid' })
  await desk.call('sources.remove', { source: 'drop' })
  await expect(desk.call('sources.check', { source: 'drop' })).rejects.toMatchObject({ code: 'source.not-found' })
})
