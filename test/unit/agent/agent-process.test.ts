import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { agentConfig } from '../../../agent/config.ts'
import { runAgentCommand, startAgentProcess, type AgentProcess } from '../../harness/agent-process.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'
import { call, inferBody, until } from '../../harness/local-api.ts'
import { samples, sampleRows } from '../../harness/manifest.ts'
import { sampleBundle, startSmallConsole, type SmallConsole } from '../../harness/small-console.ts'

const v1 = sampleBundle(samples.digits100)
const v2 = sampleBundle(samples.digits110)
const row = sampleRows('digits/stream.csv', 1)[0]!.slice(0, 64)

async function enrolled(): Promise<{ host: SmallConsole; directory: string }> {
  const host = await startSmallConsole()
  onTestFinished(() => host.stop())
  const directory = temporaryDirectory()
  const { code, stderr } = await runAgentCommand(directory, ['enroll', '--broker', host.url, '--code', host.code, '--id', 'cam-1'])
  expect([code, stderr]).toEqual([0, ''])
  return { host, directory }
}

async function started(directory: string, args: string[] = []): Promise<AgentProcess> {
  const agent = await startAgentProcess(directory, args)
  onTestFinished(() => agent.kill())
  return agent
}

const activeVersion = (host: SmallConsole): unknown => {
  const reported = Object.entries(host.reports.at(-1)?.deployments ?? {}).find(([name]) => name === 'digits')?.[1]
  return reported?.state === 'active' ? reported.active?.version : reported?.state
}

