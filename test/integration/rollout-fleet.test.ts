import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { rolloutPlan } from '../../shared/domain/rollout/plan.ts'
import type { RolloutEvent } from '../../shared/domain/rollout/event.ts'
import type { SlotContent } from '../../shared/protocol/reported.ts'
import { fillLightFleet, LIGHT_DEPLOYMENT, LIGHT_FLEET } from '../harness/light-fleet/fill-light-fleet.ts'
import { LightDevice, type Temper } from '../harness/light-fleet/light-device.ts'
import { LightLink } from '../harness/light-fleet/light-link.ts'
import { randomOf } from '../harness/light-fleet/played-fleet.ts'
import { checkHistory } from '../harness/rollout-history/check-history.ts'
import type { DeviceNote } from '../harness/rollout-history/history.ts'

const DEVICES = Number(process.env['MUSTER_DEVICES'] ?? (process.env['MUSTER_FULL'] === '1' ? 1000 : 200))
const LATE = Math.ceil(DEVICES / 20)
const random = randomOf(20_261_127)
const names = Array.from({ length: DEVICES }, (_, i) => `${i < DEVICES - LATE ? 'dev' : 'late'}-${String(i).padStart(4, '0')}`)
const plan = rolloutPlan.parse({
  ...{ deployment: LIGHT_DEPLOYMENT, model: 'digits', version: '1.1.0', query: 'tag:in', name: 'A thousand devices' },
  waves: [
    { name: 'canary', size: { kind: 'percent', percent: 1 }, gate: { success: 0.7, verdict: 'ignore' } },
    { name: 'a third', size: { kind: 'percent', percent: 30 }, gate: { success: 0.7, verdict: 'ignore' } },
    { name: 'rest', size: { kind: 'rest' }, gate: { success: 0.7, verdict: 'ignore' } },
  ],
  pacing: { maxInFlight: 150 },
  abort: [{ share: 0.3, least: 20, action: 'pause' }],
  unreachable: { afterSeconds: 5, share: 1, least: 10 },
  timeouts: { offered: 60, fetching: 20, staged: 20, probing: 20 },
  retry: { attempts: 1, backoffSeconds: 5 },
})

let directory: string
let host: LocalConsole
let slots: { before: SlotContent; target: SlotContent }
const links: LightLink[] = []
const notes: DeviceNote[] = []

function light(device: string, temper: Temper): LightDevice {
  const note = (one: DeviceNote): void => void notes.push(one)
  return new LightDevice({
    device,
    deployment: LIGHT_DEPLOYMENT,
    temper,
    before: slots.before,
    stageMs: 200 + Math.floor(random() * 600),
    note,
  })
}

/** Every event of a rollout, in the order of the log. */
async function log(rollout: number): Promise<RolloutEvent[]> {
  const found: RolloutEvent[] = []
  let before: number | null = null
  do {
    const page: { events: RolloutEvent[]; next: number | null } = await host.rpc!.call('rollouts.events', {
      ...{ rollout, limit: 1000 },
      ...(before === null ? {} : { before }),
    })
    found.push(...page.events)
    before = page.next
  } while (before !== null)
  return found.reverse()
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-thousand-'))
  slots = await fillLightFleet(join(directory, 'console'), names)
  host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error', '--fleet', LIGHT_FLEET])
  await host.rpc!.call('devices.setLabels', { query: 'id = "dev-*"', labels: { in: '' } })
  for (const device of names) {
    const temper: Temper = random() < 0.05 ? (['bad', 'unfit', 'turncoat', 'silent'] as const)[Math.floor(random() * 4)]! : 'good'
    links.push(new LightLink(light(device, temper), host.mqttPort))
  }
}, 240_000)
afterAll(async () => {
  for (const link of links) link.cut()
  await host?.crash()
  rmSync(directory, { recursive: true, force: true })
})

test(
  `case 56: ${DEVICES} light devices over the real broker: bad ones, links that flap, clones, late joiners, and a console that is killed`,
  { timeout: 300_000 },
  async () => {
    const away = new Set(links.filter(() => random() < 0.1).map(({ device }) => device.device))
    for (const [i, link] of links.entries()) {
      if (!away.has(link.device.device)) link.connect()
      if (i % 50 === 49) await sleep(100)
    }
    const there = DEVICES - away.size
    await until(`${there} devices to be connected`, 90, async () => {
      const { devices } = await host.rpc!.call('system.status', {})
      return devices.online >= there ? true : null
    })
    const { rollout } = await host.rpc!.call('rollouts.create', { plan })
    await host.rpc!.call('rollouts.start', { rollout })
    const begun = Date.now()
    let [kills, cuts] = [0, 0]
    const clones: LightLink[] = []
    for (let step = 0; step < 30; step += 1) {
      await sleep(1000)
      for (const link of links) {
        if (away.has(link.device.device) || random() > 0.01) continue
        link.cut()
        cuts += 1
        setTimeout(() => link.connect(), 500 + random() * 1500)
      }
      if (step === 4 || step === 12) {
        await host.crash()
        kills += 1
        await host.launch()
      }
      if (step === 6) await host.rpc!.call('devices.setLabels', { query: 'id = "late-*"', labels: { in: '' } })
      if (step === 8) for (const link of links.slice(0, 5)) clones.push(new LightLink(light(link.device.device, 'good'), host.mqttPort))
      if (step === 8) for (const clone of clones) clone.connect()
      if (step === 11) for (const clone of clones) clone.cut()
    }
    const rpc = host.rpc!
    // Whoever wakes a rollout twice wakes it once.
    if ((await rpc.call('rollouts.show', { rollout })).state === 'paused') {
      const first = await rpc.call('rollouts.resume', { rollout, why: 'seen' })
      const second = await rpc.call('rollouts.resume', { rollout, why: 'seen' })
      expect([first.isChanged, second.isChanged]).toEqual([true, false])
    }
    const shown = await until('the rollout to come to rest', 120, async () => {
      const one = await rpc.call('rollouts.show', { rollout })
      return one.state === 'completed' || one.state === 'paused' ? one : null
    })
    const history = {
      ...{ rollout, plan, target: slots.target.digest, notes, wellAndThere: new Set<string>() },
      before: new Map(names.map((device) => [device, slots.before.digest as string])),
      events: await log(rollout),
      end: { state: shown.state, counts: shown.counts, committed: shown.committed, reached: shown.reached },
    }
    expect(checkHistory(history)).toEqual([])
    const { committed = 0, ...others } = shown.counts
    expect(committed).toBeGreaterThan(0.75 * DEVICES)
    process.stdout.write(
      `${DEVICES} devices, ${history.events.length} events, ${kills} kills of the console, ${cuts} cut links, ${clones.length} clones, ${LATE} late: ${shown.state} with ${committed} committed, ${JSON.stringify(others)} after ${((Date.now() - begun) / 1000).toFixed(0)} s\n`,
    )
  },
)
