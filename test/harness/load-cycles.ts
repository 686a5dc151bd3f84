import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Convergence } from '../../agent/converge/converge.ts'
import { openJournal } from '../../agent/converge/journal.ts'
import { startGenerations } from '../../agent/supervise/generations.ts'
import { runtimeConfig } from '../../shared/protocol/assignment.ts'
import { convergeOver, signedOrder } from './converge.ts'
import { until } from './local-api.ts'
import { samples } from './manifest.ts'
import { sampleBundle } from './small-console.ts'

// A supervisor in a process of its own: it loads a model by order and unloads it by order, again and again, and prints its memory.
// Nothing here keeps what it was told, or the test would measure itself.

const [cycles, every] = process.argv.slice(2).map(Number) as [number, number]
const directory = mkdtempSync(join(tmpdir(), 'muster-cycles-'))
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const bundles = [samples.digits110, samples.digits120].map((of) => sampleBundle(of))
let convergence: Convergence | null = null
const generations = await startGenerations({
  directory,
  http: { host: '127.0.0.1', port: 0 },
  config: runtimeConfig.parse({}),
  tokenKey: 'key of this test',
  agentVersion: '0.1.0',
  spool: () => undefined,
  onCrash: (crash) => void (crash.serving && convergence?.crashed(crash)),
  onBeat: (beat) => convergence?.beat(beat),
  log: () => undefined,
  clock,
})
const { journal } = openJournal(directory, 0)
convergence = convergeOver(directory, { bundles, runtime: generations, clock, journal, tell: () => undefined }).convergence

for (let cycle = 1; cycle <= cycles; cycle += 1) {
  const bundle = bundles[cycle % 2]!
  convergence.order(signedOrder(2 * cycle, { reader: bundle }))
  await until(() => generations.serving()[0]?.digest === bundle.digest, `cycle ${cycle} loaded`)
  convergence.order(signedOrder(2 * cycle + 1, {}))
  await until(() => generations.serving().length === 0, `cycle ${cycle} unloaded`)
  if (cycle % every !== 0) continue
  const { rss, heapUsed, external } = process.memoryUsage()
  process.stdout.write(`${JSON.stringify({ cycle, rss, heapUsed, external, generations: generations.usage().rssBytes })}\n`)
}
await convergence.stop()
await generations.stop()
rmSync(directory, { recursive: true })
