import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram, until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
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

test(
  'case 38: backed up under load, restored elsewhere and in place; devices follow the console that was restored',
  { timeout: 240_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1', 'cam-2'] })
    const { host, agents, directory } = fleet
    await importSample(host, 'digits', '1.0.0')
    await importSample(host, 'digits', '1.1.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const loads = agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 60 }))
    onTestFinished(async () => void (await Promise.all(loads.map((load) => load.stop()))))
    await sleep(1500)
    const made = await json(host.data, 'backup', 'now')
    expect(made).toMatchObject({ reason: 'person', devices: 2, isOurs: true, fault: null, keys: 'left-out' })
    const name = String(made['name'])
    expect(await muster(host.data, 'backup', 'verify', 'latest')).toMatchObject({ code: 0 })
    // After the backup: another version everywhere, a new device, more telemetry.
    await deployEverywhere(fleet, 'digits', '1.1.0')
    await host.rpc!.call('devices.createCode', { device: 'cam-9', labels: {} })
    const before = await host.rpc!.call('deployments.progress', { deployment: 'digits' })
    expect(before.devices.every(({ active }) => active?.version === '1.1.0')).toBe(true)

    // While it runs, nothing is restored under its feet.
    const refused = await muster(host.data, 'backup', 'restore', 'latest')
    expect(refused.code).toBe(5)
    expect(refused.text).toContain('--at-next-start')

    // Elsewhere: a directory of its own, which says that there are no keys in it.
    const elsewhere = join(directory, 'elsewhere')
    const copy = await json(host.data, 'backup', 'restore', name, '--into', elsewhere)
    expect(copy).toMatchObject({ keys: 'none', aside: null, stores: ['fleet.db', 'telemetry.db'] })
    expect(await muster(host.data, 'backup', 'restore', name, '--into', elsewhere)).toMatchObject({ code: 5 })

    await host.stop()
    const report = await json(host.data, 'backup', 'restore', 'latest')
    const loss = report['loss'] as { records: number; acts: number }
    expect(loss.records).toBeGreaterThan(0)
    expect(loss.acts).toBeGreaterThanOrEqual(2)
    expect(readdirSync(String(report['aside'])).sort()).toEqual(expect.arrayContaining(['fleet.db', 'telemetry.db']))
    await host.launch()
    // The order of then is older than what the devices run; signed anew, it wins, and nobody takes it for a replay.
    await until('the devices to run what the backup says', 40, async () => {
      const { devices } = await host.rpc!.call('deployments.progress', { deployment: 'digits' })
      return devices.length === 2 && devices.every(({ active, problem }) => active?.version === '1.0.0' && problem === null)
    })
    const shown = await host.rpc!.call('backups.show', {})
    expect(shown.restored).toMatchObject({ backup: name })
    for (const load of loads) expect(load.counts.firstFailure).toBeNull()
    process.stdout.write(`restored ${name}: ${loss.records} records and ${loss.acts} acts behind, all of it counted; both devices follow\n`)
  },
)

test('a restore planned in the running console is made at its next start, and can be taken back', async () => {
  const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const made = await json(host.data, 'backup', 'now')
  const { queries } = await host.rpc!.call('queries.list', {})
  expect(queries).toEqual([])
  await host.rpc!.call('queries.save', { name: 'later', query: 'site = lyon' })
  expect(await muster(host.data, 'backup', 'restore', 'latest', '--at-next-start')).toMatchObject({ code: 0 })
  expect(await muster(host.data, 'backup', 'restore', '--cancel')).toMatchObject({ code: 0 })
  await host.stop()
  await host.launch()
  expect((await host.rpc!.call('queries.list', {})).queries.length).toBe(1)
  await muster(host.data, 'backup', 'restore', String(made['name']), '--at-next-start')
  await host.stop()
  await host.launch()
  expect((await host.rpc!.call('queries.list', {})).queries).toEqual([])
  expect(await host.rpc!.call('backups.show', {})).toMatchObject({ planned: null, restored: { backup: made['name'] } })
})

test('keys go along under a passphrase; the schedule says what it is told, and refuses what it cannot keep', async () => {
  const directory = temporaryDirectory()
  const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const word = join(directory, 'word')
  writeFileSync(word, 'correct horse battery\n')
  const folder = join(directory, 'outside')
  const flags = ['--at', '04:30', '--keep', '3,2,1', '--folder', folder, '--keys', 'sealed', '--passphrase-file', word]
  expect(await json(host.data, 'backup', 'schedule', ...flags)).toMatchObject({
    ...{ keys: 'sealed', folder },
    schedule: { isOn: true, at: '04:30', keep: { daily: 3, weekly: 2, monthly: 1 } },
  })
  expect(readFileSync(join(host.data, 'fleet.db')).includes('correct horse')).toBe(false)
  expect(await muster(host.data, 'backup', 'schedule', '--at', '25:00')).toMatchObject({ code: 3 })
  expect(await muster(host.data, 'backup', 'schedule', '--folder', '/proc/nowhere')).toMatchObject({ code: 7 })
  expect(await json(host.data, 'backup', 'now')).toMatchObject({ keys: 'sealed' })
  await host.stop()
  expect((await json(host.data, 'backup', 'list'))['backups']).toHaveLength(1)
  const next = join(directory, 'next')
  const restored = await json(next, 'backup', 'restore', 'latest', '--from', folder, '--passphrase-file', word)
  expect(restored).toMatchObject({ keys: 'restored' })
  expect(readFileSync(join(next, 'keys', 'assignment.pem'), 'utf8')).toBe(readFileSync(join(host.data, 'keys', 'assignment.pem'), 'utf8'))
  const other = await LocalConsole.start(next, ['--log-level', 'error'])
  onTestFinished(() => other.crash())
  expect((await other.rpc!.call('system.status', {})).fleet).toBe('fleet')
})
