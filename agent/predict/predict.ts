import { z } from 'zod'
import { tensorSpec, type TensorSpec } from '../../shared/domain/bundle.ts'
import { isProblemCode, messageOf, Problem } from '../../shared/domain/problem.ts'
import { inferenceAnswer, type InferenceAnswer } from '../../shared/inference/answer.ts'
import { tensorsOfRows, type PredictInput } from '../../shared/inference/request-rows.ts'

const metadata = z.looseObject({ inputs: z.array(tensorSpec) })
const failure = z.looseObject({ error: z.string(), code: z.string().optional() })
const ANSWER_MS = 60_000

/** Asks the local API of an agent. @throws Problem `usage`, `agent.unreachable`, `data.*`, or the code that the API answered with */
export async function predict(asked: { url: string; model: string; input: PredictInput }): Promise<InferenceAnswer> {
  // As a part of a path these would lead to another one.
  if (['', '.', '..'].includes(asked.model)) throw new Problem('usage', `'${asked.model}' is no name of a deployment or model.`)
  const path = `${asked.url}/v2/models/${encodeURIComponent(asked.model)}`
  const { input } = asked
  const request = input.kind === 'request' ? input.request : { inputs: tensorsOfRows(await inputsOf(path), input.rows) }
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
