import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startHubProcess, type HubProcess } from '../../../../../electron/core/hub/hub-process.ts'
import type { BrokerOptions, HubOptions } from '../../../../../electron/core/hub/messages.ts'
import { freePort } from '../../../../../build/demo/child.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

/** A real hub process, whose next start takes what `choose` was told, and the pids of all that were seen. */
async function started() {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'artifacts'))
  let broker: BrokerOptions = { kind: 'embedded', host: '127.0.0.1', port: 0 }
  const states: string[] = []
  const options = (): HubOptions => ({
    ...{ fleet: 'lab', broker, telemetryFile: join(directory, 'telemetry.db'), artifactDirectory: join(directory, 'artifacts') },
    ...{ devices: [], enrolmentCodes: [], limitBytesPerSecond: null },
  })
  const nothing = (): void => undefined
  const hub: HubProcess = startHubProcess({
    ...{ options, onMessages: nothing, onReady: nothing, onIngest: nothing, onTransfers: nothing, log: nothing },
    ...{ onRefusals: nothing, onClone: nothing, onCertificateUsed: nothing, onCut: nothing },
    onBroker: () => states.push(hub.broker.state),
  })
  onTestFinished(() => hub.stop())
  await hub.ready
  return { hub, states, choose: (next: BrokerOptions) => void (broker = next) }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a restart takes fresh options, one process after the other, also where the hub is killed meanwhile', async () => {
  const { hub, choose } = await started()
  const pids = [hub.pid!]
  const port = await freePort()
  choose({ kind: 'embedded', host: '127.0.0.1', port })
  process.kill(hub.pid!, 'SIGKILL')
  const restarts = [hub.restart(), hub.restart()]
  expect(hub.broker.state).toBe('starting')
  await restarts[0]
  pids.push(hub.pid!)
  await restarts[1]
  pids.push(hub.pid!)
  expect([hub.url, hub.broker, new Set(pids).size]).toEqual([`mqtt://127.0.0.1:${port}`, { state: 'running', problem: null }, 3])
  expect(pids.map(isAlive)).toEqual([false, false, true])
}, 60_000)

test('a hub that cannot serve with the new options stays down with its problem, until other ones let it', async () => {
  const { hub, choose, states } = await started()
  const other = await started()
  const taken = Number(new URL(other.hub.url).port)
  choose({ kind: 'embedded', host: '127.0.0.1', port: taken })
  await expect(hub.restart()).rejects.toMatchObject({ code: 'port.in-use' })
  expect([hub.broker.state, hub.broker.problem?.code, hub.pid, hub.url]).toEqual(['stopped', 'port.in-use', null, ''])
  // Longer than a hub that crashed would be left alone.
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect([hub.broker.state, hub.pid]).toEqual(['stopped', null])
  choose({ kind: 'embedded', host: '127.0.0.1', port: 0 })
  await hub.restart()
  expect(hub.broker).toEqual({ state: 'running', problem: null })
  expect(states.at(-1)).toBe('running')
  // A crash is mended by itself, as ever.
  const { pid } = hub
  process.kill(pid!, 'SIGKILL')
  await vi.waitFor(() => expect([hub.broker.state, hub.pid !== pid && hub.pid !== null]).toEqual(['running', true]), 10_000)
  expect(hub.restarts).toBe(1)
}, 60_000)

test('after a stop nothing is started any more, a restart that waits included', async () => {
  const { hub } = await started()
  const restarts = [hub.restart(), hub.restart()]
  await hub.stop()
  await Promise.allSettled(restarts)
  await hub.restart()
  expect([hub.pid, hub.broker.state]).toEqual([null, 'stopped'])
}, 60_000)
