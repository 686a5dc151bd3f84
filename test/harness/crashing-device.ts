import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { bundleProgram } from '../../build/bundle-program.ts'
import { LocalAgent } from '../../build/demo/local-fleet.ts'
import { until } from '../../build/demo/child.ts'
import { messageOf } from '../../shared/domain/problem.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { importSample, startFleet, type TestFleet } from './console.ts'

const MODEL = 'digits'
/** With three in turn, the one that is ordered is neither active nor the last good one: each order makes it fetch. */
const versions = ['1.0.0', '1.1.0', '1.2.0'] as const
/** A device that gives no answer for so long after its start is out of service. */
const ANSWER_SECONDS = 15
const CONVERGE_SECONDS = 60

/** One device under a console that is ordered one version after the other, and killed meanwhile. */
export interface CrashingDevice {
  fleet: TestFleet
  agent: LocalAgent
  /** Process of the agent. */
  pid(): number
  /** Orders the next version, which is not on the device. @returns it */
  order(): Promise<string>
  /** Orders that had to be given again, because the kill of a process looked like the fault of its model. */
  reordered: number
  /** Waits until the ordered version is active. */
  converged(): Promise<void>
  /** Asks one row until there is an answer. @returns the version that answered @throws Error after 15 s: out of service */
  answers(): Promise<string>
}

/** Starts console and agent, imports the versions, and waits until the first one serves. */
export async function startCrashingDevice(): Promise<CrashingDevice> {
  const fleet = await startFleet({ broker: 'embedded', devices: [] })
  // What is delivered, and it starts faster than the source. Beside node_modules, for its native packages.
  const bundle = `dist/faults-${process.pid}`
  await bundleProgram('agent', bundle)
  onTestFinished(() => rmSync(bundle, { recursive: true, force: true }))
  const programs = { console: 'electron/core/cli.ts', agent: join(bundle, 'muster-agent.mjs') }
  const agent = await LocalAgent.join(fleet.host.rpc!, join(fleet.directory, 'cam-1'), { device: 'cam-1', programs })
  onTestFinished(() => agent.crash())
  for (const version of versions) await importSample(fleet.host, MODEL, version)
  const [row] = readStream('build/samples/digits/stream.csv').rows
  const body = JSON.stringify({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: row }] })
  let turn = -1
  const device: CrashingDevice = {
    fleet,
    agent,
    reordered: 0,
    pid: () => agent.program!.child.pid!,
    async order() {
      turn += 1
      const version = versions[turn % versions.length]!
      await fleet.host.rpc!.call('deployments.apply', { query: '', model: MODEL, version, windowSeconds: 60 })
      return version
    },
    async converged() {
      const version = versions[turn % versions.length]!
      await until(`the device to have ${MODEL} ${version}`, CONVERGE_SECONDS, async () => {
        const { devices } = await fleet.host.rpc!.call('deployments.progress', { deployment: MODEL })
        const [one] = devices
        // A process that is killed while it loads a model looks like the fault of that model: a person would order it again.
        if (one?.isOnNewestOrder === true && (one.state === 'rejected' || one.state === 'reverted')) {
          device.reordered += 1
          await fleet.host.rpc!.call('deployments.apply', { query: '', model: MODEL, version, windowSeconds: 60 })
          await sleep(1000)
        }
        return one?.active?.version === version
      })
    },
    async answers() {
      let last = ''
      const ask = async (): Promise<string | null> => {
        const request = { method: 'POST', body, signal: AbortSignal.timeout(3000) }
        const response = await fetch(`${agent.url}/v2/models/${MODEL}/infer`, request).catch((error: unknown) => messageOf(error))
        last = typeof response === 'string' ? response : await response.text()
        return typeof response === 'string' || !response.ok ? null : (JSON.parse(last) as { model_version: string }).model_version
      }
      try {
        return await until('the device to answer', ANSWER_SECONDS, ask)
      } catch (error) {
        const log = agent.program?.output().slice(-3000) ?? ''
        throw new Error(`${messageOf(error)}; the last answer: ${last}; it said:\n${log}`, { cause: error })
      }
    },
  }
  for (let round = 0; round < versions.length; round += 1) {
    await device.order()
    await device.converged()
  }
  return device
}
