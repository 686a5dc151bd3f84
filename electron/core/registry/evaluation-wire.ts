import { z } from 'zod'
import { datatypes } from '../../../shared/domain/bundle.ts'
import type { Tensor, TensorData } from '../../../shared/inference/tensor.ts'

/** Parent → child, first: what to load. */
export interface LoadRequest {
  kind: 'load'
  modelPath: string
}

/** Parent → child: one run of the model. */
export interface RunRequest {
  kind: 'run'
  id: number
  inputs: Tensor[]
}

export type EvaluationRequest = LoadRequest | RunRequest

const tensorData = z.custom<TensorData>(
  (value) =>
    (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
    (Array.isArray(value) && value.every((entry) => typeof entry === 'string')),
)
const tensor = z.object({ name: z.string(), datatype: z.enum(datatypes), shape: z.array(z.int().nonnegative()), data: tensorData })

/** Child → parent. The child holds code that is not ours to trust, so what it says is checked. */
export const evaluationAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded'), runtimeVersion: z.string().max(64) }),
  z.object({ kind: z.literal('ran'), id: z.int(), outputs: z.array(tensor), ms: z.number().nonnegative() }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
])
export type EvaluationAnswer = z.infer<typeof evaluationAnswer>
