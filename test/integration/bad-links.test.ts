import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { madeAndStored } from '../../build/demo/proof.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample } from '../harness/console.ts'
import { startFaultProxy } from '../harness/fault-proxy.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

test(
  'case 31: 64 kbit/s, a cut every 3 s, a link that is half open, and none: what was made is stored, once',
  { timeout: 180_000 },
  async () => {
    const directory = temporaryDirectory()
    const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
    onTestFinished(() => host.crash())
    const proxy = await startFaultProxy({ port: host.mqttPort })
    onTestFinished(() => proxy.stop())
    const agent = await LocalAgent.join(host.rpc!, join(directory, 'cam-1'), {
      device: 'cam-1',
      brokerUrl: `mqtt://127.0.0.1:${proxy.port}`,
    })
    onTestFinished(() => agent.crash())
    await importSample(host, 'digits', '1.0.0')
    await deployEverywhere({ host, agents: [agent], directory, mosquitto: null }, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const load = new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 20 })

    proxy.setBandwidth(8_000)
    proxy.cutEvery(3_000)
    await sleep(9_000)
    proxy.cutEvery(null)
    proxy.setHalfOpen(true)
    await sleep(4_000)
    // The end of a link that is half open is noticed by nobody: it is cut, and for a while nobody comes through.
    proxy.setRefusing(true)
    proxy.setHalfOpen(false)
    proxy.cutAll()
    await sleep(2_000)
    proxy.setRefusing(false)
    proxy.setBandwidth(null)
    await load.stop()

    const proof = await until('every record to be stored', 90, () => madeAndStored(host.rpc!, [agent]))
    process.stdout.write(`bad links: ${proxy.cuts} cuts, ${proxy.bytes} bytes; ${proof.sentence}\n`)
    expect(proof).toMatchObject({ isEqual: true, dropped: 0 })
    expect(load.counts.firstFailure).toBeNull()
    expect(proxy.cuts).toBeGreaterThan(2)
  },
)
