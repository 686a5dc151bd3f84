import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import { signedOrder, startLife, type Life, type OrderChange } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { until } from '../../../harness/local-api.ts'
import { artifactEntry, samples } from '../../../harness/manifest.ts'
import { sampleBundle, type TestBundle } from '../../../harness/small-console.ts'

const v1 = sampleBundle(samples.digits100)
const v2 = sampleBundle(samples.digits110)
const v3 = sampleBundle(samples.digits120)
const wine = sampleBundle(samples.wine100)
const all = [v1, v2, v3, wine]

function live(directory = temporaryDirectory(), options: Parameters<typeof startLife>[2] = {}): Life {
  const life = startLife(directory, all, options)
  onTestFinished(() => life.stop())
  return life
}

const state = (life: Life, deployment = 'q') => life.convergence.deployments()[deployment]
const serves = (life: Life): Record<string, string> =>
  Object.fromEntries(life.runtime.serving.map(({ deployment, digest }) => [deployment, digest]))
const reaches = (life: Life, wanted: string): Promise<void> => until(() => state(life)?.state === wanted, wanted)
const segfault = { reason: 'SIGSEGV', isMemory: false }
/** A device whose order asks for no watch. */
const unwatched = { probation: { inferences: 0 } }
async function converged(life: Life, counter: number, wanted: Record<string, TestBundle>, change: OrderChange = {}): Promise<void> {
  life.convergence.order(signedOrder(counter, wanted, change))
  const names = Object.keys(wanted)
  await until(
    () =>
      names.every((name) => state(life, name)?.state === 'active' && state(life, name)?.active?.digest === wanted[name]!.digest) &&
      Object.keys(serves(life)).length === names.length,
    'converged',
  )
}

