// The process that holds a model which nobody trusts yet: it loads one file, runs it on request, and is killed when done.
import { readFileSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import * as ort from 'onnxruntime-node'
import { messageOf } from '../../../shared/domain/problem.ts'
import { datatypeOfOrt, elementCount, ortTypes, type Tensor } from '../../../shared/inference/tensor.ts'
import type { EvaluationAnswer, EvaluationRequest } from './evaluation-wire.ts'

// onnxruntime-common 1.30 turns binary16 into a Float16Array where the engine has one, which its native part takes for empty.
// It looks when the first tensor is made; without the class it keeps the bits in a Uint16Array.
Reflect.deleteProperty(globalThis, 'Float16Array')

/** A model that never returns blocks this thread for good; another one notices that the console is gone. */
const watchParent = `
const { ppid } = process
setInterval(() => { if (process.ppid !== ppid) process.kill(process.pid, 'SIGKILL') }, 1000)
`
new Worker(watchParent, { eval: true }).unref()
offerToOutOfMemoryKiller()

let session: ort.InferenceSession | null = null
process.on('disconnect', () => process.exit(0))
process.on('message', (request: EvaluationRequest) => {
  // One request at a time: the parent waits for each answer.
  void answer(request).then(
    (said) => process.send!(said),
    (error: unknown) => process.send!({ kind: 'failed', message: messageOf(error) } satisfies EvaluationAnswer),
  )
})

async function answer(request: EvaluationRequest): Promise<EvaluationAnswer> {
  if (request.kind === 'load') {
    // From bytes, in an empty working directory: no file beside the model can become part of it.
    session = await ort.InferenceSession.create(readFileSync(request.modelPath), {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    })
    return { kind: 'loaded', runtimeVersion: ort.env.versions.node ?? ort.env.versions.common }
  }
  if (session === null) throw new Error('the model is not loaded')
  const feeds = Object.fromEntries(request.inputs.map((tensor) => [tensor.name, toOrt(tensor)]))
  const from = performance.now()
  const made = await session.run(feeds)
  const ms = performance.now() - from
  return { kind: 'ran', id: request.id, ms, outputs: Object.entries(made).map(([name, value]) => fromOrt(name, value)) }
}

function toOrt({ datatype, data, shape }: Tensor): ort.Tensor {
  return new ort.Tensor(ortTypes[datatype], data, shape)
}

function fromOrt(name: string, value: ort.Tensor): Tensor {
  const datatype = datatypeOfOrt(value.type)
  const shape = [...value.dims]
  if (elementCount(shape) !== value.size) throw new Error(`output "${name}" has ${value.size} elements for shape [${shape.join(', ')}]`)
  return { name, datatype, shape, data: value.data }
}

/** Where memory runs out on Linux, this process goes first, not the console. */
function offerToOutOfMemoryKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Not Linux, or not permitted: the parent's guard on memory still holds.
  }
}
