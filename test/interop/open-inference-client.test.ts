import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { startTestedGenerations, type TestedGenerations } from '../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../harness/manifest.ts'
import { nodeDeployment } from '../harness/node-cases.ts'
import { model, node, smallGraph, value } from '../harness/onnx/model.ts'

const python = join(process.cwd(), '.cache/venv/bin/python')
/** Absent where it was not installed: see .ci/run. */
const hasClient = existsSync(python) && spawnSync(python, ['-c', 'import tritonclient.http']).status === 0
if (!hasClient) {
  const install = 'python3 -m venv .cache/venv && .cache/venv/bin/pip install "tritonclient[http]==2.73.0"'
  process.stderr.write(`tritonclient is not installed: the tests with it are skipped. To run them: ${install}\n`)
}

/** Element types of ONNX by datatype of the protocol. */
const elementTypes = {
  ...{ BOOL: 9, UINT8: 2, UINT16: 4, UINT32: 12, UINT64: 13, INT8: 3, INT16: 5, INT32: 6, INT64: 7 },
  ...{ FP16: 10, FP32: 1, FP64: 11, BYTES: 8 },
}

/** One model per datatype that gives back what it gets. */
function echoes(directory: string): RuntimeDeployment[] {
  return Object.entries(elementTypes).map(([datatype, type]) => {
    const path = join(directory, `${datatype}.onnx`)
    const parts = { inputs: [value('x', type, ['N', null])], outputs: [value('y', type, ['N', null])] }
    writeFileSync(path, model({ graph: smallGraph({ nodes: [node({ op: 'Identity', in: ['x'], out: ['y'] })], ...parts }) }))
    return nodeDeployment({ model: path }, `echo-${datatype.toLowerCase()}`)
  })
}

/** What `tritonclient_session.py` prints; each test looks only at what it asserts. */
let seen: any // oxlint-disable-line typescript/no-explicit-any
let tested: TestedGenerations
const rows = labelledRows('digits/holdout.csv', 5)

// A client that nobody of Muster wrote, against a real runtime process.
describe.skipIf(!hasClient)('tritonclient', () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-echo-'))
  beforeAll(async () => {
    tested = await startTestedGenerations()
    await tested.serve([sampleDeployment('reader', samples.digits110), ...echoes(directory)])
    const script = join(import.meta.dirname, 'tritonclient_session.py')
    const address = `127.0.0.1:${tested.generations.address.port}`
    const { stdout } = await promisify(execFile)(python, [script, address, JSON.stringify(rows.map(({ row }) => row))], { timeout: 45_000 })
    seen = JSON.parse(stdout)
  })
  afterAll(async () => {
    await tested.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('finds the server and the model as the protocol says', () => {
    expect([seen.live, seen.ready]).toEqual([true, true])
    expect(seen.server).toMatchObject({
      name: 'muster-agent',
      version: '0.1.0',
      extensions: expect.arrayContaining(['binary_tensor_data']),
    })
    expect(seen.model).toEqual({
      name: 'reader',
      versions: ['1.1.0'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
      ],
    })
    expect(seen.version).toEqual(seen.model)
    expect(seen.modelReady).toEqual([true, true, false, false])
  })

  test('gets the outputs it asks for, with its id, for one row and for several', () => {
    const labels = rows.map(({ label }) => Number(label))
    expect(seen.one).toEqual({ model: ['reader', '1.1.0'], id: 'order-7', outputs: { label: [labels[0]] }, types: { label: 'int64' } })
    expect(seen.all.outputs.label).toEqual(labels)
    expect(seen.all.types).toEqual({ label: 'int64', probabilities: 'float32' })
    for (const row of seen.all.outputs.probabilities as number[][]) {
      expect(row).toHaveLength(10)
      expect(row.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 4)
    }
  })

  test('sends and gets tensors of every datatype, as bytes and as JSON', () => {
    const all = Object.keys(elementTypes)
    expect(seen.binary).toEqual(Object.fromEntries(all.map((datatype) => [datatype, true])))
    expect(seen.json).toEqual(Object.fromEntries(all.filter((datatype) => datatype !== 'FP16').map((datatype) => [datatype, true])))
    expect(seen.metadata).toEqual(Object.fromEntries(all.map((datatype) => [datatype, datatype])))
    expect(seen.binaryIn.outputs.label).toEqual(rows.map(({ label }) => Number(label)))
  })

  test('is told what is wrong, and goes on', () => {
    const says: Record<string, [status: string, message: string]> = {
      version: ['404', 'reader runs version 1.1.0; 9 is not loaded.'],
      compressed: ['400', 'Bodies in content encoding "gzip" are not taken; send plain JSON.'],
      input: ['400', 'The model has no input "image"; its inputs are "pixels".'],
      output: ['400', 'The model has no output "nothing"'],
      datatype: ['400', 'Input "pixels" is of datatype FP32; FP64 came.'],
      width: ['400', 'Input "pixels" takes shape [-1, 64]'],
      rows: ['400', 'Input "pixels" has 0 rows'],
    }
    for (const [what, [status, message]] of Object.entries(says)) {
      const { status: told, message: text } = seen.refused[what]
      expect([what, told, text]).toEqual([what, status, expect.stringContaining(message)])
    }
    expect(seen.after.outputs).toEqual(seen.one.outputs)
  })
})
