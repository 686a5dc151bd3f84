import type { Datatype } from '../domain/bundle.ts'

/** Fields of TensorProto that can carry the values of a tensor, besides raw_data. */
export const valueFields = { float: 4, int32: 5, string: 6, int64: 7, double: 10, uint64: 11 } as const

/** An element type of ONNX (TensorProto.DataType). */
export interface ElementType {
  name: string
  /** Bits of one element in raw_data; 0: text, which raw_data cannot carry. */
  bits: number
  /** Field that carries the values where raw_data does not. */
  field: number
  /** Elements per value of that field: 0.5 where a complex number takes two, 2 for 4-bit numbers. */
  perValue: number
  /** Datatype of the Open Inference Protocol, or null where it has none that Muster serves. */
  served: Datatype | null
}

const { float, int32, string, int64, double, uint64 } = valueFields
const type = (name: string, bits: number, field: number, served: Datatype | null): ElementType => ({
  name,
  bits,
  field,
  perValue: 1,
  served,
})

/** By number, as onnx.proto (IR version 14) has them. Small numbers share the 32-bit values, as raw_data packs them. */
export const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [1, type('FLOAT', 32, float, 'FP32')],
  [2, type('UINT8', 8, int32, 'UINT8')],
  [3, type('INT8', 8, int32, 'INT8')],
  [4, type('UINT16', 16, int32, 'UINT16')],
  [5, type('INT16', 16, int32, 'INT16')],
  [6, type('INT32', 32, int32, 'INT32')],
  [7, type('INT64', 64, int64, 'INT64')],
  [8, type('STRING', 0, string, 'BYTES')],
  [9, type('BOOL', 8, int32, 'BOOL')],
  [10, type('FLOAT16', 16, int32, 'FP16')],
  [11, type('DOUBLE', 64, double, 'FP64')],
  [12, type('UINT32', 32, uint64, 'UINT32')],
  [13, type('UINT64', 64, uint64, 'UINT64')],
  [14, { ...type('COMPLEX64', 64, float, null), perValue: 0.5 }],
  [15, { ...type('COMPLEX128', 128, double, null), perValue: 0.5 }],
  [16, type('BFLOAT16', 16, int32, null)],
  [17, type('FLOAT8E4M3FN', 8, int32, null)],
  [18, type('FLOAT8E4M3FNUZ', 8, int32, null)],
  [19, type('FLOAT8E5M2', 8, int32, null)],
  [20, type('FLOAT8E5M2FNUZ', 8, int32, null)],
  [21, { ...type('UINT4', 4, int32, null), perValue: 2 }],
  [22, { ...type('INT4', 4, int32, null), perValue: 2 }],
  [23, { ...type('FLOAT4E2M1', 4, int32, null), perValue: 2 }],
  [24, type('FLOAT8E8M0', 8, int32, null)],
  [25, { ...type('UINT2', 2, int32, null), perValue: 4 }],
  [26, { ...type('INT2', 2, int32, null), perValue: 4 }],
])
