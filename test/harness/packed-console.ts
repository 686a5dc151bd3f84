import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, until } from '../../build/demo/child.ts'

/** A console that runs from a package, with nothing of this checkout: its Node, its files, and an environment that names neither. */
export interface PackedConsole {
  url: string
  pid: number
  /** From the start of the process to the first answer, ms. */
  startMs: number
  /** Resident memory of the console itself, MB. */
  residentMb(): number
  /** Runs the packed `muster`, to which `/usr/bin/muster` of a .deb leads. */
  muster(args: readonly string[], env?: Record<string, string>): { exit: number | null; out: string; err: string }
  stop(): Promise<unknown[]>
}

/** Starts the packed command line as a console without a window. @param resources folder of the package with `node` and `app.asar.unpacked` */
export async function startPackedConsole(resources: string, data: string): Promise<PackedConsole> {
  const node = join(resources, 'node/node')
  const program = join(resources, 'app.asar.unpacked/dist/console/muster.mjs')
  const env = { PATH: '/usr/bin:/bin', HOME: data, NODE_ENV: 'production' }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const began = performance.now()
  const flags = ['--fleet', 'plant', '--port', String(port), '--mqtt-port', '0', '--log-level', 'error']
  const child = spawn(node, [program, '--data', data, 'console', '--headless', ...flags], {
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await until('the packed console to answer', 120, async () => {
    if (child.exitCode !== null) throw new Error(`The packed console ended:\n${output}`)
    return (await fetch(`${url}/about`).catch(() => null))?.ok
  })
  const startMs = performance.now() - began
  return {
    url,
    pid: child.pid!,
    startMs,
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid!}/status`, 'utf8'))![1]) / 1024,
    muster(args, more = {}) {
      const { status, stdout, stderr } = spawnSync(join(resources, 'bin/muster'), ['--data', data, '--json', ...args], {
        ...{ cwd: '/', env: { ...env, ...more }, encoding: 'utf8' },
      })
      return { exit: status, out: stdout, err: stderr }
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
