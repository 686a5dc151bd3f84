import { z } from 'zod'
import type { TensorSpec } from '../../shared/domain/bundle.ts'
import { isProblemCode, messageOf, Problem } from '../../shared/domain/problem.ts'
import type { ProblemCode } from '../../shared/domain/problems.ts'
import { inferenceAnswer } from '../../shared/inference/answer.ts'
import { tensorsOfRows } from '../../shared/inference/request-rows.ts'
import { tensorFromPlain, type Tensor } from '../../shared/inference/tensor.ts'
import { datatypes } from '../../shared/domain/bundle.ts'

/** What the local API said to one request: the outputs of its rows, or why there are none. */
export type Asked = { outputs: Tensor[] } | { problem: Problem }

/** Asks a deployment of the running agent, always the version that the batch began with. */
export interface Asker {
  ask(rows: readonly (readonly unknown[])[]): Promise<Asked>
}

interface AskerOptions {
  url: string
  deployment: string
  /** null: whatever version is there. */
  version: string | null
  specs: readonly TensorSpec[]
  /** Names of the outputs that are wanted. */
  outputs: readonly string[]
  signal: AbortSignal
  /** Told once when the agent does not answer and is asked again. */
  onWait(problem: Problem): void
}

const failure = z.looseObject({ error: z.string(), code: z.string().optional() })
const ANSWER_MS = 660_000
/** An agent that restarts or switches is back within seconds; a batch waits for it so long. */
const PATIENCE_MS = 60_000
const PAUSE_MS = { first: 50, most: 2000 } as const
/** What goes away by itself: the same request is sent again. */
const passing: ReadonlySet<ProblemCode> = new Set(['agent.unreachable', 'inference.overloaded', 'runtime.not-ready', 'runtime.crashed'])

/** Makes an asker. */
export function createAsker(options: AskerOptions): Asker {
  const { url, deployment, version, specs, outputs, signal } = options
  const at = `${url}/v2/models/${encodeURIComponent(deployment)}${version === null ? '' : `/versions/${encodeURIComponent(version)}`}/infer`
  return {
    async ask(rows) {
      const request = { inputs: tensorsOfRows(specs, rows), outputs: outputs.map((name) => ({ name })) }
      const body = JSON.stringify(request)
      const startedAt = performance.now()
      for (let pauseMs: number = PAUSE_MS.first; ; pauseMs = Math.min(PAUSE_MS.most, pauseMs * 2)) {
        const asked = await post(at, body, signal)
        if (!('problem' in asked) || !passing.has(asked.problem.code)) return asked
        if (signal.aborted || performance.now() - startedAt > PATIENCE_MS) throw asked.problem
        options.onWait(asked.problem)
        await pause(pauseMs, signal)
      }
    },
  }
}

async function post(url: string, body: string, signal: AbortSignal): Promise<Asked> {
  let answer: unknown
  let isOk: boolean
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    isOk = response.ok
    answer = await response.json()
  } catch (error) {
    if (signal.aborted) throw new Problem('cancelled', 'The batch was stopped.')
    return { problem: new Problem('agent.unreachable', `The local API does not answer: ${messageOf(error)}`, { cause: error }) }
  }
  if (!isOk) {
    const failed = failure.safeParse(answer)
    const code = failed.data?.code ?? ''
    return {
      problem: new Problem(isProblemCode(code) ? code : 'inference.failed', failed.data?.error ?? 'The local API refused the request.'),
    }
  }
  const read = inferenceAnswer.safeParse(answer)
  if (!read.success) return { problem: new Problem('inference.failed', 'The answer is not of the Open Inference Protocol.') }
  try {
    return {
      outputs: read.data.outputs.map(({ name, datatype, shape, data }) => tensorFromPlain(name, knownDatatype(datatype), shape, data)),
    }
  } catch (error) {
    return {
      problem: error instanceof Problem ? new Problem('inference.failed', error.message) : new Problem('internal', messageOf(error)),
    }
  }
}

function knownDatatype(name: string): (typeof datatypes)[number] {
  const known = datatypes.find((one) => one === name)
  if (known === undefined) throw new Problem('inference.failed', `The datatype ${name} is not known.`)
  return known
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
