import { expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { followOrder } from '../../electron/core/cli/orders-commands.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'

const stream = readStream('build/samples/digits/stream.csv')
const MUSTER = 'electron/core/cli.ts'

test(
  'a shadow is compared, a split shares the traffic, a promotion and a revert switch without a failed request, flags reach the device',
  { timeout: 240_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host, agents } = fleet
    const rpc = host.rpc!
    const agent = agents[0]!
    const muster = async <Answer>(...args: string[]): Promise<Answer> =>
      JSON.parse(await runProgram(MUSTER, [...args, '--json', '--data', host.data])) as Answer
    await importSample(host, 'digits', '1.0.0')
    await importSample(host, 'digits', '1.1.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const load = new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 30 })

    const shadow = await muster<OutputOf<'deployments.apply'>>(
      ...['deploy', 'digits@1.1.0', '--query', '', '--as', 'shadow', '--cpu-share', '0.9', '--wait', '60'],
    )
    expect(shadow).toMatchObject({ changed: ['cam-1'], skipped: [] })
    const compared = await until('the shadow to be compared', 60, async () => {
      const { comparisons } = await rpc.call('telemetry.shadow', { deployment: 'digits' })
      return (comparisons[0]?.sums.compared ?? 0) >= 100 ? comparisons[0]! : null
    })
    expect(compared).toMatchObject({ version: '1.1.0', againstVersion: '1.0.0', isEnough: true, sums: { failed: 0, notFinite: 0 } })
    // The two were trained apart: they agree on most digits, and not on all.
    expect(compared.sums.agreement!).toBeGreaterThan(0.7)
    expect(compared.sums.agreed + compared.pairs.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(compared.sums.compared)
    expect(compared.sums.latencyMs!.p50).toBeGreaterThan(0)
    expect((await rpc.call('devices.show', { device: 'cam-1' })).slots[0]!.beside).toMatchObject({
      isInRole: true,
      reported: { role: 'shadow' },
    })

    const split = await rpc.call('deployments.apply', { query: '', model: 'digits', version: '1.1.0', as: 'split', percent: 50 })
    await followOrder(rpc, split.order!, { seconds: 60 })
    await until('both versions to answer', 60, async () => {
      const { rows } = await rpc.call('telemetry.summary', {})
      return ['1.0.0', '1.1.0'].every((version) => (rows.find((row) => row.version === version)?.requests ?? 0) > 0)
    })

    await muster('deployments', 'promote', 'digits', '--query', '', '--probation', 'inferences=20', '--yes', '--wait', '60')
    const promoted = await until('the promoted version to pass its probation', 60, async () => {
      const { slots } = await rpc.call('devices.show', { device: 'cam-1' })
      return slots[0]!.active?.version === '1.1.0' && slots[0]!.watch === null ? slots[0]! : null
    })
    expect([promoted.beside, promoted.lastGood?.version]).toEqual([null, '1.0.0'])

    await muster('deployments', 'revert', 'digits', '--query', '', '--yes', '--wait', '60')
    const { slots } = await rpc.call('devices.show', { device: 'cam-1' })
    expect(slots[0]!.active?.version).toBe('1.0.0')
    await load.stop()
    expect(load.counts.firstFailure).toBeNull()
    expect(load.counts.answered).toBeGreaterThan(100)

    await muster('config', 'set', 'flags.night=true', 'flags.mode=fast', '--group', 'lyon', '--query', 'site = lyon')
    await until('the device to take the flags over', 30, async () => (await rpc.call('config.show', { device: 'cam-1' })).isTaken)
    const told = await fetch(`${agent.url}/v1/config`)
    expect(await told.json()).toMatchObject({ flags: { night: true, mode: 'fast' } })
  },
)
