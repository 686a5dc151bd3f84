import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startCrashingDevice, type CrashingDevice } from '../harness/crashing-device.ts'

const KILLS = Number(process.env['MUSTER_KILLS'] ?? 30)
const SEED = Number(process.env['MUSTER_SEED'] ?? 1)

/** Numbers from 0 to 1, the same for the same seed (xorshift32). */
function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Ends one process of the models, as a crash inside onnxruntime would. */
function killRuntime(agent: number): boolean {
  const pids = spawnSync('pgrep', ['-P', String(agent)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .filter(Boolean)
    .map(Number)
  const pid = pids.at(-1)
  if (pid === undefined) return false
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

async function killOne(device: CrashingDevice, kind: 'agent' | 'supervisor' | 'runtime'): Promise<void> {
  if (kind === 'runtime') return void killRuntime(device.pid())
  if (kind === 'agent') await device.agent.crash()
  else await device.agent.program!.kill('SIGKILL')
  await device.agent.launch()
}

test(`case 13: ${KILLS} kills at random moments of a swap: 0 devices out of service`, async () => {
  const device = await startCrashingDevice()
  const random = randomFrom(SEED)
  const began = performance.now()
  await device.order()
  await device.converged()
  const swapMs = (performance.now() - began) * 1.2
  const counts = { agent: 0, supervisor: 0, runtime: 0 }
  let bricked = 0
  let swaps = 0
  let firstFault: unknown = null
  for (let kill = 0; kill < KILLS; kill += 1) {
    await device.order()
    await sleep(random() * swapMs)
    const draw = random()
    const kind = draw < 0.4 ? 'agent' : draw < 0.7 ? 'supervisor' : 'runtime'
    counts[kind] += 1
    try {
      await killOne(device, kind)
      await device.answers()
    } catch (error) {
      bricked += 1
      firstFault ??= error
    }
    // Every tenth swap is let through to its end; the others are overtaken by the next order.
    if (kill % 10 !== 9) continue
    await device.converged()
    swaps += 1
  }
  await device.converged()
  process.stdout.write(
    `${KILLS} random kills (seed ${SEED}) within ${Math.round(swapMs)} ms of an order: whole agent ${counts.agent}, supervisor alone ${counts.supervisor}, ` +
      `a runtime alone ${counts.runtime}; out of service: ${bricked}; converged ${swaps + 1} times, ${device.reordered} orders given again\n`,
  )
  expect({ bricked, firstFault }).toEqual({ bricked: 0, firstFault: null })
})
