import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signedOrder } from './converge.ts'
import { askAlways, type Met } from './keep-alive-load.ts'
import { until } from './local-api.ts'
import { labelledRows, samples } from './manifest.ts'
import { startRealLife } from './real-life.ts'
import { sampleBundle } from './small-console.ts'

/**
 * Orders another version once a second while clients ask on kept connections. Orders take turns in asking for a watch, so that switches
 * with and without a warm generation, and ways back to one, are all among them.
 */
export async function switchUnderLoad(switches: number): Promise<Met & { switched: number; longestMs: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-switches-'))
  const versions = [samples.digits100, samples.digits110, samples.digits120].map((of) => sampleBundle(of))
  const life = await startRealLife(directory, versions)
  const rows = labelledRows('digits/stream.csv', 200).map(({ row }) => row)
  let longestMs = 0
  const order = async (counter: number): Promise<void> => {
    // 0 1 2 1 0 1 2 …: forward to a new version, and back to the last good one.
    const bundle = versions[[0, 1, 2, 1][counter % 4]!]!
    const began = performance.now()
    life.convergence.order(signedOrder(counter, { reader: bundle }, { probation: { inferences: counter % 3 === 0 ? 0 : 1_000_000 } }))
    await until(() => life.serves('reader') === bundle.digest, `order ${counter} serves`)
    longestMs = Math.max(longestMs, performance.now() - began)
  }
  try {
    await order(4)
    longestMs = 0
    const load = askAlways({ url: life.tested.url, deployment: 'reader', input: 'pixels' }, rows, 8)
    for (let i = 1; i <= switches; i += 1) {
      const second = sleep(1000)
      await order(4 + i)
      await second
    }
    const met = await load.stop()
    return { ...met, switched: switches, longestMs }
  } finally {
    await life.stop()
    rmSync(directory, { recursive: true })
  }
}
