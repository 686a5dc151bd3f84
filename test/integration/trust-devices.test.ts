import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runProgram, startProgram } from '../../build/demo/child.ts'
import { shownFingerprint } from '../../shared/protocol/certificate.ts'
import { acts, certificateStates, credentialsOf, joinOverTls, online, refusals, spooled, startTlsConsole } from '../harness/tls-console.ts'

test('case 45: a device enrols over TLS, renews its certificate, and is out at once when it is revoked; its spool stays with it', async () => {
  const console = await startTlsConsole()
  const { rpc } = console
  const agent = await joinOverTls(console, 'cam-1')
  await vi.waitFor(async () => expect(await certificateStates(rpc, 'cam-1')).toEqual(['in-use']), 5000)
  expect(statSync(join(agent.directory, 'credentials.json')).mode & 0o077).toBe(0)
  const before = credentialsOf(agent)
  await rpc.call('devices.renewCertificate', { device: 'cam-1' })
  await vi.waitFor(async () => expect(await certificateStates(rpc, 'cam-1')).toEqual(['in-use', 'revoked']), 20_000)
  // The console sees the connection before the device has tidied up behind it.
  await vi.waitFor(() => expect(credentialsOf(agent).current.certificate).not.toBe(before.current.certificate), 20_000)
  await online(rpc, 'cam-1')

  // Case 45.
  expect((await rpc.call('devices.revoke', { device: 'cam-1', reason: 'stolen' })).access).toBe('revoked')
  await vi.waitFor(() => expect(acts(console, 'devices.cut')).toHaveLength(1), 10_000)
  const [revoked, cut] = [acts(console, 'devices.revoke')[0]!, acts(console, 'devices.cut')[0]!]
  process.stdout.write(`case 45: the connection ended ${cut - revoked} ms after the revocation\n`)
  // Far more than it takes, so that a busy machine proves nothing; the order of what happens is shown in the unit test of the hub.
  expect(cut - revoked).toBeLessThan(5000)
  await vi.waitFor(
    async () => expect(await agent.status()).toMatchObject({ broker: { connected: false, problem: { code: 'broker.refused' } } }),
    10_000,
  )
  expect((await rpc.call('devices.show', { device: 'cam-1' })).status).toBe('offline')
  // It goes on answering, tries again, and stays out.
  expect(await agent.isLive()).toBe(true)
  await vi.waitFor(
    () =>
      expect(
        refusals(console)
          .map(({ cause }) => cause)
          .join(),
      ).toMatch(/no device of this fleet/),
    20_000,
  )
  expect(await certificateStates(rpc, 'cam-1')).toEqual(['revoked', 'revoked'])
  await agent.stop()
  expect(spooled(agent)).toBeGreaterThan(0)
})

test('case 46: where a person compares fingerprints, a device waits until somebody has, and its code is used up at once', async () => {
  const { directory, host, rpc } = await startTlsConsole()
  await rpc.call('devices.setPolicy', { confirm: 'always' })
  const { code, brokerUrl, confirms } = await rpc.call('devices.createCode', { device: 'cam-1' })
  expect(confirms).toBe(true)
  const enrol = (home: string) =>
    startProgram('agent/cli.ts', ['enroll', '--dir', join(directory, home), '--broker', brokerUrl, '--code', code])
  const first = enrol('cam-1')
  await vi.waitFor(async () => expect(await rpc.call('devices.pending', {})).toHaveLength(1), 20_000)
  const [waiting] = await rpc.call('devices.pending', {})
  expect(waiting).toMatchObject({ device: 'cam-1', isNew: true })
  await vi.waitFor(() => expect(first.output()).toContain(shownFingerprint(waiting!.fingerprint)), 5000)
  // Case 46: the code is burned before anybody has decided.
  const second = enrol('thief')
  await second.ended
  expect(second.output()).toContain('enrolment.code-invalid')
  const wrong = rpc.call('devices.confirm', { request: waiting!.request, fingerprint: createHash('sha256').update('x').digest('hex') })
  await expect(wrong).rejects.toMatchObject({ code: 'enrolment.fingerprint-differs' })
  const shown = spawnSync(
    process.execPath,
    ['electron/core/cli.ts', '--data', host.data, 'devices', 'confirm', 'cam-1', ...shownFingerprint(waiting!.fingerprint).split(' ')],
    { encoding: 'utf8' },
  )
  expect([shown.status, shown.stderr]).toEqual([0, ''])
  await first.ended
  expect(first.output()).toContain('cam-1 has joined the fleet plant')
  expect(await certificateStates(rpc, 'cam-1')).toEqual(['issued'])
  expect(await rpc.call('devices.pending', {})).toEqual([])

  const next = await rpc.call('devices.createCode', { device: 'cam-2' })
  const refused = startProgram('agent/cli.ts', ['enroll', '--dir', join(directory, 'cam-2'), '--broker', brokerUrl, '--code', next.code])
  await vi.waitFor(async () => expect(await rpc.call('devices.pending', {})).toHaveLength(1), 20_000)
  await rpc.call('devices.refuse', { request: (await rpc.call('devices.pending', {}))[0]!.request, reason: 'not ours' })
  await refused.ended
  expect(refused.output()).toContain('enrolment.refused')
  expect((await rpc.call('devices.list', {})).total).toBe(1)
})

test('codes for many devices come from a CSV, all or none; a wrong line is named', async () => {
  const { directory, host, rpc } = await startTlsConsole()
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['electron/core/cli.ts', '--data', host.data, ...args], { encoding: 'utf8' })
  const list = join(directory, 'devices.csv')
  writeFileSync(list, 'device,site,line\ncam-1,lyon,1\nCAM 2,lyon,2\ncam-1,lyon,3\n')
  const bad = run('devices', 'enroll-many', list, '--out', join(directory, 'codes.csv'))
  expect([bad.status, bad.stderr]).toEqual([
    3,
    expect.stringMatching(/line 3: 'CAM 2' is no device id.*line 4: cam-1 stands in line 2 already/s),
  ])
  writeFileSync(list, 'device,site\ncam-1,lyon\ncam-2,\n')
  const good = run('devices', 'enroll-many', list, '--folder', join(directory, 'files'), '--no-confirm')
  expect([good.status, good.stderr]).toEqual([0, ''])
  await runProgram('agent/cli.ts', ['enroll', '--dir', join(directory, 'cam-1'), '--file', join(directory, 'files', 'cam-1.json')])
  expect(await rpc.call('devices.show', { device: 'cam-1' })).toMatchObject({ labels: { site: 'lyon' } })
})
