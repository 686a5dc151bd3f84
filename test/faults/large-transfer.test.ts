import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { startFaultProxy } from '../harness/fault-proxy.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { writeLargeModel } from '../harness/large-model.ts'

const MEBIBYTES = 64
const DEVICES = Array.from({ length: 8 }, (_, i) => `edge-${i + 1}`)

test(`${MEBIBYTES} MiB to 8 agents: without cuts, then through a link that is cut every 2 s`, async () => {
  const directory = temporaryDirectory()
  const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const proxy = await startFaultProxy({ port: host.mqttPort })
  onTestFinished(() => proxy.stop())
  const agents: LocalAgent[] = []
  onTestFinished(async () => void (await Promise.all(agents.map((agent) => agent.crash()))))
  for (const device of DEVICES)
    agents.push(await LocalAgent.join(host.rpc!, join(directory, device), { device, brokerUrl: `mqtt://127.0.0.1:${proxy.port}` }))

  const push = async (version: string, seed: number): Promise<{ seconds: number; ratio: number }> => {
    const file = join(directory, `large-${version}.onnx`)
    writeLargeModel(file, MEBIBYTES, seed)
    const rpc = host.rpc!
    const { job } = await rpc.call('models.import', { files: { model: await uploadFile(rpc, host.address, file) } })
    await awaitJob(rpc, job, 'import')
    const before = new Set((await rpc.call('transfers.list', {})).transfers.map((one) => one.artifact))
    const started = performance.now()
    await rpc.call('deployments.apply', { query: '', model: 'large', version })
    await awaitActive(rpc, { deployment: 'large', devices: DEVICES, model: 'large', version, seconds: 300 })
    const seconds = (performance.now() - started) / 1000
    const { transfers } = await rpc.call('transfers.list', {})
    const mine = transfers.filter((one) => !before.has(one.artifact) && one.sizeBytes > MEBIBYTES * 1024 * 1024 * 0.9)
    return { seconds, ratio: mine.reduce((sum, one) => sum + one.publishedBytes, 0) / (MEBIBYTES * 1024 * 1024) }
  }

  const whole = await push('1.0.0', 12_345)
  process.stdout.write(
    `${MEBIBYTES} MiB to ${DEVICES.length} agents without cuts: active everywhere after ${whole.seconds.toFixed(1)} s; published ${whole.ratio.toFixed(3)} x the model\n`,
  )
  expect(whole.ratio).toBeLessThanOrEqual(1.5)

  // Slow enough that the transfer meets several cuts.
  await host.rpc!.call('transfers.setLimit', { bytesPerSecond: 8 * 1024 * 1024 })
  proxy.cutEvery(2000)
  const cut = await push('2.0.0', 54_321)
  process.stdout.write(
    `the same with every connection cut each 2 s: active everywhere after ${cut.seconds.toFixed(1)} s and ${proxy.cuts} cuts; published ${cut.ratio.toFixed(3)} x the model\n`,
  )
  expect(proxy.cuts).toBeGreaterThan(0)
})
