import { z } from 'zod'
import { datatypes, type Datatype } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { tensorFromPlain, type Tensor } from '../../../shared/inference/tensor.ts'
import type { InferRequest } from '../predictor.ts'
import { binaryTensor } from './binary-tensors.ts'

/**
 * Requests of the Open Inference Protocol v2
 * (https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md) with its binary tensor extension.
 */
export interface WireRequest extends InferRequest {
  /** `parameters.key`: the same key is answered by the same bundle of a split. */
  key: string | null
  /** `parameters.timeout`, as Triton has it, in ms: the client waits no longer. */
  timeoutMs: number | null
  /** True for each wanted output that shall be binary; by default what the request says for all. */
  isBinary(output: string): boolean
}

interface WireTensor {
  name: string
  shape: number[]
  datatype: string
  parameters?: Record<string, unknown> | null | undefined
  data?: readonly unknown[] | null | undefined
}

interface WireForm {
  id?: string | null | undefined
  parameters?: Record<string, unknown> | null | undefined
  inputs: WireTensor[]
  outputs?: { name: string; parameters?: Record<string, unknown> | null | undefined }[] | null | undefined
}

const parameters = z.looseObject({}).nullish()
// Clients that write every field of the protocol send null for what they leave out.
const inferenceRequest: z.ZodType<WireForm> = z.looseObject({
  id: z.string().max(1024).nullish(),
  parameters,
  inputs: z
    .array(
      z.looseObject({
        name: z.string().max(256),
        shape: z.array(z.number()).max(8),
        datatype: z.string().max(32),
        parameters,
        // Not parsed element by element here: tensorFromPlain checks each one against the datatype, in one pass.
        data: z.custom<readonly unknown[]>((value) => Array.isArray(value), 'a list of values is expected').nullish(),
      }),
    )
    .min(1)
    .max(64),
  outputs: z
    .array(z.looseObject({ name: z.string().max(256), parameters }))
    .max(64)
    .nullish(),
})

/** What Triton offers as parameters, and this API does not: silence would give another answer than was asked for. */
const notOffered = ['shared_memory_region', 'classification'] as const

/**
 * Reads an inference request.
 * @param binary what came behind the JSON; null if the binary tensor extension is not used
 * @throws Problem `inference.bad-input` that names the field
 */
export function parseInferRequest(body: unknown, binary: Buffer | null = null): WireRequest {
  const form = isPlainForm(body) ? body : parsedForm(body)
  const { id, outputs, parameters: asked } = form
  for (const one of [...form.inputs, ...(outputs ?? [])]) if (one.parameters != null) checkOffered(one.name, one.parameters)
  return {
    id: id == null || id === '' ? null : id,
    key: keyOf(asked),
    about: aboutOf(asked),
    timeoutMs: timeoutOf(asked),
    inputs: tensorsOf(form.inputs, binary),
    outputs: outputs == null || outputs.length === 0 ? null : outputs.map((output) => output.name),
    isBinary: binaryChoice(asked, outputs ?? []),
  }
}

/** True for what nearly every client sends: it is parsed by looking, and all the rest by the schema, which also says what is wrong. */
function isPlainForm(body: unknown): body is WireForm {
  if (!isObject(body)) return false
  const { id, inputs, outputs } = body
  if (!isPlainParameters(body['parameters']) || (id != null && (typeof id !== 'string' || id.length > 1024))) return false
  if (!Array.isArray(inputs) || inputs.length < 1 || inputs.length > 64 || !inputs.every(isPlainTensor)) return false
  return outputs == null || (Array.isArray(outputs) && outputs.length <= 64 && outputs.every(isPlainOutput))
}

function isPlainTensor(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, shape, datatype, data } = value
  if (typeof name !== 'string' || name.length > 256 || typeof datatype !== 'string' || datatype.length > 32) return false
  if ((data != null && !Array.isArray(data)) || !Array.isArray(shape) || shape.length > 8) return false
  return isPlainParameters(value['parameters']) && shape.every((size) => typeof size === 'number')
}

