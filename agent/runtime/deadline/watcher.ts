import { Worker } from 'node:worker_threads'
import { at, RUN_ENDED, slotState, type BoardMemory } from './memory.ts'

/** The thread that watches deadlines. */
export interface Watcher {
  stop(): void
}

interface WatchData extends BoardMemory {
  subjects: readonly string[]
  /** What the monotonic clock of the runtime is behind `process.hrtime`, ms: a thread counts `performance.now` from its own start. */
  clockOffsetMs: number
  at: typeof at
  slotState: typeof slotState
  runEnded: number
  late: string
  restarting: string
}

/** Heap of the thread, MiB: it makes no object while it watches. */
const limits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 4, stackSizeMb: 1 }

/** Starts the thread. Its code is a function of this module as text: a file of its own would bring the loader of modules along. */
export function startWatcher(memory: BoardMemory, subjects: readonly string[]): Watcher {
  const seconds = process.hrtime()
  const workerData: WatchData = {
    ...memory,
    subjects,
    clockOffsetMs: seconds[0] * 1000 + seconds[1] / 1e6 - performance.now(),
    at,
    slotState,
    runEnded: RUN_ENDED,
    late: answer(
      '504 Gateway Timeout',
      'inference.deadline-exceeded',
      'The request was not answered within the deadline of its deployment.',
    ),
    restarting: answer(
      '503 Service Unavailable',
      'runtime.crashed',
      'The runtime was stopped, because a model did not end; it starts again. Send the request again.',
    ),
  }
  const worker = new Worker(`(${watch.toString()})()`, {
    eval: true,
    workerData,
    resourceLimits: limits,
    env: {},
    execArgv: [],
    stdin: false,
    trackUnmanagedFds: false,
  })
  worker.unref()
  // Without the thread, requests still fail by their deadline where they only queue, and the supervisor ends a silent process.
  worker.on('error', () => undefined)
  return { stop: () => void worker.terminate() }
}

function answer(status: string, code: string, error: string): string {
  const body = JSON.stringify({ error, code })
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
  return `${head}\r\nConnection: close\r\n\r\n${body}`
}

/** Runs in the thread, alone: nothing of this module is there but its arguments. */
function watch(): void {
  const fs = process.getBuiltinModule('node:fs')
  const data = process.getBuiltinModule('node:worker_threads').workerData as WatchData
  const { control, states, descriptors, deadlines, slotState: state } = data
  const late = Buffer.from(data.late)
  const restarting = Buffer.from(data.restarting)
  const scratch = Buffer.allocUnsafe(65_536)
  const parkAfterMs = 2000
  const now = (): number => {
    const seconds = process.hrtime()
    return seconds[0] * 1000 + seconds[1] / 1e6 - data.clockOffsetMs
  }
  const write = (slot: number, bytes: Buffer): void => {
    try {
      if (descriptors[slot]! >= 0) fs.writeSync(descriptors[slot]!, bytes)
    } catch {
      // The client went away, or reads nothing: there is nobody to tell.
    }
  }
  /** Takes what came on a connection and was not read; a connection closed with unread bytes is reset, and the answer with it. */
  const take = (slot: number): number => {
    let bytes = 0
    try {
      for (let got = -1; got !== 0 && bytes < 1e8; bytes += got) got = fs.readSync(descriptors[slot]!, scratch)
    } catch {
      // Nothing more is there now.
    }
    return bytes
  }
  /** Answers the waiting ones whose time is over, or all of them; says when the next one is over. */
  const answerLate = (moment: number, isAll: boolean): number => {
    let next = Number.POSITIVE_INFINITY
    for (let slot = 0; slot < states.length; slot += 1) {
      if (states[slot] !== state.waiting) continue
      const until = deadlines[1 + slot]!
      if (!isAll && until > moment) next = Math.min(next, until)
      else if (Atomics.compareExchange(states, slot, state.waiting, state.answered) === state.waiting) write(slot, late)
    }
    return next
  }
  const endProcess = (): void => {
    const subject = data.subjects[control[data.at.subject]!] ?? 'a model'
    fs.writeSync(2, `Error: ${subject} did not end within its deadline; the runtime is stopped\n`)
    answerLate(0, true)
    for (let slot = 0; slot < states.length; slot += 1) {
      const before = states[slot]!
      if (before !== state.reading && before !== state.idle) continue
      if (Atomics.compareExchange(states, slot, before, state.answered) !== before) continue
      if (take(slot) > 0 || before === state.reading) write(slot, restarting)
    }
    // What still arrives of the bodies is taken too, for a moment.
    Atomics.wait(control, data.at.run, data.runEnded, 20)
    for (let slot = 0; slot < states.length; slot += 1) if (states[slot] !== state.free) take(slot)
    process.kill(process.pid, 'SIGKILL')
  }
  /** @returns ms until something may be due */
  const look = (run: number): number => {
    const moment = now()
    const runUntil = deadlines[0]!
    if (runUntil <= moment && Atomics.compareExchange(control, data.at.run, run, data.runEnded) === run) {
      endProcess()
      return 1000
    }
    return Math.min(answerLate(moment, false), Math.max(runUntil, moment + 1)) - moment
  }
  let lastRun = -2
  let lastChange = now()
  for (;;) {
    const run = Atomics.load(control, data.at.run)
    if (run !== lastRun) {
      lastRun = run
      lastChange = now()
    }
    const isRunning = run > 0 && run % 2 === 1
    const dueMs = isRunning ? look(run) : Number.POSITIVE_INFINITY
    if (!isRunning && now() - lastChange > parkAfterMs) {
      Atomics.store(control, data.at.parked, 1)
      if (Atomics.load(control, data.at.run) === run) Atomics.wait(control, data.at.parked, 1)
      Atomics.store(control, data.at.parked, 0)
    } else Atomics.wait(control, data.at.run, run, Math.max(0, Math.min(dueMs, control[data.at.pollMs]!)))
  }
}
