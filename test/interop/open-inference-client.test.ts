import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestedGenerations, type TestedGenerations } from '../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../harness/manifest.ts'

const python = join(process.cwd(), '.cache/venv/bin/python')
/** Absent where it was not installed: see .ci/run. */
const hasClient = existsSync(python) && spawnSync(python, ['-c', 'import tritonclient.http']).status === 0
if (!hasClient) {
  const install = 'python3 -m venv .cache/venv && .cache/venv/bin/pip install "tritonclient[http]==2.73.0"'
  process.stderr.write(`tritonclient is not installed: the tests with it are skipped. To run them: ${install}\n`)
}

/** What `tritonclient_session.py` prints; each test looks only at what it asserts. */
let seen: any // oxlint-disable-line typescript/no-explicit-any
let tested: TestedGenerations
const rows = labelledRows('digits/holdout.csv', 5)

// A client that nobody of Muster wrote, against a real runtime process.
describe.skipIf(!hasClient)('tritonclient', () => {
  beforeAll(async () => {
    tested = await startTestedGenerations()
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    const script = join(import.meta.dirname, 'tritonclient_session.py')
    const address = `127.0.0.1:${tested.generations.address.port}`
    const { stdout } = await promisify(execFile)(python, [script, address, JSON.stringify(rows.map(({ row }) => row))], { timeout: 45_000 })
    seen = JSON.parse(stdout)
  })
  afterAll(() => tested.stop())

  test('finds the server and the model as the protocol says', () => {
    expect([seen.live, seen.ready]).toEqual([true, true])
    expect(seen.server).toEqual({ name: 'muster-agent', version: '0.1.0', extensions: [] })
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

  test('is told what is wrong, and goes on', () => {
    const says: Record<string, [status: string, message: string]> = {
      version: ['404', 'reader runs version 1.1.0; 9 is not loaded.'],
      binary: ['400', 'The binary tensor extension is not offered; send the tensors as JSON.'],
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
