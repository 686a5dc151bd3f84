import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

const DEVICES = ['lyon-1', 'lyon-2', 'lyon-3', 'oslo-1', 'oslo-2']
type Shown = OutputOf<'sampleFleet.show'>

async function started(): Promise<LocalConsole> {
  const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), ['--fleet', 'lab', '--log-level', 'error'])
  onTestFinished(() => host.crash())
  return host
}

const shown = (host: LocalConsole): Promise<Shown> => host.rpc!.call('sampleFleet.show', {})

async function startSample(host: LocalConsole): Promise<void> {
  const { job } = await host.rpc!.call('sampleFleet.start', {})
  await awaitJob(host.rpc!, job, 'start')
}

async function isState(host: LocalConsole, state: Shown['state'], seconds = 60): Promise<Shown> {
  return until(`the sample fleet to be ${state}`, seconds, async () => {
    const now = await shown(host)
    return now.state === state && now
  })
}

function pidsOf({ agents }: Shown): number[] {
  return agents.flatMap(({ pid }) => (pid === null ? [] : [pid]))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Requests that are stored, by device and deployment. */
async function storedRequests(host: LocalConsole): Promise<Map<string, number>> {
  const { rows } = await host.rpc!.call('telemetry.summary', {})
  return new Map(rows.map((row) => [`${row.device ?? ''} ${row.deployment}`, row.requests]))
}

async function areRowsStored(host: LocalConsole, before = new Map<string, number>()): Promise<boolean> {
  const after = await storedRequests(host)
  const wanted = DEVICES.flatMap((device) => [`${device} digits`, `${device} wine`])
  return wanted.every((key) => (after.get(key) ?? 0) > (before.get(key) ?? 0))
}

test('the sample fleet lives: rows are stored, agents that die come back, it goes on with the console, and goes when told', async () => {
  const host = await started()
  expect(await shown(host)).toMatchObject({ state: 'none', job: null, load: null, problem: null })
  await startSample(host)

  const running = await shown(host)
  expect(running.agents.map(({ device, state }) => [device, state])).toEqual(DEVICES.map((device) => [device, 'running']))
  expect(running.models.map(({ model, version, isImported, isDeployed }) => [model, version, isImported, isDeployed])).toEqual([
    ['digits', '1.0.0', true, true],
    ['digits', '1.1.0', true, false],
    ['wine', '1.0.0', true, true],
    ['diabetes', '1.0.0', true, false],
  ])
  const { devices } = await host.rpc!.call('devices.list', { query: 'sample = yes and status = online' })
  expect(devices.map(({ device, labels }) => [device, labels['site']])).toEqual(DEVICES.map((device) => [device, device.split('-')[0]]))
  await until('rows of every device and deployment', 60, () => areRowsStored(host))
  expect((await shown(host)).load!.failed).toBe(0)
  // Rates of the last seconds: on a busy machine they may be low at any one moment.
  await until('a rate of the load', 20, async () => (await shown(host)).load!.requestsPerSecond > 5)
  await until('a rate of the records', 20, async () => (await host.rpc!.call('system.status', {})).ingest.recordsPerSecond > 0)
  const { memory, disk } = await host.rpc!.call('system.status', {})
  expect([memory.hubBytes! > 1e6, disk!.freeBytes > 0, disk!.freeBytes <= disk!.totalBytes]).toEqual([true, true, true])

  // An agent that dies is started again; one whose device was taken out has nothing to do.
  const [first] = running.agents
  process.kill(first!.pid!, 'SIGKILL')
  await until('lyon-1 to come back', 30, async () => {
    const agent = (await shown(host)).agents[0]!
    return agent.state === 'running' && agent.pid !== first!.pid && agent.restarts === 1
  })
  await host.rpc!.call('devices.remove', { device: 'lyon-3' })
  await until(
    'the agent of lyon-3 to end',
    15,
    async () => !isAlive(running.agents[2]!.pid!) && (await shown(host)).agents[2]!.state === 'not-enrolled',
  )
  await startSample(host)
  expect((await shown(host)).agents[2]!.state).toBe('running')

  // Ends with the console, also one that is killed; comes back with it.
  const before = pidsOf(await shown(host))
  host.program!.child.kill('SIGKILL')
  await host.program!.ended
  await until('the agents to end without the console', 15, () => !before.some(isAlive))
  await host.launch()
  const again = await isState(host, 'running')
  expect(pidsOf(again).length).toBe(5)
  const stored = await storedRequests(host)
  await until('new rows of every device', 60, () => areRowsStored(host, stored))

  expect(await host.rpc!.call('sampleFleet.stop', {})).toEqual({ state: 'stopping' })
  const stopped = await isState(host, 'stopped', 15)
  expect([pidsOf(stopped), pidsOf(again).some(isAlive), stopped.load]).toEqual([[], false, null])
  await host.stop()
  await host.launch()
  expect((await shown(host)).state).toBe('stopped')

  expect((await shown(host)).removal).toContain('lyon-1, lyon-2, lyon-3, oslo-1, oslo-2')
  expect(await host.rpc!.call('sampleFleet.remove', {})).toEqual({ devices: DEVICES })
  await isState(host, 'none', 15)
  expect((await host.rpc!.call('devices.list', {})).total).toBe(0)
  expect(existsSync(join(host.data, 'sample-fleet'))).toBe(false)
  expect((await host.rpc!.call('models.list', {})).versions.length).toBe(4)
  expect((await storedRequests(host)).size).toBeGreaterThan(0)
}, 240_000)

test('a start that is cancelled leaves nothing running, wherever it was, and the next one goes on from there', async () => {
  const host = await started()
  const cancelWhen = async (what: string, isTime: (now: Shown) => boolean): Promise<void> => {
    const { job } = await host.rpc!.call('sampleFleet.start', {})
    expect((await shown(host)).job).toBe(job)
    const then = await until(what, 60, async () => {
      const now = await shown(host)
      return isTime(now) && now
    })
    const { jobs } = await host.rpc!.call('jobs.list', {})
    expect(jobs[0]).toMatchObject({ job, kind: 'sampleFleet.start', title: 'Start the sample fleet', state: 'running', endedAt: null })
    await host.rpc!.call('jobs.cancel', { job })
    const after = await isState(host, 'stopped', 20)
    expect([pidsOf(after), pidsOf(then).some(isAlive), after.problem]).toEqual([[], false, null])
    const ended = (await host.rpc!.call('jobs.list', {})).jobs.find((one) => one.job === job)
    expect(ended).toMatchObject({ state: 'cancelled', problem: null })
  }
  await cancelWhen('two agents to be enrolled', ({ agents }) => agents[1]!.state !== 'not-enrolled')
  await cancelWhen('agents to run', (now) => pidsOf(now).length > 2)
  // What was cancelled is not wanted at the next start of the console either.
  await host.stop()
  await host.launch()
  expect((await shown(host)).state).toBe('stopped')
  await startSample(host)
  expect((await shown(host)).agents.map(({ state }) => state)).toEqual(DEVICES.map(() => 'running'))
}, 180_000)

test('a device that somebody else enrolled under one of the names is left alone', async () => {
  const host = await started()
  const agent = await LocalAgent.join(host.rpc!, join(temporaryDirectory(), 'own'), { device: 'oslo-1', labels: { owner: 'me' } })
  onTestFinished(() => agent.crash())
  await expect(startSample(host)).rejects.toMatchObject({ code: 'enrolment.id-taken' })
  const failed = await shown(host)
  expect([failed.state, failed.problem?.code, pidsOf(failed)]).toEqual(['failed', 'enrolment.id-taken', []])
  await host.rpc!.call('sampleFleet.remove', {})
  await isState(host, 'none', 15)
  const { devices } = await host.rpc!.call('devices.list', {})
  expect(devices.map(({ device, labels, status }) => [device, labels, status])).toEqual([['oslo-1', { owner: 'me' }, 'online']])
}, 120_000)
