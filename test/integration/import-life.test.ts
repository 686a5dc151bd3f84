import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { runProgram, until } from '../../build/demo/child.ts'
import type { LocalConsole } from '../../build/demo/local-fleet.ts'
import { deployEverywhere, startFleet } from '../harness/console.ts'
import { attribute, elem, graph, longs, model, node, tensor, value } from '../harness/onnx/model.ts'

const MUSTER = 'electron/core/cli.ts'

/** `value` is the sum of two features; `padding` makes the file as large as wanted. */
const sumModel = (padding = 0): Uint8Array =>
  model({
    graph: graph({
      nodes: [
        node({ op: 'ReduceMean', in: ['padding'], out: ['nothing'], attributes: [attribute.int('keepdims', 0)] }),
        node({ op: 'ReduceSum', in: ['x', 'axes'], out: ['sum'], attributes: [attribute.int('keepdims', 1)] }),
        node({ op: 'Add', in: ['sum', 'nothing'], out: ['value'] }),
      ],
      inputs: [value('x', elem.FLOAT, ['n', 2])],
      outputs: [value('value', elem.FLOAT, ['n', 1])],
      initializers: [
        tensor({ name: 'axes', type: elem.INT64, dims: [1], raw: longs(1) }),
        tensor({ name: 'padding', type: elem.FLOAT, dims: [1 + padding], raw: new Uint8Array(4 * (1 + padding)) }),
      ],
    }),
  })

async function begin(host: LocalConsole, directory: string, files: { model: Uint8Array; bundle?: string; holdout?: string }) {
  const tickets: Record<string, string> = {}
  for (const [part, content] of Object.entries(files)) {
    const path = join(directory, part === 'model' ? 'sum-1.onnx' : part)
    writeFileSync(path, content)
    tickets[part] = await uploadFile(host.rpc!, host.address, path)
  }
  const { job } = await host.rpc!.call('models.import', { files: { model: tickets['model']!, ...tickets } })
  return job
}

describe('an import', () => {
  test('is preprocessed alike where it is evaluated and where it serves', { timeout: 60_000 }, async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const steps = [
      { step: 'fill-missing', values: [3, 20] },
      { step: 'clip', min: [0, -40], max: [10, 120] },
      { step: 'scale', subtract: [5, 40], divide: [2.5, 80] },
    ]
    const prepared = ([a, b]: (number | null)[]): number =>
      (Math.min(10, Math.max(0, a ?? 3)) - 5) / 2.5 + (Math.min(120, Math.max(-40, b ?? 20)) - 40) / 80
    const rows: (number | null)[][] = [[1, 2], [null, 50.5], [7.25, null], [null, null], [-8, 500], [11, -41]] // prettier-ignore
    const holdout = ['load,heat,target', ...rows.map((row) => [row[0] ?? '', row[1] ?? 'NaN', prepared(row)].join(','))].join('\n')
    const job = await begin(fleet.host, fleet.directory, {
      model: sumModel(),
      bundle: JSON.stringify({ task: 'regression', outcome: { value: 'value' }, preprocessing: { v: 1, steps } }),
      holdout,
    })
    const made = (await awaitJob(fleet.host.rpc!, job, 'import')) as { evaluation: { rows: number; metrics: Record<string, number> } }
    expect(made.evaluation.rows).toBe(rows.length)
    expect(made.evaluation.metrics['mae']).toBeLessThan(1e-6)
    const shown = await runProgram(MUSTER, ['--data', fleet.host.data, 'models', 'show', 'sum@1'])
    expect(shown).toContain('  before    fill-missing: A missing value becomes 3, 20 (by feature).')
    expect(shown).toContain('            scale: 5, 40 (by feature) is subtracted, then the result is divided by 2.5, 80 (by feature).')
    expect(shown).toContain('  answers   6 hold-out rows: values ')
    await deployEverywhere(fleet, 'sum', '1')
    const body = JSON.stringify({ inputs: [{ name: 'x', shape: [rows.length, 2], datatype: 'FP32', data: rows }] })
    const answer = (await until('the model to answer', 10, async () => {
      const response = await fetch(`${fleet.agents[0]!.url}/v2/models/sum/infer`, { method: 'POST', body })
      return response.ok ? response.json() : null
    })) as { outputs: { name: string; data: number[] }[] }
    const served = answer.outputs.find((output) => output.name === 'value')!.data
    expect(served.length).toBe(rows.length)
    for (const [i, row] of rows.entries()) expect(served[i]).toBeCloseTo(prepared(row), 5)
  })

  test('that dies with its console leaves no artifact, and the next one goes through', { timeout: 60_000 }, async () => {
    const { host, directory } = await startFleet({ broker: 'embedded', devices: [] })
    const store = join(host.data, 'artifacts')
    const large = sumModel(8 * 1024 * 1024)
    await begin(host, directory, { model: large })
    await until('the model to be in the store', 30, () => readdirSync(store).some((name) => name.startsWith('unsettled-')))
    await host.crash()
    expect(readdirSync(store)).not.toEqual([])
    await host.launch()
    expect((await host.rpc!.call('models.list', {})).versions).toEqual([])
    expect(readdirSync(store)).toEqual([])
    await awaitJob(host.rpc!, await begin(host, directory, { model: large }), 'import')
    expect((await host.rpc!.call('models.list', {})).versions.length).toBe(1)
    expect(readdirSync(store).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([])
  })
})
