/** Gaussian naive Bayes of two classes, as scikit-learn's with its variance smoothing: the probability of class 1. A model to score, not a part of the product. */
export function naiveBayes(rows: readonly number[][], labels: readonly number[]): (row: readonly number[]) => number {
  const spread = (values: number[]): { mean: number; variance: number } => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
  }
  const columns = rows[0]!.map((_, feature) => feature)
  const smoothing = 1e-9 * Math.max(...columns.map((feature) => spread(rows.map((row) => row[feature]!)).variance))
  const classes = [0, 1].map((label) => {
    const own = rows.filter((_, i) => labels[i] === label)
    return { prior: own.length / rows.length, features: columns.map((feature) => spread(own.map((row) => row[feature]!))) }
  })
  return (row) => {
    const [a, b] = classes.map(({ prior, features }) =>
      features.reduce((log, { mean, variance }, feature) => {
        const wide = variance + smoothing
        return log - 0.5 * Math.log(2 * Math.PI * wide) - (row[feature]! - mean) ** 2 / (2 * wide)
      }, Math.log(prior)),
    )
    return 1 / (1 + Math.exp(a! - b!))
  }
}
