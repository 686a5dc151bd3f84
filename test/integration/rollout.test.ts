import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { RolloutPlanInput } from '../../shared/domain/rollout/plan.ts'
import { rolloutPlan } from '../../shared/domain/rollout/plan.ts'
import type { RolloutDetail } from '../../shared/rpc/contract/rollouts.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'

const stream = readStream('build/samples/digits/stream.csv')
const DEVICES = ['cam-1', 'cam-2', 'cam-3']

/** One device first, then the rest; a person lets the second wave begin, so that a test may look in between. */
const plan: RolloutPlanInput = {
  ...{ deployment: 'digits', model: 'digits', version: '1.1.0', probation: { inferences: 40, seconds: 60 } },
  waves: [
    { size: { kind: 'count', devices: 1 }, gate: { verdict: 'ignore', byPerson: true } },
    { size: { kind: 'rest' }, gate: { verdict: 'ignore' } },
  ],
}

async function startedFleet(): Promise<TestFleet & { loads: Load[] }> {
  const fleet = await startFleet({ broker: 'embedded', devices: DEVICES })
  await importSample(fleet.host, 'digits', '1.0.0')
  await importSample(fleet.host, 'digits', '1.1.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const loads = fleet.agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 20 }))
  return { ...fleet, loads }
}

function shown(fleet: TestFleet, what: string, isSo: (rollout: RolloutDetail) => boolean, rollout: number): Promise<RolloutDetail> {
  return until(what, 60, async () => {
    const now = await fleet.host.rpc!.call('rollouts.show', { rollout })
    return isSo(now) ? now : null
  })
}

test(
  'case 57: a canary, then the rest: paused and resumed, over a console that is killed in the middle, and taken back; no request fails',
  { timeout: 240_000 },
  async () => {
    const fleet = await startedFleet()
    const { host, loads, agents } = fleet
    const { rollout } = await host.rpc!.call('rollouts.create', { plan: rolloutPlan.parse(plan) })
    await host.rpc!.call('rollouts.start', { rollout })
    const gate = await shown(fleet, 'the canary to be at its gate', ({ waveViews }) => waveViews[0]?.state === 'at-gate', rollout)
    expect(gate).toMatchObject({ state: 'running', committed: 1, counts: { committed: 1, pending: 2 } })
    const canary = gate.waveViews[0]!.cells[0]!.device
    const { devices } = await host.rpc!.call('rollouts.devices', { rollout })
    expect(devices.filter(({ active }) => active?.version === '1.1.0').map(({ device }) => device)).toEqual([canary])
    expect(devices.find(({ device }) => device !== canary)!.why).toContain('wave 2')

    await host.rpc!.call('rollouts.pause', { rollout, why: 'a look', halt: true })
    const resumed = await host.rpc!.call('rollouts.resume', { rollout })
    expect(resumed).toMatchObject({ state: 'running', isChanged: true })
    await host.rpc!.call('rollouts.letThrough', { rollout, wave: 0 })
    await until('the second wave to be on its way', 30, async () => {
      const { events } = await host.rpc!.call('rollouts.events', { rollout, kinds: ['offer'] })
      return events.length === 3 ? events : null
    })
    await host.crash()
    await host.launch()
    const done = await shown(fleet, 'all to have committed', ({ state }) => state === 'completed', rollout)
    expect(done).toMatchObject({ committed: 3, sentence: 'Done: 3 devices committed.' })
    const { events } = await host.rpc!.call('rollouts.events', { rollout, limit: 1000 })
    expect(events.filter(({ kind }) => kind === 'offer')).toHaveLength(3)
    expect(events.filter(({ kind }) => kind === 'commit')).toHaveLength(3)

    await host.rpc!.call('rollouts.revert', { rollout, why: 'enough' })
    const back = await shown(fleet, 'all to have 1.0.0 again', ({ state }) => state === 'reverted', rollout)
    expect(back).toMatchObject({ counts: { reverted: 3 } })
    for (const agent of agents) {
      const { deployments } = await host.rpc!.call('devices.show', { device: agent.device })
      expect(deployments['digits']?.active).toMatchObject({ version: '1.0.0' })
    }
    await Promise.all(loads.map((load) => load.stop()))
    expect(loads.map(({ counts }) => counts.firstFailure)).toEqual([null, null, null])
  },
)

test(
  'a worse version is stopped and taken back without a person: by the labels of one device, and by what its shadow says; no request fails',
  { timeout: 240_000 },
  async () => {
    const fleet = await startedFleet()
    const { host, loads } = fleet
    await importSample(host, 'digits', '1.3.0-regressed')
    const waves: RolloutPlanInput['waves'] = [{ size: { kind: 'count', devices: 1 } }, { size: { kind: 'rest' } }]
    for (const method of ['replace', 'shadow'] as const) {
      const { rollout } = await host.rpc!.call('rollouts.create', {
        plan: rolloutPlan.parse({ ...plan, version: '1.3.0-regressed', method, waves }),
      })
      await host.rpc!.call('rollouts.start', { rollout })
      const back = await shown(fleet, `the ${method} to be taken back`, ({ state }) => state === 'reverted', rollout)
      expect(back).toMatchObject({ verdict: 'fail', counts: { reverted: 1, pending: 2 } })
      expect(back.sentence).toContain(method === 'shadow' ? 'Agreement' : 'Accuracy')
      const { events } = await host.rpc!.call('rollouts.events', { rollout, limit: 1000 })
      expect(events.filter(({ kind }) => kind === 'offer')).toHaveLength(1)
      expect(events.find(({ kind, device }) => kind === 'revert' && device === null)).toMatchObject({ actor: 'muster' })
    }
    await Promise.all(loads.map((load) => load.stop()))
    expect(loads.map(({ counts }) => counts.firstFailure)).toEqual([null, null, null])
  },
)
