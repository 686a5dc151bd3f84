import { answerSpecs, requestSpecs } from '../../../shared/inference/pipeline.ts'
import { answering, type Place } from '../places.ts'
import type { Served } from '../served.ts'

/** What the server offers beyond the protocol, by the names that Triton gave them. */
export const extensions = ['binary_tensor_data', 'raw_binary_request', 'request_parameters', 'statistics_prometheus'] as const

/** The metadata of a model: what a client sends and gets, which the pipeline may make of other things than the model takes. */
export function modelMetadata(name: string, place: Place, served: Served): object {
  const { manifest } = served.deployment
  const spec = ({ name: of, datatype, shape }: ReturnType<typeof requestSpecs>[number]): object => ({ name: of, datatype, shape })
  return {
    name,
    versions: answering(place).map((one) => one.subject.version),
    platform: 'onnx_onnxv1',
    inputs: requestSpecs(manifest).map(spec),
    outputs: answerSpecs(manifest).map(spec),
  }
}
