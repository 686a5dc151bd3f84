import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'

const MUSTER = 'electron/core/cli.ts'
const AGENT = 'agent/cli.ts'

const wines = readFileSync('build/samples/wine/holdout.csv', 'utf8')
  .trimEnd()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => line.split(',').slice(0, 13).map(Number))

test(
  'what is counted, sampled, masked and detected is set by the command line, reaches a device, and its detectors tell the console once',
  { timeout: 240_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['press-1'] })
    const { host, agents } = fleet
    const rpc = host.rpc!
    const agent = agents[0]!
    const muster = (...args: string[]): Promise<string> => runProgram(MUSTER, [...args, '--data', host.data])
    await importSample(host, 'wine', '1.0.0')
    await deployEverywhere(fleet, 'wine', '1.0.0')

    const fields = ['masks.proline=drop', 'masks.ash=round', 'lowConfidenceSamples=5', 'lowConfidenceBelow=0.7', 'outlierSamples=3']
    await muster('config', 'set', '--fleet', ...fields, 'distributionSeconds=1', 'detectorSamples=10000')
    await muster('config', 'unset', '--fleet', 'masks.ash')
    await expect(muster('config', 'set', '--fleet', 'masks.ash=blur')).rejects.toThrow('drop, hash or round')
    await until('the device to take it over', 60, async () => (await rpc.call('config.show', { device: 'press-1' })).isTaken)
    const told = (await (await fetch(`${agent.url}/v1/config`)).json()) as { config: object }
    expect(told.config).toMatchObject({
      ...{ lowConfidenceSamples: 5, lowConfidenceBelow: 0.7, outlierSamples: 3, distributionSeconds: 1, detectorSamples: 10_000 },
      masks: { proline: 'drop' },
    })
    const shown = JSON.parse(await muster('config', 'show', 'press-1', '--json')) as OutputOf<'config.show'>
    expect(shown.fields).toContainEqual({ field: 'masks.proline', value: 'drop', from: 'fleet', rule: null })

    // Alcohol far beyond what training had, in every request; everything else is as in training.
    const ask = async (rows: readonly number[][]): Promise<void> => {
      const inputs = [{ name: 'sensors', datatype: 'FP32', shape: [rows.length, 13], data: rows.flat() }]
      const response = await fetch(`${agent.url}/v2/models/wine/infer`, { method: 'POST', body: JSON.stringify({ inputs }) })
      expect(response.status).toBe(200)
    }
    const strong = wines.map(([, ...rest]) => [19, ...rest])
    const raised = await until('the detector to tell the console', 90, async () => {
      await ask(strong)
      const { events } = await rpc.call('telemetry.events', {})
      const found = events.filter(({ name }) => name.startsWith('detector.'))
      return found.length === 0 ? null : found
    })
    expect(raised).toMatchObject([{ name: 'detector.out-of-range', severity: 'warning', device: 'press-1' }])
    expect(raised[0]!.message).toMatch(/^Values of alcohol are outside the range of training in wine 1\.0\.0: 100 % of the last \d+,/)
    for (let i = 0; i < 20; i += 1) await ask(strong)
    const status = JSON.parse(await runProgram(AGENT, ['status', '--json', '--dir', agent.directory])) as { detectors: object }
    expect(status.detectors).toMatchObject({ wine: { raised: [{ detector: 'out-of-range', feature: 'alcohol', version: '1.0.0' }] } })
    await new Promise((resolve) => setTimeout(resolve, 2500))
    const { events } = await rpc.call('telemetry.events', {})
    expect(events.filter(({ name }) => name.startsWith('detector.'))).toHaveLength(1)
  },
)
