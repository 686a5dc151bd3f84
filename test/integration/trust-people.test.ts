import { once } from 'node:events'
import { request } from 'node:http'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { addLoginCommands } from '../../electron/core/cli/login-commands.ts'
import { addPeopleCommands } from '../../electron/core/cli/people-commands.ts'
import { addTokenCommands } from '../../electron/core/cli/token-commands.ts'
import { reaches, personRoles, type PersonRole } from '../../shared/domain/people.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { contract, type MethodName } from '../../shared/rpc/contract.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { passwordOf } from '../harness/people-desk.ts'

// One console for the whole file: each test goes on where the one before it ended.
let directory: string
let host: LocalConsole
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-people-'))
  vi.stubEnv('XDG_CONFIG_HOME', join(directory, 'config'))
  vi.stubEnv('MUSTER_AS', 'kim')
  host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'info'])
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await host?.crash()
  rmSync(directory, { recursive: true, force: true })
})

/** `muster` as a person runs it, with passwords at standard input. */
async function muster(args: readonly string[], input = ''): Promise<Ran> {
  const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from(input)]) as typeof process.stdin)
  const add = (program: Parameters<typeof addLoginCommands>[0]): void => {
    addLoginCommands(program)
    addPeopleCommands(program)
    addTokenCommands(program)
  }
  try {
    return await runCommand(add, ['--data', host.data, ...args])
  } finally {
    stdin.mockRestore()
  }
}

const add = (name: string, role: PersonRole): Promise<Ran> =>
  muster(['people', 'add', name, '--role', role, '--password-stdin'], `${passwordOf(name)}\n`)

