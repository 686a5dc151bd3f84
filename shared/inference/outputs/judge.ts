import type { Manifest, TensorSpec } from '../../domain/bundle.ts'
import type { Policy, Validation } from '../../domain/pipeline.ts'
import { Problem } from '../../domain/problem.ts'
import { countFinding, type Cause, type Findings } from '../findings.ts'
import { labelReader } from '../outcome.ts'
import { quoted, refuseStep } from '../refuse.ts'
import { numberAt, type Tensor } from '../tensor.ts'

/** Judges the outputs of an answer. */
export type OutputJudge = (outputs: readonly Tensor[], findings: Findings) => void

/**
 * The rules of the output stage, made ready.
 * @throws Problem `bundle.pipeline-invalid` for a rule about an output that is not there
 */
export function compileJudges(
  of: { task: Manifest['task']; labels: readonly string[]; outcome: Manifest['outcome']; validation: Validation | undefined },
  specs: readonly TensorSpec[],
): OutputJudge[] {
  const { output } = of.validation ?? {}
  const judges: OutputJudge[] = []
  for (const { output: name, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, policy } of output?.range ?? []) {
    checkOutput(specs, name, 'range')
    judges.push((outputs, findings) => judgeRange(named(outputs, name), { min, max, policy, findings }))
  }
  for (const { output: name, tolerance, policy } of output?.['sum-to-one'] ?? []) {
    checkOutput(specs, name, 'sum-to-one')
    judges.push((outputs, findings) => judgeSum(named(outputs, name), { tolerance, policy, findings }))
  }
  const { label } = of.outcome
  if (of.task === 'classification' && label !== null && of.labels.length > 0) {
    const read = labelReader(of.labels)
    const policy = output?.['unknown-label'] ?? 'reject'
    judges.push((outputs, findings) => {
      const cells = outputs.find((tensor) => tensor.name === label)
      if (cells !== undefined) judgeLabels(cells, { read, policy, labels: of.labels.length, findings })
    })
  }
  return judges
}

function checkOutput(specs: readonly TensorSpec[], name: string, rule: string): void {
  const place = `validation rule '${rule}'`
  const spec = specs.find((one) => one.name === name)
  if (spec === undefined) refuseStep(place, `there is no output "${name.slice(0, 64)}"; there are ${quoted(specs.map((one) => one.name))}.`)
  else if (spec.datatype === 'BYTES') refuseStep(place, `output "${name.slice(0, 64)}" has texts.`)
}

/** An output is always there: the model gives every output that its bundle names. */
function named(outputs: readonly Tensor[], name: string): Tensor {
  const found = outputs.find((tensor) => tensor.name === name)
  if (found === undefined) throw new Problem('inference.failed', `The model gave no output "${name}".`)
  return found
}

function finding(cause: Cause, of: { policy: Policy; findings: Findings }, message: () => string): void {
  countFinding(of.findings, cause, of.policy)
  if (of.policy === 'reject') throw new Problem('inference.failed', message())
}

function judgeRange(output: Tensor, of: { min: number; max: number; policy: Policy; findings: Findings }): void {
  for (let i = 0; i < output.data.length; i += 1) {
    const value = numberAt(output, i)
    if (value < of.min || value > of.max)
      finding('output.range', of, () => `Output "${output.name}", value ${i}, is ${value}; the bundle allows ${of.min} to ${of.max}.`)
  }
}

function judgeSum(output: Tensor, of: { tolerance: number; policy: Policy; findings: Findings }): void {
  const width = Math.max(1, output.shape.at(-1) ?? 1)
  for (let row = 0; row < output.data.length / width; row += 1) {
    let sum = 0
    for (let i = 0; i < width; i += 1) sum += numberAt(output, row * width + i)
    if (Math.abs(sum - 1) > of.tolerance)
      finding('output.sum-to-one', of, () => `Output "${output.name}" of row ${row} sums to ${sum}; the bundle asks for 1.`)
  }
}

function judgeLabels(
  cells: Tensor,
  of: { read: (cell: number | bigint | string) => number; policy: Policy; labels: number; findings: Findings },
): void {
  for (let row = 0; row < cells.data.length; row += 1) {
    const cell = cells.data[row]!
    if (of.read(cell) === -1)
      finding(
        'output.unknown-label',
        of,
        () => `Output "${cells.name}" of row ${row} says class "${String(cell).slice(0, 64)}", which is none of the ${of.labels} labels.`,
      )
  }
}
