import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { openBench } from '../../../../../electron/core/registry/bench/bench.ts'
import { elem, graph, model, node, tensor, value } from '../../../../harness/onnx/model.ts'
import { openReleaseDesk, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
const wine = { model: 'wine', version: '1.0.0' }

beforeEach(async () => {
  desk = openReleaseDesk()
  await desk.importSample('wine', '1.0.0')
})

/** Processes of the bench that are alive, by their directories. */
const processes = (): number => readdirSync(join(desk.directory, 'work')).filter((name) => name.startsWith('evaluate-')).length

describe('the test bench', () => {
  test('answers the golden rows as the model did at its import, by position and by name', async () => {
    const examples = await desk.call('models.examples', { ...wine, count: 5 })
    expect([examples.source, examples.rows.length, examples.columns.length]).toEqual(['golden', 5, 13])
    const byName = examples.rows.map(({ values }) => Object.fromEntries(examples.columns.map((name, i) => [name, String(values[i])])))
    const tried = await desk.call('models.try', { ...wine, rows: [...examples.rows.map(({ values }) => values), ...byName] })
    expect(tried).toMatchObject({ ...wine, isWarm: false })
    const labels = tried.rows.map(({ outcome }) => (outcome?.kind === 'class' ? outcome.label : null))
    const expected = examples.rows.map((row) => (row.expected?.kind === 'class' ? row.expected.label : null))
    expect(labels).toEqual([...expected, ...expected])
    const [first] = tried.rows
    expect(first!.problem).toBeNull()
    expect(first!.ms).toBeGreaterThan(0)
    expect(first!.probabilities!.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 5)
    expect(first!.probabilities![0]!.label).toBe(expected[0])
    expect(first!.outputs.length).toBeGreaterThan(0)
  })

  test('tells in place what is wrong with a row, and runs the others', async () => {
    const { rows, columns } = await desk.call('models.examples', { ...wine, count: 1 })
    const good = rows[0]!.values
    const broken = [null, 'abc', ...good.slice(2)]
    const tried = await desk.call('models.try', {
      ...wine,
      rows: [good, broken, good.slice(1), { [columns[0]!]: 1, nonsense: 2 }, [1e6, ...good.slice(1)]],
    })
    expect(tried.rows.map(({ problem }) => problem?.message ?? null)).toEqual([
      null,
      `${columns[0]} is missing; the model needs a number, and 1 further values.`,
      'The row has 12 values; the model takes 13.',
      'The model has no feature named "nonsense".',
      null,
    ])
    expect(tried.rows[1]!.refused).toEqual([
      { column: columns[0], index: 0, value: '', why: 'is missing; the model needs a number' },
      { column: columns[1], index: 1, value: 'abc', why: 'is not a number' },
    ])
    expect(tried.rows[4]!.unusual).toMatchObject([
      { column: columns[0], why: expect.stringMatching(/^above the training rows: /) as string },
    ])
    expect(tried.rows[4]!.outcome).not.toBeNull()
  })

  test('starts no process for rows that cannot be run', async () => {
    const tried = await desk.call('models.try', { ...wine, rows: [[1, 2]] })
    expect([tried.runtimeVersion, processes()]).toEqual([null, 0])
    await expect(desk.call('models.try', { ...wine, rows: [] })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('keeps the model loaded between questions, two models at most, and stops them with the console', async () => {
    const { rows } = await desk.call('models.examples', { ...wine, count: 1 })
    const ask = (version: string) => desk.call('models.try', { model: 'wine', version, rows: [rows[0]!.values] })
    await desk.importSample('wine', '2.0.0')
    await desk.registry.import({
      ...{ modelPath: 'build/samples/wine/wine-1.0.0.onnx', modelFileName: 'wine-3.0.0.onnx', signal: new AbortController().signal },
      progress: () => undefined,
    })
    expect((await ask('1.0.0')).isWarm).toBe(false)
    expect(await ask('1.0.0')).toMatchObject({ isWarm: true, loadMs: 0 })
    await ask('2.0.0')
    expect((await ask('1.0.0')).isWarm).toBe(true)
    await ask('3.0.0')
    expect(processes()).toBe(2)
    expect((await ask('2.0.0')).isWarm).toBe(false)
    await desk.registry.stop()
    expect(processes()).toBe(0)
    await expect(ask('1.0.0')).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('gives a model up that is not used for a while', async () => {
    const { manifest, digest } = desk.registry.version('wine', '1.0.0')
    const bench = openBench({ workDirectory: join(desk.directory, 'work'), idleMs: 20 })
    const { rows } = await desk.call('models.examples', { ...wine, count: 1 })
    await bench.try(
      { manifest, digest, modelPath: () => Promise.resolve(resolve('build/samples/wine/wine-1.0.0.onnx')) },
      { rows: [rows[0]!.values], inputs: undefined },
    )
    await expect.poll(processes).toBe(0)
    await bench.stop()
  })

  test('stops a model that never answers, says so, and starts anew for the next question', async () => {
    const { manifest, digest } = desk.registry.version('wine', '1.0.0')
    const bench = openBench({ workDirectory: join(desk.directory, 'work'), limits: { runMs: 1, loadMs: 60_000 } })
    const endless = join(desk.directory, 'endless.onnx')
    writeFileSync(endless, endlessModel())
    const given = { rows: [], inputs: [{ name: 'x', shape: [1, 13], data: Array.from({ length: 13 }, () => 1) }] }
    const rules = {
      ...manifest,
      inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 13] }],
      schema: { ...manifest.schema, input: null },
    }
    const ask = () => bench.try({ manifest: rules, digest, modelPath: () => Promise.resolve(endless) }, given)
    await expect(ask()).rejects.toMatchObject({ code: 'evaluation.failed', message: expect.stringContaining('longer than 1 ms') as string })
    await expect.poll(processes).toBe(0)
    await expect(ask()).rejects.toMatchObject({ code: 'evaluation.failed' })
    await bench.stop()
  })

  test('lets go of a process in which the model failed on a row', async () => {
    const { manifest, digest } = desk.registry.version('wine', '1.0.0')
    const bench = openBench({ workDirectory: join(desk.directory, 'work') })
    const narrow = join(desk.directory, 'narrow.onnx')
    writeFileSync(narrow, narrowModel())
    const given = { rows: [], inputs: [{ name: 'x', shape: [1, 13], data: Array.from({ length: 13 }, () => 1) }] }
    const rules = {
      ...{ ...manifest, inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, -1] }] },
      schema: { ...manifest.schema, input: null },
    }
    await expect(bench.try({ manifest: rules, digest, modelPath: () => Promise.resolve(narrow) }, given)).rejects.toMatchObject({
      code: 'evaluation.failed',
      message: expect.stringMatching(/^The model failed: /) as string,
    })
    expect(processes()).toBe(0)
    await bench.stop()
  })

  test('refuses more questions than it can hold', async () => {
    const { rows } = await desk.call('models.examples', { ...wine, count: 1 })
    const asked = await Promise.allSettled(Array.from({ length: 12 }, () => desk.call('models.try', { ...wine, rows: [rows[0]!.values] })))
    expect(asked.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    expect(asked.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'inference.overloaded' } })
  })

  test('carries hostile labels as the texts they are', async () => {
    const labels = ['<img src=x onerror=alert(1)>', '\u202eevil\u202c', 'x'.repeat(256)]
    const bundle = join(desk.directory, 'bundle.json')
    writeFileSync(bundle, JSON.stringify({ labels }))
    const files = { model: await desk.upload('build/samples/wine/wine-1.0.0.onnx', 'wine-6.6.6.onnx'), bundle: await desk.upload(bundle) }
    expect(await desk.jobEnd((await desk.call('models.import', { files })).job)).toMatchObject({
      state: 'done',
      result: { version: '6.6.6' },
    })
    const { rows } = await desk.call('models.examples', { ...wine, count: 8 })
    const tried = await desk.call('models.try', { model: 'wine', version: '6.6.6', rows: rows.map(({ values }) => values) })
    const seen = new Set(tried.rows.map(({ outcome }) => (outcome?.kind === 'class' ? outcome.label : null)))
    expect([...seen].every((label) => labels.includes(label!))).toBe(true)
    expect(seen.size).toBeGreaterThan(1)
    // A label of more characters is refused with the field's name, and nothing is stored.
    writeFileSync(bundle, JSON.stringify({ labels: ['a', 'b', 'x'.repeat(1_000_000)] }))
    const shown = await desk.call('models.inspect', {
      files: { model: await desk.upload('build/samples/wine/wine-1.0.0.onnx'), bundle: await desk.upload(bundle) },
    })
    expect(shown.bundle!.problem).toMatchObject({
      code: 'bundle.invalid',
      message: expect.stringMatching(/^bundle.json: labels.2/) as string,
    })
  })

  test('takes tensors for a model that is not tabular', async () => {
    const file = join(desk.directory, 'cube-1.0.0.onnx')
    writeFileSync(file, cubeModel())
    await desk.registry.import({
      modelPath: file,
      modelFileName: 'cube-1.0.0.onnx',
      signal: new AbortController().signal,
      progress: () => undefined,
    })
    const cube = { model: 'cube', version: '1.0.0' }
    const tried = await desk.call('models.try', { ...cube, inputs: [{ name: 'x', shape: [1, 2, 2], data: [1, 2, 3, 4] }] })
    expect(tried.rows).toMatchObject([
      { problem: null, outcome: null, outputs: [{ name: 'y', shape: [1, 2, 2], data: [1, 2, 3, 4], isCut: false }] },
    ])
    await expect(desk.call('models.try', { ...cube, rows: [[1, 2, 3, 4]] })).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(desk.call('models.try', { ...cube, inputs: [{ name: 'x', shape: [1, 2], data: [1, 2] }] })).rejects.toMatchObject({
      code: 'inference.bad-input',
    })
    expect((await desk.call('models.examples', cube)).source).toBe('none')
  })
})

