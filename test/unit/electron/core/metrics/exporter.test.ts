import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openExporter } from '../../../../../electron/core/metrics/exporter.ts'
import { openLogQueue } from '../../../../../electron/core/metrics/log-queue.ts'
import type { OtlpOutcome } from '../../../../../electron/core/metrics/otlp-post.ts'
import { consoleCatalog } from '../../../../../shared/metrics/console-catalog.ts'
import { numbers } from '../../../../../shared/metrics/family.ts'
import type { OtlpChoice } from '../../../../../shared/rpc/contract/metrics.ts'
import { T0 } from '../../../../harness/fleet.ts'

beforeEach(() => void vi.useFakeTimers({ now: T0 }))
afterEach(() => void vi.useRealTimers())

const usual: OtlpChoice = {
  ...{ url: 'https://collector.test', header: 'authorization', secret: null, everySeconds: 60, metrics: true, logs: 'warn' },
  allowsPrivate: false,
}

/** An exporter over a receiver that a test plays. */
function world(change: Partial<OtlpChoice> = {}, random = 0.5) {
  const receiver: { answers: OtlpOutcome[]; got: { at: number; signal: string; body: string }[] } = { answers: [], got: [] }
  const logged: string[] = []
  const setting = { row: { settings: { ...usual, ...change }, isShut: false } as { settings: OtlpChoice; isShut: boolean } | null }
  const logs = openLogQueue(() => Date.now())
  const log = logs.tap((_level, message) => void logged.push(message))
  const exporter = openExporter({
    settings: () => setting.row,
    gather: () => [numbers(consoleCatalog, 'muster_devices_online', [{ labels: {}, value: 3 }])],
    source: () => ({ fleet: 'test', version: '1', startedAt: T0 }),
    ...{ logs, log, now: () => Date.now(), random: () => random, changed: () => undefined },
    post: (_to, signal, body) => {
      receiver.got.push({ at: Date.now() - T0, signal, body })
      return Promise.resolve(receiver.answers.shift() ?? { kind: 'taken', rejected: 0 })
    },
  })
  onTestFinished(() => exporter.stop())
  return { exporter, receiver, logged, logs, log, setting }
}

test('nothing leaves while nothing is set, and nothing is kept', async () => {
  const { exporter, receiver, log, logs, setting } = world()
  setting.row = null
  exporter.settle()
  log('error', 'a trouble')
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect([receiver.got.length, logs.waiting, exporter.state().nextAt]).toEqual([0, 0, null])
})

test('metrics go out as often as was set, and log entries of the chosen level with them', async () => {
  const { exporter, receiver, log } = world()
  exporter.settle()
  log('info', 'quiet')
  log('warn', 'a device is away', { device: 'cam-1' })
  await vi.advanceTimersByTimeAsync(121_000)
  expect(receiver.got.map(({ at, signal }) => [at, signal])).toEqual([
    [500, 'metrics'],
    [500, 'logs'],
    [60_500, 'metrics'],
    [120_500, 'metrics'],
  ])
  expect(receiver.got[1]!.body).toContain('a device is away')
  expect(receiver.got[1]!.body).not.toContain('quiet')
  expect(exporter.state()).toMatchObject({ sent: { metrics: 3, logs: 1 }, dropped: { metrics: 0, logs: 0 }, waitingLogs: 0, problem: null })
})

test('a receiver that is away is asked at growing pauses, keeps no log entry from it, and is logged twice in all', async () => {
  const { exporter, receiver, logged, log } = world()
  receiver.answers = Array.from({ length: 5 }, () => ({ kind: 'later', message: 'No answer.' }) as const)
  exporter.settle()
  log('warn', 'one')
  await vi.advanceTimersByTimeAsync(32 * 60_000)
  expect(receiver.got.map(({ at, signal }) => `${signal} ${(at - 500) / 60_000}`)).toEqual([
    ...['metrics 0', 'metrics 1', 'metrics 3', 'metrics 7', 'metrics 15'],
    ...['metrics 30', 'logs 30', 'metrics 31'],
  ])
  expect(logged).toEqual(['one', 'an OTLP export failed; it is tried again', 'the OTLP receiver takes exports again'])
  expect(exporter.state()).toMatchObject({ sent: { metrics: 2, logs: 2 }, dropped: { metrics: 5, logs: 0 }, problem: null })
})

test('when it is tried again is a whole millisecond, as the contract says, whatever the jitter', async () => {
  const { exporter, receiver } = world({}, 0.123_456)
  receiver.answers = [{ kind: 'later', message: 'No answer.' }]
  exporter.settle()
  await vi.advanceTimersByTimeAsync(1000)
  const { nextAt } = exporter.state()
  expect(nextAt).toBeGreaterThan(Date.now())
  expect(Number.isInteger(nextAt)).toBe(true)
})

test('a receiver that asks for a pause gets it', async () => {
  const { exporter, receiver } = world({ logs: 'off' })
  receiver.answers = [{ kind: 'later', message: '429', retryAfterMs: 600_000 }]
  exporter.settle()
  await vi.advanceTimersByTimeAsync(601_000)
  expect(receiver.got.map(({ at }) => at)).toEqual([500, 600_500])
})

test('the queue of log entries is bounded; the oldest give way and are counted', async () => {
  const { exporter, receiver, log, logs } = world({ metrics: false })
  receiver.answers = [{ kind: 'later', message: 'No answer.' }]
  exporter.settle()
  for (let i = 0; i < 2500; i += 1) log('error', `entry ${i}`)
  expect([logs.waiting, exporter.state().dropped.logs]).toEqual([2000, 500])
  await vi.advanceTimersByTimeAsync(130_000)
  const sent = receiver.got.slice(1).map(({ body }) => body)
  expect(sent.join('')).toContain('"entry 501"')
  expect(exporter.state()).toMatchObject({ waitingLogs: 0, dropped: { logs: 501 } })
  // One entry more gave way to the one that says that the export failed.
  expect(exporter.state().sent.logs).toBe(2000)
})

test('what a receiver refuses for good is given up and counted, and the next goes on', async () => {
  const { exporter, receiver, log } = world()
  receiver.answers = [
    { kind: 'taken', rejected: 1 },
    { kind: 'never', message: 'The receiver answered 400.' },
  ]
  exporter.settle()
  log('error', 'poison')
  await vi.advanceTimersByTimeAsync(1000)
  expect(exporter.state()).toMatchObject({ waitingLogs: 1, sent: { metrics: 0, logs: 0 }, dropped: { metrics: 1, logs: 1 } })
  expect(exporter.state().problem?.message).toBe('The receiver answered 400.')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(receiver.got.at(-1)!.body).not.toContain('poison')
})

test('other settings count from the next round on, and none ends it', async () => {
  const { exporter, receiver, setting } = world()
  exporter.settle()
  await vi.advanceTimersByTimeAsync(1000)
  setting.row = { settings: { ...usual, everySeconds: 10 }, isShut: false }
  exporter.settle()
  await vi.advanceTimersByTimeAsync(11_000)
  expect(receiver.got.map(({ at }) => at)).toEqual([500, 1500, 11_500])
  setting.row = { settings: usual, isShut: true }
  exporter.settle()
  await vi.advanceTimersByTimeAsync(1000)
  expect([receiver.got.length, exporter.state().problem?.message]).toEqual([3, expect.stringContaining('sealed')])
  setting.row = null
  exporter.settle()
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect([receiver.got.length, exporter.state().problem]).toEqual([3, null])
})
