import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram, startProgram, until } from '../../build/demo/child.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { followOrder } from '../../electron/core/cli/orders-commands.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
import { writeLargeModel } from '../harness/large-model.ts'

const stream = readStream('build/samples/digits/stream.csv')
const MUSTER = 'electron/core/cli.ts'

test('an order that is cancelled in the middle of its transfer ends with the previous version serving, without a failed request', async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1', 'cam-2'] })
  const { host, agents, directory } = fleet
  const rpc = host.rpc!
  await importSample(host, 'digits', '1.0.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const large = join(directory, 'large-1.0.0.onnx')
  writeLargeModel(large, 8, 7)
  const { job } = await rpc.call('models.import', { files: { model: await uploadFile(rpc, host.address, large) } })
  await awaitJob(rpc, job, 'import')
  await rpc.call('transfers.setLimit', { bytesPerSecond: 400_000 })
  const loads = agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 20 }))

  const applied = await rpc.call('deployments.apply', { query: '', model: 'large', version: '1.0.0', deployment: 'digits' })
  const order = applied.order!
  const shown = await until('both devices to be in the middle of it', 60, async () => {
    const now = await rpc.call('orders.show', { order })
    return now.counts.fetching === 2 && now.bytes.present > 1e6 && now.bytes.perSecond !== null && now.bytes.remainingSeconds !== null
      ? now
      : null
  })
  expect(shown.state).toBe('running')
  expect(shown.bytes.present).toBeLessThan(shown.bytes.planned)
  // Both devices get each block at once: what they report grows at up to twice the cap.
  expect(shown.bytes.perSecond!).toBeGreaterThan(50_000)
  expect(shown.bytes.perSecond!).toBeLessThan(1_600_000)
  const rows = await rpc.call('orders.devices', { order, state: 'fetching' })
  expect(rows.devices.map(({ device, previous, why }) => [device, previous, why.includes('it is fetching the bundle')])).toEqual([
    ['cam-1', { model: 'digits', version: '1.0.0' }, true],
    ['cam-2', { model: 'digits', version: '1.0.0' }, true],
  ])

  const cancelled = await rpc.call('orders.cancel', { order })
  expect(cancelled).toMatchObject({ restored: [{ to: { model: 'digits', version: '1.0.0' }, devices: 2 }], staying: 0 })
  await followOrder(rpc, cancelled.order, { seconds: 30 })
  expect(await rpc.call('orders.show', { order })).toMatchObject({
    state: 'cancelled',
    counts: { cancelled: 2 },
    reached: 0,
    canCancel: false,
  })
  const device = await until('the candidate to be given up', 10, async () => {
    const now = await rpc.call('devices.show', { device: 'cam-1' })
    return now.deployments['digits']?.candidate === null ? now : null
  })
  expect(device.deployments['digits']).toMatchObject({ state: 'active', active: { model: 'digits', version: '1.0.0' }, problem: null })
  await Promise.all(loads.map((load) => load.stop()))
  expect(loads.map(({ counts }) => counts.firstFailure)).toEqual([null, null])
  expect(loads[0]!.counts.answered).toBeGreaterThan(20)
})

test(
  'an undo brings the old version back on real agents; the command line orders, watches, cancels and undoes',
  { timeout: 240_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host } = fleet
    const rpc = host.rpc!
    const data = ['--data', host.data]
    const muster = async <
      Name extends
        | 'orders.show'
        | 'orders.list'
        | 'orders.cancel'
        | 'deployments.list'
        | 'models.setAlias'
        | 'models.compare'
        | 'models.try',
    >(
      ...args: string[]
    ): Promise<OutputOf<Name>> => JSON.parse(await runProgram(MUSTER, [...data, '--json', ...args])) as OutputOf<Name>
    await importSample(host, 'digits', '1.0.0')
    await importSample(host, 'digits', '1.1.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')

    await muster<'models.setAlias'>('models', 'alias', 'set', 'digits@1.1.0', 'production')
    const deployed = JSON.parse(await runProgram(MUSTER, [...data, '--json', 'deploy', 'digits@production', '-q', '', '--wait', '40'])) as {
      order: number
      version: string
      progress: { active: { version: string } }[]
    }
    expect(deployed).toMatchObject({ order: 2, version: '1.1.0', progress: [{ active: { version: '1.1.0' } }] })
    const undo = startProgram(MUSTER, [...data, 'orders', 'undo', '2'])
    expect([await undo.ended, undo.output()]).toEqual([2, expect.stringContaining('1 device gets digits 1.0.0 back') as string])
    const undone = await muster<'orders.cancel'>('orders', 'undo', '2', '--yes')
    expect(await runProgram(MUSTER, [...data, 'orders', 'watch', String(undone.order), '--wait', '40'])).toContain(
      'Undo order 2: done; of 1 device, 1 active.',
    )
    const shown = await rpc.call('devices.show', { device: 'cam-1' })
    expect(shown.deployments['digits']).toMatchObject({ active: { version: '1.0.0' }, lastGood: { version: '1.1.0' } })

    const { orders } = await muster<'orders.list'>('orders', 'list', '--deployment', 'digits')
    expect(orders.map((one) => [one.order, one.kind, one.state, one.alias, one.undoneBy])).toEqual([
      [3, 'undo', 'done', null, null],
      [2, 'deploy', 'done', 'production', 3],
      [1, 'deploy', 'done', null, null],
    ])
    expect((await muster<'deployments.list'>('deployments', 'list')).deployments).toMatchObject([
      { deployment: 'digits', converged: 1, lastOrder: { order: 3 } },
    ])
    expect(await muster<'models.compare'>('models', 'compare', 'digits@1.0.0', 'production')).toMatchObject({
      sameRows: true,
      isInterchangeable: true,
    })
    const tried = await muster<'models.try'>('models', 'try', 'digits@production', 'build/samples/digits/holdout.csv')
    expect([tried.rows.length, tried.rows.every(({ outcome, problem }) => outcome !== null && problem === null)]).toEqual([100, true])
    const inspected = await runProgram(MUSTER, [...data, 'models', 'inspect', 'build/samples/digits/digits-1.2.0.onnx'])
    expect(inspected).toContain('digits@1.2.0')
    expect(await runProgram(MUSTER, [...data, 'orders', 'show', '2'])).toContain('order 3 took its place')
  },
)
