import { malformedState, readCount, readFields, readNumber } from '../read-state.ts'

/** Count, mean and the sums of the second to fourth powers of the distances from it. */
export interface Moments {
  n: number
  mean: number
  m2: number
  m3: number
  m4: number
}

/** No values yet. */
export function emptyMoments(): Moments {
  return { n: 0, mean: 0, m2: 0, m3: 0, m4: 0 }
}

/** Counts a value by Welford's recurrence (Technometrics 4, 1962) in Terriberry's form for the higher powers; false, with nothing changed, if it is not finite. */
export function addMoment(moments: Moments, value: number): boolean {
  if (!Number.isFinite(value)) return false
  const before = moments.n
  const n = before + 1
  const delta = value - moments.mean
  const step = delta / n
  const term = delta * step * before
  moments.n = n
  moments.mean += step
  moments.m4 += term * step * step * (n * n - 3 * n + 3) + 6 * step * step * moments.m2 - 4 * step * moments.m3
  moments.m3 += term * step * (n - 2) - 3 * step * moments.m2
  moments.m2 += term
  return true
}

/** The moments of the values of both (Chan, Golub, LeVeque 1979; Pebay, Sandia SAND2008-6212 for the higher powers); large offsets lose no digits. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0 || b.n === 0) return { ...(a.n === 0 ? b : a) }
  const n = a.n + b.n
  const delta = b.mean - a.mean
  const step = delta / n
  const product = a.n * b.n
  return {
    n,
    mean: a.mean + step * b.n,
    m2: a.m2 + b.m2 + delta * step * product,
    m3: a.m3 + b.m3 + delta * step * step * product * (a.n - b.n) + 3 * step * (a.n * b.m2 - b.n * a.m2),
    m4:
      a.m4 +
      b.m4 +
      delta * step ** 3 * product * (a.n * a.n - product + b.n * b.n) +
      6 * step * step * (a.n * a.n * b.m2 + b.n * b.n * a.m2) +
      4 * step * (a.n * b.m3 - b.n * a.m3),
  }
}

/** What moments say; null where undefined, or where a power of the values left the doubles. */
export interface MomentSummary {
  n: number
  mean: number | null
  /** With n - 1, in the square of the unit of the values. */
  variance: number | null
  standardDeviation: number | null
  /** m3 / n over (m2 / n)^1.5, without correction, as scipy's default. */
  skewness: number | null
  /** m4 / n over (m2 / n)^2, less 3. */
  excessKurtosis: number | null
}

/** Mean, variance, skewness and kurtosis of the values. */
export function summariseMoments({ n, mean, m2, m3, m4 }: Moments): MomentSummary {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const variance = n < 2 ? null : finite(Math.max(0, m2) / (n - 1))
  return {
    n,
    mean: n === 0 ? null : finite(mean),
    variance,
    standardDeviation: variance === null ? null : Math.sqrt(variance),
    skewness: m2 > 0 ? finite((Math.sqrt(n) * m3) / m2 ** 1.5) : null,
    excessKurtosis: m2 > 0 ? finite((n * m4) / (m2 * m2) - 3) : null,
  }
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseMoments(value: unknown): Moments {
  const fields = readFields(value, 'the moments', ['n', 'mean', 'm2', 'm3', 'm4'])
  const moments = {
    n: readCount(fields.n, 'n'),
    mean: readNumber(fields.mean, 'mean'),
    m2: readNumber(fields.m2, 'm2', { min: 0 }),
    m3: readNumber(fields.m3, 'm3'),
    m4: readNumber(fields.m4, 'm4', { min: 0 }),
  }
  if (moments.n < 2 && (moments.m2 !== 0 || moments.m3 !== 0 || moments.m4 !== 0)) throw malformedState('moments of no spread have some')
  return moments
}
