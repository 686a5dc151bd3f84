import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { temporaryDirectory } from './fleet.ts'
import { CONSOLE_USER, startMosquitto, type Mosquitto } from './mosquitto.ts'

export const FLEET = 'test'
const SAMPLES = 'build/samples'

/** A console with agents as processes, over the embedded broker or over Mosquitto; all of it ends with the test. */
export interface TestFleet {
  host: LocalConsole
  agents: LocalAgent[]
  directory: string
  /** null: the broker is the embedded one. */
  mosquitto: Mosquitto | null
}

export async function startFleet(options: {
  broker: 'embedded' | 'mosquitto'
  devices: readonly string[]
  flags?: readonly string[]
}): Promise<TestFleet> {
  const directory = temporaryDirectory()
  const mosquitto = options.broker === 'mosquitto' ? await startMosquitto(directory, FLEET, options.devices) : null
  if (mosquitto !== null) onTestFinished(() => mosquitto.stop())
  const brokerFlags = mosquitto === null ? [] : ['--broker', mosquitto.url(CONSOLE_USER)]
  const host = await LocalConsole.start(join(directory, 'console'), [
    '--fleet',
    FLEET,
    '--log-level',
    'error',
    ...brokerFlags,
    ...(options.flags ?? []),
  ])
  onTestFinished(() => host.crash())
  const agents: LocalAgent[] = []
  onTestFinished(async () => void (await Promise.all(agents.map((agent) => agent.crash()))))
  for (const device of options.devices) {
    agents.push(
      await LocalAgent.join(host.rpc!, join(directory, device), {
        device,
        labels: { site: 'lyon' },
        ...(mosquitto === null ? {} : { brokerUrl: mosquitto.url(device) }),
      }),
    )
  }
  return { host, agents, directory, mosquitto }
}

/** Imports a sample version with its training and hold-out rows. */
export async function importSample(
  host: LocalConsole,
  model: string,
  version: string,
): Promise<{ digest: string; evaluation: { metrics: Record<string, number> } }> {
  const rpc = host.rpc!
  const { address } = host
  const upload = (file: string): Promise<string> => uploadFile(rpc, address, join(SAMPLES, model, file))
  const files = { model: await upload(`${model}-${version}.onnx`), train: await upload('train.csv'), holdout: await upload('holdout.csv') }
  const { job } = await rpc.call('models.import', { files })
  return (await awaitJob(rpc, job, 'import')) as { digest: string; evaluation: { metrics: Record<string, number> } }
}

/** Orders a version on every device and waits until all run it. */
export async function deployEverywhere(fleet: TestFleet, model: string, version: string, windowSeconds = 1): Promise<void> {
  const applied = await fleet.host.rpc!.call('deployments.apply', { query: '', model, version, windowSeconds })
  await awaitActive(fleet.host.rpc!, { deployment: applied.deployment, devices: applied.devices, model, version, seconds: 240 })
}
