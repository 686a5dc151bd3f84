import { Problem } from '../../../shared/domain/problem.ts'
import { requireTabular, tabularOf, type ModelRules } from './describe.ts'
import type { Evaluator } from './evaluator.ts'
import { openFeatureRows, type FeatureRow } from './feature-rows.ts'
import { labelLookup } from './labels.ts'
import { MOST_OUTCOME_ROWS, type OutcomeRows } from './outcome-rows.ts'
import { createRowRunner, type RowRunner } from './row-runner.ts'

const WHAT = 'Training data'

/** Training rows that a model is to answer, where there are no hold-out rows. */
export interface TrainingOutcomesOptions {
  rules: ModelRules
  evaluator: Evaluator
  trainPath: string
  /** Rows of the file: every so many-th is taken. */
  rows: number
  into: OutcomeRows
  progress: (fraction: number, rows: number) => void
}

/**
 * Runs a model over training rows, evenly taken. A row that the model cannot take is left out: the rows were no reason to refuse the import.
 * @throws Problem `data.*`, `evaluation.failed`, `cancelled`
 */
export async function readTrainingOutcomes(options: TrainingOutcomesOptions): Promise<void> {
  const { rules, evaluator, into } = options
  const tabular = requireTabular({ tabular: tabularOf(rules) }, WHAT)
  const runner = createRowRunner({ rules, tabular, evaluator, what: WHAT })
  const features = rules.schema.features.map(({ name }) => name)
  const file = await openFeatureRows(options.trainPath, tabular, {
    what: WHAT,
    width: tabular.width,
    features,
    target: rules.schema.target,
  })
  const every = Math.ceil(options.rows / MOST_OUTCOME_ROWS)
  const find = rules.task === 'classification' ? labelLookup(rules.labels) : null
  const answer = async (rows: readonly FeatureRow[]): Promise<void> => {
    for (const { row, outcome, probabilities } of await answered(runner, rows)) {
      const truth = find === null || row.target === null ? -1 : find(row.target)
      into.offer({ outcome, probabilities, truth: truth === -1 ? null : truth })
    }
    options.progress(file.fraction(), into.length)
  }
  try {
    let waiting: FeatureRow[] = []
    for await (const row of file.rows) {
      if ((row.row - 1) % every !== 0) continue
      waiting.push(row)
      if (waiting.length < runner.batchRows) continue
      await answer(waiting)
      waiting = []
    }
    if (waiting.length > 0) await answer(waiting)
  } finally {
    file.close()
  }
}

type Answered = Pick<Parameters<OutcomeRows['offer']>[0], 'outcome' | 'probabilities'> & { row: FeatureRow }

/** The answers to some rows; where the model cannot take one of them, to the others. */
async function answered(runner: RowRunner, rows: readonly FeatureRow[]): Promise<Answered[]> {
  try {
    const { outcomes, probabilities } = await runner.run(rows)
    return rows.map((row, i) => ({ row, outcome: outcomes[i]!, probabilities: probabilities?.[i] ?? null }))
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'data.invalid') throw error
    if (rows.length === 1) return []
    const all: Answered[] = []
    for (const row of rows) all.push(...(await answered(runner, [row])))
    return all
  }
}
