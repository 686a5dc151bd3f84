import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { signedOrder, type OrderChange } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { v1, v2, v3, wine } from '../../../harness/lives.ts'
import { askAlways } from '../../../harness/keep-alive-load.ts'
import { call, startTestedGenerations, until } from '../../../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'
import { startRealLife, type RealLife } from '../../../harness/real-life.ts'
import type { Script } from '../../../harness/scripted-runtime.ts'
import type { TestBundle } from '../../../harness/small-console.ts'
import type { GenerationsOptions } from '../../../../agent/supervise/generations.ts'
import type { LocalAsk } from '../../../../agent/runtime/messages.ts'
import { Problem } from '../../../../shared/domain/problem.ts'

const rows = labelledRows('digits/stream.csv', 100).map(({ row }) => row)
const scripted = join(import.meta.dirname, '../../../harness/scripted-runtime.ts')
/** Processes of generations that are children of this one. */
const children = (): number[] =>
  spawnSync('pgrep', ['-P', String(process.pid), '-f', '(runtime/main|scripted-runtime).ts'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number)

async function live(options: Partial<GenerationsOptions> = {}): Promise<RealLife> {
  const life = await startRealLife(temporaryDirectory(), [v1, v2, v3, wine], options)
  onTestFinished(() => life.stop())
  return life
}
async function converged(life: RealLife, counter: number, of: TestBundle, change: OrderChange = {}): Promise<void> {
  life.convergence.order(signedOrder(counter, { reader: of }, change))
  await until(() => life.serves('reader') === of.digest, `${of.manifest.version} serves`)
}
/** The process of the generation that serves, once it is the only one. */
async function onlyChild(): Promise<number> {
  await until(() => children().length === 1, 'one process')
  return children()[0]!
}
const unwatched = { probation: { inferences: 0 } }

describe('the generation before', () => {
  test('stays warm while the switch is watched: going back takes milliseconds, and nobody notices', async () => {
    const life = await live()
    await converged(life, 1, v1, unwatched)
    const first = await onlyChild()
    const load = askAlways({ url: life.tested.url, deployment: 'reader', input: 'pixels' }, rows, 4)
    await converged(life, 2, v2)
    await until(() => children().length === 2, 'both are there')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const began = performance.now()
    life.convergence.revert('reader', 'test')
    while (life.serves('reader') !== v1.digest) await new Promise((resolve) => setImmediate(resolve))
    const tookMs = performance.now() - began
    await new Promise((resolve) => setTimeout(resolve, 300))
    const { requests, failures, versions } = await load.stop()
    process.stdout.write(
      `instant revert: ${tookMs.toFixed(1)} ms to the warm generation, ${requests} requests, ${failures.length} failed\n`,
    )
    expect([failures, [...versions].sort()]).toEqual([[], ['1.0.0', '1.1.0']])
    await until(() => children().join() === String(first), 'the process of before, and only it')
    expect(life.tested.crashes).toEqual([])
  })

  test('ends with the watch, and with the next switch that does not need it', async () => {
    const life = await live()
    await converged(life, 1, v1, unwatched)
    await onlyChild()
    await converged(life, 2, v2)
    expect(children()).toHaveLength(2)
    const digest = v2.digest
    life.convergence.beat({
      ...{ generation: 99, isServing: true, rssBytes: 1 },
      vitals: [{ deployment: 'reader', digest, inferences: 500, failed: 0, notFinite: 0, medianMs: 1 }],
    })
    await until(() => children().length === 1, 'it is gone')
    await converged(life, 3, v3)
    expect(children()).toHaveLength(2)
    await converged(life, 4, v1, unwatched)
    await until(() => children().length === 1, 'nothing is watched')
  })

  test('that died meanwhile is no loss: going back loads it again', async () => {
    const life = await live()
    await converged(life, 1, v1, unwatched)
    const first = await onlyChild()
    await converged(life, 2, v2)
    process.kill(first, 'SIGKILL')
    await until(() => life.tested.logged.some(({ message }) => message === 'a generation crashed'), 'the warm one is dead')
    const began = performance.now()
    life.convergence.revert('reader', '')
    await until(() => life.serves('reader') === v1.digest, 'back')
    process.stdout.write(`revert without a warm generation: ${(performance.now() - began).toFixed(0)} ms\n`)
    expect((await call(`${life.tested.url}/v2/models/reader`)).status).toBe(200)
  })

  test('takes a crash of the one that serves: the third brings it back', async () => {
    const life = await live()
    await converged(life, 1, v1, unwatched)
    const first = await onlyChild()
    await converged(life, 2, v2)
    for (let i = 1; i <= 3; i += 1) {
      await until(() => children().length === 2, 'both run')
      process.kill(
        children().find((pid) => pid !== first)!,
        'SIGKILL',
      )
      await until(() => life.told.filter(({ name }) => name === 'runtime.crashed').length === i, 'told')
    }
    await until(() => life.serves('reader') === v1.digest, 'back')
    await until(() => children().join() === String(first), 'the process of before')
    expect(life.told.at(-1)).toMatchObject({ name: 'model.reverted', problem: { code: 'watch.failed' } })
  })
})

describe('messages of a generation', () => {
  const script = (life: RealLife, request: Script) => life.tested.generations.infer('reader', request)

  test('its counts take a bad model back', async () => {
    const life = await live({ entry: scripted })
    await converged(life, 1, v1, unwatched)
    await converged(life, 2, v2)
    await script(life, { vital: { inferences: 19, failed: 19 } })
    await until(() => life.convergence.deployments()['reader']?.watch?.inferences === 19, 'counted')
    await script(life, { vital: { inferences: 20 } })
    await until(() => life.serves('reader') === v1.digest, 'back')
    expect(life.convergence.deployments()['reader']).toMatchObject({ state: 'reverted', problem: { code: 'watch.failed' } })
  })

  test('its growth takes a leaking model back', async () => {
    const life = await live({ entry: scripted })
    await converged(life, 1, v1, unwatched)
    await converged(life, 2, v2, { probation: { memoryBytes: 40 * 1024 * 1024 } })
    await new Promise((resolve) => setTimeout(resolve, 250))
    await script(life, { rssBytes: 150_000_000 })
    await until(() => life.serves('reader') === v1.digest, 'back')
    expect(life.convergence.deployments()['reader']?.problem?.message).toBe('digits 1.1.0: The runtime grew by 48 MiB; 40 MiB are allowed.')
  })

  test('a second bundle is loaded after the active one, and tuned where it is', async () => {
    const life = await live({ entry: scripted })
    await converged(life, 1, v1, unwatched)
    life.convergence.order(signedOrder(2, { reader: v1 }, { beside: { reader: { of: v2, role: 'split' } }, ...unwatched }))
    await until(() => life.tested.generations.serving().length === 2, 'both')
    const before = (await script(life, {})).body
    expect(before).toMatchObject({
      served: [
        { digest: v1.digest, role: 'active' },
        { digest: v2.digest, role: 'split' },
      ],
    })
    life.convergence.order(
      signedOrder(3, { reader: v1 }, { beside: { reader: { of: v2, role: 'shadow' } }, serving: { cacheEntries: 5 }, ...unwatched }),
    )
    await until(async () => JSON.stringify(await script(life, {})).includes('"cacheEntries":5'), 'tuned')
    expect((await script(life, {})).body).toEqual({
      served: [
        { digest: v1.digest, role: 'active', cacheEntries: 5 },
        { digest: v2.digest, role: 'shadow', cacheEntries: 5 },
      ],
      pid: (before as { pid: number }).pid,
    })
  })

  test('what it asks is answered by the supervisor, and refusals keep their code', async () => {
    const asked: LocalAsk[] = []
    const life = await live({
      entry: scripted,
      onAsk(ask) {
        asked.push(ask)
        if (ask.kind === 'revert') throw new Problem('revert.nothing', 'Nothing.')
        if (ask.kind === 'unlock') throw new Error('a secret path')
        return { status: 200, body: { fine: true } }
      },
    })
    await converged(life, 1, v1, unwatched)
    expect(await script(life, { ask: { kind: 'status' } })).toEqual({ status: 200, body: { fine: true } })
    expect(await script(life, { ask: { kind: 'revert', deployment: 'reader', reason: 'x' } })).toEqual({
      status: 409,
      body: { error: 'Nothing.', code: 'revert.nothing' },
    })
    expect(await script(life, { ask: { kind: 'unlock' } })).toEqual({
      status: 500,
      body: { error: 'This is a fault in Muster.', code: 'internal' },
    })
    expect(asked).toHaveLength(3)
  })
})

describe('an inference that comes as a message', () => {
  const short = { serving: { deadlineMs: 10 }, ...unwatched }

  test('is refused while nothing serves', async () => {
    const tested = await startTestedGenerations({ entry: scripted })
    onTestFinished(() => tested.stop())
    expect(await tested.generations.infer('reader', {})).toEqual({
      status: 503,
      body: { error: 'No model is ready on this device.', code: 'runtime.not-ready' },
    })
  })

  test('has a deadline, a second after the one of its deployment', async () => {
    const life = await live({ entry: scripted })
    await converged(life, 1, v1, short)
    expect(await life.tested.generations.infer('reader', { afterMs: -1 })).toEqual({
      status: 504,
      body: { error: 'reader did not answer in 1010 ms.', code: 'inference.deadline-exceeded' },
    })
  })

  test('is answered by the next generation after a switch, and with an error after a crash', async () => {
    const life = await live({ entry: scripted })
    await converged(life, 1, v1, unwatched)
    const waiting = life.tested.generations.infer('reader', { afterMs: 3000 })
    await converged(life, 2, v2, unwatched)
    expect(await waiting).toMatchObject({ status: 200, body: { served: [{ digest: v2.digest }] } })
    expect(await life.tested.generations.infer('reader', { exit: 3 })).toMatchObject({ status: 503, body: { code: 'runtime.crashed' } })
  })
})

test('a set with a candidate is probed even if a warm generation has it', async () => {
  const tested = await startTestedGenerations({ entry: scripted })
  onTestFinished(() => tested.stop())
  const of = (sample: (typeof samples)['digits110']) => sampleDeployment('reader', sample)
  const never = new AbortController().signal
  await tested.serve([of(samples.digits110)])
  const second = await tested.generations.prepare([of(samples.digits120)], never)
  await second.promote([of(samples.digits110)])
  const third = await tested.generations.prepare([of(samples.digits110)], never)
  const reused = await tested.generations.prepare([{ ...of(samples.digits110), isCandidate: false }], never)
  expect([third.generation, reused.generation]).toEqual([3, 1])
  await reused.discard()
  await third.discard()
  expect(children()).toHaveLength(2)
})
