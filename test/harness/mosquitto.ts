import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../build/demo/child.ts'

const BINARY = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(existsSync)

/** True where Debian's mosquitto is installed; tests that need it are skipped, and say so, where it is not. */
export const hasMosquitto = BINARY !== undefined

if (!hasMosquitto) process.stderr.write('mosquitto is not installed: the tests against it are skipped\n')

export interface Mosquitto {
  port: number
  url(user: string): string
  stop(): Promise<void>
  start(): Promise<void>
}

export const CONSOLE_USER = 'console'

/** Starts mosquitto with one account per device and one for the console, each confined by an ACL as Muster needs it. */
export async function startMosquitto(directory: string, fleet: string, devices: readonly string[]): Promise<Mosquitto> {
  const port = await freePort()
  const passwords = join(directory, 'passwords')
  writeFileSync(passwords, [CONSOLE_USER, ...devices].map((user) => `${user}:${passwordOf(user)}\n`).join(''), { mode: 0o600 })
  spawnSync('mosquitto_passwd', ['-U', passwords])
  const root = `muster/1/${fleet}`
  const acl = [
    `user ${CONSOLE_USER}`,
    `topic readwrite ${root}/#`,
    '',
    `pattern write ${root}/device/%u/presence`,
    `pattern write ${root}/device/%u/reported`,
    `pattern write ${root}/device/%u/telemetry`,
    `pattern write ${root}/device/%u/block/want`,
    `pattern write ${root}/device/%u/infer/+/result`,
    `pattern read ${root}/device/%u/desired`,
    `pattern read ${root}/checkpoint`,
    `pattern read ${root}/halt`,
    `pattern read ${root}/trust/timestamp`,
    `pattern write ${root}/device/%u/trust/want`,
    `pattern read ${root}/device/%u/trust/+`,
    `pattern read ${root}/device/%u/telemetry/ack`,
    `pattern read ${root}/device/%u/block/#`,
    `pattern read ${root}/device/%u/infer/+`,
    `pattern read ${root}/block/#`,
    `pattern write ${root}/enrol/+`,
    `pattern read ${root}/enrol/+/result`,
  ]
  writeFileSync(join(directory, 'acl'), `${acl.join('\n')}\n`)
  const configuration = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
    `acl_file ${join(directory, 'acl')}`,
    'max_packet_size 2097152',
    'user root',
    'persistence false',
  ]
  const file = join(directory, 'mosquitto.conf')
  writeFileSync(file, `${configuration.join('\n')}\n`)
  chmodSync(directory, 0o755)
  let child: ChildProcess | null = null
  const broker: Mosquitto = {
    port,
    url: (user) => `mqtt://${user}:${passwordOf(user)}@127.0.0.1:${port}`,
    async start() {
      child = spawn(BINARY!, ['-c', file], { stdio: 'ignore' })
      for (let i = 0; i < 200 && !(await isListening(port)); i += 1) await sleep(25)
    },
    async stop() {
      if (child === null || child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
  await broker.start()
  return broker
}

/** The password of an account. */
export function passwordOf(user: string): string {
  return `secret-of-${user}`
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
