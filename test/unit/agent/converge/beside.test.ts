import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { signedOrder, type Life, type OrderChange } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { converged, live, serves, state, v1, v2, v3, wine } from '../../../harness/lives.ts'
import { until } from '../../../harness/local-api.ts'

type Beside = NonNullable<OrderChange['beside']>[string]

async function besides(life: Life, counter: number, beside: Beside): Promise<void> {
  life.convergence.order(signedOrder(counter, { q: v1 }, { beside: { q: beside } }))
  const wanted = beside.role === 'staged' ? 'staged' : 'active'
  await until(() => state(life)?.beside?.state === wanted && state(life)?.beside?.role === (beside.role ?? 'shadow'), wanted)
}
const names = (life: Life): string[] => life.names().filter((name) => name.startsWith('model.'))

describe('a second bundle', () => {
  it('as shadow: probed, then loaded beside the active one, and removed with the order', async () => {
    const directory = temporaryDirectory()
    const life = live(directory)
    await converged(life, 1, { q: v1, w: wine })
    life.convergence.order(signedOrder(2, { q: v1, w: wine }, { beside: { q: { of: v2, cpuShare: 0.5, samplesPerWindow: 3 } } }))
    await until(() => state(life)?.beside?.state === 'active', 'at work')
    expect(life.runtime.serving.map(({ deployment, role, isCandidate }) => [deployment, role, isCandidate])).toEqual([
      ['q', { kind: 'active' }, false],
      ['q', { kind: 'shadow', cpuShare: 0.5, samplesPerWindow: 3 }, true],
      ['w', { kind: 'active' }, false],
    ])
    expect(state(life)).toMatchObject({
      ...{ state: 'active', active: { version: '1.0.0' }, candidate: null },
      beside: { role: 'shadow', content: { version: '1.1.0' }, problem: null },
    })
    life.convergence.order(signedOrder(3, { q: v1, w: wine }))
    await until(() => Object.keys(serves(life)).length === 2, 'unloaded')
    expect([state(life)?.beside, readdirSync(join(directory, 'artifacts')).includes(v2.digest)]).toEqual([null, false])
    expect(names(life).slice(-2)).toEqual(['model.joined', 'model.parted'])
  })

  it('changes its role and share without another generation', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    await besides(life, 2, { of: v2 })
    const { generation } = life.runtime
    await besides(life, 3, { of: v2, role: 'split', percent: 25 })
    await until(() => life.runtime.serving[1]?.role.kind === 'split', 'tuned')
    expect(life.runtime.serving[1]?.role).toEqual({ kind: 'split', percent: 25 })
    life.convergence.order(
      signedOrder(4, { q: v1 }, { beside: { q: { of: v2, role: 'split', percent: 50 } }, serving: { cacheEntries: 7 } }),
    )
    await until(() => life.runtime.serving[0]?.serving.cacheEntries === 7, 'tuned again')
    expect([life.runtime.serving[1]?.role, life.runtime.generation]).toEqual([{ kind: 'split', percent: 50 }, generation])
  })

  it('staged: fetched and inspected, not loaded; active later without a fetch', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    await besides(life, 2, { of: v2, role: 'staged' })
    expect([serves(life), life.runtime.probed.length]).toEqual([{ q: v1.digest }, 1])
    life.wire.isCut = true
    const asked = life.wire.asked.length
    await converged(life, 3, { q: v2 })
    expect([life.wire.asked.length, state(life)?.beside, life.runtime.probed.length]).toEqual([asked, null, 2])
  })

  it('from split to active in one switch, without a fetch', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    await besides(life, 2, { of: v2, role: 'split' })
    const { generation } = life.runtime
    const asked = life.wire.asked.length
    await converged(life, 3, { q: v2 }, { beside: { q: { of: v1, role: 'shadow' } } })
    // The version before goes on as the shadow: its files are here too.
    await until(() => serves(life)['q shadow'] === v1.digest, 'shadow')
    expect([life.wire.asked.length, life.runtime.generation]).toEqual([asked, generation + 2])
  })

  it('that fails its probe is refused and told, and harms nobody', async () => {
    const life = live()
    await converged(life, 1, { q: v1, w: wine })
    const { serving } = life.runtime
    life.runtime.problems.set(v2.digest, { code: 'probe.golden-mismatch', message: 'differs' })
    life.convergence.order(signedOrder(2, { q: v1, w: wine }, { beside: { q: { of: v2 } } }))
    await until(() => state(life)?.beside?.state === 'rejected', 'refused')
    expect(state(life)).toMatchObject({
      ...{ state: 'active', active: { version: '1.0.0' }, problem: null },
      beside: { content: { version: '1.1.0' }, problem: { code: 'probe.golden-mismatch' } },
    })
    expect(life.runtime.serving).toEqual(serving)
    life.runtime.problems.clear()
    life.convergence.order(signedOrder(3, { q: v1, w: wine }, { beside: { q: { of: v2 } } }))
    await until(() => serves(life)['q shadow'] === v2.digest, 'again under a higher order')
  })

  const lives: { name: string; fail(life: Life): void; code: string }[] = [
    {
      name: 'a split that answers with errors',
      fail: (life) => life.beat({ [v2.digest]: { inferences: 20, failed: 5 } }),
      code: 'watch.failed',
    },
    {
      name: 'a runtime that is ended for its memory',
      fail: (life) => life.convergence.crashed({ reason: 'it holds too much', isMemory: true }),
      code: 'watch.failed',
    },
    {
      name: 'three crashes within a minute',
      fail: (life) => [1, 2, 3].forEach(() => life.convergence.crashed({ reason: 'SIGSEGV', isMemory: false })),
      code: 'watch.failed',
    },
  ]
  it.each(lives)('goes when it fails in service, the active one stays: $name', async ({ fail, code }) => {
    const life = live()
    await converged(life, 1, { q: v3 }, { probation: { inferences: 0 } })
    await converged(life, 2, { q: v1 }, { probation: { inferences: 0 } })
    life.clock.wall += 1000
    life.convergence.order(signedOrder(3, { q: v1 }, { beside: { q: { of: v2, role: 'split' } }, probation: { inferences: 0 } }))
    await until(() => serves(life)['q split'] === v2.digest, 'split')
    fail(life)
    await until(() => Object.keys(serves(life)).length === 1, 'served without it')
    expect(serves(life)).toEqual({ q: v1.digest })
    expect(state(life)).toMatchObject({ state: 'active', problem: null, beside: { state: 'rejected', problem: { code } } })
  })

  it('a shadow may fail as it likes: what it answers reaches nobody', async () => {
    const life = live()
    await converged(life, 1, { q: v1 }, { probation: { inferences: 0 } })
    await besides(life, 2, { of: v2 })
    life.beat({ [v2.digest]: { inferences: 100, failed: 100, notFinite: 50 } })
    expect(state(life)?.beside?.state).toBe('active')
  })

  it('that no longer loads after a restart gives way, the active one serves', async () => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await converged(first, 1, { q: v1 })
    await besides(first, 2, { of: v2 })
    await first.stop()
    first.runtime.problems.set(v2.digest, { code: 'probe.load-failed', message: 'no' })
    const second = live(directory, { runtime: first.runtime })
    second.runtime.serving = []
    await until(() => serves(second)['q'] === v1.digest, 'served')
    expect(serves(second)).toEqual({ q: v1.digest })
    expect(state(second)?.beside).toMatchObject({ state: 'rejected', problem: { code: 'probe.load-failed' } })
  })

  it('whose file was lost is fetched again, the active one serves meanwhile', async () => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await converged(first, 1, { q: v1 })
    await besides(first, 2, { of: v2 })
    const path = first.runtime.serving[1]!.modelPath
    await first.stop()
    rmSync(path)
    const second = live(directory)
    second.wire.isCut = true
    await until(() => serves(second)['q'] === v1.digest, 'served')
    expect(serves(second)).toEqual({ q: v1.digest })
    second.wire.isCut = false
    await second.stop()
    const third = live(directory)
    await until(() => serves(third)['q shadow'] === v2.digest, 'restored')
  })

  it('keeps its place when the active one is taken back', async () => {
    const life = live()
    await converged(life, 1, { q: v1 }, { probation: { inferences: 0 } })
    life.convergence.order(signedOrder(2, { q: v2 }, { beside: { q: { of: v3 } } }))
    await until(() => serves(life)['q shadow'] === v3.digest, 'shadow')
    expect(life.runtime.warm).toBeNull()
    life.convergence.revert('q', '')
    await until(() => serves(life)['q'] === v1.digest, 'back')
    expect(serves(life)).toEqual({ q: v1.digest, 'q shadow': v3.digest })
  })
})

describe('sudden death with a second bundle', () => {
  it.each(Array.from({ length: 9 }, (_, i) => i + 1))('at write %i of the journal: always an answer, then converged', async (dieAtSave) => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await converged(first, 1, { q: v1 })
    await first.stop()
    const dying = live(directory, { dieAtSave })
    dying.convergence.order(signedOrder(2, { q: v1 }, { beside: { q: { of: v2, role: 'split' } } }))
    await new Promise((resolve) => setTimeout(resolve, 120))
    await dying.stop()
    const next = live(directory)
    await until(() => next.runtime.serving.length > 0, 'served at once')
    expect(serves(next)['q']).toBe(v1.digest)
    next.convergence.order(signedOrder(3, { q: v1 }, { beside: { q: { of: v2, role: 'split' } } }))
    await until(() => serves(next)['q split'] === v2.digest, 'converged')
  })
})
