import { z } from 'zod'
import { tensorSpec, type TensorSpec } from '../../shared/domain/bundle.ts'
import { isProblemCode, messageOf, Problem } from '../../shared/domain/problem.ts'
import type { PredictInput } from './read-input.ts'

const metadata = z.looseObject({ inputs: z.array(tensorSpec) })
const failure = z.looseObject({ error: z.string(), code: z.string().optional() })
const inferenceAnswer = z.looseObject({
  id: z.string().optional(),
  model_name: z.string(),
  model_version: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  outputs: z.array(z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.number()), data: z.array(z.unknown()) })),
})
/** The answer of the local API, as the Open Inference Protocol has it. */
export type InferenceAnswer = z.infer<typeof inferenceAnswer>

const ANSWER_MS = 60_000

/** Asks the local API of an agent. @throws Problem `usage`, `agent.unreachable`, `data.*`, or the code that the API answered with */
export async function predict(asked: { url: string; model: string; input: PredictInput }): Promise<InferenceAnswer> {
  // As a part of a path these would lead to another one.
  if (['', '.', '..'].includes(asked.model)) throw new Problem('usage', `'${asked.model}' is no name of a deployment or model.`)
  const path = `${asked.url}/v2/models/${encodeURIComponent(asked.model)}`
  const { input } = asked
  const request = input.kind === 'request' ? input.request : { inputs: tensorsOf(await inputsOf(path), input.rows) }
  const parsed = inferenceAnswer.safeParse(await call(`${path}/infer`, request))
  if (!parsed.success) throw new Problem('inference.failed', 'The agent answered in a form that is not the Open Inference Protocol.')
  return parsed.data
}

async function inputsOf(path: string): Promise<TensorSpec[]> {
  const parsed = metadata.safeParse(await call(path))
  if (!parsed.success) throw new Problem('inference.failed', `${path} answered in a form that is not the Open Inference Protocol.`)
  return parsed.data.inputs
}

async function call(url: string, body?: unknown): Promise<unknown> {
  let response: Response
  let answer: unknown
  try {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    response = await fetch(url, { ...(body === undefined ? {} : post), signal: AbortSignal.timeout(ANSWER_MS) })
    answer = await response.json()
  } catch (error) {
    throw new Problem('agent.unreachable', `The local API at ${url} does not answer: ${messageOf(error)}`, { cause: error })
  }
  if (response.ok) return answer
  const failed = failure.safeParse(answer)
  const code = failed.data?.code ?? ''
  throw new Problem(isProblemCode(code) ? code : 'inference.failed', failed.data?.error ?? `The local API answered ${response.status}.`)
}

/** Splits rows of cells among the inputs of a model, in their order. @throws Problem `data.schema-mismatch` */
export function tensorsOf(inputs: readonly TensorSpec[], rows: readonly unknown[][]): Record<string, unknown>[] {
  const sizes = inputs.map(({ shape }) => shape.slice(1))
  const open = sizes.filter((size) => size.includes(-1)).length
  const fixed = sizes.map((size) => (size.includes(-1) ? 0 : size.reduce((product, dimension) => product * dimension, 1)))
  const needed = fixed.reduce((sum, size) => sum + size, 0)
  const width = rows[0]?.length ?? 0
  if (rows.some((row) => row.length !== width)) throw new Problem('data.schema-mismatch', 'The rows differ in length.')
  // One input of open size takes what the others leave.
  if (open > 1 || (open === 0 && width !== needed) || (open === 1 && width <= needed)) {
    throw new Problem(
      'data.schema-mismatch',
      `A row has ${width} values; the inputs ${inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')} take ${open === 0 ? needed : `more than ${needed}`}.`,
      width > needed ? { hint: 'Leave out every column that is no input, such as the true label.' } : undefined,
    )
  }
  let start = 0
  return inputs.map((input, i) => {
    const isOpen = sizes[i]!.includes(-1)
    const size = isOpen ? width - needed : fixed[i]!
    const data = rows.flatMap((row) => row.slice(start, start + size).map((cell) => cellFor(input, cell)))
    start += size
    const inner = sizes[i]!.map((dimension) => (dimension === -1 ? size : dimension))
    return { name: input.name, datatype: input.datatype, shape: input.shape.length === 0 ? [] : [rows.length, ...inner], data }
  })
}

function cellFor({ datatype, name }: TensorSpec, cell: unknown): unknown {
  if (datatype === 'BYTES') return String(cell)
  if (datatype === 'BOOL') return cell === true || cell === 1 || cell === 'true'
  if (typeof cell === 'number') return cell
  throw new Problem('data.schema-mismatch', `'${String(cell)}' is no number for the input ${name}.`)
}

/** Values of one output that a person is shown. */
const SHOWN = 20

/** The answer in words, one line each. */
export function answerLines(answer: InferenceAnswer): string[] {
  const { label, confidence, value } = answer.parameters ?? {}
  const shown = (of: unknown): string => (typeof of === 'number' ? String(Number(of.toPrecision(6))) : String(of))
  const head = `${answer.model_name}${answer.model_version === undefined ? '' : ` ${answer.model_version}`}`
  const lines = [
    label !== undefined
      ? `${head}: ${shown(label)}${confidence === undefined ? '' : ` (confidence ${shown(confidence)})`}`
      : value !== undefined
        ? `${head}: ${shown(value)}`
        : head,
  ]
  for (const { name, datatype, shape, data } of answer.outputs) {
    const rest = data.length > SHOWN ? `, and ${data.length - SHOWN} more` : ''
    lines.push(`  ${name} ${datatype} [${shape.join(', ')}]: ${data.slice(0, SHOWN).map(shown).join(', ')}${rest}`)
  }
  if (answer.id !== undefined) lines.push(`  id ${answer.id}`)
  return lines
}
