import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { parseEnrolmentCode } from '../../shared/protocol/enrolment.ts'
import { FLEET } from '../harness/console.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { askToJoin, joinAsDevice, joinAsGuest, publishPacket } from '../harness/hostile-device.ts'

async function started() {
  const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), ['--fleet', FLEET, '--log-level', 'warn'])
  onTestFinished(() => host.crash())
  return { host, rpc: host.rpc!, target: { port: host.mqttPort, fleet: FLEET } }
}

const requestId = (): string => randomBytes(8).toString('hex')

test('case 46: of twenty agents that race with one code, one joins', async () => {
  const { rpc, target } = await started()
  const { code } = await rpc.call('devices.createCode', {})
  const { id } = parseEnrolmentCode(code)!
  const ends = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const request = requestId()
      const { connection } = await joinAsGuest(target, id, request)
      const answer = await askToJoin(target, connection, { code, request, device: `racer-${i}`, secret: `secret-${i}` })
      return answer.ok ? 'joined' : answer.error.code
    }),
  )
  expect(ends.toSorted()).toEqual([...Array.from({ length: 19 }, () => 'enrolment.code-invalid'), 'joined'])
  expect((await rpc.call('devices.list', {})).total).toBe(1)
})

test('case 46: five wrong proofs burn a code, over how many connections they ever come; the right one is late then', async () => {
  const { rpc, target } = await started()
  const { code } = await rpc.call('devices.createCode', {})
  const { id } = parseEnrolmentCode(code)!
  const kept = await joinAsGuest(target, id, 'kept0open0kept0open')
  for (let i = 0; i < 5; i += 1) {
    const request = requestId()
    const { connection } = await joinAsGuest(target, id, request)
    const answer = await askToJoin(target, connection, { code, request, device: 'guess', secret: 's', proof: 'a'.repeat(64) })
    expect(answer).toMatchObject({ ok: false, error: { code: 'enrolment.code-invalid' } })
  }
  // A connection from before is worth no more than a new one.
  const late = await askToJoin(target, kept.connection, { code, request: 'kept0open0kept0open', device: 'late', secret: 's' })
  expect(late).toMatchObject({ ok: false, error: { code: 'enrolment.code-invalid' } })
  expect((await joinAsGuest(target, id, requestId())).code).toBe(4)
  expect((await rpc.call('devices.list', {})).total).toBe(0)
})

test('a guest that has become a device is still a guest on that connection', async () => {
  const { rpc, target } = await started()
  const { code } = await rpc.call('devices.createCode', { device: 'cam-1' })
  const request = requestId()
  const { connection } = await joinAsGuest(target, parseEnrolmentCode(code)!.id, request)
  expect(await askToJoin(target, connection, { code, request, device: 'cam-1', secret: 'secret' })).toMatchObject({ ok: true })
  const presence = { v: 1, sentAt: 1, device: 'cam-1', status: 'online', boot: 'b', agentVersion: '1' }
  connection.send(publishPacket(`muster/1/${FLEET}/device/cam-1/presence`, presence, 9))
  await connection.closed
  expect((await rpc.call('devices.show', { device: 'cam-1' })).status).toBe('never-seen')
})

const facts = {
  ...{ os: '\u001b[2Jlinux', arch: '<img src=x onerror=alert(1)>', hostname: '\u202egnp.exe', cpus: 1, memoryBytes: 1, diskFreeBytes: 1 },
  ...{ agentVersion: '=cmd|1\nevil-2  online', runtimeVersion: '\u009b31m', executionProviders: [], httpUrl: 'javascript:alert(1)' },
}
const slot = { digest: 'a'.repeat(64), model: 'm', version: '1', since: 8_640_000_000_000_000 }

test('case 49: what a hostile device says is shown as text, and the views of the fleet go on', async () => {
  const { host, rpc, target } = await started()
  const { code } = await rpc.call('devices.createCode', { device: 'evil' })
  const device = await joinAsDevice(target, code, 'evil')
  const own = `muster/1/${FLEET}/device/evil`
  const problem = { code: 'c', message: 'z'.repeat(2000) }
  const head = { v: 1, sentAt: 1, device: 'evil', boot: 'b' }
  device.send(publishPacket(`${own}/presence`, { ...head, status: 'online', agentVersion: '\u001b]0;x\u0007' }, 3))
  const deployments = { constructor: { state: 'active', active: slot, candidate: null, lastGood: slot, progress: null, problem } }
  device.send(
    publishPacket(`${own}/reported`, { ...head, sequence: 1, facts, assignmentCounter: 0, assignmentProblem: problem, deployments }, 4),
  )
  const event = { name: 'x', severity: 'info', message: 'boo\n2026-01-01T00:00:00.000Z  info     all is well', code: null, detail: {} }
  const record = { seq: 1, boot: 'b', measuredAt: 8_640_000_000_000_000, monotonicMs: 1, kind: 'event', body: event }
  device.send(publishPacket(`${own}/telemetry`, { v: 1, sentAt: 1, device: 'evil', spool: 's', from: 1, through: 1, records: [record] }, 5))
  await vi.waitFor(async () => expect((await rpc.call('devices.show', { device: 'evil' })).events.length).toBe(1), 5000)
  for (const args of [
    ['devices', 'list'],
    ['devices', 'show', 'evil'],
    ['--json', 'devices', 'show', 'evil'],
    ['call', 'devices.list'],
  ]) {
    const { status, stdout } = spawnSync(process.execPath, ['electron/core/cli.ts', '--data', host.data, ...args], { encoding: 'utf8' })
    expect([args, status]).toEqual([args, 0])
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(stdout.split('\n').filter((line) => /^(\s*2026-01-01|evil-2)/.test(line))).toEqual([])
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(
      args.includes('devices') && args[0] === 'devices' ? 2200 : 5000,
    )
  }
})

test('a device that floods the console with rubbish on every topic that it has stops neither hub nor core', async () => {
  const { rpc, target } = await started()
  const { code } = await rpc.call('devices.createCode', { device: 'evil' })
  const device = await joinAsDevice(target, code, 'evil')
  const own = `muster/1/${FLEET}/device/evil`
  const rubbish = [
    'x',
    '{}',
    '[]',
    'null',
    '['.repeat(100_000),
    '{"v":2}',
    '{"v":1,"__proto__":{}}',
    '"\ud800"',
    `{"v":1,"device":"${'y'.repeat(100_000)}"}`,
  ]
  for (let i = 0; i < 600; i += 1) {
    const topic = `${own}/${['presence', 'reported', 'telemetry', 'block/want'][i % 4]!}`
    const payload = rubbish[i % rubbish.length]!
    if (topic.endsWith('presence') && payload.length > 4000) continue
    device.send(publishPacket(topic, payload, (i % 60_000) + 1, { dup: i % 5 === 0 }))
  }
  device.send({ cmd: 'pingreq' })
  await vi.waitFor(() => expect(device.received.some(({ cmd }) => cmd === 'pingresp')).toBe(true), 20_000)
  const status = await rpc.call('system.status', {})
  expect([status.hub.restarts, status.broker.state, status.ingest.refused > 0]).toEqual([0, 'running', true])
})
