import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../../../shared/domain/problem.ts'
import { requestSpecs } from '../../../shared/inference/pipeline.ts'
import type { Served } from '../served.ts'
import { rawTensor } from './binary-tensors.ts'
import { parseInferRequest, type WireRequest } from './infer-request.ts'
import { parseJson } from './read-json.ts'

/**
 * Reads an inference request from its body: JSON, JSON with bytes behind it, or with a header length of 0 the bytes of the only input.
 * @param served the bundle that raw bytes are read for
 * @throws Problem `inference.bad-input`
 */
export function readInference(body: Buffer, headers: IncomingHttpHeaders, served: Served): WireRequest {
  const length = headers['inference-header-content-length']
  if (length === undefined) return parseInferRequest(parseJson(body))
  const jsonBytes = typeof length === 'string' && /^\d{1,12}$/.test(length) ? Number(length) : -1
  if (jsonBytes < 0 || jsonBytes > body.length) {
    throw new Problem('inference.bad-input', `Inference-Header-Content-Length is no length within the body of ${body.length} bytes.`)
  }
  if (jsonBytes > 0) return parseInferRequest(parseJson(body.subarray(0, jsonBytes)), body.subarray(jsonBytes))
  const input = rawTensor(requestSpecs(served.deployment.manifest), body)
  return { id: null, key: null, timeoutMs: null, inputs: [input], outputs: null, isBinary: () => true }
}
