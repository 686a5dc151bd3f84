import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { awaitEnd, shadowFirst, splitTest, startRollout, waveByWave } from '../../build/demo/rollout-acts.ts'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { RolloutDetail } from '../../shared/rpc/contract/rollouts.ts'
import { importSample } from '../harness/console.ts'
import { writeLargeModel } from '../harness/large-model.ts'

const DEVICES = ['lyon-1', 'lyon-2', 'lyon-3', 'oslo-1', 'oslo-2'] as const
const stream = readStream('build/samples/digits/stream.csv')
const digits = { deployment: 'digits', model: 'digits' } as const

interface Asked {
  deployment: string
  input?: string
  tellsTruth: boolean
  perSecond: number
  /** Devices whose names begin with this; left out: all. */
  site?: string
}

// Most of the time is spent waiting for traffic, so what does not touch the same deployment and devices runs side by side.
describe('rollouts over five agents as processes', { timeout: 600_000 }, () => {
  let directory: string
  let host: LocalConsole
  const agents: LocalAgent[] = []
  const rpc = (): RpcClient => host.rpc!
  const say = (sentence: string): void => void process.stdout.write(`  ${sentence}\n`)

  /** Applications ask the agents all the time; what they met is the last word on whether anybody's inference failed. */
  async function underLoad<Result>(
    { deployment, input = 'pixels', site = '', ...how }: Asked,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const asked = agents.filter(({ device }) => device.startsWith(site))
    const loads = asked.map((agent, i) => new Load({ ...how, agent, stream, model: deployment, input, firstRow: i * 71 }))
    try {
      return await work()
    } finally {
      await Promise.all(loads.map((load) => load.stop()))
      expect(loads.map(({ counts }) => counts.firstFailure)).toEqual(loads.map(() => null))
      say(`${deployment}: ${loads.reduce((sum, { counts }) => sum + counts.answered, 0)} requests meanwhile, none failed`)
    }
  }

  async function served(deployment: string, site = ''): Promise<string[]> {
    const { devices } = await rpc().call('deployments.progress', { deployment })
    return devices.filter(({ device }) => device.startsWith(site)).map(({ active }) => active?.version ?? 'nothing')
  }

  /** Starts a rollout and waits until it has ended, or a person must decide. */
  async function run(plan: Parameters<typeof startRollout>[1], seconds: number): Promise<RolloutDetail> {
    const rollout = await startRollout(rpc(), plan)
    return awaitEnd(rpc(), rollout, { seconds, onSentence: (sentence) => say(`${plan.deployment}: ${sentence}`) })
  }

  const metricOf = (ended: RolloutDetail, named: string) =>
    ended.waveViews[0]!.gate!.evidence!.metrics.find(({ metric }) => metric === named)

  async function apply(of: { deployment: string; model: string }): Promise<void> {
    const { devices } = await rpc().call('deployments.apply', { query: '', ...of, version: '1.0.0' })
    await awaitActive(rpc(), { ...of, devices, version: '1.0.0', seconds: 60 })
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-rollout-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error', '--fleet', 'Proof'])
    agents.push(
      ...(await Promise.all(
        DEVICES.map((device) => LocalAgent.join(rpc(), join(directory, device), { device, labels: { site: device.split('-')[0]! } })),
      )),
    )
    for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0-regressed']) await importSample(host, 'digits', version)
    await rpc().call('config.set', { target: { scope: 'fleet' }, settings: { windowSeconds: 1, distributionSeconds: 1 } })
    await apply(digits)
  }, 180_000)
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.crash()))
    await host?.crash()
    rmSync(directory, { recursive: true, force: true })
  })

  describe('one that is no worse, and beside it one that is slow', () => {
    test.concurrent('digits 1.1.0 goes canary, waves, done, on its errors and its labels', async () => {
      const plan = waveByWave({ ...digits, version: '1.1.0' })
      // Times need half a minute of every wave, and a slow version runs beside this one; the A/B test waits for them.
      const judge = { ...plan.judge, accuracy: { role: 'required', margin: 0.1 }, latency: { role: 'off' } } as const
      const ended = await underLoad({ ...digits, tellsTruth: true, perSecond: 60 }, () => run({ ...plan, judge }, 500))
      expect([ended.state, ended.committed, ended.waveViews.map(({ state }) => state)]).toEqual([
        'completed',
        5,
        ['passed', 'passed', 'passed'],
      ])
      const { evidence } = ended.waveViews[0]!.gate!
      expect(evidence!.verdict).toBe('pass')
      const required = evidence!.metrics.filter(({ role }) => role === 'required')
      expect(required.map(({ metric }) => metric)).toEqual(['errors', 'accuracy'])
      for (const { metric, verdict, candidate, incumbent } of required)
        expect([metric, verdict, candidate.n >= 100, incumbent.n >= 100]).toEqual([metric, 'pass', true, true])
      for (const { metric, role, verdict, sentence } of evidence!.metrics) say(`${metric} (${role}): ${verdict}. ${sentence}`)
      expect(await served('digits')).toEqual(DEVICES.map(() => '1.1.0'))
    })

    test.concurrent('a slow version is stopped by its latency', async () => {
      for (const [version, mebibytes] of [
        ['1.0.0', 1],
        ['1.1.0', 24],
      ] as const) {
        const path = join(directory, `meter-${version}.onnx`)
        writeLargeModel(path, mebibytes, 7)
        const model = await uploadFile(rpc(), host.address, path)
        const { job } = await rpc().call('models.import', { files: { model }, model: 'meter', version })
        await awaitJob(rpc(), job, 'import')
      }
      const meter = { deployment: 'meter', model: 'meter' } as const
      await apply(meter)
      const plan = waveByWave({ ...meter, version: '1.1.0' })
      // Its own probation would take a version back that is five times slower than its probe; here the fleet finds it.
      const ended = await underLoad({ ...meter, input: 'x', tellsTruth: false, perSecond: 15 }, () =>
        run({ ...plan, probation: { ...plan.probation, maxLatencyRatio: null } }, 400),
      )
      say(metricOf(ended, 'latency')!.sentence)
      expect([ended.state, metricOf(ended, 'latency')!.verdict, ended.counts.reverted]).toEqual(['reverted', 'fail', 1])
    })
  })

  describe('one that is regressed, on two sites in two ways', () => {
    test.concurrent('1.3.0-regressed is stopped and taken back by its labels, without a person', async () => {
      const plan = waveByWave({ ...digits, version: '1.3.0-regressed' })
      const ended = await underLoad({ ...digits, site: 'lyon', tellsTruth: true, perSecond: 40 }, () =>
        run({ ...plan, query: 'site = "lyon"', judge: { ...plan.judge, accuracy: { role: 'required' }, latency: { role: 'off' } } }, 400),
      )
      expect([ended.state, ended.counts.pending, ended.counts.reverted]).toEqual(['reverted', 2, 1])
      say(metricOf(ended, 'accuracy')!.sentence)
      expect(metricOf(ended, 'accuracy')!.verdict).toBe('fail')
      expect(await served('digits', 'lyon')).toEqual(['1.1.0', '1.1.0', '1.1.0'])
    })

    test.concurrent('1.3.0-regressed is stopped by its disagreement alone, before it answers anybody', async () => {
      const ended = await underLoad({ ...digits, site: 'oslo', tellsTruth: false, perSecond: 40 }, () =>
        run({ ...shadowFirst({ ...digits, version: '1.3.0-regressed' }), query: 'site = "oslo"' }, 400),
      )
      expect([ended.state, ended.committed]).toEqual(['reverted', 0])
      say(metricOf(ended, 'agreement')!.sentence)
      expect([metricOf(ended, 'agreement')!.verdict, metricOf(ended, 'accuracy')?.verdict ?? 'not enough evidence']).toEqual([
        'fail',
        'not enough evidence',
      ])
      expect(await served('digits', 'oslo')).toEqual(['1.1.0', '1.1.0'])
    })
  })

  test('an A/B test splits the keys, says when enough is enough, activates nothing by itself, and is promoted by a person', async () => {
    const ended = await underLoad({ ...digits, tellsTruth: false, perSecond: 40 }, async () => {
      const rollout = await startRollout(rpc(), splitTest({ ...digits, version: '1.2.0' }))
      let compared = await rpc().call('rollouts.comparison', { rollout })
      for (const end = Date.now() + 400_000; !compared.isEnough && Date.now() < end; await sleep(2000))
        compared = await rpc().call('rollouts.comparison', { rollout })
      for (const { sentence } of compared.evidence!.metrics) say(`digits: ${sentence}`)
      say(`digits: ${compared.advice}`)
      expect(compared.evidence!.verdict).toBe('pass')
      const required = compared.evidence!.metrics.filter(({ role }) => role === 'required')
      expect(required.map(({ metric, verdict }) => [metric, verdict])).toEqual([
        ['errors', 'pass'],
        ['latency', 'pass'],
      ])
      expect(await served('digits')).toEqual(DEVICES.map(() => '1.1.0'))
      const { state, acts } = await rpc().call('rollouts.show', { rollout })
      expect([state, acts.promote, acts.discard]).toEqual(['running', true, true])
      const first = await rpc().call('rollouts.promote', { rollout, why: 'no worse, and larger' })
      const second = await rpc().call('rollouts.promote', { rollout, why: 'no worse, and larger' })
      expect([first.isChanged, second.isChanged]).toEqual([true, false])
      return awaitEnd(rpc(), rollout, { seconds: 180, onSentence: say })
    })
    expect([ended.state, ended.committed]).toEqual(['completed', 5])
    expect(await served('digits')).toEqual(DEVICES.map(() => '1.2.0'))
  })
})
