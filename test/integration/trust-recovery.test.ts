import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram, until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

const MUSTER = 'electron/core/cli.ts'

async function muster(data: string, ...args: string[]): Promise<{ code: unknown; text: string }> {
  const program = startProgram(MUSTER, ['--data', data, ...args])
  return { code: await program.ended, text: program.output() }
}

async function json(data: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { text } = await muster(data, '--json', ...args)
  return JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>
}

test('case 36: a console on a damaged store says what to run; its page restores the newest backup and the console starts', async () => {
  const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), ['--log-level', 'error', '--recovery'])
  onTestFinished(() => host.crash())
  await host.rpc!.call('queries.save', { name: 'kept', query: 'site = lyon' })
  const { name } = await json(host.data, 'backup', 'now')
  await host.stop()
  const file = join(host.data, 'fleet.db')
  const damaged = readFileSync(file)
  damaged.fill(0xff, 0, 100)
  writeFileSync(file, damaged)
  const plain = await muster(host.data, 'console', '--headless', '--no-recovery')
  expect(plain.code).toBe(7)
  expect(plain.text).toContain('backup restore latest --only damaged')
  expect(readFileSync(file).equals(damaged)).toBe(true)

  const ports = ['--port', String(host.httpPort), '--mqtt-port', String(host.mqttPort)]
  const program = startProgram(MUSTER, ['--data', host.data, 'console', '--headless', '--recovery', ...ports], { isGroup: true })
  onTestFinished(() => program.killGroup())
  const origin = `http://127.0.0.1:${host.httpPort}`
  const key = await until('the page of recovery', 20, () => /#key=(\S+)/.exec(program.output())?.[1])
  const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(origin + path, { method: 'POST', body: JSON.stringify(body), headers: { origin, authorization: `Bearer ${key}`, ...headers } })
  expect((await ask('/recovery/state', {}, { authorization: 'Bearer wrong' })).status).toBe(403)
  expect((await ask('/recovery/state', {}, { origin: 'http://evil.test' })).status).toBe(403)
  expect((await ask('/recovery/restore', { name: '../../etc' })).status).toBe(404)
  expect(await (await ask('/recovery/state', {})).json()).toMatchObject({
    ...{ problem: { code: 'store.corrupt' }, damaged: ['fleet.db'], mayBeginTelemetry: false },
    backups: [{ name }],
  })
  expect((await ask('/recovery/restore', { name })).status).toBe(200)
  await until('the console to start', 30, async () => {
    const about = (await fetch(`${origin}/about`)
      .then((response) => response.json())
      .catch(() => null)) as { recovery?: boolean } | null
    return about !== null && about.recovery !== true
  })
  expect((await json(host.data, 'queries', 'list'))['queries']).toHaveLength(1)
  const aside = readdirSync(host.data).find((entry) => entry.startsWith('before-restore-'))!
  expect(readFileSync(join(host.data, aside, 'fleet.db')).equals(damaged)).toBe(true)
})

test('case 36: damaged telemetry alone is begun anew, and everything else stays', async () => {
  const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  await host.rpc!.call('queries.save', { name: 'kept', query: 'site = lyon' })
  await host.stop()
  for (const damage of [Buffer.alloc(0), Buffer.alloc(20_000, 7)]) {
    // Its journal would bring most of it back.
    for (const suffix of ['-wal', '-shm']) rmSync(join(host.data, `telemetry.db${suffix}`), { force: true })
    writeFileSync(join(host.data, 'telemetry.db'), damage)
    const failed = await muster(host.data, 'console', '--headless', '--no-recovery', '--port', '0', '--mqtt-port', '0')
    expect([failed.code, /store\.corrupt/.test(failed.text), /begin-telemetry/.test(failed.text)]).toEqual([7, true, true])
    expect(await muster(host.data, 'backup', 'begin-telemetry')).toMatchObject({ code: 0 })
    await host.launch()
    expect((await host.rpc!.call('queries.list', {})).queries).toHaveLength(1)
    await host.stop()
  }
  expect(await muster(host.data, 'backup', 'begin-telemetry')).toMatchObject({ code: 3 })
})

test('case 39: a second console on one data directory says so and ends; a restore is refused meanwhile', async () => {
  const directory = join(temporaryDirectory(), 'console')
  mkdirSync(directory)
  const host = await LocalConsole.start(directory, ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const second = await muster(directory, 'console', '--headless', '--port', '0', '--mqtt-port', '0')
  expect([second.code, second.text.includes('data-directory.in-use')]).toEqual([5, true])
  await json(directory, 'backup', 'now')
  expect(await muster(directory, 'backup', 'restore', 'latest')).toMatchObject({ code: 5 })
  await host.rpc!.call('system.status', {})
})
