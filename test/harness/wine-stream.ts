import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import type { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { predict, type Asked } from './predict.ts'

const WINE = 'build/samples/wine'

/** How the deployment is asked. */
export const wine: Asked = { deployment: 'wine', input: 'sensors', labels: ['class_0', 'class_1', 'class_2'] }

/** A file of the wine data: rows of features (null: missing) and the class of each. */
export interface WineRows {
  features: string[]
  rows: (number | null)[][]
  classes: number[]
}

export function wineRows(file: 'train' | 'holdout' | 'stream-stable' | 'stream-drifted'): WineRows {
  const [header, ...lines] = readFileSync(join(WINE, `${file}.csv`), 'utf8')
    .trim()
    .split(/\r?\n/)
  const cells = lines.map((line) => line.split(','))
  return {
    features: header!.split(',').slice(0, -1),
    rows: cells.map((row) => row.slice(0, -1).map((cell) => (cell === '' ? null : Number(cell)))),
    classes: cells.map((row) => Number(row.at(-1))),
  }
}

/** bundle.json of wine so that rows with missing values are answered: they are counted as missing, and the model gets the mean of training. */
export function wineBundle(): object {
  const { rows } = wineRows('train')
  const values = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)
  return { preprocessing: { v: 1, steps: [{ step: 'fill-missing', values }] }, validation: { v: 1, input: { missing: 'flag' } } }
}

/** Imports wine 1.0.0 with that bundle.json, which is written to a directory of the test. */
export async function importWine(host: LocalConsole, directory: string): Promise<{ digest: string }> {
  writeFileSync(join(directory, 'bundle.json'), JSON.stringify(wineBundle()))
  const rpc = host.rpc!
  const upload = (path: string): Promise<string> => uploadFile(rpc, host.address, path)
  const files = {
    model: await upload(join(WINE, 'wine-1.0.0.onnx')),
    train: await upload(join(WINE, 'train.csv')),
    holdout: await upload(join(WINE, 'holdout.csv')),
    bundle: await upload(join(directory, 'bundle.json')),
  }
  const { job } = await rpc.call('models.import', { files })
  return (await awaitJob(rpc, job, 'import')) as { digest: string }
}

/** One agent's way through a stream: it starts where it is told and goes round. */
interface Pace {
  /** Rows of one request. */
  rows: number
  /** From one request to the next, ms. */
  everyMs: number
}

/** Sends a stream through several agents at once, each from another row on, until it is stopped. */
export class WineLoad {
  readonly answered: number[]
  #isStopped = false
  readonly #running: Promise<void>[]

  constructor(agents: readonly LocalAgent[], stream: WineRows, pace: Pace) {
    this.answered = agents.map(() => 0)
    this.#running = agents.map((agent, i) =>
      this.#run(agent, { i, stream, pace, first: Math.floor((i * stream.rows.length) / agents.length) }),
    )
  }

  async #run(agent: LocalAgent, of: { i: number; stream: WineRows; pace: Pace; first: number }): Promise<void> {
    const { stream, pace } = of
    for (let at = of.first; !this.#isStopped; at += pace.rows) {
      const rows = Array.from({ length: pace.rows }, (_, k) => stream.rows[(at + k) % stream.rows.length]!)
      await predict(agent, wine, rows)
      this.answered[of.i]! += rows.length
      await sleep(pace.everyMs)
    }
  }

  /** @throws Error if an agent refused a request */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#running)
  }
}