describe('convergence', () => {
  it('fetches, probes, switches, keeps the last good, and removes what nothing needs', async () => {
    const directory = temporaryDirectory()
    const life = live(directory)
    await converged(life, 1, { q: v1 })
    await converged(life, 2, { q: v2, w: wine })
    expect(state(life)).toMatchObject({ active: { version: '1.1.0' }, lastGood: { version: '1.0.0' }, candidate: null, problem: null })
    expect(serves(life)).toEqual({ q: v2.digest, w: wine.digest })
    await converged(life, 3, { q: v3 })
    await until(() => !readdirSync(join(directory, 'artifacts')).includes(v1.digest), 'the files of 1.0.0 are gone')
    expect(readdirSync(join(directory, 'artifacts')).sort()).toEqual([...v2.files.keys(), ...v3.files.keys()].sort())
    expect(life.names().filter((name) => name !== 'artifacts.removed')).toEqual([
      ...['assignment.accepted', 'transfer.completed', 'model.activated'],
      // What is ready does not wait for what is still to be fetched.
      ...['assignment.accepted', 'transfer.completed', 'model.activated', 'transfer.completed', 'model.activated'],
      ...['assignment.accepted', 'deployment.removed', 'transfer.completed', 'model.activated'],
    ])
  })

  it('serves the active set at a start before anything is heard', async () => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await converged(first, 1, { q: v1 })
    await first.stop()
    const second = startLife(directory, [])
    onTestFinished(() => second.stop())
    await until(() => second.runtime.serving.length > 0, 'served')
    expect(serves(second)).toEqual({ q: v1.digest })
    expect(second.runtime.serving[0]).toMatchObject({ isCandidate: false, goldenPath: null })
  })

  const refusals: { name: string; code: string; counter?: number; make(life: Life): ReturnType<typeof signedOrder> }[] = [
    {
      name: 'probe failed',
      code: 'probe.golden-mismatch',
      make: (life) => (
        life.runtime.problems.set(v2.digest, { code: 'probe.golden-mismatch', message: 'differs' }),
        signedOrder(2, { q: v2 })
      ),
    },
    {
      name: 'runtime crashed in the probe',
      code: 'runtime.crashed',
      make: (life) => ((life.runtime.failNext = new Problem('runtime.crashed', 'died')), signedOrder(2, { q: v2 })),
    },
    {
      name: 'bundle signed by a stranger',
      code: 'bundle.signature-invalid',
      make: () => signedOrder(2, { q: v2 }, { badBundleKey: true }),
    },
    { name: 'bundle of another version', code: 'bundle.invalid', make: () => signedOrder(2, { q: v2 }, { as: { version: '9.9.9' } }) },
  ]
  it.each(refusals)('keeps what serves and does not try again under this order: $name', async ({ code, make }) => {
    const directory = temporaryDirectory()
    const life = live(directory)
    await converged(life, 1, { q: v1 })
    life.convergence.order(make(life))
    await reaches(life, 'rejected')
    expect(state(life)).toMatchObject({ problem: { code }, active: { version: '1.0.0' }, candidate: null })
    expect(serves(life)).toEqual({ q: v1.digest })
    expect(readdirSync(join(directory, 'artifacts'))).not.toContain(v2.digest)
    const probes = life.runtime.probed.length
    await life.stop()
    const again = live(directory, { runtime: life.runtime })
    await until(() => again.runtime.serving.length > 0, 'served')
    expect(state(again)?.state).toBe('rejected')
    life.runtime.problems.clear()
    await converged(again, 3, { q: v2 })
    expect(life.runtime.probed.length).toBe(probes + 1)
  })

  it('case 16: refuses a hostile model file before any runtime sees it', async () => {
    const bytes = Buffer.from('PK\u0003\u0004 this is a zip file')
    const hostile = sampleBundle(samples.digits110, { artifacts: { model: artifactEntry(bytes) } }, [bytes])
    const life = startLife(temporaryDirectory(), [v1, hostile])
    onTestFinished(() => life.stop())
    life.convergence.order(signedOrder(1, { q: hostile }))
    await reaches(life, 'rejected')
    expect([state(life)?.problem?.code, life.runtime.probed]).toEqual(['model.invalid', []])
  })

  it('tries a probe that timed out once more, then gives up', async () => {
    const life = live()
    life.runtime.problems.set(v1.digest, { code: 'probe.timeout', message: 'slow' })
    life.convergence.order(signedOrder(1, { q: v1 }))
    await until(() => life.runtime.probed.length === 1, 'first probe')
    life.clock.ran += 10_000
    life.convergence.connected()
    await reaches(life, 'rejected')
    expect(life.runtime.probed).toEqual([v1.digest, v1.digest])
  })

  it('case 15: goes back after three crashes within a minute, and stays there', async () => {
    const life = live()
    await converged(life, 1, { q: v1 }, unwatched)
    await converged(life, 2, { q: v2 }, unwatched)
    life.convergence.crashed(segfault)
    life.clock.ran += 61_000
    life.convergence.crashed(segfault)
    life.convergence.crashed(segfault)
    expect(state(life)?.state).toBe('active')
    life.convergence.crashed(segfault)
    await until(() => serves(life)['q'] === v1.digest, 'reverted')
    expect(state(life)).toMatchObject({ state: 'reverted', active: { version: '1.0.0' }, problem: { code: 'runtime.crashed' } })
    expect(life.names().filter((name) => name === 'model.reverted')).toHaveLength(1)
    life.convergence.order(signedOrder(2, { q: v2 }))
    expect(state(life)?.state).toBe('reverted')
    // An order that only changes something else tries nothing again, and says so on.
    life.convergence.order(signedOrder(3, { q: v2 }, { asked: 2, config: { flags: { night: true } } }))
    expect([life.convergence.orderCounter, state(life)?.state, serves(life)['q']]).toEqual([3, 'reverted', v1.digest])
    // Under the counter of a newer order, the end of the one before would be read as its answer.
    life.convergence.order(signedOrder(4, { q: v3 }))
    expect([life.convergence.orderCounter, state(life)?.state, state(life)?.problem]).toEqual([4, 'idle', null])
  })

  it('waits when the link is cut, and changes its mind with the order', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.wire.isCut = true
    life.convergence.order(signedOrder(2, { q: v2 }))
    await reaches(life, 'fetching')
    life.wire.isCut = false
    await converged(life, 3, { q: v3 })
    life.convergence.order(signedOrder(4, { q: v3 }))
    expect([life.convergence.orderCounter, state(life)?.state]).toEqual([4, 'active'])
    expect(life.wire.asked).not.toContain(v2.digest)
  })
})

