import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { addAuditCommands } from '../../electron/core/cli/audit-commands.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

async function started(): Promise<{ host: LocalConsole; agent: LocalAgent; directory: string; audit(...args: string[]): Promise<Ran> }> {
  const directory = temporaryDirectory()
  const host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'test', '--log-level', 'error'])
  onTestFinished(() => host.crash())
  const agent = await LocalAgent.join(host.rpc!, join(directory, 'cam-1'), { device: 'cam-1' })
  onTestFinished(() => agent.crash())
  const audit = (...args: string[]): Promise<Ran> =>
    runCommand(addAuditCommands, ['--data', host.data, '--person', 'anna', 'audit', ...args])
  return { host, agent, directory, audit }
}

const isKept = async (host: LocalConsole, size: number): Promise<boolean> =>
  (await host.rpc!.call('audit.witnesses', {})).witnesses.some((one) => one.device === 'cam-1' && one.size === size)

test('what was done is found, signed, kept by the device, exported, and verified without the console', async () => {
  const { host, directory, audit } = await started()
  const rpc = host.rpc!
  await rpc.call('devices.setLabels', { query: '', labels: { site: 'lyon', hall: '4' } })
  await rpc.call('devices.setLabels', { query: '', labels: { site: 'oslo' } })
  await rpc.call('devices.setNote', { device: 'cam-1', text: 'The lens was cleaned by Ben' })

  expect((await audit('list')).out).toMatch(/devices\.enrolled/)
  const listed = (await audit('list', '--action', 'setlabels', '--json')).json() as { entries: { seq: number; device: string }[] }
  expect(listed.entries).toMatchObject([{ device: 'cam-1' }, { device: 'cam-1' }])
  expect(((await audit('search', 'cleaned by ben', '--json')).json() as typeof listed).entries).toMatchObject([
    { action: 'devices.setNote' },
  ])
  expect((await audit('list', '--actor', 'nobody')).out).toContain('No entry matches')
  const second = String(listed.entries[0]!.seq)
  expect((await audit('show', second)).out).toContain('labels.site')
  expect((await audit('proof', second)).exit).toBe(5)

  const { size } = (await audit('checkpoint', '--json')).json() as { size: number }
  await until('the device to keep the checkpoint', 20, () => isKept(host, size))
  expect((await audit('witnesses')).out).toMatch(/cam-1 .* extends/)
  expect((await audit('checkpoints')).out).toContain(String(size))
  expect((await audit('proof', second)).out).toContain(`is leaf ${Number(second) - 1} of ${size}`)
  const { key } = (await audit('status', '--json')).json() as { key: { publicKey: string } }
  expect((await audit('verify')).out).toContain('The log is good')
  expect((await audit('verify', '--json')).json()).toMatchObject({ isGood: true, witnesses: 1, checkpoints: 1 })

  const file = join(directory, 'audit.jsonl')
  const part = join(directory, 'part.jsonl')
  const table = join(directory, 'audit.csv')
  expect((await audit('export', '-o', file)).exit).toBe(0)
  expect((await audit('export', '-o', part, '--action', 'setlabels', '--json')).json()).toMatchObject({ entries: 2 })
  expect((await audit('export', '-o', table)).exit).toBe(0)
  expect(readFileSync(table, 'utf8')).toContain('The lens was cleaned by Ben')
  await host.stop()

  expect((await audit('verify', '--file', file, '--key', key.publicKey)).exit).toBe(0)
  expect((await audit('verify', '--file', part, '--key', key.publicKey, '--json')).json()).toMatchObject({
    isGood: true,
    isKeyGiven: true,
    entries: 2,
  })
  writeFileSync(part, readFileSync(part, 'utf8').replace('oslo', 'rome'))
  const changed = await audit('verify', '--file', part, '--key', key.publicKey)
  expect([changed.exit, changed.out]).toEqual([3, expect.stringContaining(`First bad entry: ${second}`)])
  expect((await audit('verify', '--file', table)).exit).toBe(3)
  expect((await audit('verify', '--key', key.publicKey)).exit).toBe(2)
  expect((await audit('show', 'x')).exit).toBe(2)
  expect((await audit('list')).exit).toBe(6)
}, 60_000)

test('case 54: a console whose database was rolled back is told by its device, and alarms until an admin says why', async () => {
  const { host, agent, audit } = await started()
  const label = (site: string) => host.rpc!.call('devices.setLabels', { query: '', labels: { site } })
  await label('lyon')
  await host.rpc!.call('audit.checkpoint', {})
  const database = join(host.data, 'fleet.db')
  const snapshot = new Database(database, { readonly: true })
  snapshot.exec(`VACUUM INTO '${database}.yesterday'`)
  snapshot.close()

  for (const site of ['oslo', 'rome', 'bern']) await label(site)
  const { size } = await host.rpc!.call('audit.checkpoint', {})
  await until('the device to keep the checkpoint', 40, () => isKept(host, size))
  // The device knows it from its files alone; started anew, it does not wait long for a console that was away.
  await Promise.all([agent.crash(), host.crash()])
  for (const end of ['-wal', '-shm']) rmSync(`${database}${end}`, { force: true })
  renameSync(`${database}.yesterday`, database)

  await host.launch()
  await agent.launch()
  await until('the device to contradict', 40, async () => (await host.rpc!.call('audit.status', {})).open === 1)
  const verified = await audit('verify', '--json')
  expect([verified.exit, verified.json()]).toMatchObject([3, { isGood: false, first: { kind: 'missing' } }])
  expect((await audit('witnesses')).out).toContain('are gone')
  const told = (await audit('list', '--action', 'audit.rolledBack', '--json')).json() as { entries: unknown[] }
  expect(told.entries).toMatchObject([{ actor: 'muster', device: 'cam-1' }])
  const alarms = async () => (await host.rpc!.call('alerts.list', { rule: 'audit-rolled-back' })).alerts
  await until('the alarm', 40, async () => (await alarms()).length === 1)
  expect(await alarms()).toMatchObject([{ state: 'firing', severity: 'critical', subject: { device: 'cam-1' } }])

  expect((await audit('accept', '--note', 'Monday was restored')).out).toContain('1 contradictions were accepted')
  await until('the alarm to end', 40, async () => (await alarms()).length === 0)
  const { newest } = await host.rpc!.call('audit.status', {})
  await until('the device to go on from what was accepted', 40, () => isKept(host, newest!.size))
}, 180_000)
