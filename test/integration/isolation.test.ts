import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { importSample, deployEverywhere, FLEET, startFleet } from '../harness/console.ts'

const SUB = ['/usr/bin/mosquitto_sub', '/usr/local/bin/mosquitto_sub'].find(existsSync)
if (SUB === undefined) process.stderr.write('mosquitto_sub is not installed: the isolation test with it is skipped\n')

interface Identity {
  device: string
  secret: string
}

async function subscribe(port: number, filter: string, login: string[]): Promise<{ lines: string[]; code: number | null }> {
  const child = spawn(SUB!, ['-h', '127.0.0.1', '-p', String(port), '-V', '311', '-v', '-W', '4', '-t', filter, ...login])
  const lines: string[] = []
  child.stdout.on('data', (chunk: Buffer) =>
    lines.push(
      ...chunk
        .toString()
        .split('\n')
        .filter((line) => line !== ''),
    ),
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  return { lines, code }
}

test.skipIf(SUB === undefined)(
  "mosquitto_sub with a device's credentials sees nothing of another device; without credentials it is refused",
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1', 'cam-2'] })
    const { host, agents, directory } = fleet
    await importSample(host, 'digits', '1.0.0')
    await agents[0]!.stop()
    const identity = JSON.parse(readFileSync(join(directory, 'cam-1', 'identity.json'), 'utf8')) as Identity
    const login = ['-i', 'cam-1', '-u', 'cam-1', '-P', identity.secret]
    const port = host.mqttPort
    const root = `muster/1/${FLEET}`
    const traffic = host.rpc!.call('deployments.apply', { query: '', model: 'digits', version: '1.0.0', windowSeconds: 1 })
    const [everything, other, own] = [
      await subscribe(port, '#', login),
      await subscribe(port, `${root}/device/cam-2/#`, login),
      await subscribe(port, `${root}/device/cam-1/desired`, login),
    ]
    await traffic
    const strangers = [
      await subscribe(port, '#', []),
      await subscribe(port, '#', ['-i', 'cam-1', '-u', 'cam-1', '-P', 'wrong']),
      await subscribe(port, '#', ['-i', 'cam-2', '-u', 'cam-1', '-P', identity.secret]),
      await subscribe(port, '#', ['-i', 'x', '-u', 'enrol', '-P', 'aaaaaa']),
    ]
    expect({ everything: everything.lines, other: other.lines, own: own.lines.map((line) => line.split(' ')[0]) }).toEqual({
      everything: [],
      other: [],
      own: [`${root}/device/cam-1/desired`],
    })
    expect(strangers.map(({ lines, code }) => [lines, code !== 0 && code !== 27])).toEqual([
      [[], true],
      [[], true],
      [[], true],
      [[], true],
    ])
    await sleep(0)
    await agents[0]!.launch()
    await deployEverywhere(fleet, 'digits', '1.0.0')
  },
)