function isPlainOutput(value: unknown): boolean {
  return isObject(value) && typeof value['name'] === 'string' && value['name'].length <= 256 && isPlainParameters(value['parameters'])
}

function isPlainParameters(value: unknown): boolean {
  return value == null || isObject(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsedForm(body: unknown): WireForm {
  const parsed = inferenceRequest.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? 'The request' : `Field ${issue.path.join('.')}`
  throw new Problem('inference.bad-input', `${where}: ${issue?.message ?? 'it is not valid'}.`)
}

function tensorsOf(inputs: readonly WireTensor[], binary: Buffer | null): Tensor[] {
  let offset = 0
  const tensors = inputs.map((input, i) => {
    const size = input.parameters?.['binary_data_size']
    if (size === undefined || size === null) return jsonTensor(input, i)
    if (binary === null) throw bad(input.name, 'binary_data_size needs the header Inference-Header-Content-Length')
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw bad(input.name, 'binary_data_size is no size')
    if (offset + size > binary.length)
      throw bad(input.name, `binary_data_size is ${size}, and only ${binary.length - offset} bytes of binary data are left`)
    const bytes = binary.subarray(offset, offset + size)
    offset += size
    return binaryTensor({ name: input.name, datatype: datatypeOf(input), shape: input.shape }, bytes)
  })
  if (binary !== null && offset < binary.length)
    throw new Problem('inference.bad-input', `${binary.length - offset} bytes of binary data belong to no input.`)
  return tensors
}

function jsonTensor(input: WireTensor, place: number): Tensor {
  const datatype = datatypeOf(input)
  if (datatype === 'FP16') throw bad(input.name, 'FP16 has no JSON form in the Open Inference Protocol; send it as binary data')
  if (input.data == null) throw new Problem('inference.bad-input', `Field inputs.${place}.data: a list of values is expected.`)
  return tensorFromPlain(input.name, datatype, input.shape, input.data)
}

function datatypeOf({ name, datatype }: WireTensor): Datatype {
  const found = datatypes.find((known) => known === datatype)
  if (found === undefined) throw bad(name, `datatype "${datatype}" is not known; there are ${datatypes.join(', ')}`)
  return found
}

function keyOf(asked: WireForm['parameters']): string | null {
  const key = asked?.['key']
  if (key === undefined || key === null || key === '') return null
  if (typeof key === 'string' || typeof key === 'number') return String(key).slice(0, 1024)
  throw new Problem('inference.bad-input', 'Field parameters.key: a text or a number is expected.')
}

/** `parameters.subject`: whom the request is about. */
function aboutOf(asked: WireForm['parameters']): string | null {
  const subject = asked?.['subject']
  if (subject === undefined || subject === null || subject === '') return null
  if (typeof subject === 'string' || typeof subject === 'number') return String(subject).slice(0, 1024)
  throw new Problem('inference.bad-input', 'Field parameters.subject: a text or a number is expected.')
}

/** Microseconds; 0 means none. */
function timeoutOf(asked: WireForm['parameters']): number | null {
  const timeout = asked?.['timeout']
  return typeof timeout === 'number' && timeout > 0 && Number.isFinite(timeout) ? timeout / 1000 : null
}

function binaryChoice(asked: WireForm['parameters'], outputs: NonNullable<WireForm['outputs']>): WireRequest['isBinary'] {
  const isDefault = asked?.['binary_data_output'] === true
  const chosen = outputs.filter((output) => typeof output.parameters?.['binary_data'] === 'boolean')
  if (chosen.length === 0) return () => isDefault
  return (name) => {
    const output = chosen.find((one) => one.name === name)
    return output === undefined ? isDefault : output.parameters?.['binary_data'] === true
  }
}

function checkOffered(name: string, given: Record<string, unknown>): void {
  const refused = notOffered.find((parameter) => given[parameter] != null)
  if (refused === undefined) return
  throw new Problem('inference.bad-input', `"${name.slice(0, 100)}": the parameter ${refused} is not offered.`)
}

function bad(input: string, what: string): Problem {
  return new Problem('inference.bad-input', `Input "${input.slice(0, 100)}": ${what}.`)
}
