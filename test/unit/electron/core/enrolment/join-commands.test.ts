import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { joinCommands, nativePackages } from '../../../../../electron/core/enrolment/join-commands.ts'

const CODE = 'plant.abc234.aaaa-bbbb-cccc-dddd'

test('the packages that a device installs beside the agent are those that the agent is tested with', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }
  expect(nativePackages.map((one) => one.split('@'))).toEqual(
    nativePackages.map((one) => [one.split('@')[0], dependencies[one.split('@')[0]!]]),
  )
})

test('a broker that others reach: enrol and run on each system, nothing to note', () => {
  const made = joinCommands({
    code: CODE,
    brokerUrl: 'mqtt://192.168.1.10:1883',
    broker: { kind: 'embedded', host: '0.0.0.0', port: 1883 },
  })
  const enrol = `enroll --broker mqtt://192.168.1.10:1883 --code ${CODE}`
  expect(made.command).toBe(`npm run -s muster-agent -- ${enrol}`)
  expect(made.commands.linux.split('\n').slice(1)).toEqual([`node muster-agent.mjs ${enrol}`, 'node muster-agent.mjs run'])
  expect(made.commands.windows).toContain(`node .\\muster-agent.mjs ${enrol}`)
  expect(made.commands.docker).toContain(`node muster-agent.mjs ${enrol}`)
  expect(made.commands.docker).toContain('-p 127.0.0.1:8321:8321')
  expect(made.note).toBeNull()
})

test('a broker on loopback: it is said that only this machine reaches it, and the container uses the network of the machine', () => {
  const made = joinCommands({ code: CODE, brokerUrl: 'mqtt://127.0.0.1:1883', broker: { kind: 'embedded', host: '127.0.0.1', port: 1883 } })
  expect(made.note).toContain('this machine only')
  expect(made.commands.docker.split('\n').filter((line) => line.includes('--network host')).length).toBe(2)
  expect(made.commands.docker).not.toContain('-p ')
})

test('an external broker with accounts: the device needs one of its own, and that of the console is told to nobody', () => {
  const broker = { kind: 'external', url: 'mqtts://broker.plant:8883', username: 'console', password: 'secret' } as const
  const made = joinCommands({ code: CODE, brokerUrl: broker.url, broker })
  expect(made.note).toContain('mqtt://USER:PASSWORD@host:port')
  expect(JSON.stringify(made)).not.toMatch(/secret|console:/)
})
