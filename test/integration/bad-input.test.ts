import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startProgram } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { problems } from '../../shared/domain/problems.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'

const MODEL = 'build/samples/digits/digits-1.0.0.onnx'
const MUSTER = 'electron/core/cli.ts'
const AGENT = 'agent/cli.ts'

async function run(
  script: string,
  args: readonly string[],
): Promise<{ exit: number | NodeJS.Signals; code: string; message: string; hint: string }> {
  const program = startProgram(script, args)
  const exit = await program.ended
  const text = program.output()
  const json = /\{\s*"error"[^]*\}/.exec(text)?.[0]
  const { error } = JSON.parse(json ?? `{"error":{"code":"no JSON","message":${JSON.stringify(text.slice(-500))}}}`) as {
    error: { code: string; message: string; hint?: string }
  }
  return { exit, code: error.code, message: error.message, hint: error.hint ?? '' }
}

function exitOf(code: keyof typeof problems): number {
  return problems[code].exit
}

describe('against a running console', () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'))
  let host: LocalConsole
  beforeAll(async () => {
    host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
  })
  afterAll(async () => {
    await host.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  const file = (name: string, content: string | Buffer): string => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  }
  const csv = (name: string, change: (lines: string[]) => string[]): string =>
    file(name, change(readFileSync('build/samples/digits/holdout.csv', 'utf8').split('\n')).join('\n'))

  const rows: { name: string; args: () => string[]; code: keyof typeof problems; says: string }[] = [
    {
      name: 'a text file as a model',
      args: () => ['models', 'import', file('a.onnx', 'I am a text, not a model.\n'.repeat(50)), '--as', 'a@1'],
      code: 'model.invalid',
      says: '',
    },
    {
      name: 'a web page as a model',
      args: () => ['models', 'import', file('b.onnx', '<!doctype html><html><body>404</body></html>'), '--as', 'a@1'],
      code: 'model.invalid',
      says: '',
    },
    {
      name: 'a truncated model',
      args: () => ['models', 'import', file('c-1.onnx', readFileSync(MODEL).subarray(0, 3000))],
      code: 'model.invalid',
      says: '',
    },
    { name: 'an empty file', args: () => ['models', 'import', file('d-1.onnx', '')], code: 'model.invalid', says: 'empty' },
    { name: 'a missing file', args: () => ['models', 'import', join(directory, 'missing.onnx')], code: 'usage', says: 'missing.onnx' },
    {
      name: 'a missing column',
      args: () => [
        'models',
        'import',
        MODEL,
        '--as',
        'e@1',
        '--holdout',
        csv('e.csv', (lines) => lines.map((line) => line.split(',').slice(1).join(','))),
      ],
      code: 'data.schema-mismatch',
      says: '',
    },
    {
      name: 'a word where a number must be',
      args: () => [
        'models',
        'import',
        MODEL,
        '--as',
        'e@1',
        '--holdout',
        csv('f.csv', (lines) => lines.map((line, i) => (i === 7 ? line.replace(/^[^,]*/, 'many') : line))),
      ],
      code: 'data.invalid',
      says: 'many',
    },
    { name: 'no name for a version', args: () => ['models', 'import', MODEL, '--as', 'digits'], code: 'usage', says: 'digits' },
    { name: 'an unknown version', args: () => ['deploy', 'digits@9.9.9', '--query', ''], code: 'model.not-found', says: 'digits' },
    {
      name: 'an unknown attribute',
      args: () => ['devices', 'list', '--query', 'sitte = lyon'],
      code: 'query.unknown-attribute',
      says: "Did you mean 'site'?",
    },
    { name: 'a broken query', args: () => ['devices', 'list', '--query', 'site ='], code: 'query.syntax', says: 'position' },
    { name: 'an unknown device', args: () => ['devices', 'show', 'cam-99'], code: 'device.not-found', says: 'cam-99' },
    { name: 'an unknown method', args: () => ['call', 'fleet.destroy'], code: 'method.unknown', says: 'fleet.destroy' },
    { name: 'an input that is no JSON', args: () => ['call', 'devices.list', '{'], code: 'usage', says: 'JSON' },
  ]
  test.each(rows)('$name', async ({ args, code, says }) => {
    const result = await run(MUSTER, ['--json', '--data', host.data, ...args()])
    expect({ code: result.code, exit: result.exit }).toEqual({ code, exit: exitOf(code) })
    expect(result.message).toContain(says)
    expect(result.hint).not.toBe('')
  })

  test('none of it left a version behind', async () => {
    expect((await host.rpc!.call('models.list', {})).versions).toEqual([])
  })

  test('a wrong code at enrolment', async () => {
    const made = await host.rpc!.call('devices.createCode', {})
    const brokerUrl = `mqtt://127.0.0.1:${host.mqttPort}`
    const [, id] = made.code.split('.')
    const attempts = [
      `${made.code.slice(0, -1)}${made.code.endsWith('a') ? 'b' : 'a'}`,
      `fleet.zzzzzz.aaaa-bbbb-cccc-dddd`,
      'nonsense',
      `fleet.${id!}.aaaa-bbbb-cccc-dddd`,
    ]
    const codes = []
    for (const [i, code] of attempts.entries())
      codes.push(
        (await run(AGENT, ['enroll', '--json', '--dir', join(directory, `agent-${i}`), '--broker', brokerUrl, '--code', code])).code,
      )
    expect(codes).toEqual(['enrolment.code-invalid', 'enrolment.code-invalid', 'enrolment.code-invalid', 'enrolment.code-invalid'])
    expect((await host.rpc!.call('devices.list', {})).total).toBe(0)
  })

  test('a second console on the same data', async () => {
    const result = await run(MUSTER, ['--json', '--data', host.data, 'console', '--headless', '--port', '0', '--mqtt-port', '0'])
    expect([result.code, result.exit]).toEqual(['data-directory.in-use', exitOf('data-directory.in-use')])
    expect((await host.rpc!.call('system.status', {})).broker.state).toBe('running')
  })
})

