import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openTelemetryReader, openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import type { ReadDb } from '../../electron/core/store/open.ts'
import { storeFacts } from '../../electron/core/store/telemetry/store-facts.ts'
import { trafficParts } from '../../electron/core/store/telemetry/traffic-slices.ts'
import { deviceName, fillSums, fillWindows, MINUTE_MS, type Filling } from './store-fill.ts'
import { benchStoreIngest, type StoreIngest } from './store-ingest.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DEVICES = 10_000
/** Any whole day. */
const FROM = 1_800_000_000_000 - (1_800_000_000_000 % DAY_MS)
const REPEATS = 3

/** A question before and after sums were made, ms. */
export interface StoreQuestion {
  what: string
  fromWindowsMs: number
  fromSumsMs: number
  /** Requests that either answer counts. */
  requests: number
  isSame: boolean
}

/** What the store of telemetry does with very many windows. */
export interface StoreFigures {
  ingest: StoreIngest
  devices: number
  windows: number
  bytesPerWindow: number
  bytesOfSums: number
  questions: StoreQuestion[]
}

/** Measures the store with 10,000 devices and about so many windows, one per device and minute. */
export function benchStore(windows: number, directory: string, say: (text: string) => void): StoreFigures {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  try {
    const ingest = benchStoreIngest((name) => join(directory, name))
    const filling: Filling = { devices: DEVICES, minutes: Math.max(1, Math.round(windows / DEVICES)), from: FROM }
    const file = join(directory, 'telemetry.db')
    say(`filling a store with ${(filling.minutes * DEVICES).toLocaleString('en')} windows of ${DEVICES.toLocaleString('en')} devices …`)
    const db = openTelemetryWriter(file)
    const bytes = (): number => storeFacts(db as unknown as ReadDb).fileBytes
    const empty = bytes()
    fillWindows(db, filling, say)
    const raw = bytes()
    say('asking the windows …')
    const before = askAll(file, filling, false)
    say('making the sums …')
    fillSums(db, filling)
    const bytesOfSums = bytes() - raw
    db.close()
    say('asking the sums …')
    const after = askAll(file, filling, true)
    const questions = before.map((one, i): StoreQuestion => {
      const { ms, answer } = after[i]!
      return {
        what: one.what,
        fromWindowsMs: one.ms,
        fromSumsMs: ms,
        requests: one.answer.requests,
        isSame: one.answer.text === answer.text,
      }
    })
    const count = filling.minutes * DEVICES
    return { ingest, devices: DEVICES, windows: count, bytesPerWindow: (raw - empty) / count, bytesOfSums, questions }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Asked {
  what: string
  ms: number
  answer: { requests: number; text: string }
}

function askAll(file: string, { minutes }: Filling, isSummed: boolean): Asked[] {
  const db = openTelemetryReader(file)
  // A cut that begins a millisecond off fits no sum: windows answer it.
  const off = isSummed ? 0 : 1
  const through = FROM + Math.floor((minutes * MINUTE_MS) / HOUR_MS) * HOUR_MS || FROM + minutes * MINUTE_MS
  const since = (ms: number): { from: number; through: number } => ({ from: Math.max(FROM, through - ms), through })
  const list = Array.from({ length: 500 }, (_, i) => deviceName(1 + ((i * 19) % DEVICES)))
  const all = Array.from({ length: DEVICES }, (_, i) => deviceName(1 + i))
  const questions: [string, string[] | null, number, number, 'all' | 'device'][] = [
    ['fleet chart, 24 h in 5 minutes', null, DAY_MS, 300_000, 'all'],
    ['chart of one device, 24 h in 5 minutes', [deviceName(77)], DAY_MS, 300_000, 'all'],
    ['the 20 slowest devices of the last hour', null, HOUR_MS, HOUR_MS, 'device'],
    ['500 devices, 24 h', list, DAY_MS, DAY_MS, 'all'],
    ['10,000 devices by name, 24 h in hours', all, DAY_MS, HOUR_MS, 'all'],
  ]
  try {
    return questions.map(([what, devices, ms, bucketMs, by]) => {
      const ask = (): Asked['answer'] => {
        // Each bucket begins a millisecond early: no window begins there, so the answer is the same.
        const parts = trafficParts(db, { devices, ...since(ms) }, { bucketMs, by, origin: FROM - off })
        const states = parts.map(({ key, sum }) => ({ device: key.device, state: sum.state() }))
        if (by === 'device')
          states
            .sort((a, b) => b.state.latency.quantile(0.95)! - a.state.latency.quantile(0.95)! || (a.device! < b.device! ? -1 : 1))
            .splice(20)
        const text = states.map(
          ({ device, state }) => `${device} ${state.requests} ${state.latency.quantile(0.5)} ${state.latency.quantile(0.99)}`,
        )
        return { requests: states.reduce((sum, { state }) => sum + state.requests, 0), text: text.join('\n') }
      }
      return { what, ...fastest(ask, isSummed ? REPEATS : 1) }
    })
  } finally {
    db.close()
  }
}

function fastest(ask: () => Asked['answer'], repeats: number): { ms: number; answer: Asked['answer'] } {
  let best: { ms: number; answer: Asked['answer'] } | null = null
  for (let i = 0; i < repeats; i += 1) {
    const startedAt = performance.now()
    const answer = ask()
    const ms = performance.now() - startedAt
    if (best === null || ms < best.ms) best = { ms, answer }
  }
  return best!
}