async function expectClosedWithin(rpc: RpcClient, ms: number): Promise<void> {
  const before = performance.now()
  for (;;) {
    try {
      await rpc.call('access.show', {})
    } catch (error) {
      expect((error as Problem).code).toMatch(/^(console\.unreachable|access\.session-ended)$/)
      return
    }
    if (performance.now() - before > ms) throw new Error(`the connection went on for ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('people at the command line', () => {
  test('first account, login, who am I, another person, logout', async () => {
    expect(JSON.parse((await muster(['whoami', '--json'])).out)).toMatchObject({
      isGuarded: false,
      caller: { actor: 'cli:kim', by: 'local' },
    })
    expect(await muster(['login', 'anna', '--password-stdin'], 'x\n')).toMatchObject({
      exit: 4,
      err: expect.stringContaining('nobody signs in'),
    })
    expect(await add('anna', 'viewer')).toMatchObject({ exit: 3, err: expect.stringContaining('people.first-admin') })
    const made = await add('anna', 'admin')
    expect([made.exit, made.out]).toEqual([0, expect.stringContaining('From now on people sign in')])

    // The owner of the machine is told so, and the log says it.
    const asOwner = await muster(['people', 'list'])
    expect([asOwner.exit, asOwner.err]).toEqual([0, expect.stringContaining('you act as the owner of this machine')])
    expect(await muster(['login', 'anna', '--password-stdin'], 'not the password\n')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('access.wrong-password'),
    })
    expect(await muster(['login', 'anna', '--password-stdin'], `${passwordOf('anna')}\n`)).toMatchObject({ exit: 0, err: '' })
    const file = join(directory, 'config', 'muster', 'sessions.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toContain('mss_')
    const asAnna = await muster(['whoami', '--sessions', '--json'])
    expect([asAnna.err, JSON.parse(asAnna.out)]).toMatchObject([
      '',
      { caller: { actor: 'cli:anna', by: 'session' }, sessions: [{ isThis: true }] },
    ])

    expect((await add('ben', 'operator')).exit).toBe(0)
    expect((await muster(['people', 'role', 'anna', 'viewer'])).err).toContain('people.last-admin')
    expect((await muster(['people', 'password', '--password-stdin'], `${passwordOf('anna')}\nanother text of words\n`)).exit).toBe(0)
    expect((await muster(['logout'])).out).toContain('anna is signed out')
    expect(JSON.parse((await muster(['whoami', '--json'])).out)).toMatchObject({ caller: { actor: 'owner' } })
    expect((await muster(['login', 'anna', '--password-stdin'], 'another text of words\n')).exit).toBe(0)

    // An ended session is said, and is not quietly taken for the owner.
    expect((await muster(['people', 'sign-out', 'anna'])).exit).toBe(0)
    expect(await muster(['people', 'list'])).toMatchObject({ exit: 3, err: expect.stringContaining('access.session-ended') })
    expect((await muster(['logout'])).exit).toBe(0)
    const log = host.program!.output()
    for (const secret of [passwordOf('anna'), 'another text of words', 'mss_']) expect(log).not.toContain(secret)
  }, 120_000)

  test('whoever signs in elsewhere is told how a command line comes in: with a token', async () => {
    const owner = await connectConsole({ data: host.data })
    const provider = { title: 'Plant Lyon', issuer: 'https://sign-in.test', clientId: 'muster', secret: 'secret', roles: [] }
    await owner.call('people.setOidc', { provider })
    const refused = await muster(['login', 'cleo', '--password-stdin'], 'any words at all\n')
    await owner.call('people.setOidc', { provider: null })
    expect(refused).toMatchObject({ exit: 3, err: expect.stringContaining('access.wrong-password') })
    expect(refused.err).toContain('A command line takes passwords only, not the sign-in of Plant Lyon.')
    expect(refused.err).toContain('MUSTER_TOKEN=mst_')
    owner.close()
  })

  test('a token for a program: shown once, does what it may, and its connection ends within a second of being revoked', async () => {
    const made = JSON.parse(
      (await muster(['tokens', 'create', 'ci', '--role', 'viewer', '--methods', 'system.status,access.show', '--json'])).out,
    ) as {
      secret: string
      token: string
    }
    const program = await connectConsole({ data: host.data, token: made.secret })
    await program.call('system.status', {})
    await expect(program.call('devices.list', {})).rejects.toMatchObject({ code: 'access.denied' })
    expect((await muster(['--token', made.secret, 'tokens', 'list'])).exit).toBe(3)
    expect((await muster(['tokens', 'list'])).out).toContain(made.token)
    const revoked = muster(['tokens', 'revoke', 'ci'])
    const [{ exit }] = await Promise.all([revoked, revoked.then(() => expectClosedWithin(program, 1000))])
    expect(exit).toBe(0)
    await expect(connectConsole({ data: host.data, token: made.secret })).rejects.toMatchObject({ code: 'access.denied' })
    expect((await muster(['tokens', 'create', 'x', '--role', 'viewer', '--expires', '400d'])).exit).toBe(2)
  }, 120_000)
})

describe('every method, as every role', () => {
  const names = Object.keys(contract) as MethodName[]
  const callers: Partial<Record<PersonRole | 'guest', RpcClient>> = {}
  let url: string
  const secrets: Partial<Record<PersonRole, string>> = {}
  beforeAll(async () => {
    const owner = await connectConsole({ data: host.data })
    for (const role of personRoles) {
      const prepared = await owner.call('tokens.prepare', {})
      await owner.call('tokens.create', { ticket: prepared.ticket, name: role, role, days: 1 })
      secrets[role] = prepared.secret
      callers[role] = await connectConsole({ data: host.data, token: prepared.secret })
    }
    owner.close()
    callers.guest = await connectConsole({ data: host.data, isGuest: true })
    url = host.address.url
  })
  afterAll(() => Object.values(callers).forEach((caller) => caller.close()))

  test.each(['guest', ...personRoles] as const)('a %s is denied what is above, and nothing else', async (role) => {
    const outcomes = await Promise.all(
      names.map(async (name) => {
        // A field that no method has: whoever passes the role is stopped by the input, so that nothing happens.
        const code = await callers[role]!.callAny(name, { 'no such field': true }).then(
          () => 'ok',
          (error: unknown) => (error instanceof Problem ? error.code : String(error)),
        )
        return [name, code] as const
      }),
    )
    const wanted = names.map((name) => [
      name,
      reaches(role, contract[name].role) ? 'input.invalid' : role === 'guest' ? 'access.sign-in' : 'access.denied',
    ])
    expect(outcomes).toEqual(wanted)
  })

  test('only what signing in needs is open to a guest', () => {
    expect(names.filter((name) => contract[name].role === 'guest')).toEqual([
      'access.show',
      'access.signIn',
      'access.passkeyChallenge',
      'access.signInWithPasskey',
      'access.beginOidc',
      'access.finishOidc',
    ])
  })

  test('commands that a viewer may call change what is the viewer’s own, or nothing', () => {
    const ofViewers = names.filter((name) => contract[name].kind === 'command' && contract[name].role === 'viewer')
    expect(new Set(ofViewers)).toEqual(
      new Set([
        'alerts.takeDesktopNotices',
        'audit.verify',
        'access.signOut',
        'access.endSession',
        'access.setPassword',
        'access.addPasskey',
        'access.removePasskey',
        'tokens.create',
        'tokens.revoke',
        // A report in another format, and whether it is what was signed: the report stays as it is.
        'reports.write',
        'reports.verify',
        'reports.beginUpload',
      ]),
    )
  })

  test('files are sent by operators and above', async () => {
    const { path } = await callers.operator!.call('models.beginUpload', { fileName: 'a.onnx', sizeBytes: 3 })
    const put = async (token: string): Promise<number> =>
      (await fetch(`${url}${path}`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, origin: url }, body: 'abc' })).status
    expect([await put('mst_wrong'), await put(secrets.viewer!), await put(secrets.operator!)]).toEqual([403, 403, 201])
  })

  test('a viewer may send a file of a report, to have it verified, and nothing else', async () => {
    const sizeBytes = 3
    const { path, ticket } = await callers.viewer!.call('reports.beginUpload', { fileName: 'a.html', sizeBytes })
    const put = async (token: string): Promise<number> =>
      (await fetch(`${url}${path}`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, origin: url }, body: 'abc' })).status
    expect([await put('mst_wrong'), await put(secrets.viewer!)]).toEqual([403, 201])
    const { job } = await callers.viewer!.call('reports.verify', { upload: ticket })
    await vi.waitFor(async () =>
      expect(await callers.viewer!.call('jobs.show', { job })).toMatchObject({ state: 'failed', problem: { code: 'report.invalid' } }),
    )
    await expect(callers.viewer!.call('models.beginUpload', { fileName: 'a.onnx', sizeBytes })).rejects.toThrow()
  })

  test('case 51: a token is worth nothing in an address, to another host or from another page; nothing is signed in or changed by a GET', async () => {
    const token = secrets.admin!
    const port = Number(new URL(url).port)
    const ask = (path: string, headers: Record<string, string>, method = 'GET'): Promise<number> =>
      new Promise((resolve, reject) => {
        const call = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
          response.resume()
          resolve(response.statusCode!)
        })
        call.on('error', reject)
        call.end()
      })
    const { path } = await callers.operator!.call('models.beginUpload', { fileName: 'b.onnx', sizeBytes: 3 })
    const bearer = { authorization: `Bearer ${token}` }
    expect(
      await Promise.all([
        ask(`${path}?token=${token}`, { origin: url }, 'PUT'),
        ask(path, { origin: url }, 'PUT'),
        ask(path, { ...bearer, host: 'evil.test', origin: url }, 'PUT'),
        ask(path, { ...bearer, origin: 'null' }, 'PUT'),
        ask(path, bearer, 'PUT'),
        ask(path, { ...bearer, origin: 'http://evil.test' }, 'PUT'),
        ask(path, { ...bearer, origin: url }),
        ask('/access.signIn', { ...bearer, origin: url }, 'POST'),
        ask(`/rpc?token=${token}`, { ...bearer, origin: url }),
        ask('/signed-in?code=x&state=y', { ...bearer, origin: url }),
      ]),
    ).toEqual([404, 403, 403, 403, 403, 403, 404, 404, 404, 404])
    for (const headers of [{ origin: 'null' }, { origin: 'http://evil.test' }, { host: 'evil.test', origin: url }]) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, { headers })
      const [error] = (await once(socket, 'error')) as [Error]
      expect(error.message).toContain('403')
    }
    expect(host.program!.output()).not.toContain(token)
  })

  test('case 51: the key of the console opens no page once there are accounts, and a guest hears nothing of what changes', async () => {
    const open = async (hello: unknown): Promise<{ socket: WebSocket; first: string }> => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, { origin: url })
      await once(socket, 'open')
      socket.send(JSON.stringify(hello))
      const first = await Promise.race([
        once(socket, 'message').then(([data]) => (data as Buffer).toString()),
        once(socket, 'close').then(([code]) => `closed ${code as number}`),
      ])
      return { socket, first }
    }
    const { token } = host.address
    expect((await open({ token, client: 'browser' })).first).toBe('closed 4401')
    const guest = await open({ client: 'browser' })
    expect(JSON.parse(guest.first)).toEqual({ event: 'welcome', by: 'guest' })
    const heard: string[] = []
    guest.socket.on('message', (data: Buffer) => heard.push(data.toString()))
    const owner = await connectConsole({ data: host.data })
    const changed = new Promise((resolve) => owner.onChanged(resolve))
    await owner.call('transfers.setLimit', { bytesPerSecond: 5000 })
    await changed
    guest.socket.send(JSON.stringify({ id: 1, method: 'access.show', input: {} }))
    await once(guest.socket, 'message')
    expect(heard).toHaveLength(1)
    owner.close()
    guest.socket.terminate()
  })
})
