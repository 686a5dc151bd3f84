import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../agent/config.ts'
import { readIdentity, requireIdentity, writeIdentity, type Identity } from '../../../agent/identity.ts'
import { createLeveledLog, createLog } from '../../../agent/log.ts'
import { deviceId, fleetId } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({ directory: temporaryDirectory(), env: {}, flags: {} })).toEqual({
      ...{ httpHost: '127.0.0.1', httpPort: 8321, logLevel: 'info' },
      ...{ spoolMaxBytes: 64 * 1024 * 1024, spoolMaxAgeDays: 30, runtimeMemoryBytes: 2048 * 1024 * 1024 },
      ...{ isolation: 'sandbox', allowOperators: [] },
    })
  })

  it('reads the isolation, and the operators that this device permits, as a list or with commas', () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'agent.toml'), 'isolation = "limits"\nallowOperators = ["If"]\n')
    expect(loadConfig({ directory, env: {}, flags: {} })).toMatchObject({ isolation: 'limits', allowOperators: ['If'] })
    const env = { MUSTER_AGENT_ALLOW_OPERATORS: 'Loop, com.microsoft::Gelu', MUSTER_AGENT_ISOLATION: 'sandbox' }
    expect(loadConfig({ directory, env, flags: {} })).toMatchObject({
      isolation: 'sandbox',
      allowOperators: ['Loop', 'com.microsoft::Gelu'],
    })
    expect(() => loadConfig({ directory, env: { MUSTER_AGENT_ISOLATION: 'none' }, flags: {} })).toThrow('isolation')
  })

  it('takes the flag over the environment over the file', () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'agent.toml'), 'httpPort = 1001\nhttpHost = "0.0.0.0"\nlogLevel = "debug"\n')
    const env = { MUSTER_AGENT_HTTP_PORT: '1002', MUSTER_AGENT_LOG_LEVEL: 'warn', MUSTER_AGENT_DIR: '/elsewhere' }
    expect(loadConfig({ directory, env, flags: { httpPort: 1003, httpHost: undefined } })).toMatchObject({
      httpPort: 1003,
      httpHost: '0.0.0.0',
      logLevel: 'warn',
    })
  })

  it.each([
    { name: 'no TOML', toml: 'httpPort = = 1', env: {}, says: 'agent.toml is not TOML' },
    { name: 'a setting that is not there', toml: 'httpPrt = 1', env: {}, says: 'agent.toml: Unrecognized key: "httpPrt"' },
    { name: 'a port that is none', toml: 'httpPort = 70000', env: {}, says: 'agent.toml: httpPort' },
    { name: 'a number that is none', toml: '', env: { MUSTER_AGENT_SPOOL_MAX_BYTES: 'lots' }, says: 'environment: spoolMaxBytes' },
  ])('names the source and the setting: $name', ({ toml, env, says }) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'agent.toml'), toml)
    expect(() => loadConfig({ directory, env, flags: {} })).toThrow(
      expect.objectContaining({ code: 'input.invalid', message: expect.stringContaining(says) as string }),
    )
  })
})

describe('the identity', () => {
  const value: Identity = {
    ...{
      v: 1,
      fleet: fleetId.parse('plant'),
      device: deviceId.parse('cam-1'),
      brokerUrl: 'mqtt://b',
      username: 'cam-1',
      secret: 's',
      enrolledAt: 1,
    },
    trust: { bundle: [`${'A'.repeat(43)}=`], assignment: [`${'A'.repeat(43)}=`] },
  }

  it('is read back as written, and only its owner can', () => {
    const directory = temporaryDirectory()
    expect(readIdentity(directory)).toBeNull()
    expect(() => requireIdentity(directory)).toThrow(expect.objectContaining({ code: 'enrolment.not-enrolled' }))
    writeIdentity(directory, value)
    expect(readIdentity(directory)).toEqual(value)
    expect(statSync(join(directory, 'identity.json')).mode & 0o777).toBe(0o600)
  })

  it.each(['', '{', '{"v":1}', 'null'])('says that it is damaged: %j', (text) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'identity.json'), text)
    expect(() => readIdentity(directory)).toThrow(expect.objectContaining({ code: 'store.corrupt' }))
  })
})

describe('the log', () => {
  const lines: string[] = []
  const log = (isHuman: boolean) =>
    createLog({
      level: 'info',
      isHuman,
      version: '0.1.0',
      device: 'cam-1',
      clock: { now: () => 0, monotonic: () => 0 },
      write: (line) => lines.push(line),
    })

  it('writes JSON with the field names of ECS, from its level up', () => {
    lines.length = 0
    log(false)('debug', 'hidden')
    log(false)('warn', 'seen', { topic: 'x', problem: new Problem('broker.refused', 'no'), of: { a: 1 } })
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...{ '@timestamp': '1970-01-01T00:00:00.000Z', 'log.level': 'warn', message: 'seen', 'ecs.version': '8.11.0' },
        ...{ 'service.name': 'muster-agent', 'service.version': '0.1.0', 'service.node.name': 'cam-1' },
        ...{ 'error.code': 'broker.refused', 'error.message': 'no', labels: { topic: 'x', of: '{"a":1}' } },
      },
    ])
  })

  it('takes another level while it is used, and its own again', () => {
    const seen: string[] = []
    const clock = { now: () => 0, monotonic: () => 0 }
    const made = createLeveledLog({ level: 'warn', isHuman: true, version: '', device: null, clock, write: (line) => seen.push(line) })
    for (const level of [null, 'debug', null] as const) {
      made.setLevel(level)
      made.log('debug', String(level))
    }
    expect(seen).toEqual(['00:00:00.000 debug debug\n'])
  })

  it('keeps names from elsewhere off the terminal', () => {
    lines.length = 0
    log(true)('info', 'a\u001b[31mred\nname')
    expect(lines).toEqual(['00:00:00.000 info  a [31mred name\n'])
  })
})
