import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

/** A cycle takes about a second: `MUSTER_LOADS=1000` is a quarter of an hour. */
const LOADS = Number(process.env['MUSTER_LOADS'] ?? process.env['MUSTER_CYCLES'] ?? 100)
const MiB = 1024 * 1024

interface Reading {
  cycle: number
  rss: number
  heapUsed: number
  generations: number
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

test(`case 60: ${LOADS} times a model is loaded and unloaded by order: the memory of the agent stays flat`, async () => {
  const script = join(import.meta.dirname, '../harness/load-cycles.ts')
  const child = spawn(process.execPath, [script, String(LOADS), String(Math.max(1, Math.floor(LOADS / 40)))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const readings: Reading[] = []
  for await (const line of createInterface(child.stdout)) readings.push(JSON.parse(line) as Reading)
  expect(await ended).toEqual([0, null])
  const quarter = (from: number): number[] =>
    readings.slice(Math.floor(readings.length * from), Math.floor(readings.length * (from + 0.25))).map(({ rss }) => rss)
  const shown = readings.filter((_, i) => i % Math.ceil(readings.length / 10) === 0 || i === readings.length - 1)
  process.stdout.write(
    `load cycles: ${LOADS}; resident MiB of the supervisor ${shown.map(({ cycle, rss }) => `${cycle}: ${Math.round(rss / MiB)}`).join(', ')}\n`,
  )
  // The first quarter is warming up: code is compiled, the heap finds its size.
  const [early, late] = [median(quarter(0.25)), median(quarter(0.75))]
  expect(late).toBeLessThan(early * 1.1 + 8 * MiB)
})
