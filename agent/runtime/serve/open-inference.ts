import { z } from 'zod'
import { datatypes, type Datatype } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { plainData, tensorFromPlain, type Tensor } from '../../../shared/inference/tensor.ts'
import type { InferAnswer, InferRequest, Served } from '../predictor.ts'

/**
 * The JSON form of the Open Inference Protocol v2
 * (https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md).
 */

const requestInput = z.looseObject({
  name: z.string().max(256),
  shape: z.array(z.number()).max(8),
  datatype: z.string().max(32),
  // Not parsed element by element here: tensorFromPlain checks each one against the datatype, in one pass.
  data: z.custom<readonly unknown[]>((value) => Array.isArray(value), 'a list of values is expected'),
})

const inferenceRequest = z.looseObject({
  // Clients that write every field of the protocol send null for what they leave out.
  id: z.string().max(1024).nullish(),
  inputs: z.array(requestInput).min(1).max(64),
  outputs: z
    .array(z.looseObject({ name: z.string().max(256) }))
    .max(64)
    .nullish(),
})

/**
 * Reads an inference request.
 * @throws Problem `inference.bad-input` that names the field
 */
export function parseInferRequest(body: unknown): InferRequest {
  const parsed = inferenceRequest.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const where = issue === undefined || issue.path.length === 0 ? 'The request' : `Field ${issue.path.join('.')}`
    throw new Problem('inference.bad-input', `${where}: ${issue?.message ?? 'it is not valid'}.`)
  }
  const { id, inputs, outputs } = parsed.data
  return {
    id: id == null || id === '' ? null : id,
    inputs: inputs.map((input) => tensorFromPlain(input.name, jsonDatatype(input.name, input.datatype), input.shape, input.data)),
    outputs: outputs == null || outputs.length === 0 ? null : outputs.map((output) => output.name),
  }
}

/** The answer in the form of the protocol. `name` is the one that the client asked for. */
export function inferResponse(name: string, served: Served, answer: InferAnswer): object {
  return {
    model_name: name,
    model_version: served.subject.version,
    id: answer.id,
    ...(answer.parameters === null ? {} : { parameters: answer.parameters }),
    outputs: answer.outputs.map(outputOf),
  }
}

/** The metadata of a model. */
export function modelMetadata(name: string, served: Served): object {
  const { inputs, outputs, version } = served.deployment.manifest
  const spec = ({ name, datatype, shape }: (typeof inputs)[number]): object => ({ name, datatype, shape })
  return { name, versions: [version], platform: 'onnx_onnxv1', inputs: inputs.map(spec), outputs: outputs.map(spec) }
}

function outputOf(tensor: Tensor): object {
  return { name: tensor.name, datatype: tensor.datatype, shape: tensor.shape, data: plainData(tensor) }
}

function jsonDatatype(input: string, name: string): Datatype {
  if (name === 'FP16') {
    throw new Problem(
      'inference.bad-input',
      `Input "${input}": FP16 has no JSON form in the Open Inference Protocol. Use a model with FP32 inputs.`,
    )
  }
  const datatype = datatypes.find((known) => known === name)
  if (datatype !== undefined) return datatype
  const known = datatypes.filter((one) => one !== 'FP16').join(', ')
  throw new Problem('inference.bad-input', `Input "${input}": datatype "${name}" is not known; in JSON there are ${known}.`)
}
