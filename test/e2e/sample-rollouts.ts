import { join } from 'node:path'
import { until } from '../../build/demo/child.ts'
import type { LocalConsole } from '../../build/demo/local-fleet.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { InputOf } from '../../shared/rpc/contract.ts'

/** Rollouts of the sample fleet, by how they ended; the comparison goes on. */
export interface SampleRollouts {
  done: number
  reverted: number
  comparison: number
}

/** So little evidence that a minute of the sample rows is enough; what a gate really asks for is tested where its numbers are. */
const quick: Pick<InputOf<'rollouts.create'>['plan'], 'probation' | 'judge'> = {
  probation: { inferences: 4, seconds: 5 },
  judge: {
    ...{ leastRequests: 10, errors: { margin: 0.9 }, latency: { role: 'guard', margin: 0.99 } },
    ...{
      agreement: { role: 'off' },
      accuracy: { role: 'off' },
      inputs: { role: 'off' },
      outcomes: { role: 'off' },
      memory: { role: 'off' },
    },
  },
}

/** Three rollouts at the same time over the agents of the sample fleet: one is done on evidence, one is taken back by a person, one compares. */
export async function makeSampleRollouts(host: LocalConsole): Promise<SampleRollouts> {
  const rpc = host.rpc!
  await importWine(host)
  const wine = { ...quick, deployment: 'wine', model: 'wine', version: '2.0.0' }
  const rest = { name: 'rest', size: { kind: 'rest' }, gate: { verdict: 'ignore' } } as const
  const gate = { success: 1, verdict: 'pass' } as const
  const reverted = await startRollout(rpc, {
    ...{ ...quick, name: 'Back to the older digits', deployment: 'digits', model: 'digits', version: '1.0.0', query: 'id = lyon-3' },
    waves: [{ ...rest, gate: { verdict: 'ignore', byPerson: true } }],
  })
  const comparison = await startRollout(rpc, {
    ...{ ...wine, name: 'Wine 2 beside wine 1', query: 'site = lyon', method: 'split', percent: 50, isComparison: true },
    waves: [{ name: 'all', size: { kind: 'rest' }, gate }],
  })
  const done = await startRollout(rpc, {
    ...{ ...wine, name: 'Wine 2 in Oslo', query: 'site = oslo' },
    waves: [{ name: 'canary', size: { kind: 'count', devices: 1 }, gate }, rest],
  })
  await until('a device to have the version that is taken back', 120, async () => (await committed(rpc, reverted)) > 0)
  await rpc.call('rollouts.revert', { rollout: reverted, why: 'The newer one reads better' })
  await until('the version to be taken back', 120, async () => (await stateOf(rpc, reverted)) === 'reverted')
  await until('the canary and the rest to be done', 180, async () => (await stateOf(rpc, done)) === 'completed')
  await until(
    'the split to be compared',
    120,
    async () => (await rpc.call('rollouts.comparison', { rollout: comparison })).series.length > 0,
  )
  return { done, reverted, comparison }
}

async function startRollout(rpc: RpcClient, plan: InputOf<'rollouts.create'>['plan']): Promise<number> {
  const { rollout } = await rpc.call('rollouts.create', { plan })
  await rpc.call('rollouts.start', { rollout })
  return rollout
}

async function importWine({ rpc, address }: LocalConsole): Promise<void> {
  const [model, train, holdout] = await Promise.all(
    ['wine-2.0.0.onnx', 'train.csv', 'holdout.csv'].map((file) => uploadFile(rpc!, address, join('build/samples/wine', file))),
  )
  const { job } = await rpc!.call('models.import', { files: { model: model!, train: train!, holdout: holdout! } })
  await awaitJob(rpc!, job, 'import')
}

async function committed(rpc: RpcClient, rollout: number): Promise<number> {
  return (await rpc.call('rollouts.show', { rollout })).committed
}

async function stateOf(rpc: RpcClient, rollout: number): Promise<string> {
  return (await rpc.call('rollouts.show', { rollout })).state
}
