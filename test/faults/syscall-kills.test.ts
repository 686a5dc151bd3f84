import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCrashingDevice, type CrashingDevice } from '../harness/crashing-device.ts'
import { attach, hasStrace, killPoints, threadsOf, type KillPoint } from '../harness/strace.ts'

/** `all`, or so many of the kill points, spread evenly. */
const POINTS = process.env['MUSTER_KILL_POINTS'] ?? '24'
if (!hasStrace) process.stderr.write('strace is not installed or may not attach: the kills at system calls are skipped\n')

type Threads = 'main' | 'pool'
async function threadIds(device: CrashingDevice, which: Threads): Promise<number[]> {
  if (which === 'main') return [device.pid()]
  // The threads of the pool are made at the first call that needs one: a swap makes them.
  if (threadsOf(device.pid()).pool.length === 0) {
    await device.order()
    await device.converged()
  }
  return threadsOf(device.pid()).pool
}

/** The changing system calls of one whole swap: fetch, stage, probe, switch, and what is reported of them. */
async function pointsOfASwap(device: CrashingDevice, which: Threads): Promise<KillPoint[]> {
  const log = join(device.fleet.directory, `calls-${which}`)
  const tracing = await attach(await threadIds(device, which), { log })
  await device.order()
  await device.converged()
  await tracing.detach()
  return killPoints(log)
}

/** All points, or an even choice of them with the first and the last. */
function chosen(points: readonly KillPoint[]): KillPoint[] {
  const count = POINTS === 'all' ? points.length : Math.ceil(Number(POINTS) / 2)
  if (count >= points.length) return [...points]
  return Array.from({ length: count }, (_, index) => points[Math.round((index * (points.length - 1)) / (count - 1))]!)
}

/** Orders a swap and kills the agent at one of its calls. @returns whether it came to that call */
async function killAt(device: CrashingDevice, which: Threads, point: KillPoint): Promise<boolean> {
  const tracing = await attach(await threadIds(device, which), { killAt: point })
  await device.order()
  await Promise.race([device.agent.program!.ended, device.converged()])
  await tracing.detach()
  // The last calls come after the swap was reported: the kill may fall between that and the detaching.
  const { exitCode, signalCode } = device.agent.program!.child
  const wasKilled = signalCode !== null || exitCode !== null
  if (wasKilled) await device.agent.launch()
  return wasKilled
}

test.skipIf(!hasStrace)(
  'case 13: SIGKILL at the system calls of fetch, stage, probe and switch: a usable model each time, then convergence',
  async () => {
    const device = await startCrashingDevice()
    for (const which of ['main', 'pool'] as const) {
      const points = await pointsOfASwap(device, which)
      expect(points.length).toBeGreaterThan(5)
      const tried = chosen(points)
      const versions = new Map<string, number>()
      const began = performance.now()
      let kills = 0
      for (const point of tried) {
        if (await killAt(device, which, point)) kills += 1
        const version = await device.answers()
        versions.set(version, (versions.get(version) ?? 0) + 1)
        await device.converged()
      }
      process.stdout.write(
        `${which === 'main' ? 'main thread' : 'threads of the pool'}: ${points.length} points in a swap, ${tried.length} tried, ${kills} kills (the swap was over before the others), ` +
          `a usable model after each (${[...versions].map(([name, count]) => `${name} x${count}`).join(', ')}), converged after each; ` +
          `${Math.round((performance.now() - began) / tried.length)} ms each\n`,
      )
      // Which thread does what, and how often, differs a little from swap to swap.
      expect(kills).toBeGreaterThan(tried.length / 2)
    }
  },
)
