import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { askAgent } from '../../agent/control/lock-client.ts'
import { carryState, type CarryState } from '../../agent/usb/desk.ts'
import { freePort, runProgram, startProgram } from '../../build/demo/child.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { LocalAgent } from '../../build/demo/local-fleet.ts'
import { carryImported, type CarryImported } from '../../shared/rpc/contract/carry.ts'
import { startFleet, type TestFleet } from './console.ts'

/** What a program ended with. */
export interface Ended {
  code: unknown
  output: string
}

/** A console, a device that has no network after its enrolment, and a stick between them. */
export interface CarriedFleet {
  fleet: TestFleet
  agent: LocalAgent
  stick: string
  /** `muster` on the console. */
  muster(...args: string[]): Promise<Ended>
  /** `muster-agent carry apply` on the device. */
  apply(): Promise<Ended>
  /** The same of the running agent, without a program of its own; the receipt stays on the device. */
  applied(folder: string): Promise<CarryState>
  export(): Promise<void>
  import(): Promise<CarryImported>
  /** A copy of the stick as it is now. */
  copyOfStick(name: string): string
}

/** Port 1 of loopback: nobody listens there. */
const NOWHERE = 'mqtt://127.0.0.1:1'

/** Starts a console with one enrolled device whose agent does not run. */
export async function startCarriedFleet(): Promise<CarriedFleet> {
  const fleet = await startFleet({ broker: 'embedded', devices: [] })
  const directory = join(fleet.directory, 'cam-1')
  const code = await fleet.host.rpc!.call('devices.createCode', { device: 'cam-1', labels: {} })
  await runProgram('agent/cli.ts', ['enroll', '--dir', directory, '--broker', code.brokerUrl, '--code', code.code, '--id', 'cam-1'])
  cutOff(directory)
  const agent = new LocalAgent({ device: 'cam-1', directory, httpPort: await freePort() })
  writeFileSync(join(directory, 'agent.toml'), `httpPort = ${agent.httpPort}\n`)
  onTestFinished(() => agent.crash())
  const stick = join(fleet.directory, 'stick')
  mkdirSync(stick)
  const run = async (script: string, args: readonly string[]): Promise<Ended> => {
    const program = startProgram(script, args)
    return { code: await program.ended, output: program.output() }
  }
  return {
    ...{ fleet, agent, stick },
    muster: (...args) => run('electron/core/cli.ts', ['--data', fleet.host.data, '--json', ...args]),
    apply: () => run('agent/cli.ts', ['carry', 'apply', stick, '--dir', directory, '--json', '--wait', '1']),
    async applied(folder) {
      await askAgent(directory, { kind: 'carry', folder, waitMs: 60_000 })
      for (;;) {
        const now = carryState.parse(await askAgent(directory, { kind: 'carry-state' }))
        if (now.state !== 'running') return now
        await sleep(50)
      }
    },
    async export() {
      const { job } = await fleet.host.rpc!.call('carry.export', { query: '', folder: stick })
      await awaitJob(fleet.host.rpc!, job, 'export')
    },
    async import() {
      const { job } = await fleet.host.rpc!.call('carry.import', { folder: stick })
      return carryImported.parse(await awaitJob(fleet.host.rpc!, job, 'import'))
    },
    copyOfStick(name) {
      const to = join(fleet.directory, name)
      cpSync(stick, to, { recursive: true })
      return to
    },
  }
}

/** From now on the broker of the device is where nobody listens. */
function cutOff(directory: string): void {
  const file = join(directory, 'identity.json')
  const identity = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...identity, brokerUrl: NOWHERE }))
}
