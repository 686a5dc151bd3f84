import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { signedOrder, type Life } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { converged, live, serves, state, v1, v2, v3, wine } from '../../../harness/lives.ts'
import { until } from '../../../harness/local-api.ts'

const MiB = 1024 * 1024
/** v1 is proven, v2 was switched to and is watched. */
async function watched(life: Life, probation = {}): Promise<void> {
  await converged(life, 1, { q: v1 }, { probation: { inferences: 0 } })
  await converged(life, 2, { q: v2 }, { probation })
}
const isBack = (life: Life): Promise<void> => until(() => serves(life)['q'] === v1.digest, 'the last good one serves')
const told = (life: Life, name: string) => life.told.filter((one) => one.name === name)

describe('the watch after a switch', () => {
  it('reports what it has seen, keeps the bundle before warm, and ends well', async () => {
    const life = live()
    await watched(life)
    expect(life.runtime.warm?.map(({ digest }) => digest)).toEqual([v1.digest])
    life.beat({ [v2.digest]: { inferences: 120, failed: 2, notFinite: 0 } })
    expect(state(life)?.watch).toEqual({ since: life.clock.wall, inferences: 120, wanted: 500, failed: 2, notFinite: 0 })
    life.beat({ [v2.digest]: { inferences: 500, failed: 2 } })
    expect(state(life)).toMatchObject({ watch: null, state: 'active', problem: null, lastGood: { version: '1.0.0' } })
    expect([life.runtime.warm, told(life, 'model.committed').map(({ message }) => message)]).toEqual([
      null,
      ['digits 1.1.0 in q has passed its watch (500 live inferences).'],
    ])
    // What was committed is not judged any more.
    life.beat({ [v2.digest]: { inferences: 1000, failed: 500 } })
    expect(state(life)?.active?.version).toBe('1.1.0')
  })

  const failures: { name: string; probation?: object; fail(life: Life): void; message: string }[] = [
    {
      name: 'errors',
      fail: (life) => life.beat({ [v2.digest]: { inferences: 40, failed: 3 } }),
      message: 'digits 1.1.0: 3 of 40 inferences failed (7.5 %); 5 % are allowed.',
    },
    {
      name: 'NaN',
      fail: (life) => life.beat({ [v2.digest]: { inferences: 3, notFinite: 1 } }),
      message: 'digits 1.1.0: 1 of 3 answers had NaN or infinity; 0 % are allowed.',
    },
    {
      name: 'latency against the probe on this device',
      fail: (life) => life.beat({ [v2.digest]: { inferences: 50, medianMs: 30 } }),
      message: 'digits 1.1.0: The median latency is 30 ms; 10 ms are allowed, 5 times the 2 ms of the probe.',
    },
    {
      name: 'memory',
      probation: { memoryBytes: 50 * MiB },
      fail: (life) => [100, 160, 170, 180].forEach((mib) => life.beat({}, mib * MiB)),
      message: 'digits 1.1.0: The runtime grew by 60 MiB; 50 MiB are allowed.',
    },
    {
      name: 'one kill for memory',
      fail: (life) => life.convergence.crashed({ reason: 'it holds 9 MiB; 8 MiB are allowed', isMemory: true }),
      message: 'digits 1.1.0: The runtime was ended for its memory: it holds 9 MiB; 8 MiB are allowed.',
    },
    {
      name: 'three crashes, far apart',
      fail(life) {
        for (let i = 0; i < 3; i += 1) {
          life.clock.ran += 120_000
          life.convergence.crashed({ reason: 'it was ended by SIGSEGV', isMemory: false })
        }
      },
      message: 'digits 1.1.0: 3 crashes of the runtime, 2 are allowed; the last: it was ended by SIGSEGV.',
    },
  ]
  it.each(failures)('goes back at once, without fetch and probe: $name', async ({ probation, fail, message }) => {
    const directory = temporaryDirectory()
    const life = live(directory)
    await watched(life, probation)
    const before = { probes: life.runtime.probed.length, asked: life.wire.asked.length, prepared: life.runtime.prepared }
    fail(life)
    await isBack(life)
    expect(state(life)).toMatchObject({
      ...{ state: 'reverted', active: { version: '1.0.0' }, lastGood: null, watch: null },
      problem: { code: 'watch.failed', message },
    })
    expect({ probes: life.runtime.probed.length, asked: life.wire.asked.length, prepared: life.runtime.prepared }).toEqual(before)
    expect(told(life, 'model.reverted')[0]).toMatchObject({ problem: { code: 'watch.failed', message }, detail: { backTo: v1.digest } })
    // Not again under this order, nor after a restart; again under a higher one.
    await life.stop()
    const next = live(directory)
    await isBack(next)
    next.convergence.order(signedOrder(2, { q: v2 }, { probation: probation ?? {} }))
    expect(state(next)?.state).toBe('reverted')
    await converged(next, 3, { q: v2 })
  })

  it('begins again after a restart of the agent, and still goes back', async () => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await watched(first)
    first.beat({ [v2.digest]: { inferences: 499 } })
    await first.stop()
    const second = live(directory)
    await until(() => second.runtime.serving.length > 0, 'served')
    second.beat({ [v2.digest]: { inferences: 30 } })
    expect(state(second)?.watch).toMatchObject({ inferences: 30, wanted: 500 })
    second.beat({ [v2.digest]: { inferences: 31, failed: 9 } })
    await isBack(second)
  })

  it('ends by time, counted from this start of the agent and not by the wall clock', async () => {
    const life = live()
    await watched(life, { seconds: 60 })
    life.clock.wall += 86_400_000
    life.beat({})
    expect(state(life)?.watch).not.toBeNull()
    life.clock.ran += 60_000
    life.beat({})
    expect([state(life)?.watch, told(life, 'model.committed').length]).toEqual([null, 1])
  })

  it('takes the rules of a newer order for the same bundle', async () => {
    const life = live()
    await watched(life)
    await converged(life, 3, { q: v2 }, { probation: { maxErrorShare: 0.5 } })
    life.beat({ [v2.digest]: { inferences: 40, failed: 10 } })
    expect(state(life)?.active?.version).toBe('1.1.0')
    life.beat({ [v2.digest]: { inferences: 40, failed: 21 } })
    await isBack(life)
  })

  it('has nothing to go back to on a first deployment: the problem is told, and it goes on serving', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.beat({ [v1.digest]: { inferences: 20, failed: 20 } })
    expect(state(life)).toMatchObject({ state: 'active', active: { version: '1.0.0' }, watch: null, problem: { code: 'watch.failed' } })
    expect([serves(life), told(life, 'model.watch-failed').length]).toEqual([{ q: v1.digest }, 1])
    life.convergence.order(signedOrder(2, { q: v1, w: wine }))
    await until(() => serves(life)['w'] === wine.digest, 'the other is served')
    expect(state(life)?.problem?.code).toBe('watch.failed')
  })

  it('keeps the proven bundle at hand when a watched one is replaced', async () => {
    const directory = temporaryDirectory()
    const life = live(directory)
    await watched(life)
    await converged(life, 3, { q: v3 })
    expect(state(life)).toMatchObject({ active: { version: '1.2.0' }, lastGood: { version: '1.0.0' } })
    expect(readdirSync(join(directory, 'artifacts'))).not.toContain(v2.digest)
    life.beat({ [v3.digest]: { inferences: 20, failed: 20 } })
    await isBack(life)
  })

  it('does not count what a bundle did before the switch', async () => {
    const life = live()
    await converged(life, 1, { q: v1 }, { probation: { inferences: 0 } })
    await converged(life, 2, { q: v1 }, { beside: { q: { of: v2, role: 'split' } }, probation: { inferences: 0 } })
    await until(() => serves(life)['q split'] === v2.digest, 'split')
    life.beat({ [v2.digest]: { inferences: 400, failed: 2 } })
    await converged(life, 3, { q: v2 })
    life.beat({ [v2.digest]: { inferences: 10 } })
    expect(state(life)?.watch).toMatchObject({ inferences: 10, failed: 0 })
  })
})

