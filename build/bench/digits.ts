import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { manifest } from '../../shared/domain/bundle.ts'
import { servingRules, type ServingRules } from '../../shared/protocol/assignment.ts'

const folder = join(import.meta.dirname, '../samples/digits')
const MODEL = join(folder, 'digits-1.2.0.onnx')
/** Name of the input of the model: 64 grey values of a handwritten digit. */
export const INPUT = 'pixels'

/** The sample model as a deployment, as its bundle would say it. */
export function digitsDeployment(name: string, serving: Partial<ServingRules> = {}): RuntimeDeployment {
  const bytes = readFileSync(MODEL)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    ...{ deployment: name, digest: sha256, modelPath: MODEL, goldenPath: null, baselinePath: null, isCandidate: false },
    ...{ role: { kind: 'active' }, serving: servingRules.parse(serving), latencyBudgetMs: null },
    manifest: manifest.parse({
      ...{ v: 1, model: 'digits', version: '1.2.0', task: 'classification', labels: Array.from({ length: 10 }, (_, i) => String(i)) },
      inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, 64] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
      ],
      outcome: { label: 'label', probabilities: 'probabilities', value: null },
      schema: { input: INPUT, features: [], target: null },
      preprocessing: { v: 1, steps: [] },
      onnx: { irVersion: 8, opsets: {}, operators: [], producer: '', metadata: {} },
      metrics: {},
      artifacts: { model: { sha256, sizeBytes: bytes.length, encoding: 'identity', blocks: [[bytes.length, sha256]] } },
    }),
  }
}

/** Rows of the hold-out set, one behind the other; moved by fractions, as numbers of a sensor have them and JSON has to write them. */
export function pixelRows(rows: number): Float32Array {
  const lines = readFileSync(join(folder, 'holdout.csv'), 'utf8').trimEnd().split(/\r?\n/).slice(1)
  return Float32Array.from(Array.from({ length: rows }, (_, i) => lines[i % lines.length]!.split(',').slice(0, 64).map(Number)).flat()).map(
    (value, i) => Math.round((value + ((i * 7919) % 997) / 9970) * 1e4) / 1e4,
  )
}
