import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort, runProgram, until } from '../../build/demo/child.ts'
import { buildParts } from '../../build/start/fresh-build.ts'
import { makeParts } from '../../build/start/make-parts.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

// There is no container here: what the images hold is assembled into folders, and their own entrypoints run it with nothing of this checkout.
const isHere = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
let images: string

beforeAll(async () => {
  if (!isHere) return
  // What the Dockerfile builds, and no more.
  makeParts([buildParts.renderer, buildParts.programs], (text) => process.stdout.write(`${text}\n`))
  images = mkdtempSync(join(tmpdir(), 'muster-images-'))
  process.stdout.write((await runProgram('build/docker/assemble-images.ts', ['--out', images])).replaceAll(images, ''))
}, 240_000)

afterAll(() => {
  if (isHere) rmSync(images, { recursive: true, force: true })
})

/** What a container has: its Node under that name, and the variables that were given. */
const bare = (variables: Record<string, string>) => ({
  PATH: `${resolve('node_modules/node/bin')}:/usr/bin:/bin`,
  HOME: '/nonexistent',
  NODE_ENV: 'production',
  ...variables,
})

interface Started {
  output(): string
  child: ReturnType<typeof spawn>
  ended: Promise<unknown[]>
}

/** Runs an entrypoint as its container would. */
function start(program: string, args: readonly string[], variables: Record<string, string>): Started {
  const child = spawn(program, args, { cwd: '/', env: bare(variables), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, output: () => output }
}

test.skipIf(!isHere)('the images hold what runs, and nothing that was only needed to build', () => {
  const files = (folder: string): string[] =>
    readdirSync(join(images, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(images, folder).length + 1))
  const console = files('console')
  expect([...new Set(console.map((path) => path.split('/').slice(0, 2).join('/')))].sort()).toEqual([
    'LICENSE',
    'bin/forward-page.ts',
    'bin/healthy.ts',
    'bin/muster',
    'bin/start-console',
    'dist/agent',
    'dist/console',
    'dist/renderer',
    'licenses/THIRD-PARTY-LICENSES.txt',
    'licenses/sbom.cdx.json',
    'node_modules/better-sqlite3',
    'node_modules/onnxruntime-common',
    'node_modules/onnxruntime-node',
  ])
  const { components } = JSON.parse(readFileSync(join(images, 'console/licenses/sbom.cdx.json'), 'utf8')) as {
    components: { name: string }[]
  }
  const names = components.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['zod', 'pdfmake', 'pg', 'onnxruntime-node', 'roboto']))
  expect(names.filter((name) => name === 'electron' || name === 'node')).toEqual([])
  expect(files('agent')).toEqual(expect.arrayContaining(['bin/muster-agent', 'bin/start-agent', 'bin/healthy.ts', 'lib/muster-agent.mjs']))
  for (const path of [...console, ...files('agent')]) expect(path).not.toMatch(/\.(map|pem|key|db)$|\.d\.ts$|\.test\./)
})