describe('an agent in a process of its own', () => {
  it('joins, converges, answers, tells, and ends with a goodbye', { timeout: 60_000 }, async () => {
    const { host, directory } = await enrolled()
    const agent = await started(directory)
    await host.order('cam-1', { digits: v1 })
    await until(() => activeVersion(host) === '1.0.0', 'active')
    const answer = await call(`${agent.httpUrl}/v2/models/digits/infer`, { body: inferBody('pixels', [row]) })
    const predicted = await runAgentCommand(directory, ['predict', '--model', 'digits', '--input', row.join(','), '--json'])
    expect([answer.status, JSON.parse(predicted.stdout).outputs[0].data]).toEqual([200, answer.body.outputs[0].data])
    expect(await agent.status()).toMatchObject({
      running: true,
      device: 'cam-1',
      broker: { connected: true },
      order: { counter: 1, problem: null },
      deployments: { digits: { state: 'active', active: { version: '1.0.0' } } },
    })
    const doctor = await runAgentCommand(directory, ['doctor', '--json'])
    expect([doctor.code, JSON.parse(doctor.stdout).findings.filter(({ state }: { state: string }) => state !== 'ok')]).toEqual([0, []])
    const second = await runAgentCommand(directory, ['run', '--http-port', '0'])
    expect([second.code, second.stderr.split(':')[1]?.trim()]).toEqual([5, 'data-directory.in-use'])
    expect(await agent.terminate()).toBe(0)
    expect(host.presence).toEqual([
      { device: 'cam-1', status: 'online' },
      { device: 'cam-1', status: 'offline' },
    ])
    const windows = [...host.records.values()].filter(({ kind }) => kind === 'window')
    expect(windows.reduce((sum, { body }) => sum + Number(body['requests']), 0)).toBe(2)
    const stopped = await runAgentCommand(directory, ['status'])
    expect([stopped.code, stopped.stdout.split('\n')[0]]).toEqual([0, 'cam-1 of fleet test is not running'])
  })

  it('survives kill -9 at any moment of an update, and always serves', { timeout: 120_000 }, async () => {
    const { host, directory } = await enrolled()
    const first = await started(directory)
    await host.order('cam-1', { digits: v1 })
    await until(() => activeVersion(host) === '1.0.0', 'active')
    const versions = new Set<string>()
    let agent = first
    for (let cycle = 0; cycle < 8; cycle += 1) {
      const waitMs = 60 * cycle
      await host.order('cam-1', { digits: cycle % 2 === 0 ? v2 : v1 })
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      await agent.kill()
      agent = await started(directory)
      // Connections wait while the generation starts; each must be answered by a whole model.
      const answer = await call(`${agent.httpUrl}/v2/models/digits/infer`, { body: inferBody('pixels', [row]) })
      expect(answer.status).toBe(200)
      versions.add(answer.body.model_version)
    }
    await host.order('cam-1', { digits: v2 })
    await until(() => activeVersion(host) === '1.1.0', 'converged')
    expect([...versions].every((version) => ['1.0.0', '1.1.0'].includes(version))).toBe(true)
    await until(async () => (await agent.status()).spool.records === 0, 'everything told')
    expect(host.events('model.reverted')).toEqual([])
    expect(host.events('model.rejected')).toEqual([])
    const seqs = [...host.records.values()].map(({ seq }) => seq).sort((a, b) => a - b)
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    expect(host.events('agent.started')).toHaveLength(9)
    expect(await agent.terminate()).toBe(0)
  })

  it('keeps serving without the broker, keeps its records, and tells them later', { timeout: 60_000 }, async () => {
    const { host, directory } = await enrolled()
    const agent = await started(directory)
    await host.order('cam-1', { digits: v1 })
    await until(() => activeVersion(host) === '1.0.0', 'active')
    const timesOnline = (): number => host.presence.filter(({ status }) => status === 'online').length
    host.faults.noAcks = true
    host.dropConnections()
    expect((await call(`${agent.httpUrl}/v2/models/digits/infer`, { body: inferBody('pixels', [row]) })).status).toBe(200)
    await until(async () => (await agent.status()).spool.records > 0, 'spooled')
    // Else the second cut could come before the agent is back from the first, and be none.
    await until(() => timesOnline() === 2, 'back')
    host.faults.noAcks = false
    host.dropConnections()
    await until(() => [...host.records.values()].some(({ kind }) => kind === 'window'), 'told')
    await until(() => timesOnline() === 3, 'back again')
    await until(async () => (await agent.status()).spool.records === 0, 'acknowledged')
  })

  it('refuses forged and replayed orders, and says so', { timeout: 60_000 }, async () => {
    const { host, directory } = await enrolled()
    const agent = await started(directory)
    const old = await host.order('cam-1', { digits: v1 })
    await until(() => activeVersion(host) === '1.0.0', 'active')
    await host.order('cam-1', { digits: v2 })
    await until(() => activeVersion(host) === '1.1.0', 'updated')
    await host.publish('muster/1/test/device/cam-1/desired', old, true)
    await until(() => host.reports.at(-1)?.assignmentProblem?.code === 'assignment.rollback', 'refused')
    expect([activeVersion(host), host.reports.at(-1)?.assignmentCounter]).toEqual(['1.1.0', 2])
    await until(() => host.events('assignment.refused').length === 1, 'told')
    await agent.terminate()
  })
})