describe('the budgets of the probe', () => {
  const budgets: { name: string; probation: object; set(life: Life): void; message: string }[] = [
    {
      name: 'latency',
      probation: { latencyMs: 5 },
      set: (life) => void (life.runtime.medianMs = 7.5),
      message: 'The median of the probe is 7.5 ms; 5 ms are allowed.',
    },
    {
      name: 'memory',
      probation: { memoryBytes: 10 * MiB },
      set: (life) => void (life.runtime.memoryBytes = 11.5 * MiB),
      message: 'Loading and probing took 11.5 MiB of memory; 10 MiB are allowed.',
    },
  ]
  it.each(budgets)('$name', async ({ probation, set, message }) => {
    const life = live()
    await converged(life, 1, { q: v1 })
    set(life)
    life.convergence.order(signedOrder(2, { q: v2 }, { probation }))
    await until(() => state(life)?.state === 'rejected', 'rejected')
    expect(state(life)).toMatchObject({ problem: { code: 'probe.budget', message }, active: { version: '1.0.0' } })
    expect(serves(life)).toEqual({ q: v1.digest })
  })
})

describe('going back by hand', () => {
  it('takes the last good one at once, and the version is not tried again under this order', async () => {
    const life = live()
    await watched(life)
    const prepared = life.runtime.prepared
    expect(life.convergence.revert('q', 'wrong labels')).toMatchObject({ from: { version: '1.1.0' }, to: { version: '1.0.0' } })
    await isBack(life)
    expect(life.runtime.prepared).toBe(prepared)
    expect(state(life)).toMatchObject({
      state: 'reverted',
      problem: { code: 'revert.requested', message: 'It was taken back on the device. Reason: wrong labels' },
    })
    expect(() => life.convergence.revert('q', '')).toThrow(expect.objectContaining({ code: 'revert.nothing' }))
    expect(() => life.convergence.revert('constructor', '')).toThrow(expect.objectContaining({ code: 'revert.nothing' }))
  })

  it('does not wait for a probe or a fetch that runs', async () => {
    const life = live()
    await watched(life)
    life.runtime.gate = new Promise(() => undefined)
    life.convergence.order(signedOrder(3, { q: v2, w: wine }))
    await until(() => state(life, 'w')?.state === 'probing', 'probing')
    life.convergence.revert('q', '')
    life.runtime.gate = null
    await isBack(life)
    await until(() => serves(life)['w'] === wine.digest, 'the other goes on')
    expect(serves(life)).toEqual({ q: v1.digest, w: wine.digest })
  })

  it('by an order of the console: no fetch, no probe, and forward again in the same way', async () => {
    const life = live()
    await watched(life)
    life.beat({ [v2.digest]: { inferences: 30 } })
    const before = { probes: life.runtime.probed.length, asked: life.wire.asked.length }
    await converged(life, 3, { q: v1 })
    expect(state(life)).toMatchObject({ active: { version: '1.0.0' }, lastGood: { version: '1.1.0' }, watch: null })
    await converged(life, 4, { q: v2 })
    // Its watch had not ended: it goes on.
    expect(state(life)?.watch).toMatchObject({ wanted: 500 })
    expect({ probes: life.runtime.probed.length, asked: life.wire.asked.length }).toEqual(before)
    life.beat({ [v2.digest]: { inferences: 60, failed: 60 } })
    await isBack(life)
    expect(told(life, 'model.restored')).toHaveLength(2)
  })
})
