import { Problem } from '../../../shared/domain/problem.ts'
import { readOutcomes, readProbabilities, type RowOutcome } from '../../../shared/inference/outcome.ts'
import { preprocess } from '../../../shared/inference/preprocess.ts'
import { tensorFromPlain, type Tensor } from '../../../shared/inference/tensor.ts'
import type { ModelRules, TabularInput } from './describe.ts'
import type { Evaluator } from './evaluator.ts'
import type { FeatureRow } from './feature-rows.ts'

/** Rows that are run at once where the model takes any number. */
const BATCH_ROWS = 256
/** Wide rows are run in smaller batches: each is copied several times on its way into the child. */
const BATCH_VALUES = 1024 * 1024

/** What a model said about some rows. */
export interface RanRows {
  /** The inputs as a request carries them, before preprocessing. */
  inputs: Tensor[]
  outputs: Tensor[]
  outcomes: RowOutcome[]
  probabilities: number[][] | null
  ms: number
}

/** Feeds rows of a table to a model. */
export interface RowRunner {
  /** Rows of one run: fixed by the model, or as many as are worth a message. */
  readonly batchRows: number
  /** True if the model takes exactly `batchRows`. */
  readonly isFixed: boolean
  /** Runs at most `batchRows` rows. @throws Problem `data.invalid` for a row that the model cannot take, `evaluation.failed`, `cancelled` */
  run(rows: readonly FeatureRow[]): Promise<RanRows>
}

/** @param of.what names the data in messages */
export function createRowRunner(of: { rules: ModelRules; tabular: TabularInput; evaluator: Evaluator; what: string }): RowRunner {
  const { rules, tabular, evaluator } = of
  const fixed = rules.inputs[0]!.shape[0]!
  const isFixed = fixed !== -1
  const width = Math.max(1, tabular.width, rules.schema.features.length)
  return {
    batchRows: isFixed ? fixed : Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_VALUES / width))),
    isFixed,
    async run(rows) {
      // A model of a fixed batch gets the last row again and again; what it says about those is dropped.
      const fed = isFixed ? Array.from({ length: fixed }, (_, i) => rows[Math.min(i, rows.length - 1)]!) : rows
      const inputs = [tensorOf(tabular, fed)]
      const { outputs, ms } = await evaluator.run(prepared(of, inputs, fed))
      return { inputs, outputs, ms, ...answersOf(rules, outputs, rows.length) }
    },
  }
}

function tensorOf(tabular: TabularInput, rows: readonly FeatureRow[]): Tensor {
  const width = rows[0]!.values.length
  return tensorFromPlain(
    tabular.name,
    tabular.datatype,
    [rows.length, width],
    rows.flatMap((row) => row.values),
  )
}

/** The inputs after preprocessing; a row that it refuses is found and named as the file has it. */
function prepared(of: { rules: ModelRules; tabular: TabularInput; what: string }, inputs: Tensor[], rows: readonly FeatureRow[]): Tensor[] {
  try {
    return preprocess(of.rules, inputs)
  } catch (error) {
    for (const row of rows) {
      try {
        preprocess(of.rules, [tensorOf(of.tabular, [row])])
      } catch (refused) {
        if (!(refused instanceof Problem) || refused.code !== 'inference.bad-input') throw refused
        const reason = refused.message.replace(' of row 0', '')
        throw new Problem('data.invalid', `${of.what}, row ${row.row} (line ${row.line}): ${reason}`, {
          hint: 'Correct the row, or declare a fill-missing step in bundle.json.',
          cause: refused,
        })
      }
    }
    throw error
  }
}

function answersOf(rules: ModelRules, outputs: readonly Tensor[], rows: number): Pick<RanRows, 'outcomes' | 'probabilities'> {
  try {
    const outcomes = readOutcomes(rules, outputs)
    if (outcomes === null || outcomes.length < rows)
      throw new Problem('inference.failed', `The model answered for ${outcomes?.length ?? 0} of ${rows} rows.`)
    const scores = rules.task === 'classification' ? outputs.find((tensor) => tensor.name === rules.outcome.probabilities) : undefined
    return {
      outcomes: outcomes.slice(0, rows),
      probabilities: scores === undefined ? null : readProbabilities(scores, rules.labels).slice(0, rows),
    }
  } catch (error) {
    throw error instanceof Problem ? new Problem('evaluation.failed', error.message, { cause: error }) : error
  }
}
