type Vectors = readonly (readonly number[])[]

/**
 * The usual width of the kernel, sigma^2 = median of the squared distances of all pairs / 2; null if there are no two vectors.
 */
export function medianHeuristic(x: Vectors, y: Vectors): number | null {
  const all = [...x, ...y]
  const distances: number[] = []
  for (let i = 0; i < all.length; i += 1) for (let j = 0; j < i; j += 1) distances.push(squaredDistance(all[i]!, all[j]!))
  distances.sort((a, b) => a - b)
  const middle = distances.length >> 1
  if (distances.length === 0) return null
  return (distances.length % 2 === 1 ? distances[middle]! : (distances[middle - 1]! + distances[middle]!) / 2) / 2
}

/**
 * Squared maximum mean discrepancy, unbiased, with the kernel exp(-d^2 / (2 sigma^2)) (Gretton et al., JMLR 13, 2012): near 0 without drift
 * and a little below it too, at most 2. For up to a few hundred embeddings: its cost is quadratic. Null if a side has fewer than two vectors.
 * @throws RangeError unless sigma^2 is above 0
 */
export function mmdSquared(x: Vectors, y: Vectors, sigmaSquared: number): number | null {
  if (!(sigmaSquared > 0)) throw new RangeError(`a kernel of width ${sigmaSquared}`)
  if (x.length < 2 || y.length < 2) return null
  const kernel = (a: readonly number[], b: readonly number[]): number => Math.exp(-squaredDistance(a, b) / (2 * sigmaSquared))
  return within(x, kernel) + within(y, kernel) - 2 * mean(x, (a) => mean(y, (b) => kernel(a, b)))
}

function within(vectors: Vectors, kernel: (a: readonly number[], b: readonly number[]) => number): number {
  const n = vectors.length
  let sum = 0
  for (let i = 0; i < n; i += 1) for (let j = 0; j < i; j += 1) sum += kernel(vectors[i]!, vectors[j]!)
  return (2 * sum) / (n * (n - 1))
}

function mean(vectors: Vectors, of: (vector: readonly number[]) => number): number {
  return vectors.reduce((sum, vector) => sum + of(vector), 0) / vectors.length
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
}
