import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { until } from '../../build/demo/child.ts'
import { awaitEnd, shadowFirst, splitTest, startRollout, waveByWave } from '../../build/demo/rollout-acts.ts'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { importSample } from '../harness/console.ts'
import { writeLargeModel } from '../harness/large-model.ts'

const DEVICES = ['lyon-1', 'lyon-2', 'lyon-3', 'oslo-1', 'oslo-2'] as const
const stream = readStream('build/samples/digits/stream.csv')
const digits = { deployment: 'digits', model: 'digits' } as const

describe('a rollout over five agents as processes', { timeout: 240_000 }, () => {
  let directory: string
  let host: LocalConsole
  const agents: LocalAgent[] = []
  const rpc = (): RpcClient => host.rpc!
  const say = (sentence: string): void => void process.stdout.write(`  ${sentence}\n`)

  /** Applications ask every agent all the time; what they met is the last word on whether anybody's inference failed. */
  async function underLoad<Result>(tellsTruth: boolean, work: () => Promise<Result>, perSecond = 60): Promise<Result> {
    const loads = agents.map(
      (agent, i) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond, tellsTruth, firstRow: i * 71 }),
    )
    try {
      return await work()
    } finally {
      await Promise.all(loads.map((load) => load.stop()))
      expect(loads.map(({ counts }) => counts.firstFailure)).toEqual(loads.map(() => null))
      say(`${loads.reduce((sum, { counts }) => sum + counts.answered, 0)} requests meanwhile, none failed`)
    }
  }

  async function served(): Promise<Record<string, string>> {
    const { devices } = await rpc().call('deployments.progress', { deployment: 'digits' })
    return Object.fromEntries(devices.map(({ device, active }) => [device, active?.version ?? 'nothing']))
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-rollout-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error', '--fleet', 'Proof'])
    for (const device of DEVICES)
      agents.push(await LocalAgent.join(rpc(), join(directory, device), { device, labels: { site: device.split('-')[0]! } }))
    for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0-regressed']) await importSample(host, 'digits', version)
    await rpc().call('config.set', { target: { scope: 'fleet' }, settings: { windowSeconds: 1, distributionSeconds: 1 } })
    const { devices } = await rpc().call('deployments.apply', { query: '', ...digits, version: '1.0.0' })
    await awaitActive(rpc(), { ...digits, devices, version: '1.0.0', seconds: 60 })
  }, 180_000)
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.crash()))
    await host?.crash()
    rmSync(directory, { recursive: true, force: true })
  })

  test('digits 1.1.0 goes canary, waves, done, on evidence', async () => {
    const ended = await underLoad(true, async () => {
      const rollout = await startRollout(rpc(), waveByWave({ ...digits, version: '1.1.0' }))
      return awaitEnd(rpc(), rollout, { seconds: 200, onSentence: say })
    })
    expect([ended.state, ended.committed, ended.waveViews.map(({ state }) => state)]).toEqual([
      'completed',
      5,
      ['passed', 'passed', 'passed'],
    ])
    const { evidence } = ended.waveViews[0]!.gate!
    expect(evidence!.verdict).toBe('pass')
    for (const { metric, role, verdict, sentence, candidate, incumbent } of evidence!.metrics) {
      say(`${metric} (${role}): ${verdict}. ${sentence}`)
      if (role === 'required') expect([metric, verdict, candidate.n >= 100, incumbent.n >= 100]).toEqual([metric, 'pass', true, true])
    }
    expect(Object.values(await served())).toEqual(DEVICES.map(() => '1.1.0'))
  })

  test('1.3.0-regressed is stopped and taken back by its labels, without a person', async () => {
    const ended = await underLoad(true, async () => {
      const rollout = await startRollout(rpc(), waveByWave({ ...digits, version: '1.3.0-regressed' }))
      return awaitEnd(rpc(), rollout, { seconds: 120, onSentence: say })
    })
    expect([ended.state, ended.counts.pending, ended.counts.reverted]).toEqual(['reverted', 4, 1])
    const accuracy = ended.waveViews[0]!.gate!.evidence!.metrics.find(({ metric }) => metric === 'accuracy')!
    say(accuracy.sentence)
    expect(accuracy.verdict).toBe('fail')
    expect(Object.values(await served())).toEqual(DEVICES.map(() => '1.1.0'))
  })

  test('1.3.0-regressed is stopped by its disagreement alone, before it answers anybody', async () => {
    const ended = await underLoad(false, async () => {
      const rollout = await startRollout(rpc(), shadowFirst({ ...digits, version: '1.3.0-regressed' }))
      return awaitEnd(rpc(), rollout, { seconds: 120, onSentence: say })
    })
    expect([ended.state, ended.committed]).toEqual(['reverted', 0])
    const metrics = ended.waveViews[0]!.gate!.evidence!.metrics
    const agreement = metrics.find(({ metric }) => metric === 'agreement')!
    say(agreement.sentence)
    expect([agreement.verdict, metrics.find(({ metric }) => metric === 'accuracy')?.verdict ?? 'not enough evidence']).toEqual([
      'fail',
      'not enough evidence',
    ])
    expect(Object.values(await served())).toEqual(DEVICES.map(() => '1.1.0'))
  })

  test('an A/B test splits the keys, says when enough is enough, activates nothing by itself, and is promoted by a person', async () => {
    const ended = await underLoad(true, async () => {
      const rollout = await startRollout(rpc(), splitTest({ ...digits, version: '1.2.0' }))
      const compared = await until('the comparison to be enough', 200, async () => {
        const one = await rpc().call('rollouts.comparison', { rollout })
        return one.isEnough ? one : null
      })
      say(compared.advice)
      expect(compared.evidence!.verdict).toBe('pass')
      expect(Object.values(await served())).toEqual(DEVICES.map(() => '1.1.0'))
      const { state, acts } = await rpc().call('rollouts.show', { rollout })
      expect([state, acts.promote, acts.discard]).toEqual(['running', true, true])
      const first = await rpc().call('rollouts.promote', { rollout, why: 'no worse, and larger' })
      const second = await rpc().call('rollouts.promote', { rollout, why: 'no worse, and larger' })
      expect([first.isChanged, second.isChanged]).toEqual([true, false])
      return awaitEnd(rpc(), rollout, { seconds: 120, onSentence: say })
    })
    expect([ended.state, ended.committed]).toEqual(['completed', 5])
    expect(Object.values(await served())).toEqual(DEVICES.map(() => '1.2.0'))
  })

  test('a slow version is stopped by its latency', async () => {
    const files: string[] = []
    for (const [version, mebibytes] of [
      ['1.0.0', 1],
      ['1.1.0', 24],
    ] as const) {
      const path = join(directory, `meter-${version}.onnx`)
      writeLargeModel(path, mebibytes, 7)
      files.push(path)
      const model = await uploadFile(rpc(), host.address, path)
      const { job } = await rpc().call('models.import', { files: { model }, model: 'meter', version })
      await awaitJob(rpc(), job, 'import')
    }
    const { devices } = await rpc().call('deployments.apply', { query: '', model: 'meter', version: '1.0.0', deployment: 'meter' })
    await awaitActive(rpc(), { deployment: 'meter', model: 'meter', devices, version: '1.0.0', seconds: 60 })
    const loads = agents.map((agent) => new Load({ agent, stream, model: 'meter', input: 'x', perSecond: 25, tellsTruth: false }))
    const plan = waveByWave({ deployment: 'meter', model: 'meter', version: '1.1.0' })
    // Its own probation would take a version back that is five times slower than its probe; here the fleet finds it.
    const rollout = await startRollout(rpc(), { ...plan, probation: { ...plan.probation, maxLatencyRatio: null } })
    const ended = await awaitEnd(rpc(), rollout, { seconds: 120, onSentence: say })
    await Promise.all(loads.map((load) => load.stop()))
    expect(loads.map(({ counts }) => counts.firstFailure)).toEqual(loads.map(() => null))
    const latency = ended.waveViews[0]!.gate!.evidence!.metrics.find(({ metric }) => metric === 'latency')!
    say(latency.sentence)
    expect([ended.state, latency.verdict, ended.counts.reverted]).toEqual(['reverted', 'fail', 1])
    expect(files).toHaveLength(2)
  })
})