describe('damage on disk', () => {
  const damages: { name: string; damage(path: string): void }[] = [
    { name: 'removed', damage: (path) => rmSync(path) },
    { name: 'shorter', damage: (path) => truncateSync(path, statSync(path).size - 1) },
    { name: 'manifest overwritten', damage: (path) => writeFileSync(join(path, '..', v2.digest), '{}') },
  ]
  it.each(damages)('serves the last good bundle and fetches the active one again: $name', async ({ damage }) => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await converged(first, 1, { q: v1 })
    await converged(first, 2, { q: v2 })
    const path = first.runtime.serving[0]!.modelPath
    await first.stop()
    damage(path)
    const second = live(directory)
    second.wire.isCut = true
    await until(() => serves(second)['q'] === v1.digest, 'the last good serves')
    second.wire.isCut = false
    await second.stop()
    const third = live(directory)
    await until(() => serves(third)['q'] === v2.digest, 'restored')
    expect(state(third)).toMatchObject({ state: 'active', active: { version: '1.1.0' }, lastGood: { version: '1.0.0' } })
  })

  it('finds same-size damage when the runtime cannot load the file', async () => {
    const directory = temporaryDirectory()
    const first = live(directory)
    await converged(first, 1, { q: v1 })
    const path = first.runtime.serving[0]!.modelPath
    await first.stop()
    writeFileSync(path, Buffer.alloc(statSync(path).size))
    first.runtime.problems.set(v1.digest, { code: 'probe.load-failed', message: 'garbage' })
    const second = live(directory, { runtime: first.runtime })
    second.wire.isCut = true
    await until(() => second.names().includes('model.unavailable'), 'found')
    first.runtime.problems.clear()
    second.wire.isCut = false
    await until(() => state(second)?.state === 'active', 'restored')
    expect(second.wire.asked).toContain([...v1.files.keys()].find((sha256) => path.endsWith(sha256)))
  })
})

describe('orders', () => {
  it('reports a refused order and works on with the accepted one', async () => {
    const life = live()
    await converged(life, 5, { q: v1 })
    life.convergence.order(signedOrder(4, { q: v2 }))
    expect([life.convergence.orderProblem()?.code, life.convergence.orderCounter]).toEqual(['assignment.rollback', 5])
    life.convergence.order(signedOrder(5, { q: v2 }))
    expect(life.convergence.orderProblem()?.code).toBe('assignment.equivocation')
    await converged(life, 6, { q: v2 })
    expect(life.convergence.orderProblem()).toBeNull()
    expect(life.names().filter((name) => name === 'assignment.refused')).toHaveLength(2)
  })

  it('case 6: keeps serving after the order expired, and changes nothing', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.wire.isCut = true
    life.convergence.order(signedOrder(2, { q: v2 }, { expiresAt: life.clock.wall + 3_600_000 }))
    await reaches(life, 'fetching')
    life.clock.wall += 7_200_000
    expect(life.convergence.orderProblem()?.code).toBe('assignment.expired')
    expect(serves(life)).toEqual({ q: v1.digest })
  })
})

describe('sudden death', () => {
  it.each(Array.from({ length: 8 }, (_, i) => i + 1))(
    'case 13: converges after a death at write %i of the journal, and never serves nothing',
    async (dieAtSave) => {
      const directory = temporaryDirectory()
      const first = live(directory)
      await converged(first, 1, { q: v1 })
      await first.stop()
      const dying = live(directory, { dieAtSave })
      dying.convergence.order(signedOrder(2, { q: v2 }))
      await new Promise((resolve) => setTimeout(resolve, 150))
      await dying.stop()
      expect([v1.digest, v2.digest]).toContain(serves(dying)['q'] ?? v1.digest)
      const next = live(directory)
      await until(() => next.runtime.serving.length > 0, 'served at once')
      expect([v1.digest, v2.digest]).toContain(serves(next)['q'])
      next.convergence.order(signedOrder(3, { q: v2 }))
      await until(() => serves(next)['q'] === v2.digest, 'converged')
      expect(state(next)).toMatchObject({ state: 'active', active: { version: '1.1.0' }, lastGood: { version: '1.0.0' } })
    },
  )
})
