import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { until } from '../../build/demo/child.ts'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { alertRuleInput, type Alert } from '../../shared/domain/alert.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { importWine, WineLoad, wineRows } from './wine-stream.ts'

/** Stands for an hour of the built-in rules. */
export const WINDOW_MS = 3000
/** Five requests of 24 rows from each of five agents in a window: every window is the stream once. */
const pace = { rows: 24, everyMs: WINDOW_MS / 5 }
const HOUR_MS = 3_600_000
const SECONDS = 120

/** The version that every device serves. */
export const monitoredVersion = { deployment: 'wine', model: 'wine', version: '1.0.0' } as const

type Drift = OutputOf<'monitoring.drift'>

/** Five agents as processes that serve wine, and a console as a process with the built-in rules. */
export class MonitoredFleet {
  readonly devices = ['sensor-1', 'sensor-2', 'sensor-3', 'sensor-4', 'sensor-5'] as const
  readonly directory = mkdtempSync(join(tmpdir(), 'muster-monitored-'))
  readonly agents: LocalAgent[] = []
  host!: LocalConsole

  static async start(settings: { samplesPerWindow?: number } = {}): Promise<MonitoredFleet> {
    const fleet = new MonitoredFleet()
    fleet.host = await LocalConsole.start(join(fleet.directory, 'console'), ['--log-level', 'error', '--fleet', 'Cellar'])
    for (const [i, device] of fleet.devices.entries()) {
      const labels = { site: i < 3 ? 'lyon' : 'oslo' }
      fleet.agents.push(await LocalAgent.join(fleet.rpc, join(fleet.directory, device), { device, labels }))
    }
    await importWine(fleet.host, fleet.directory)
    const target = { scope: 'fleet' } as const
    await fleet.rpc.call('config.set', { target, settings: { windowSeconds: 1, distributionSeconds: 1, ...settings } })
    const { deployment, devices } = await fleet.rpc.call('deployments.apply', { query: '', model: 'wine', version: '1.0.0' })
    await awaitActive(fleet.rpc, { deployment, devices, model: 'wine', version: '1.0.0', seconds: 60 })
    await shortenWindows(fleet.rpc)
    return fleet
  }

  get rpc(): RpcClient {
    return this.host.rpc!
  }

  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.crash()))
    await this.host?.crash()
    rmSync(this.directory, { recursive: true, force: true })
  }

  /** @param device of one; left out: of the version on all devices */
  drift(from: number, device?: string): Promise<Drift> {
    return this.rpc.call('monitoring.drift', {
      ...monitoredVersion,
      from,
      windowMs: WINDOW_MS,
      ...(device === undefined ? {} : { device }),
    })
  }

  /** Sends a stream until so many windows that begin now or later are judged of the version, and three of each device. */
  async streamThrough(file: 'stream-stable' | 'stream-drifted', windows: number): Promise<{ from: number; sent: number }> {
    const from = Date.now()
    const load = new WineLoad(this.agents, wineRows(file), pace)
    const judged = async (device?: string): Promise<number> => {
      const { features } = await this.drift(from, device)
      return features[0]?.windows.filter((window) => window.from >= from).length ?? 0
    }
    await until(`${windows} judged windows of ${file}`, SECONDS, async () => {
      if ((await judged()) < windows) return null
      const own = await Promise.all(this.devices.map((device) => judged(device)))
      return own.every((count) => count >= 3) ? true : null
    })
    await load.stop()
    return { from, sent: load.answered.reduce((sum, rows) => sum + rows, 0) }
  }

  /** Without those on latency: how fast the machine of a test is says nothing of the wines. */
  async alerts(state: 'firing' | 'all'): Promise<Alert[]> {
    const { alerts } = await this.rpc.call('alerts.list', { state })
    return alerts.filter(({ rule, subject }) => rule !== 'detector' || subject.feature !== 'latency')
  }
}

/**
 * The built-in rules as they are, with windows of seconds. One stands for an hour, so the budget of false alarms is for as many windows as
 * it was before.
 */
async function shortenWindows(rpc: RpcClient): Promise<void> {
  for (const one of (await rpc.call('alerts.rules', {})).rules) {
    const { condition } = one
    if (condition.kind !== 'drift' && condition.kind !== 'data-quality') continue
    const said = Object.entries(one).filter(([field]) => field in alertRuleInput.shape)
    const set = alertRuleInput.parse({ ...Object.fromEntries(said), condition: { ...condition, windowMs: WINDOW_MS } })
    await rpc.call('alerts.setRule', { rule: one.rule, set })
  }
  await rpc.call('alerts.setBudget', { budget: { falseAlarms: HOUR_MS / WINDOW_MS, perDays: 30 } })
}
