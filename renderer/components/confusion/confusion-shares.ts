/** One class of a confusion matrix: how often it was found, and how often it was right when it was said. */
export interface ClassRates {
  label: string
  rows: number
  /** Share of its rows that were recognised; `null` where it has no rows. */
  recall: number | null
  /** Share that is right where the model says it; `null` where it is never said. */
  precision: number | null
}

/** What a cell shows: its count, how strongly it is shaded (0 to 1: of its row where it is right, of the worst mistake where it is one). */
export interface ConfusionCell {
  count: number
  level: number
  isRight: boolean
}

export interface ConfusionTable {
  classes: ClassRates[]
  cells: ConfusionCell[][]
  /** The pairs that are mixed up most often. */
  worst: { truth: string; predicted: string; count: number }[]
}

const MOST_WORST = 5

/** A confusion matrix (rows: truth, columns: prediction) with rates and shading. */
export function confusionTable(matrix: readonly (readonly number[])[], labels: readonly string[]): ConfusionTable {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const labelOf = (index: number): string => labels[index] ?? String(index)
  const worstCount = Math.max(1, ...matrix.flatMap((row, truth) => row.filter((_, column) => column !== truth)))
  const said = matrix.map((_, column) => sum(matrix.map((row) => row[column] ?? 0)))
  const cells = matrix.map((row, truth) => {
    const rows = sum(row)
    return row.map((count, column) => {
      const isRight = truth === column
      return { count, level: isRight ? (rows === 0 ? 0 : count / rows) : count / worstCount, isRight }
    })
  })
  const classes = matrix.map((row, index) => {
    const right = row[index] ?? 0
    const rows = sum(row)
    return {
      label: labelOf(index),
      rows,
      recall: rows === 0 ? null : right / rows,
      precision: said[index] === 0 || said[index] === undefined ? null : right / said[index],
    }
  })
  const worst = matrix
    .flatMap((row, truth) =>
      row.map((count, column) => ({ truth: labelOf(truth), predicted: labelOf(column), count, isRight: truth === column })),
    )
    .filter(({ count, isRight }) => count > 0 && !isRight)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_WORST)
    .map(({ truth, predicted, count }) => ({ truth, predicted, count }))
  return { classes, cells, worst }
}
