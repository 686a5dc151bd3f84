import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { openReleaseDesk, type ReleaseDesk } from '../../../../harness/release-desk.ts'

const SAMPLES = 'build/samples'
let desk: ReleaseDesk

beforeEach(() => {
  desk = openReleaseDesk()
})

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(desk.directory, name)
  writeFileSync(path, content)
  return path
}
const sample = (folder: string, name: string): Promise<string> => desk.upload(join(SAMPLES, folder, name))

describe('looking into files before an import', () => {
  test('tells name, inputs, outputs, columns and target, and stores nothing', async () => {
    const files = {
      model: await sample('digits', 'digits-1.1.0.onnx'),
      train: await sample('digits', 'train.csv'),
      holdout: await sample('digits', 'holdout.csv'),
    }
    const shown = await desk.call('models.inspect', { files })
    expect(shown.model).toMatchObject({
      ...{
        problem: null,
        fileName: 'digits-1.1.0.onnx',
        model: 'digits',
        version: '1.1.0',
        taken: false,
        versions: [],
        task: 'classification',
      },
      ...{ labelCount: 10, features: 64, isTabular: true, memoryBytes: 96 * 1024 * 1024 + 3 * shown.model!.sizeBytes + 12 * 64 },
    })
    expect(shown.model!.inputs[0]!.shape).toEqual([-1, 64])
    expect(shown.model!.onnx!.operators.length).toBeGreaterThan(0)
    expect(shown.train).toMatchObject({
      problem: null,
      columnCount: 65,
      target: 'digit',
      classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    })
    expect([shown.train!.rows.length, shown.train!.rows[0]!.length]).toEqual([5, 65])
    expect(shown.holdout).toMatchObject({ problem: null, target: 'digit' })
    expect(readdirSync(join(desk.directory, 'artifacts'))).toEqual([])
    // The same tickets can be imported then, and the result names what was made.
    const { job } = await desk.call('models.import', { files })
    const end = await desk.jobEnd(job)
    expect(end).toMatchObject({ state: 'done', result: { model: 'digits', version: '1.1.0' }, title: 'Import digits-1.1.0.onnx' })
    const again = await desk.call('models.inspect', { files: { model: await sample('digits', 'digits-1.1.0.onnx') } })
    expect(again.model).toMatchObject({ taken: true, versions: ['1.1.0'] })
  })

  test('says with a code what an import would refuse, part by part', async () => {
    const shown = await desk.call('models.inspect', {
      files: {
        model: await desk.upload(write('page-1.0.0.onnx', '<html>not a model</html>')),
        bundle: await desk.upload(write('bundle.json', '{"task": "dancing"}')),
        train: await desk.upload(write('train.csv', 'a;b\n1;2\n')),
        holdout: await sample('wine', 'holdout.csv'),
      },
    })
    expect([shown.model, shown.bundle, shown.train, shown.holdout].map((part) => part?.problem?.code ?? null)).toEqual([
      'model.invalid',
      'bundle.invalid',
      'data.schema-mismatch',
      null,
    ])
    expect(shown.model).toMatchObject({ model: null, inputs: [], onnx: null })
  })

  test('sees that rows do not fit the model, or each other', async () => {
    const files = { model: await sample('digits', 'digits-1.0.0.onnx'), train: await sample('wine', 'train.csv') }
    expect((await desk.call('models.inspect', { files })).train!.problem).toMatchObject({ code: 'data.schema-mismatch' })
    const other = { train: await sample('wine', 'train.csv'), holdout: await desk.upload(write('holdout.csv', 'a,b,label\n1,2,0\n')) }
    expect((await desk.call('models.inspect', { files: other })).holdout!.problem?.message).toMatch(/columns missing/)
  })

  test('guesses each part of the name by itself', async () => {
    const shown = await desk.call('models.inspect', {
      files: { model: await desk.upload(join(SAMPLES, 'wine', 'wine-1.0.0.onnx'), 'Rosé!.onnx') },
    })
    expect(shown.model!.problem).toBeNull()
    expect(shown.model!.model).toMatch(/^[a-z0-9][a-z0-9._-]*$/)
  })

  test('cuts what a hostile file says', async () => {
    const wide = `${Array.from({ length: 3000 }, (_, i) => `"<img src=x onerror=alert(${i})>"`).join(',')}\n${Array.from({ length: 3000 }, () => 'x'.repeat(300)).join(',')}\n`
    const shown = await desk.call('models.inspect', { files: { train: await desk.upload(write('train.csv', wide)) } })
    expect([shown.train!.columns.length, shown.train!.columnCount, shown.train!.rows[0]!.length, shown.train!.rows[0]![0]!.length]).toEqual(
      [200, 3000, 200, 100],
    )
  })

  test('of an unknown ticket is refused; a dialog that is closed leaves nothing', async () => {
    const ticket = await sample('wine', 'holdout.csv')
    const stored = (): string[] => readdirSync(join(desk.directory, 'uploads'))
    expect(stored()).toEqual([ticket])
    const unknown = 'f'.repeat(32)
    expect(await desk.call('models.discardUpload', { tickets: [ticket, unknown] })).toEqual({ discarded: 1 })
    expect(stored()).toEqual([])
    await expect(desk.call('models.inspect', { files: { holdout: ticket } })).rejects.toMatchObject({ code: 'input.invalid' })
  })
})

test('the progress of an import tells bytes and rows, and only grows', async () => {
  const notes: string[] = []
  const shares: number[] = []
  await desk.registry.import({
    ...{
      modelPath: join(SAMPLES, 'digits', 'digits-1.1.0.onnx'),
      modelFileName: 'digits-1.1.0.onnx',
      signal: new AbortController().signal,
    },
    ...{ trainPath: join(SAMPLES, 'digits', 'train.csv'), holdoutPath: join(SAMPLES, 'digits', 'holdout.csv') },
    progress(share, note) {
      shares.push(share)
      notes.push(note)
    },
  })
  expect(shares).toEqual([...shares].sort((a, b) => a - b))
  expect(shares.at(-1)).toBe(1)
  const kinds = [...new Set(notes.map((note) => note.replace(/[\d.]+/g, 'N')))]
  expect(kinds).toEqual([
    'inspecting the model',
    'copying the model: N of N MB',
    'reading the training rows: N rows',
    'loading the model',
    'evaluating on the hold-out rows: N rows',
    'making the bundle',
    'cutting the model into blocks: N of N MB',
    'imported',
  ])
  expect(notes.filter((note) => note.startsWith('evaluating')).at(-1)).toMatch(/: [1-9]\d+ rows$/)
})