/** A model over float [n, 2, 2] that gives its input back. */
function cubeModel(): Uint8Array {
  return model({
    graph: graph({
      name: 'cube',
      nodes: [node({ op: 'Identity', in: ['x'], out: ['y'] })],
      inputs: [value('x', elem.FLOAT, ['n', 2, 2])],
      outputs: [value('y', elem.FLOAT, ['n', 2, 2])],
    }),
  })
}

/** A model that says it takes any width and multiplies with a matrix of 5 rows. */
function narrowModel(): Uint8Array {
  return model({
    graph: graph({
      name: 'narrow',
      nodes: [node({ op: 'MatMul', in: ['x', 'w'], out: ['probabilities'] })],
      inputs: [value('x', elem.FLOAT, ['n', 'm'])],
      outputs: [value('probabilities', elem.FLOAT, ['n', 3])],
      initializers: [tensor({ name: 'w', type: elem.FLOAT, dims: [5, 3], raw: new Uint8Array(60) })],
    }),
  })
}

/** So many steps that none of them ends within a millisecond. */
function endlessModel(): Uint8Array {
  const steps = 20_000
  return model({
    graph: graph({
      name: 'endless',
      nodes: Array.from({ length: steps }, (_, i) =>
        node({ op: 'Sin', in: [i === 0 ? 'x' : `s${i}`], out: [i === steps - 1 ? 'probabilities' : `s${i + 1}`] }),
      ),
      inputs: [value('x', elem.FLOAT, ['n', 13])],
      outputs: [value('probabilities', elem.FLOAT, ['n', 13])],
    }),
  })
}
