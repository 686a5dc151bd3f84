import { isFloating, numberAt, type Tensor } from './tensor.ts'

/** How far a number may differ: |actual - expected| <= absolute + relative * |expected|. */
export interface Tolerance {
  absolute: number
  relative: number
}

/** The element that is furthest off, as JSON can show it; `index` is row-major, -1 if the whole output is absent or of another shape. */
export interface Deviation {
  output: string
  index: number
  expected: number | string
  actual: number | string
}

/**
 * Compares outputs with expected ones: floating numbers within the tolerance, everything else equal, shapes and datatypes equal.
 * NaN is never right, and an infinity only equals itself. `worst` is null if nothing is off.
 */
export function compareTensors(
  expected: readonly Tensor[],
  actual: readonly Tensor[],
  tolerance: Tolerance,
): { ok: boolean; worst: Deviation | null } {
  let worst: Deviation | null = null
  let worstExcess = 0
  for (const want of expected) {
    const got = actual.find((tensor) => tensor.name === want.name)
    const kind = (tensor: Tensor): string => `${tensor.datatype} [${tensor.shape.join(', ')}]`
    if (got === undefined || kind(got) !== kind(want) || got.data.length !== want.data.length) {
      return { ok: false, worst: { output: want.name, index: -1, expected: kind(want), actual: got === undefined ? 'absent' : kind(got) } }
    }
    for (let i = 0; i < want.data.length; i += 1) {
      const excess = excessAt(want, got, { index: i, tolerance })
      if (excess > worstExcess) {
        worstExcess = excess
        worst = { output: want.name, index: i, expected: shown(want, i), actual: shown(got, i) }
      }
    }
  }
  return { ok: worst === null, worst }
}

/** By how much an element is off beyond what is allowed; 0 if it is right, infinite if no tolerance could cover it. */
function excessAt(want: Tensor, got: Tensor, at: { index: number; tolerance: Tolerance }): number {
  if (!isFloating(want.datatype)) return want.data[at.index] === got.data[at.index] ? 0 : Number.POSITIVE_INFINITY
  const expected = numberAt(want, at.index)
  const actual = numberAt(got, at.index)
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return expected === actual ? 0 : Number.POSITIVE_INFINITY
  const difference = Math.abs(actual - expected)
  const allowed = at.tolerance.absolute + at.tolerance.relative * Math.abs(expected)
  return difference <= allowed ? 0 : difference - allowed
}

function shown(tensor: Tensor, index: number): number | string {
  const value = tensor.data[index]!
  return typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? value : numberAt(tensor, index)
}