test.skipIf(!isHere)(
  'a console and an agent run by their entrypoints: TLS, join, health, and an end in order',
  { timeout: 180_000 },
  async () => {
    const directory = temporaryDirectory()
    const [httpPort, mqttPort, agentPort] = [await freePort(), await freePort(), await freePort()]
    const data = join(directory, 'console')
    const variables = { MUSTER_DATA: data, MUSTER_FLEET: 'plant', MUSTER_BROKER_NAMES: 'console plant.example', MUSTER_LOG_LEVEL: 'error' }
    const console = start(join(images, 'console/bin/start-console'), ['--port', String(httpPort), '--mqtt-local-port', '0'], {
      ...variables,
      ...{ MUSTER_MQTT_HOST: '127.0.0.1', MUSTER_MQTT_PORT: String(mqttPort) },
    })
    const healthy = (image: string, url: string): number | null =>
      spawnSync('node', [join(images, image, 'bin/healthy.ts'), url], { env: bare({}) }).status
    const about = `http://127.0.0.1:${httpPort}/about`
    await until('the console to be healthy', 60, () => console.child.exitCode !== null || healthy('console', about) === 0)
    await until('the console to say whose it is', 20, () => console.output().includes("Muster console of the fleet 'plant'"))

    // There is no npm in a container: what it says to type next is the command that is in its path.
    expect(console.output()).toContain('next       muster devices enroll')
    expect(console.output()).not.toContain('npm run')

    const muster = (...args: string[]): unknown => {
      const { status, stdout, stderr } = spawnSync(join(images, 'console/bin/muster'), ['--json', ...args], {
        env: bare(variables),
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(`muster ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`)
      return JSON.parse(stdout)
    }
    expect(muster('status')).toMatchObject({ fleetName: 'plant', broker: { kind: 'embedded', state: 'running' } })
    const { code } = muster('devices', 'enroll') as { code: string }

    const agentVariables = {
      MUSTER_AGENT_DIR: join(directory, 'agent'),
      MUSTER_AGENT_ID: 'cam-1',
      MUSTER_AGENT_BROKER: `mqtts://127.0.0.1:${mqttPort}`,
      MUSTER_AGENT_CODE: code,
      MUSTER_AGENT_HTTP_PORT: String(agentPort),
    }
    const agent = start(join(images, 'agent/bin/start-agent'), [], agentVariables)
    const alive = `http://127.0.0.1:${agentPort}/v2/health/live`
    await until('the agent to be healthy', 60, () => agent.child.exitCode !== null || healthy('agent', alive) === 0)
    await until('the agent to say that it has joined', 30, () => agent.output().includes('cam-1 has joined the fleet plant.'))
    await until('the device to be online', 30, () => (muster('status') as { devices: { online: number } }).devices.online === 1)

    expect(agent.output()).not.toContain('DeprecationWarning')

    agent.child.kill('SIGTERM')
    expect(await agent.ended).toEqual([0, null])
    expect(healthy('agent', alive)).toBe(1)
    // It has an identity now: the code is worth nothing any more, and none is needed.
    const again = start(join(images, 'agent/bin/start-agent'), [], { ...agentVariables, MUSTER_AGENT_CODE: '' })
    await until('the agent to be back', 60, () => healthy('agent', alive) === 0)
    expect(again.output()).not.toContain('has joined')

    console.child.kill('SIGTERM')
    expect(await console.ended).toEqual([0, null])
    expect(healthy('console', about)).toBe(1)
  },
)

test.skipIf(!isHere)('an agent without an invitation says what it needs; words after the entrypoint are the command line', () => {
  const run = (image: string, program: string, args: string[]) =>
    spawnSync(join(images, image, 'bin', program), args, {
      env: bare({ MUSTER_AGENT_DIR: temporaryDirectory(), MUSTER_DATA: temporaryDirectory() }),
      encoding: 'utf8',
    })
  const alone = run('agent', 'start-agent', [])
  expect([alone.status, alone.stderr]).toEqual([2, expect.stringContaining('MUSTER_AGENT_CODE')])
  expect(run('agent', 'start-agent', ['status', '--help']).stdout).toContain('muster-agent status')
  const { status, stderr } = run('console', 'start-console', ['status'])
  expect([status !== 0, stderr]).toEqual([true, expect.stringContaining('console')])
})

test.skipIf(!isHere)('the page is handed on as it is: the name that the browser used stays for the console to check', async () => {
  const server = createServer((asked, response) => response.end(`host ${asked.headers.host ?? ''}`)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const target = (server.address() as { port: number }).port
  const forward = start(
    'node',
    [join(images, 'console/bin/forward-page.ts'), '--listen', '127.0.0.2', '--port', '0', '--to-port', String(target)],
    {},
  )
  const port = await until('the forwarder to listen', 30, () => /127\.0\.0\.2:(\d+)/.exec(forward.output())?.[1])
  const answer = await new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.2', port, headers: { host: '127.0.0.1:8320', connection: 'close' } }, (response) => {
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString())).on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
  expect(answer).toBe('host 127.0.0.1:8320')
  forward.child.kill('SIGTERM')
  expect(await forward.ended).toEqual([0, null])
})
