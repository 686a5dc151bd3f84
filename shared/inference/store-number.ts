import type { Datatype } from '../domain/bundle.ts'
import { halfFromNumber } from './half.ts'
import { holdsNumber, type TensorData } from './tensor.ts'

/**
 * Writes a double into elements of a datatype, rounded once to the nearest that it holds.
 * @returns false if it does not hold the number as a finite one: NaN, infinite, too large, or not whole where it must be (then nothing
 *   or the nearest special value was written)
 */
export function storeNumber(data: TensorData, datatype: Datatype, at: number, value: number): boolean {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    data[at] = value
    return Number.isFinite(data[at])
  }
  if (datatype === 'FP16' && data instanceof Uint16Array) {
    const bits = halfFromNumber(value)
    data[at] = bits
    return (bits & 0x7c00) !== 0x7c00
  }
  if (Array.isArray(data) || !holdsNumber(datatype, value)) return false
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value)
  else data[at] = value
  return true
}