describe('the command line', () => {
  it.each([
    { name: 'no command', args: ['status'], code: 4, says: 'enrolment.not-enrolled' },
    { name: 'run without identity', args: ['run'], code: 4, says: 'enrolment.not-enrolled' },
    { name: 'predict without identity', args: ['predict', '--model', 'm', '--input', '1'], code: 4, says: 'enrolment.not-enrolled' },
    { name: 'an unknown flag', args: ['status', '--nope'], code: 2, says: 'unknown option' },
    { name: 'a port that is none', args: ['run', '--http-port', '99999'], code: 2, says: 'A port is a number' },
    {
      name: 'no broker there',
      args: ['enroll', '--broker', 'mqtt://127.0.0.1:1', '--code', 'f.abcdef.abcd-efgh-jkmn-pqrs'],
      code: 6,
      says: 'mqtt://127.0.0.1:1',
    },
    { name: 'no address', args: ['enroll', '--broker', 'ftp://x', '--code', 'f.abcdef.abcd-efgh-jkmn-pqrs'], code: 2, says: 'usage' },
    { name: 'no code', args: ['enroll', '--broker', 'mqtt://127.0.0.1:1', '--code', 'x'], code: 3, says: 'enrolment.code-invalid' },
  ])('ends with code and reason: $name', async ({ args, code, says }) => {
    const ran = await runAgentCommand(temporaryDirectory(), args)
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect(ran.stderr).toContain(says)
  })

  it('gives failures as JSON when asked', async () => {
    const ran = await runAgentCommand(temporaryDirectory(), ['status', '--json'])
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'enrolment.not-enrolled' } })
  })

  it.each([
    { args: ['enroll', '--json', '--code', 'x'], message: 'Give --broker and --code, or --file.' },
    { args: ['predict', '--json', '--model'], message: "option '--model <name>' argument missing" },
    { args: ['run', '--json', '--http-port', 'x'], message: 'A port is a number' },
    { args: ['stauts', '--json'], message: "unknown command 'stauts'" },
  ])('gives errors of usage as JSON too: $message', async ({ args, message }) => {
    const ran = await runAgentCommand(temporaryDirectory(), args)
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([2, { error: expect.objectContaining({ code: 'usage' }) }])
    expect(JSON.parse(ran.stdout).error.message).toContain(message)
  })

  it('helps with what is asked next: settings, exit codes, the next command', async () => {
    const { stdout: settings } = await runAgentCommand(temporaryDirectory(), ['run', '--help'])
    for (const name of Object.keys(agentConfig.shape)) expect(settings).toContain(name)
    const { stdout: program } = await runAgentCommand(temporaryDirectory(), ['--help'])
    expect(program).toContain('Exit codes: 0 done')
    const host = await startSmallConsole()
    onTestFinished(() => host.stop())
    const directory = join(temporaryDirectory(), "it's mine")
    const joined = await runAgentCommand(directory, ['enroll', '--broker', host.url, '--code', host.code, '--id', 'cam-1'])
    expect(joined.stdout).toContain(`Start it with: muster-agent run --dir '${directory.replace("'", String.raw`'\''`)}'`)
    const asked = await runAgentCommand(directory, ['predict', '--model', 'm', '--input', '1'], { npm_lifecycle_event: 'muster-agent' })
    expect([asked.code, asked.stderr]).toEqual([6, expect.stringContaining('Start it: npm run -s muster-agent -- run --dir')])
  })

  it('does not enrol twice, and leaves the identity alone', async () => {
    const { host, directory } = await enrolled()
    const before = readFileSync(join(directory, 'identity.json'), 'utf8')
    const again = await runAgentCommand(directory, ['enroll', '--broker', host.url, '--code', host.code])
    expect([again.code, readFileSync(join(directory, 'identity.json'), 'utf8')]).toEqual([5, before])
    expect(again.stderr).toContain('enrolment.already-enrolled')
  })

  it('refuses a folder that is a file, and examines a damaged one', async () => {
    const parent = temporaryDirectory()
    writeFileSync(join(parent, 'file'), '')
    const ran = await runAgentCommand(join(parent, 'file'), [
      'enroll',
      '--broker',
      'mqtt://127.0.0.1:1',
      '--code',
      'f.abcdef.abcd-efgh-jkmn-pqrs',
    ])
    expect([ran.code, ran.stderr.includes('data-directory.read-only')]).toEqual([7, true])
    const damaged = join(parent, 'damaged')
    mkdirSync(damaged)
    chmodSync(damaged, 0o700)
    for (const name of ['identity.json', 'journal.json', 'spool.db', 'agent.toml'])
      writeFileSync(join(damaged, name), 'garbage '.repeat(200))
    const doctor = await runAgentCommand(damaged, ['doctor', '--json'])
    const failed = JSON.parse(doctor.stdout).findings.filter(({ state }: { state: string }) => state === 'failed')
    expect([doctor.code, failed.map(({ check }: { check: string }) => check).sort()]).toEqual([
      1,
      ['config', 'identity', 'journal', 'spool'],
    ])
  })
})
