import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { socketPath } from '../../../agent/control/socket.ts'
import { runAgentCommand, startAgentProcess } from '../../harness/agent-process.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'
import { call, until } from '../../harness/local-api.ts'
import { samples } from '../../harness/manifest.ts'
import { sampleBundle, startSmallConsole, type SmallConsole } from '../../harness/small-console.ts'

const v1 = sampleBundle(samples.digits100)
const v2 = sampleBundle(samples.digits110)
const v3 = sampleBundle(samples.digits120)

const reported = (host: SmallConsole) => Object.entries(host.reports.at(-1)?.deployments ?? {}).find(([name]) => name === 'digits')?.[1]
const isActive = (host: SmallConsole, version: string): Promise<void> =>
  until(() => reported(host)?.state === 'active' && reported(host)?.active?.version === version, `${version} is active`)

/** An agent that has gone from 1.0.0 to 1.1.0. */
async function switched() {
  const host = await startSmallConsole()
  onTestFinished(() => host.stop())
  const directory = temporaryDirectory()
  await runAgentCommand(directory, ['enroll', '--broker', host.url, '--code', host.code, '--id', 'cam-1'])
  const agent = await startAgentProcess(directory)
  onTestFinished(() => agent.kill())
  await host.order('cam-1', { digits: v1 })
  await isActive(host, '1.0.0')
  await host.order('cam-1', { digits: v2 })
  await isActive(host, '1.1.0')
  return { host, directory, agent }
}
const json = async (directory: string, args: string[]) => {
  const { code, stdout } = await runAgentCommand(directory, [...args, '--json'])
  return [code, JSON.parse(stdout)] as const
}

describe('commands to a running agent', () => {
  it('lock, unlock, revert: done, told to the console, refused with a code', { timeout: 60_000 }, async () => {
    const { host, directory, agent } = await switched()
    const [code, lock] = await json(directory, ['lock', '--reason', 'surgery', '--for', '30m'])
    expect([code, lock.reason, lock.until - lock.since]).toEqual([0, 'surgery', expect.any(Number)])
    await until(() => host.reports.at(-1)?.lock?.reason === 'surgery', 'the lock is reported')
    await host.order('cam-1', { digits: v3 }, { config: { logLevel: 'error' } })
    await until(() => reported(host)?.state === 'staged', 'staged, not probed')
    expect((await agent.status()).lock).toMatchObject({ reason: 'surgery' })
    const status = await runAgentCommand(directory, ['status'])
    expect(status.stdout).toMatch(/^locked +surgery; activation waits 30 min$/m)
    expect(status.stdout).toMatch(/watched: 0 of 500 live inferences/)

    const [reverted, answer] = await json(directory, ['revert', 'digits', '--reason', 'wrong labels'])
    expect([reverted, answer.from.version, answer.to.version]).toEqual([0, '1.1.0', '1.0.0'])
    await until(async () => (await call(`${agent.httpUrl}/v2/models/digits`)).body.versions?.[0] === '1.0.0', '1.0.0 answers')
    await until(() => host.events('model.reverted').length > 0, 'told')
    expect(host.events('model.reverted')[0]).toMatchObject({ code: 'revert.requested' })
    // The order asked for errors only: what was told as a warning is not in the log.
    expect(agent.stderr()).toContain('digits 1.1.0 is active in digits')
    expect(agent.stderr()).not.toContain('was taken back')
    const again = await json(directory, ['revert', 'digits'])
    expect([again[0], again[1].error.code]).toEqual([5, 'revert.nothing'])

    expect(await json(directory, ['unlock'])).toEqual([0, { wasLocked: true }])
    await isActive(host, '1.2.0')
    expect((await runAgentCommand(directory, ['unlock'])).stdout).toBe('There was no lock.\n')
    const long = await json(directory, ['lock', '--reason', 'x', '--for', '25h'])
    expect([long[0], long[1].error.code]).toEqual([3, 'lock.invalid'])
    expect((await runAgentCommand(directory, ['lock', '--reason', 'x', '--for', 'soon'])).stderr).toContain('Write a time like')
    await agent.terminate()
    const off = await json(directory, ['unlock'])
    expect([off[0], off[1].error.code]).toEqual([6, 'agent.unreachable'])
  })

  it('the control socket survives whatever is written to it', { timeout: 60_000 }, async () => {
    const { directory, agent } = await switched()
    const say = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(socketPath(directory))
        let heard = ''
        socket.setEncoding('utf8').on('data', (part: string) => (heard += part))
        socket.on('end', () => resolve(heard)).on('error', reject)
        if (text === '') socket.end()
        else socket.write(text)
      })
    for (const text of ['{"kind":"explode"}\n', 'no json\n', '', '{"kind":"lock"}\n', 'x'.repeat(5000)]) {
      expect(JSON.parse(await say(text))).toMatchObject({ error: { code: 'message.malformed' } })
    }
    const hung = connect(socketPath(directory))
    onTestFinished(() => void hung.destroy())
    expect(await agent.status()).toMatchObject({ running: true })
  })
})
