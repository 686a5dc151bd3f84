import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, until } from '../../build/demo/child.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

/** The commands of a section of the README, as a reader would copy them. */
function commandsOf(section: string): string[] {
  const readme = readFileSync('README.md', 'utf8')
  const text = readme.slice(readme.indexOf(`## ${section}`)).split('\n## ')[0]!
  const block = /```sh\n([^]*?)```/.exec(text)![1]!
  // A command may go over several lines inside quotes.
  const commands: string[] = []
  let open = ''
  for (const line of block.split('\n')) {
    if (open === '' && line.startsWith('#')) continue
    open = open === '' ? line : `${open}\n${line}`
    if ((open.match(/'/g) ?? []).length % 2 === 1) continue
    if (open.trim() !== '') commands.push(open.replace(/\s+#[^'"]*$/, ''))
    open = ''
  }
  return commands
}

test('the commands of the README do what it says', async () => {
  const home = join(temporaryDirectory(), 'home')
  mkdirSync(home)
  const [http, mqtt, agent] = [await freePort(), await freePort(), await freePort()]
  // Everything a reader would have at its default place, in a home and on ports of this test.
  const env = { ...process.env, HOME: home, MUSTER_DATA: undefined, MUSTER_URL: undefined, MUSTER_TOKEN: undefined }
  const here = (command: string): string =>
    command
      .replace('npm start', `npm start -- --port ${http} --mqtt-port ${mqtt}`)
      .replace('muster-agent -- run', `muster-agent -- run --http-port ${agent}`)
      .replaceAll('127.0.0.1:1883', `127.0.0.1:${mqtt}`)
      .replaceAll('127.0.0.1:8321', `127.0.0.1:${agent}`)
  const background = async (command: string, isUp: () => boolean | Promise<boolean>): Promise<void> => {
    const child = spawn('bash', ['-c', here(command)], { env, detached: true, stdio: 'ignore' })
    onTestFinished(async () => {
      const ended = once(child, 'exit')
      process.kill(-child.pid!, 'SIGTERM')
      await ended
    })
    await until(command, 30, isUp)
  }
  const run = (command: string): string => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', here(command)], { env, encoding: 'utf8', timeout: 90_000 })
    expect([command, status, status === 0 ? '' : stderr]).toEqual([command, 0, ''])
    return stdout
  }

  const [start, importModel, enroll, join1, runAgent, deploy, telemetry] = commandsOf('By hand, or in a script')
  await background(start!, () => existsSync(join(home, '.muster', 'console.json')))
  expect(run(importModel!)).toContain('0.899244')
  const code = /^\s+(\S+\.\S+\.\S+)$/m.exec(run(enroll!))![1]!
  run(join1!.replace('CODE', code))
  await background(runAgent!, async () => (await fetch(`http://127.0.0.1:${agent}/v2/health/live`).catch(() => null))?.ok === true)
  expect(run(deploy!)).toContain('runs digits 1.0.0')
  run(telemetry!)

  const [ready, metadata, infer, feedback] = commandsOf('Ask a device')
  expect(JSON.parse(run(ready!))).toMatchObject({ ready: true })
  expect(JSON.parse(run(metadata!))).toMatchObject({ name: 'digits', platform: 'onnx_onnxv1' })
  const answer = JSON.parse(run(infer!)) as { id: string; outputs: { name: string; data: number[] }[] }
  expect(answer.outputs.find((output) => output.name === 'label')?.data).toEqual([4])
  expect(JSON.parse(run(feedback!.replace('ID-OF-THE-ANSWER', answer.id)))).toEqual({ stored: 1 })
})
