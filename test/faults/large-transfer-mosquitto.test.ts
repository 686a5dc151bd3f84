import { join } from 'node:path'
import { expect, test } from 'vitest'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { startFleet } from '../harness/console.ts'
import { writeLargeModel } from '../harness/large-model.ts'
import { hasMosquitto } from '../harness/mosquitto.ts'

const MEBIBYTES = 64
const DEVICES = ['edge-1', 'edge-2', 'edge-3', 'edge-4']

test.skipIf(!hasMosquitto)(`${MEBIBYTES} MiB to ${DEVICES.length} agents over Mosquitto`, async () => {
  const { host, directory } = await startFleet({ broker: 'mosquitto', devices: DEVICES })
  const file = join(directory, 'large-1.0.0.onnx')
  writeLargeModel(file, MEBIBYTES, 777)
  const rpc = host.rpc!
  const { job } = await rpc.call('models.import', { files: { model: await uploadFile(rpc, host.address, file) } })
  await awaitJob(rpc, job, 'import')
  const began = performance.now()
  await rpc.call('deployments.apply', { query: '', model: 'large', version: '1.0.0' })
  await awaitActive(rpc, { deployment: 'large', devices: DEVICES, model: 'large', version: '1.0.0', seconds: 200 })
  const { transfers } = await rpc.call('transfers.list', {})
  const published = transfers.filter((one) => one.sizeBytes > 1024 * 1024).reduce((sum, one) => sum + one.publishedBytes, 0)
  const ratio = published / (MEBIBYTES * 1024 * 1024)
  process.stdout.write(
    `${MEBIBYTES} MiB to ${DEVICES.length} agents over Mosquitto: active everywhere after ${((performance.now() - began) / 1000).toFixed(1)} s; published ${ratio.toFixed(3)} x the model\n`,
  )
  expect(ratio).toBeLessThanOrEqual(1.5)
})
