import { describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { madeAndStored } from '../../build/demo/proof.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
import { hasMosquitto } from '../harness/mosquitto.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const stream = readStream('build/samples/digits/stream.csv')

describe.each([
  { broker: 'embedded' as const, isHere: true },
  { broker: 'mosquitto' as const, isHere: hasMosquitto },
])('over the $broker broker', ({ broker, isHere }) => {
  test.skipIf(!isHere)(
    'models are pushed, answer, are replaced without a failed request, and what they report is stored exactly once',
    async () => {
      const fleet = await startFleet({ broker, devices: ['cam-1', 'cam-2', 'cam-3'] })
      const { host, agents } = fleet
      await importSample(host, 'digits', '1.0.0')
      await importSample(host, 'digits', '1.1.0')
      await deployEverywhere(fleet, 'digits', '1.0.0')
      const loads = agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 40 }))
      await sleep(2500)
      await deployEverywhere(fleet, 'digits', '1.1.0')
      await sleep(2500)
      await Promise.all(loads.map((load) => load.stop()))
      expect(loads.map(({ counts }) => counts.firstFailure)).toEqual([null, null, null])

      // The window that was open when the load stopped closes within its second.
      await sleep(1500)
      const proof = await until('every record to be stored', 30, () => madeAndStored(host.rpc!, agents))
      expect(proof).toMatchObject({ isEqual: true, dropped: 0 })
      const { rows } = await host.rpc!.call('telemetry.summary', {})
      const sent = loads.map(({ agent, counts }) => ({
        device: agent.device,
        requests: counts.answered,
        labelled: counts.labelled,
        correct: counts.correct,
        errors: 0,
      }))
      const stored = agents.map(({ device }) => {
        const mine = rows.filter((row) => row.device === device)
        const add = (of: (row: (typeof rows)[number]) => number): number => mine.reduce((sum, row) => sum + of(row), 0)
        return {
          device,
          requests: add((row) => row.requests),
          labelled: add((row) => row.quality?.labelled ?? 0),
          correct: Math.round(add((row) => (row.quality?.accuracy ?? 0) * (row.quality?.labelled ?? 0))),
          errors: add((row) => row.errors),
        }
      })
      expect(stored).toEqual(sent)
      expect(new Set(rows.map((row) => row.version))).toEqual(new Set(['1.0.0', '1.1.0']))
    },
  )

  test.skipIf(!isHere)(
    'what is ordered while a device is away reaches it when it comes back, and a console that was away misses nothing',
    async () => {
      const fleet = await startFleet({ broker, devices: ['cam-1', 'cam-2'] })
      const { host, agents } = fleet
      await importSample(host, 'wine', '1.0.0')
      await importSample(host, 'wine', '2.0.0')
      await deployEverywhere(fleet, 'wine', '1.0.0')
      await agents[0]!.stop()
      await host.rpc!.call('deployments.apply', { query: '', model: 'wine', version: '2.0.0' })
      await host.crash()
      await host.launch()
      await agents[0]!.launch()
      const progress = await until('both devices to run wine 2.0.0', 30, async () => {
        const { devices } = await host.rpc!.call('deployments.progress', { deployment: 'wine' })
        return devices.every((one) => one.active?.version === '2.0.0') ? devices : null
      })
      expect(progress.map((one) => [one.device, one.status, one.problem])).toEqual([
        ['cam-1', 'online', null],
        ['cam-2', 'online', null],
      ])
      const shown = await host.rpc!.call('devices.show', { device: 'cam-1' })
      expect(shown.deployments['wine']?.lastGood?.version).toBe('1.0.0')
    },
  )
})
