import type { ServerResponse } from 'node:http'
import { plainData, type Tensor } from '../../../shared/inference/tensor.ts'
import type { InferAnswer } from '../predictor.ts'
import type { Served } from '../served.ts'
import { tensorBytes } from './binary-tensors.ts'

/** The answer in the JSON form of the protocol. `name` is the one that the client asked for. */
export function inferResponse(name: string, served: Served, answer: InferAnswer): object {
  return { ...head(name, served, answer), outputs: answer.outputs.map(jsonOutput) }
}

/** Answers with JSON, and with bytes behind it for the outputs that were asked for so. */
export function answerInference(
  response: ServerResponse,
  of: { name: string; served: Served; answer: InferAnswer; isBinary(output: string): boolean },
): void {
  const binary: Buffer[] = []
  const { id, parameters, outputs } = of.answer
  // By hand, as the one text that every request pays for: an object of it would be made, and read again.
  let text = `{"model_name":${JSON.stringify(of.name)},"model_version":${JSON.stringify(of.served.subject.version)},"id":${JSON.stringify(id)}`
  if (parameters !== null) text += `,"parameters":${JSON.stringify(parameters)}`
  text += ',"outputs":['
  for (const [place, tensor] of outputs.entries()) {
    if (place > 0) text += ','
    text += `{"name":${JSON.stringify(tensor.name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join()}],`
    if (of.isBinary(tensor.name)) {
      const bytes = tensorBytes(tensor)
      binary.push(bytes)
      text += `"parameters":{"binary_data_size":${bytes.length}}}`
    } else text += `"data":${JSON.stringify(jsonData(tensor))}}`
  }
  text += ']}'
  if (binary.length === 0) {
    response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(text))])
    response.end(text)
    return
  }
  const jsonBytes = Buffer.byteLength(text)
  const body = Buffer.allocUnsafe(binary.reduce((sum, bytes) => sum + bytes.length, jsonBytes))
  let offset = body.write(text, 'utf8')
  for (const bytes of binary) {
    body.set(bytes, offset)
    offset += bytes.length
  }
  response.writeHead(200, [
    ...['Content-Type', 'application/octet-stream'],
    ...['Inference-Header-Content-Length', String(jsonBytes)],
    ...['Content-Length', String(body.length)],
  ])
  response.end(body)
}

function head(name: string, served: Served, answer: InferAnswer): object {
  const { version } = served.subject
  if (answer.parameters === null) return { model_name: name, model_version: version, id: answer.id }
  return { model_name: name, model_version: version, id: answer.id, parameters: answer.parameters }
}

function jsonOutput(tensor: Tensor): object {
  const { name, datatype, shape } = tensor
  return { name, datatype, shape, data: jsonData(tensor) }
}

/** Most outputs are numbers that JSON takes as they are. */
function jsonData(tensor: Tensor): unknown[] {
  const { data, datatype } = tensor
  if (data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array) return Array.from(data)
  return datatype === 'UINT8' && data instanceof Uint8Array ? Array.from(data) : plainData(tensor)
}