describe('at the start', () => {
  test('a port of the broker or of the interface that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const start = (flags: string[]): ReturnType<typeof run> =>
      run(MUSTER, ['--json', '--data', join(temporaryDirectory(), 'data'), 'console', '--headless', ...flags])
    const results = [await start(['--port', '0', '--mqtt-port', String(port)]), await start(['--port', String(port), '--mqtt-port', '0'])]
    taken.close()
    expect(results.map(({ code, exit, message }) => [code, exit, message.includes(String(port))])).toEqual([
      ['port.in-use', 5, true],
      ['port.in-use', 5, true],
    ])
  })

  test('a database of a newer version, or a damaged one', async () => {
    const start = (data: string): ReturnType<typeof run> =>
      run(MUSTER, ['--json', '--data', data, 'console', '--headless', '--port', '0', '--mqtt-port', '0'])
    const outcomes = []
    for (const name of ['fleet.db', 'telemetry.db']) {
      const newer = join(temporaryDirectory(), 'data')
      mkdirSync(newer)
      const db = new Database(join(newer, name))
      db.exec('CREATE TABLE x (y INTEGER)')
      db.pragma('user_version = 99990')
      db.close()
      outcomes.push((await start(newer)).code)
      const damaged = join(temporaryDirectory(), 'data')
      mkdirSync(damaged)
      copyFileSync(MODEL, join(damaged, name))
      outcomes.push((await start(damaged)).code)
      expect(readFileSync(join(damaged, name)).equals(readFileSync(MODEL))).toBe(true)
    }
    expect(outcomes).toEqual(['store.newer', 'store.corrupt', 'store.newer', 'store.corrupt'])
  })

  test('a read-only data directory', async (context) => {
    const directory = temporaryDirectory()
    if (process.getuid?.() === 0) {
      // Root writes in spite of permissions: a read-only mount stands for them.
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'none', directory]).status === 0
      if (!mounted) context.skip('neither a normal user nor allowed to mount')
    } else chmodSync(directory, 0o500)
    try {
      const results = [
        await run(MUSTER, ['--json', '--data', directory, 'console', '--headless', '--port', '0', '--mqtt-port', '0']),
        await run(MUSTER, ['--json', '--data', join(directory, 'below'), 'console', '--headless', '--port', '0', '--mqtt-port', '0']),
      ]
      expect(results.map(({ code, exit }) => [code, exit])).toEqual([
        ['data-directory.read-only', 7],
        ['data-directory.read-only', 7],
      ])
    } finally {
      spawnSync('umount', [directory])
    }
  })

  test('an unreachable broker: the agent says so at enrolment, the console runs and says so', async () => {
    const port = await freePort()
    const agent = await run(AGENT, [
      'enroll',
      '--json',
      '--dir',
      join(temporaryDirectory(), 'agent'),
      '--broker',
      `mqtt://127.0.0.1:${port}`,
      '--code',
      'fleet.abcdef.aaaa-bbbb-cccc-dddd',
    ])
    expect([agent.code, agent.exit, agent.message.includes(String(port))]).toEqual(['broker.unreachable', 6, true])
    const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), [
      '--log-level',
      'error',
      '--broker',
      `mqtt://127.0.0.1:${port}`,
    ])
    const { broker } = await host.rpc!.call('system.status', {})
    await host.stop()
    expect([broker.state, broker.problem?.code]).toEqual(['unreachable', 'broker.unreachable'])
  })

  test('no console to talk to', async () => {
    const result = await run(MUSTER, ['--json', '--data', temporaryDirectory(), 'status'])
    expect([result.code, result.exit]).toEqual(['console.unreachable', 6])
  })

  test('a flag that does not exist, and a verb that does not', async () => {
    const exits = await Promise.all([
      startProgram(MUSTER, ['devices', 'list', '--nonsense']).ended,
      startProgram(MUSTER, ['fleeet']).ended,
      startProgram(MUSTER, ['--help']).ended,
    ])
    expect(exits).toEqual([2, 2, 0])
  })
})
