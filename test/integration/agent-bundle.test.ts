import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { machineOf } from '../../build/agent/program-file.ts'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { importSample } from '../harness/console.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { call, inferBody } from '../harness/local-api.ts'
import { labelledRows } from '../harness/manifest.ts'

const run = promisify(execFile)
const isHere = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
const bundle = async (out: string, ...flags: string[]): Promise<string> =>
  (await run(process.execPath, ['build/agent/bundle-agent.ts', '--out', out, ...flags])).stdout.trim()

/** Nothing of this checkout: what the package needs it must have. */
const bare = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' }

test.skipIf(!isHere)('the archive for this machine, unpacked elsewhere, checks itself, joins a console and serves a model', async () => {
  const out = temporaryDirectory()
  const said = await bundle(out, '--node', 'node_modules/node/bin/node')
  const [, download, disk] = /\s([\d.]+) MB to download, ([\d.]+) MB on disk$/.exec(said)!
  process.stdout.write(`${said.replace(out, '')}\n`)
  // Targets: the download of linux-arm64 is 55 MB; x64 has a larger runtime.
  expect([Number(download) < 64, Number(disk) < 160]).toEqual([true, true])

  const unpacked = temporaryDirectory()
  const [archive] = readdirSync(out).filter((name) => name.endsWith('.tar.gz'))
  await run('tar', ['-xzf', join(out, archive!), '-C', unpacked])
  const folder = join(unpacked, archive!.replace('.tar.gz', ''))
  const installed = join(unpacked, 'installed')
  const install = await run('sh', [join(folder, 'install.sh'), '--prefix', installed, '--no-service'], { env: bare, cwd: unpacked })
  expect(install.stdout).toMatch(/ok\s+storage[^]*ok\s+runtime[^]*ok\s+model[^]*Installed in/)
  const agent = join(installed, 'bin', 'muster-agent')
  expect((await run(agent, ['--version'], { env: bare })).stdout.trim()).toBe(musterVersion)

  const host = await LocalConsole.start(join(unpacked, 'console'), ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  await importSample(host, 'digits', '1.2.0')
  const { code, brokerUrl } = await host.rpc!.call('devices.createCode', { device: 'cam-1', labels: {} })
  const state = join(unpacked, 'state')
  await run(agent, ['enroll', '--dir', state, '--broker', brokerUrl, '--code', code, '--id', 'cam-1'], { env: bare })
  const port = await freePort()
  const child = spawn(agent, ['run', '--dir', state, '--http-port', String(port)], { env: bare, cwd: unpacked, stdio: 'ignore' })
  const ended = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  await host.rpc!.call('deployments.apply', { query: '', model: 'digits', version: '1.2.0' })
  await awaitActive(host.rpc!, { deployment: 'digits', devices: ['cam-1'], model: 'digits', version: '1.2.0', seconds: 40 })
  const [{ row, label } = { row: [], label: '' }] = labelledRows('digits/holdout.csv', 1)
  const answer = await until('an answer', 10, () =>
    call(`http://127.0.0.1:${port}/v2/models/digits/infer`, { body: inferBody('pixels', [row]) }).catch(() => null),
  )
  expect([answer.status, answer.body.parameters.label]).toEqual([200, label])
  child.kill('SIGTERM')
  expect((await ended)[0]).toBe(0)

  // A damaged file is found before anything is installed.
  writeFileSync(join(folder, 'lib', 'runtime.mjs'), 'damaged')
  await expect(run('sh', [join(folder, 'install.sh'), '--prefix', join(unpacked, 'again'), '--no-service'], { env: bare })).rejects.toThrow(
    'checksum did NOT match',
  )
  expect(existsSync(join(unpacked, 'again'))).toBe(false)
})

test('the archive for another machine has only its native files, and the licences of everything', async () => {
  const out = temporaryDirectory()
  await bundle(out, '--platform', 'linux', '--arch', 'arm64', '--without-node')
  const [name] = readdirSync(join(out, 'agent-bundle'))
  const folder = join(out, 'agent-bundle', name!, name!)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const native = files.filter((file) => /\.(node|so\.\d+|dll|dylib)$/.test(file))
  expect(native.map((file) => [file.split('/').at(-1), machineOf(readFileSync(join(folder, file)))])).toEqual(
    ['linux-arm64.node', 'libonnxruntime.so.1', 'onnxruntime_binding.node'].map((file) => [
      ...[file, { platform: 'linux', architecture: 'arm64' }],
    ]),
  )
  expect(readFileSync(join(folder, 'licenses', 'packages.txt'), 'utf8')).toMatch(
    /^mqtt [^]*^zod [^]*^better-sqlite3 [^]*^onnxruntime-node /m,
  )
  await bundle(out, '--platform', 'darwin', '--arch', 'arm64', '--without-node')
  await bundle(out, '--platform', 'win32', '--arch', 'x64', '--without-node')
  expect(readdirSync(out).filter((file) => /\.(zip|gz)$/.test(file)).length).toBe(3)
  await expect(bundle(out, '--platform', 'plan9')).rejects.toThrow("'plan9' is none of linux, darwin, win32.")
})

test('the npm package installs without a script, and checks itself', async () => {
  const out = temporaryDirectory()
  const archive = resolve(await bundle(out, '--npm'))
  const folder = temporaryDirectory()
  const allowScripts = { 'onnxruntime-node': false, 'better-sqlite3': false, protobufjs: false }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'device', private: true, allowScripts }))
  const npm = ['install', '--no-audit', '--no-fund', '--prefer-offline', archive]
  const isInstalled = await run('npm', npm, { cwd: folder }).then(
    () => true,
    (error: Error & { stderr: string }) => {
      if (!/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENOTCACHED/.test(error.stderr)) throw error
      process.stderr.write('the registry cannot be reached: the installation of the npm package is skipped\n')
      return false
    },
  )
  if (!isInstalled) return
  const [program, ...words] = [process.execPath, join(folder, 'node_modules', '.bin', 'muster-agent')]
  expect((await run(program, [...words, '--version'], { cwd: folder })).stdout.trim()).toBe(musterVersion)
  const { ok, findings } = JSON.parse((await run(program, [...words, 'doctor', '--self-check', '--json'], { cwd: folder })).stdout) as {
    ok: boolean
    findings: { check: string }[]
  }
  expect([ok, findings.map(({ check }) => check)]).toEqual([true, ['node', 'storage', 'runtime', 'isolation', 'model']])
})
