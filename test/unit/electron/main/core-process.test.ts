import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startCoreProcess, type CoreProcess, type CoreState } from '../../../../electron/main/core-process.ts'
import { DoubleChannel, DoubleChild } from '../../../harness/electron-objects.ts'

const ready = {
  type: 'ready',
  url: 'http://127.0.0.1:5000',
  uploadKey: 't',
  brokerUrl: 'mqtt://127.0.0.1:1883',
  fleet: 'f',
  dataDirectory: '/d',
}
let children: DoubleChild[]
let states: CoreState[]
let now: number
let core: CoreProcess

beforeEach(() => {
  vi.useFakeTimers()
  children = []
  states = []
  now = 0
  core = startCoreProcess({
    fork() {
      const child = new DoubleChild('desktop-core.mjs', {})
      children.push(child)
      return child
    },
    createChannel: () => new DoubleChannel(),
    start: { argv: ['--data', '/d'], secretKey: null },
    onState: (state) => states.push(state),
    monotonic: () => now,
    log: () => undefined,
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const latest = (): DoubleChild => children.at(-1)!
const die = (code = 1): void => latest().end(code)

test('it is started with its arguments, and ports are given to a running core only', () => {
  expect(latest().heard).toEqual([{ message: { type: 'start', argv: ['--data', '/d'], secretKey: null }, ports: [] }])
  expect(core.connect('page')).toBeNull()
  latest().say(ready)
  expect(states).toMatchObject([{ state: 'running', facts: { url: 'http://127.0.0.1:5000' } }])
  expect(core.connect('page')).not.toBeNull()
  expect(latest().heard[1]).toMatchObject({ message: { type: 'port', for: 'page' } })
  expect(latest().heard[1]!.ports).toHaveLength(1)
})

test('a core that dies is started again after a moment, and gives new ports', async () => {
  latest().say(ready)
  const port = core.connect('page')!
  const closed = new Promise<void>((resolve) => void port.on('close', resolve))
  die(139)
  expect(states.at(-1)).toEqual({ state: 'starting' })
  expect(core.connect('page')).toBeNull()
  expect(children).toHaveLength(1)
  vi.advanceTimersByTime(250)
  expect(children).toHaveLength(2)
  latest().say(ready)
  expect(core.now.state).toBe('running')
  expect(core.connect('page')).not.toBeNull()
  vi.useRealTimers()
  await closed
})

test('pauses grow, and after five quick deaths it gives up with the last problem', () => {
  latest().say(ready)
  const pauses: number[] = []
  // Twice as often as it tries, so that one which never gives up ends the test, too.
  for (let i = 0; i < 12; i += 1) {
    die()
    if (core.now.state !== 'starting') break
    const before = children.length
    let waited = 0
    while (children.length === before && waited < 60_000) {
      vi.advanceTimersByTime(50)
      waited += 50
    }
    pauses.push(waited)
    latest().say({ type: 'failed', problem: { code: 'port.in-use', message: 'Port 1883 is in use.', hint: 'Stop the other program.' } })
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000])
  expect(core.now).toEqual({
    state: 'failed',
    problem: { code: 'port.in-use', message: 'Port 1883 is in use.', hint: 'Stop the other program.' },
  })
  vi.advanceTimersByTime(3_600_000)
  expect(children).toHaveLength(6)
})

test('a core that was well for a minute has its tries again', () => {
  for (let i = 0; i < 20; i += 1) {
    latest().say(ready)
    now += 61_000
    die()
    expect(core.now.state).toBe('starting')
    vi.advanceTimersByTime(250)
  }
  expect(children).toHaveLength(21)
})

test.each(['data-directory.in-use', 'port.in-use', 'store.newer'])(
  'a first start that %s prevents is shown at once, not tried again',
  (code) => {
    latest().say({ type: 'failed', problem: { code, message: 'It cannot.' } })
    die()
    expect(core.now).toEqual({ state: 'failed', problem: { code, message: 'It cannot.' } })
    vi.advanceTimersByTime(60_000)
    expect(children).toHaveLength(1)
  },
)

test('a first start that dies without a word is tried again, then shown', () => {
  for (let i = 0; i < 12; i += 1) {
    die(3)
    vi.advanceTimersByTime(10_000)
  }
  expect(children).toHaveLength(6)
  expect(core.now).toEqual({ state: 'failed', problem: { code: 'internal', message: 'The core ended unexpectedly (exit code 3).' } })
})

test('retry starts it anew after it gave up, and only then', () => {
  core.retry()
  expect(children).toHaveLength(1)
  latest().say({ type: 'failed', problem: { code: 'port.in-use', message: 'Port 1883 is in use.' } })
  die()
  core.retry()
  core.retry()
  expect(children).toHaveLength(2)
  latest().say(ready)
  expect(states.map(({ state }) => state)).toEqual(['failed', 'starting', 'running'])
})

test('stop asks, waits for the end, and nothing is started afterwards', async () => {
  latest().say(ready)
  const stopped = core.stop()
  expect(latest().heard.at(-1)!.message).toEqual({ type: 'stop' })
  die(0)
  await stopped
  vi.advanceTimersByTime(60_000)
  expect(children).toHaveLength(1)
  expect(core.now).toEqual({ state: 'stopped' })
})

test('a core that does not end is killed after its time', async () => {
  latest().say(ready)
  const stopped = core.stop()
  await vi.advanceTimersByTimeAsync(19_000)
  expect(latest().isAlive).toBe(true)
  await vi.advanceTimersByTimeAsync(2000)
  await stopped
  expect(latest().isAlive).toBe(false)
})

test('stop during a pause starts no other', async () => {
  latest().say(ready)
  die()
  await core.stop()
  vi.advanceTimersByTime(60_000)
  expect(children).toHaveLength(1)
})

test('what is no message of the core changes nothing', () => {
  for (const odd of [null, 'ready', { type: 'ready' }, { ...ready, url: 5 }, { type: 'unknown' }]) latest().say(odd)
  expect(states).toEqual([])
})
